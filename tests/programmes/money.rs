//! What finance has under a programme's keys.

use serde_json::{Value, json};

use super::{PROGRAMMES, create, programme};
use crate::support::{Database, Keepworth, Kind, on_both_databases};

on_both_databases!(money_is_what_finance_has_and_is_counted_once);

pub fn euro(amount: &str) -> Value {
    json!({"amount": amount, "currency": "EUR"})
}

/// Writes a budget of lines of people under a key as addresses have it.
pub fn plan(keepworth: &Keepworth, key: &str, from: &str, lines: &[(&str, &str, &str)]) {
    let lines = lines.iter();
    let lines = lines
        .map(|(month, line, amount)| json!({"month": month, "line": line, "amount": euro(amount)}));
    let budget =
        json!({"effective_on": from, "reason": "the board's", "lines": Vec::from_iter(lines)});
    let path = format!("/finance/v1/programmes/{key}/budgets");
    let (status, made) = keepworth.post(&path, &budget);
    assert_eq!(status, 201, "{made}");
}

/// An entry of a programme.
pub fn spent(id: &str, day: &str, programme: &str, line: Option<&str>, amount: &str) -> Value {
    let mut entry = json!({"source": "erp", "external_id": id, "posted_on": day, "category": "PROGRAMME",
        "amount": euro(amount), "programme": programme});
    if let Some(line) = line {
        entry["line"] = json!(line);
    }
    entry
}

fn money_is_what_finance_has_and_is_counted_once(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    create(&keepworth, &programme());
    let report = || {
        let (status, report) = keepworth.get(&format!("{PROGRAMMES}/service%202027/money"));
        assert_eq!(status, 200, "{report}");
        report
    };
    let nothing = report();
    assert_eq!(
        (&nothing["planned"], &nothing["spent"]),
        (&json!([]), &json!([]))
    );

    plan(
        &keepworth,
        "call%20backs",
        "2025-01-01",
        &[("2025-07", "PEOPLE", "999.00")],
    );
    plan(
        &keepworth,
        "call%20backs",
        "2025-06-01",
        &[
            ("2025-07", "PEOPLE", "100.00"),
            ("2025-08", "PEOPLE", "120.50"),
            ("2025-07", "TECHNOLOGY", "40.00"),
        ],
    );
    plan(
        &keepworth,
        "service%202027",
        "2025-01-01",
        &[("2025-07", "POLITICS", "10.00")],
    );
    plan(
        &keepworth,
        "old%20thing",
        "2025-01-01",
        &[("2025-07", "PEOPLE", "1.00")],
    );
    let entries = [
        spent("1", "2025-07-10", "call backs", Some("PEOPLE"), "90.00"),
        spent("2", "2025-07-20", "call backs", Some("PEOPLE"), "20.25"),
        spent("3", "2025-09-01", "call backs", Some("TREATMENT"), "5.00"),
        spent("4", "2025-09-01", "call backs", None, "0.75"),
        spent("5", "2025-09-01", "mended/bills", Some("PROCESS"), "7.00"),
        spent("6", "2025-09-01", "nobody's", Some("PEOPLE"), "3.00"),
    ];
    keepworth.take("finance/v1/ledger-entries", "a", &entries);

    let report = report();
    assert_eq!(report["version"], 1);
    let told = |index: usize| {
        let it = &report["items"][index];
        [
            &it["name"],
            &it["money"]["budget"]["version"],
            &it["money"]["planned"],
            &it["money"]["spent"],
        ]
        .map(Value::clone)
    };
    // Of the newest version: 100.00 + 120.50 + 40.00, and 90.00 + 20.25 + 5.00 + 0.75.
    assert_eq!(
        told(0),
        [json!("Service 2027"), json!(1), euro("10.00"), euro("0.00")]
    );
    assert_eq!(
        told(1),
        [json!("Call back"), json!(2), euro("260.50"), euro("116.00")]
    );
    assert_eq!(
        told(2),
        [
            json!("Bills that are understood"),
            Value::Null,
            Value::Null,
            euro("7.00")
        ]
    );
    assert_eq!(report["planned"], json!([euro("270.50")]));
    assert_eq!(report["spent"], json!([euro("123.00")]));
    assert_eq!(report["unassigned"], json!(["nobody's", "old thing"]));
    let line = |month: &str, line: &str, planned: &str, spent: &str, over: &str| {
        json!({"month": month, "line": line, "planned": euro(planned), "spent": euro(spent),
            "cumulative_over": euro(over)})
    };
    assert_eq!(
        report["items"][1]["money"]["items"],
        json!([
            line("2025-07", "PEOPLE", "100.00", "110.25", "10.25"),
            line("2025-07", "TECHNOLOGY", "40.00", "0.00", "-40.00"),
            line("2025-08", "PEOPLE", "120.50", "0.00", "-110.25"),
            line("2025-09", "TREATMENT", "0.00", "5.00", "5.00"),
        ])
    );
    assert_eq!(report["items"][1]["money"]["without_line"], euro("0.75"));

    let (_, unassigned) = keepworth.get("/simulator/v1/unassigned-money");
    let told = unassigned["items"].as_array().unwrap().iter();
    let told = told.map(|it| json!([it["programme"], it["planned"], it["spent"]]));
    let expected = [
        json!(["nobody's", null, euro("3.00")]),
        json!(["old thing", euro("1.00"), euro("0.00")]),
    ];
    assert_eq!(Vec::from_iter(told), expected);

    // Entries in two currencies and no budget: in which, somebody says.
    let mut dollars = spent("7", "2025-09-02", "mended/bills", None, "1.00");
    dollars["amount"]["currency"] = json!("USD");
    keepworth.take("finance/v1/ledger-entries", "b", &[dollars]);
    let path = format!("{PROGRAMMES}/service%202027/money");
    let (status, problem) = keepworth.get(&path);
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("mixed_currencies")),
        "{problem}"
    );
    let (status, problem) = keepworth.get(&format!("{path}?currency=EUR"));
    assert_eq!(
        (status, &problem["invalid_params"][0]["code"]),
        (422, &json!("missing_fx_rate")),
        "{problem}"
    );
}
