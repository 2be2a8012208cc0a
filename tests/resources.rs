//! Resources: what is listed can be read singly, what is made has an address, and what is ordered twice under
//! one key is made once.

use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::support::{Company, Database, Keepworth, Kind, on_both_databases};

on_both_databases!(
    what_is_listed_can_be_read_singly,
    what_is_made_has_an_address,
    an_order_sent_twice_is_one,
    what_nothing_stands_on_can_be_removed,
    pages_of_a_feed_are_the_feed,
);

/// Lists, and what names their items in an address.
const LISTS: [(&str, &str); 10] = [
    ("customers/v1/customers", "id"),
    ("customers/v1/segments", "key"),
    ("experience/v1/feedback", "id"),
    ("experience/v1/interactions", "id"),
    ("finance/v1/ledger-entries", "id"),
    ("finance/v1/revenues", "id"),
    ("simulator/v1/baselines", "hash"),
    ("simulator/v1/backtests", "id"),
    ("simulator/v1/runs", "id"),
    ("simulator/v1/jobs", "id"),
];

const SCENARIO: &str = "name = \"One\"\nhorizon_months = 12\ndiscount_rate = 0.1\n\
    [[initiatives]]\nname = \"One\"\nreach = { business = 1.0 }\n\
    [[initiatives.effects]]\non = \"hazard\"\nsize = 0.05\n";

fn order(keepworth: &Keepworth) -> Value {
    Company::new(200, 3).load_into(keepworth);
    let as_of = json!({"as_of": "2026-06-30"});
    let (status, baseline) = keepworth.post("/simulator/v1/baselines", &as_of);
    assert_eq!(status, 201, "{baseline}");
    json!({"scenario": SCENARIO, "baseline_hash": baseline["hash"], "trials": 1_000})
}

fn what_is_listed_can_be_read_singly(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let order = order(&keepworth);
    let (status, run) = keepworth.post("/simulator/v1/runs", &order);
    assert_eq!(status, 201, "{run}");
    let past = json!({"as_of": "2025-06-30", "until": "2025-12-31", "trials": 100});
    let (status, backtest) = keepworth.post("/simulator/v1/backtests", &past);
    assert_eq!(status, 201, "{backtest}");
    for (list, name) in LISTS {
        let (status, page) = keepworth.get(&format!("/{list}"));
        assert_eq!(status, 200, "{list}: {page}");
        let first = &page["items"][0];
        let name = first[name]
            .as_str()
            .unwrap_or_else(|| panic!("{list}: {page}"));
        let (status, one) = keepworth.get(&format!("/{list}/{name}"));
        assert_eq!(status, 200, "{list}: {one}");
        // Lists of runs and baselines have less of them.
        if !list.starts_with("simulator") {
            assert_eq!(&one, first, "{list}");
        }
    }
    let none = "0190b9d6-0000-7000-8000-000000000000";
    for (list, _) in LISTS {
        assert_eq!(keepworth.get(&format!("/{list}/{none}")).0, 404, "{list}");
    }
}

fn post(keepworth: &Keepworth, path: &str, key: &str, body: &Value) -> Response {
    let request = keepworth.client().post(keepworth.at(path)).json(body);
    let request = request.header("keepworth-reason", "test");
    request.header("idempotency-key", key).send().unwrap()
}

fn header(response: &Response, name: &str) -> Option<String> {
    Some(response.headers().get(name)?.to_str().unwrap().to_owned())
}

fn what_is_made_has_an_address(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let euro = |amount: &str| json!({"amount": amount, "currency": "EUR"});
    let made = [
        (
            "fx-rates",
            json!({"base": "USD", "quote": "EUR", "value": "0.9", "quoted_on": "2025-06-30", "source": "ecb"}),
        ),
        (
            "allocation-rules",
            json!({"category": "SERVICE", "effective_from": "2025-01", "method": "EVEN", "reason": "test"}),
        ),
        (
            "avoidable-shares",
            json!({"component": "OVERHEAD", "effective_from": "2025-01", "share": "0.5", "reason": "test"}),
        ),
        (
            "programmes/cem/budgets",
            json!({"effective_on": "2025-01-01", "reason": "test",
            "lines": [{"month": "2025-02", "line": "PEOPLE", "amount": euro("100.00")}]}),
        ),
        (
            "response-histories",
            json!({"segment": "smb", "lever": "ACQUISITION", "reason": "test", "evidence": {"kind": "ELICITED",
            "points": [{"spend": euro("15"), "rate": 0.4}, {"spend": euro("30"), "rate": 0.6}]}}),
        ),
        (
            "period-closes",
            json!({"month": "2024-12", "reason": "test"}),
        ),
    ];
    for (collection, body) in &made {
        let path = format!("/finance/v1/{collection}");
        let first = post(&keepworth, &path, collection, body);
        let address = header(&first, "location");
        let (status, written) = (first.status(), first.json::<Value>().unwrap());
        assert_eq!(status, 201, "{written}");
        let address = address.unwrap_or_else(|| panic!("{collection} has no address"));
        assert!(address.starts_with(&format!("{path}/")), "{address}");
        assert_eq!(keepworth.get(&address), (200, written.clone()));
        let again = post(&keepworth, &path, collection, body);
        assert_eq!(header(&again, "location"), Some(address), "{collection}");
        assert_eq!(
            header(&again, "idempotency-replayed").as_deref(),
            Some("true")
        );
        assert_eq!(
            (again.status().as_u16(), again.json().unwrap()),
            (201, written)
        );
        let other = post(&keepworth, &path, collection, &json!({}));
        assert_eq!(other.status(), 422, "{collection}");
    }
    let (_, programmes) = keepworth.get("/finance/v1/programmes");
    assert_eq!(programmes, json!({"items": [{"programme": "cem"}]}));
}

fn an_order_sent_twice_is_one(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let order = order(&keepworth);
    let send = |key: &str| {
        let response = post(&keepworth, "/simulator/v1/runs", key, &order);
        let location = header(&response, "location").unwrap();
        assert_eq!(response.status(), 202);
        (
            location,
            header(&response, "idempotency-replayed").is_some(),
        )
    };
    let (first, is_replayed) = send("1");
    assert!(!is_replayed);
    let (job, status) = (keepworth.get(&first).1, keepworth.get(&first).0);
    assert_eq!((status, &job["kind"]), (200, &json!("RUN")));
    // It waits, is in work or done by now: the same job in any case.
    let again = post(&keepworth, "/simulator/v1/runs", "1", &order);
    assert_eq!(
        header(&again, "idempotency-replayed").as_deref(),
        Some("true")
    );
    let (other, is_replayed) = send("2");
    assert!(other != first && !is_replayed);
    let (_, jobs) = keepworth.get("/simulator/v1/jobs");
    let runs = jobs["items"].as_array().unwrap().iter();
    assert_eq!(runs.filter(|it| it["kind"] == "RUN").count(), 2, "{jobs}");
}

fn what_nothing_stands_on_can_be_removed(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let order = order(&keepworth);
    let (status, run) = keepworth.post("/simulator/v1/runs", &order);
    assert_eq!(status, 201, "{run}");
    let (_, runs) = keepworth.get("/simulator/v1/runs");
    let run = &runs["items"][0];
    let delete = |path: &str| {
        let answer = keepworth.client().delete(keepworth.at(path)).send();
        let answer = answer.unwrap();
        let (status, body) = (answer.status().as_u16(), answer.text().unwrap());
        (
            status,
            serde_json::from_str::<Value>(&body).unwrap_or_default(),
        )
    };
    let baseline = format!(
        "/simulator/v1/baselines/{}",
        order["baseline_hash"].as_str().unwrap()
    );
    let run = format!("/simulator/v1/runs/{}", run["id"].as_str().unwrap());
    let (segment, empty) = (
        "/customers/v1/segments/business",
        "/customers/v1/segments/empty",
    );
    let put = keepworth.put(empty, &json!({"name": "Nobody"}));
    assert_eq!(put.0, 200, "{put:?}");
    for in_use in [&baseline, segment] {
        let (status, problem) = delete(in_use);
        assert_eq!(
            (status, &problem["code"]),
            (409, &json!("in_use")),
            "{problem}"
        );
        assert_eq!(keepworth.get(in_use).0, 200, "{in_use}");
    }
    for removed in [&run, &baseline, empty] {
        assert_eq!(delete(removed), (204, Value::Null), "{removed}");
        assert_eq!(keepworth.get(removed).0, 404, "{removed}");
        assert_eq!(delete(removed).0, 404, "{removed}");
    }
    // The same records give the same baseline again.
    let as_of = json!({"as_of": "2026-06-30"});
    let (status, again) = keepworth.post("/simulator/v1/baselines", &as_of);
    assert_eq!((status, &again["hash"]), (201, &order["baseline_hash"]));
    let batch = json!({"import_id": "1", "items": [
        {"source": "crm", "external_id": "late", "acquired_on": "2025-01-01", "segment": "empty"}]});
    let (_, report) = keepworth.post("/customers/v1/customers:batch_upsert", &batch);
    assert_eq!(report["created"], 0, "the segment is gone: {report}");
}

/// Feeds by service.
const FEEDS: [&str; 6] = [
    "customers/v1/feed/cohorts",
    "customers/v1/feed/episodes",
    "experience/v1/feed/metrics",
    "experience/v1/feed/exposures",
    "finance/v1/feed/economics",
    "finance/v1/feed/revenues",
];

fn pages_of_a_feed_are_the_feed(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    Company::new(200, 3).load_into(&keepworth);
    for feed in FEEDS {
        let stream = keepworth.at(&format!("/{feed}?as_of=2026-06-30"));
        let stream = keepworth.client().get(stream).send();
        let text = stream.unwrap().text().unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        let lines: Vec<Value> = lines.collect();
        let [header, rows @ .., trailer] = lines.as_slice() else {
            panic!("{feed}: {text}");
        };
        let size = rows.len().div_ceil(3).max(1);
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/{feed}/pages?as_of=2026-06-30&page_size={size}{cursor}");
            let (status, page) = keepworth.get(&path);
            assert_eq!(status, 200, "{feed}: {page}");
            assert_eq!(
                (&page["header"], &page["trailer"]),
                (header, trailer),
                "{feed}"
            );
            seen.extend(page["items"].as_array().unwrap().clone());
            let Some(next) = page["next_cursor"].as_str() else {
                break;
            };
            cursor = format!("&cursor={next}");
        }
        assert!(!rows.is_empty() && seen == rows, "{feed}");
    }
    let first = "/customers/v1/feed/episodes/pages?as_of=2026-06-30&page_size=5";
    let (_, page) = keepworth.get(first);
    let customer = json!({"source": "late", "external_id": "1", "acquired_on": "2025-01-01", "segment": "business"});
    let body = json!({"import_id": "late", "create_segments": true, "items": [customer]});
    let (status, report) = keepworth.post("/customers/v1/customers:batch_upsert", &body);
    assert_eq!((status, &report["created"]), (200, &json!(1)), "{report}");
    let next = format!("{first}&cursor={}", page["next_cursor"].as_str().unwrap());
    let (status, problem) = keepworth.get(&next);
    assert_eq!((status, &problem["code"]), (409, &json!("records_changed")));
}
