//! Entries as events of the Open Cybersecurity Schema Framework, for tools that look after many systems.
//!
//! Each is an *API Activity* (class 6003 of category 6, Application Activity) of schema 1.6.0.

use anyhow::Context;
use chrono::DateTime;
use serde_json::{Value, json};

const VERSION: &str = "1.6.0";
const CATEGORY: u32 = 6;
const CLASS: u32 = 6003;
/// Severities: what is done every day, and what somebody should look at.
const INFORMATIONAL: u32 = 1;
const LOW: u32 = 2;
/// Statuses.
const SUCCESS: u32 = 1;
const FAILURE: u32 = 2;

/// What an operation does, by its method: create, read, update, delete, other.
fn activity(entry: &Value) -> (u32, &'static str) {
    let operation = entry["operation"].as_str().unwrap_or_default();
    match operation.split(' ').next().unwrap_or_default() {
        "POST" => (1, "Create"),
        "GET" | "HEAD" => (2, "Read"),
        "PUT" | "PATCH" => (3, "Update"),
        "DELETE" => (4, "Delete"),
        _ => (99, "Other"),
    }
}

/// An entry of a service's chain as an event; `entry` has its number and hash.
pub(super) fn event(service: &str, entry: &Value) -> anyhow::Result<Value> {
    let at = entry["at"].as_str().unwrap_or_default();
    let moment = DateTime::parse_from_rfc3339(at);
    let moment = moment.with_context(|| format!("entry {} has no moment", entry["seq"]))?;
    let (activity, activity_name) = activity(entry);
    let is_refused = entry["outcome"] == "refused";
    let (status, status_name, severity) = if is_refused {
        (FAILURE, "Failure", LOW)
    } else {
        (SUCCESS, "Success", INFORMATIONAL)
    };
    let issuer_and_name =
        [&entry["issuer"], &entry["subject"]].map(|it| it.as_str().unwrap_or_default());
    Ok(json!({
        "category_uid": CATEGORY,
        "category_name": "Application Activity",
        "class_uid": CLASS,
        "class_name": "API Activity",
        "activity_id": activity,
        "activity_name": activity_name,
        "type_uid": CLASS * 100 + activity,
        "time": moment.timestamp_millis(),
        "severity_id": severity,
        "status_id": status,
        "status": status_name,
        "count": entry["count"].as_u64().unwrap_or(1),
        "metadata": {
            "version": VERSION,
            "product": {"name": "Keepworth", "vendor_name": "Keepworth", "version": env!("CARGO_PKG_VERSION")},
            "log_name": format!("{service} audit"),
            "uid": entry["hash"],
            "sequence": entry["seq"],
            "original_time": at,
            "correlation_uid": entry["request_id"],
        },
        "actor": {"user": {"uid": issuer_and_name[1], "domain": issuer_and_name[0]}},
        "api": {"operation": entry["operation"], "service": {"name": service}},
        // Addresses are not in the record; how somebody was recognised is.
        "src_endpoint": {"svc_name": entry["via"]},
        "unmapped": entry,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an event must have, and its objects, as the schema says: github.com/ocsf/ocsf-schema,
    /// `events/application/api_activity.json`, `events/base_event.json`, `includes/classification.json`,
    /// `includes/occurrence.json`, and of `objects` `metadata.json`, `product.json`, `api.json`; of `actor.json`,
    /// `user.json` and `network_endpoint.json`, one of several must be there: ours are `user`, `uid` and `svc_name`.
    const REQUIRED: [&str; 15] = [
        "/activity_id",
        "/category_uid",
        "/class_uid",
        "/type_uid",
        "/time",
        "/severity_id",
        "/metadata/version",
        "/metadata/product/name",
        "/metadata/product/vendor_name",
        "/actor/user/uid",
        "/api/operation",
        "/api/service/name",
        "/src_endpoint/svc_name",
        "/status_id",
        "/count",
    ];

    fn entry(operation: &str, outcome: &str) -> Value {
        json!({
            "seq": 7, "hash": "9f86", "at": "2026-01-31T09:00:00.250000Z", "issuer": "local", "subject": "1000",
            "via": "socket", "permission": "books:write", "operation": operation, "outcome": outcome,
        })
    }

    #[test]
    fn an_event_has_what_the_schema_requires() {
        let event = event("finance", &entry("PUT /v1/accounts/6000", "done")).unwrap();
        for pointer in REQUIRED {
            let value = event.pointer(pointer);
            let is_there = value.is_some_and(|it| !it.is_null() && it != "");
            assert!(is_there, "{pointer}: {event}");
        }
        assert_eq!(event["type_uid"], 600_303);
        assert_eq!(event["time"], 1_769_850_000_250_i64);
        assert_eq!(
            (&event["status_id"], &event["severity_id"]),
            (&json!(1), &json!(1))
        );
    }

    #[test]
    fn what_was_refused_failed() {
        for (operation, activity) in [
            ("POST /v1/runs", 1),
            ("GET /v1/audit-entries", 2),
            ("DELETE /v1/segments/a", 4),
            ("job RUN 1", 99),
        ] {
            let event = event("simulator", &entry(operation, "refused")).unwrap();
            assert_eq!(event["activity_id"], activity, "{operation}");
            assert_eq!(
                (&event["status_id"], &event["severity_id"]),
                (&json!(2), &json!(2))
            );
        }
        assert!(event("finance", &json!({"seq": 1})).is_err());
    }
}
