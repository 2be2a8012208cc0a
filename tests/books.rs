//! One set of books, two services: what finance says that keeping customers costs and what of it
//! can be avoided is what the simulator's baseline says.

use serde_json::{Value, json};

use crate::company::{baseline, simulate};
use crate::support::{Company, Database, Keepworth, Kind, on_both_databases};

on_both_databases!(
    finance_and_baseline_agree_on_what_keeping_costs,
    what_finance_confirms_moves_the_baseline,
);

fn figure<'a>(of: &'a Value, name: &str) -> &'a Value {
    &of["figures"][name]
}

fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("{value} is no number"))
}

#[track_caller]
fn near(found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found / expected - 1.0).abs() < tolerance,
        "{found}, not {expected}"
    );
}

fn up(kind: Kind) -> (Database, Company, Keepworth) {
    let (database, company) = (Database::new(kind), Company::new(400, 11));
    let keepworth = Keepworth::up(&database);
    company.load_into(&keepworth);
    (database, company, keepworth)
}

fn entry(id: &str, category: &str, component: Option<&str>, amount: &str) -> Value {
    let mut entry = json!({
        "source": "test", "external_id": id, "posted_on": "2025-06-30", "category": category,
        "amount": { "amount": amount, "currency": "EUR" },
    });
    if let Some(component) = component {
        entry["component"] = component.into();
    }
    entry
}

/// The sample, with training, loyalty, account management, a programme and contact cost without a
/// channel on top.
fn finance_and_baseline_agree_on_what_keeping_costs(kind: Kind) {
    let (database, _company, keepworth) = up(kind);
    let more = [
        entry("1", "TRAINING", None, "400.00"),
        entry("2", "RETENTION", Some("LOYALTY"), "900.00"),
        entry("3", "SERVICE", Some("ACCOUNT_MANAGEMENT"), "700.00"),
        entry("4", "PROGRAMME", None, "500.00"),
        entry("5", "SERVICE", None, "600.00"),
    ];
    let body = json!({ "import_id": "more", "on_invalid": "refuse", "items": more });
    let path = "/finance/v1/ledger-entries:batch_upsert";
    assert_eq!(keepworth.post(path, &body).0, 200);
    let count = ["finance", "count", "2025-01", "2025-12"];
    keepworth.ask(&count).done();
    let path = database.folder().join("baseline.json");
    let document = baseline(&keepworth, "2025-12-31", &path);
    let company = &document["company"];

    let year = "month=2025-12&months=12";
    let (status, kept) = keepworth.get(&format!("/finance/v1/maintenance-costs?{year}"));
    assert_eq!(status, 200, "{kept}");
    let of = |answer: &Value, id: &str| -> f64 {
        let figures = answer["figures"].as_array().unwrap();
        let found = figures.iter().find(|it| it["definition"]["id"] == id);
        number(&found.unwrap()["statistic"]["value"]) / 100.0
    };
    // Finance counts whole customers a month, the baseline their days: some tenths of a percent.
    let a_month = of(&kept["items"][0], "maintenance_cost") / 12.0;
    let in_baseline = number(&figure(company, "maintenance_cost")["value"]);
    near(in_baseline, a_month, 0.01);

    let (_, contacts) = keepworth.get(&format!("/finance/v1/consumption-costs?{year}"));
    let channels = company["channels"].as_array().unwrap();
    assert_eq!(channels.len(), 3);
    for channel in channels {
        let items = contacts["items"].as_array().unwrap().iter();
        let item = items.clone().find(|it| it["channel"] == channel["name"]);
        let minute = of(item.unwrap(), "cost_per_minute");
        near(number(&channel["cost_per_minute"]["value"]), minute, 0.03);
    }
    let cost = |it: &Value| {
        it["cost"]["amount"]
            .as_str()
            .unwrap()
            .parse::<f64>()
            .unwrap()
    };
    let in_finance: f64 = contacts["items"].as_array().unwrap().iter().map(cost).sum();
    let of_channel = |it: &Value| {
        number(&it["contacts"]["value"])
            * number(&it["minutes"]["value"])
            * number(&it["cost_per_minute"]["value"])
    };
    let per_month: f64 = channels.iter().map(of_channel).sum();
    let months = number(&figure(company, "customer_months")["value"]);
    near(per_month * months, in_finance, 0.005);

    let (_, won) = keepworth.get(&format!("/finance/v1/acquisition-costs?{year}"));
    let win = of(&won["items"][0], "cac_fully_loaded");
    let ratio = number(&figure(company, "acquisition_to_maintenance_cost")["value"]);
    near(ratio, win / (12.0 * a_month), 0.05);
}

/// A confirmed share is in the baseline with its reason and day, changes its hash, and both reports
/// of finance say the same sum.
fn what_finance_confirms_moves_the_baseline(kind: Kind) {
    let (database, company, keepworth) = up(kind);
    keepworth
        .ask(&["finance", "count", "2025-01", "2025-12"])
        .done();
    let path = database.folder().join("baseline.json");
    let before = baseline(&keepworth, "2025-12-31", &path);
    let nothing = &before["segments"][0]["channels"][0]["avoidable"];
    assert_eq!(*nothing, json!([]));
    let confirm = |more: Value| {
        let mut share = json!({ "component": "CONSUMPTION", "effective_from": "2025-12",
                                "share": "0.5", "reason": "the call centre is paid by the minute" });
        for (name, value) in more.as_object().unwrap() {
            share[name] = value.clone();
        }
        let (status, answer) = keepworth.post("/finance/v1/avoidable-shares", &share);
        assert_eq!(status, 200, "{answer}");
    };
    confirm(json!({ "channel": "phone" }));
    confirm(json!({ "channel": "phone", "effective_from": "2026-07", "share": "0.8" }));
    confirm(json!({ "component": "OVERHEAD", "share": "0.1" }));
    let after = baseline(&keepworth, "2025-12-31", &path);
    assert_ne!(before["hash"], after["hash"]);
    for segment in after["segments"].as_array().unwrap() {
        let channels = segment["channels"].as_array().unwrap().iter();
        for channel in channels {
            let steps = channel["avoidable"].as_array().unwrap();
            let told: Vec<(&str, f64)> = steps
                .iter()
                .map(|it| (it["from"].as_str().unwrap(), number(&it["share"])))
                .collect();
            let expected: &[(&str, f64)] = if channel["name"] == "phone" {
                &[("2025-12", 0.5), ("2026-07", 0.8)]
            } else {
                &[]
            };
            assert_eq!(told, expected);
            for step in steps {
                let reason = step["confirmed"][0]["reason"].as_str().unwrap();
                assert!(reason.contains("by the minute"), "{reason}");
            }
        }
        let overhead = &segment["overhead_avoidable"][0];
        // A mean weighted by cost, in binary numbers.
        assert!(
            (number(&overhead["share"]) - 0.1).abs() < 1e-12,
            "{overhead}"
        );
        assert_eq!(number(&overhead["confirmed_part"]), 1.0);
    }
    let euros = |it: &Value| it["amount"].as_str().unwrap().parse::<f64>().unwrap();
    let ask = |what: &str| {
        keepworth
            .get(&format!("/finance/v1/{what}?month=2025-12&months=12"))
            .1
    };
    let kept = ask("maintenance-costs");
    let overhead = kept["items"][0]["costs"].as_array().unwrap().iter();
    let overhead = overhead.filter(|it| it["category"] == "OVERHEAD");
    let overhead: f64 = overhead.map(|it| euros(&it["amount"])).sum();
    let contacts = ask("consumption-costs");
    let contacts = contacts["items"].as_array().unwrap().iter();
    let contacts: f64 = contacts.map(|it| euros(&it["avoidable"])).sum();
    assert!(contacts > 0.0);
    let found = euros(&kept["items"][0]["avoidable"]);
    let off = (found - contacts - 0.1 * overhead).abs();
    assert!(
        off < 0.05,
        "{found}, not {contacts} and a tenth of {overhead}"
    );
    // The engine takes it.
    let scenario = company.file("scenario.toml");
    let result: Value =
        serde_json::from_str(&simulate(&scenario, &path, &["--trials", "400"])).unwrap();
    assert_eq!(result["baseline_hash"], after["hash"]);
}
