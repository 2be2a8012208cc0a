//! `GET /v1/audit-entries`: who did what, when and why.

use actix_web::get;
use actix_web::web::{Json, Query};
use keepworth_access::Permission;
use keepworth_access::permission::AuditRead;
use keepworth_contract::{AuditEntry, AuditEntryPage, AuditQuery};
use keepworth_intake::Failure;
use keepworth_store::audit::{AuditRow, Wanted, list};
use serde_json::Value;

use super::Log;
use crate::{Allowed, ApiResult, ReadProblems};

/// The chain, for who reads it.
type Auditor = Allowed<AuditRead, Log>;

/// Lists what was done, by whom, when and why, in the order of the chain.
#[utoipa::path(operation_id = "list_audit_entries", tag = "service", params(AuditQuery),
    responses((status = 200, body = AuditEntryPage, description = "A page of entries"), ReadProblems, Auditor))]
#[get("/audit-entries")]
pub(super) async fn list_audit_entries(
    log: Auditor,
    query: Query<AuditQuery>,
) -> ApiResult<AuditEntryPage> {
    let (wanted, limit) = wanted(query.into_inner())?;
    let rows = log
        .db
        .read(move |conn| list(conn, &wanted, limit + 1).map_err(Failure::from));
    Ok(Json(page(rows.await?, limit)?))
}

fn wanted(query: AuditQuery) -> Result<(Wanted, i64), Failure> {
    let page = query.page();
    // Pages of the chain go by its numbers.
    let sized = keepworth_contract::SequenceQuery {
        cursor: None,
        ..page.clone()
    };
    keepworth_intake::page::after(&sized)?;
    let after = match &page.cursor {
        None => 0,
        Some(cursor) => cursor.parse().map_err(|_| {
            Failure::malformed(
                "cursor is not one that this list gave; leave it out for the first page",
            )
        })?,
    };
    keepworth_intake::page::check_moment("since", query.since)?;
    if let Some(name) = &query.permission {
        name.parse::<Permission>().map_err(|_| {
            Failure::malformed(format!(
                "permission is `{name}`, which is none; one looks like books:write"
            ))
        })?;
    }
    let wanted = Wanted {
        after,
        subject: query.subject,
        permission: query.permission,
        since: query.since.map(|it| it.naive_utc()),
    };
    Ok((wanted, page.limit()))
}

fn page(mut rows: Vec<AuditRow>, limit: i64) -> Result<AuditEntryPage, Failure> {
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = rows.len() > shown;
    rows.truncate(shown);
    let next_cursor = rows
        .last()
        .filter(|_| has_more)
        .map(|it| it.seq.to_string());
    let items = rows.iter().map(told).collect::<Result<_, _>>()?;
    Ok(AuditEntryPage {
        items,
        next_cursor,
        total: None,
    })
}

fn told(row: &AuditRow) -> Result<AuditEntry, Failure> {
    let mut entry: Value = serde_json::from_str(&row.entry).map_err(Failure::internal)?;
    entry["seq"] = row.seq.into();
    entry["hash"] = row.hash_in_digits().into();
    serde_json::from_value(entry).map_err(Failure::internal)
}
