//! `keepworth finance`: the books' answers as people, programs and spreadsheets read them.

use serde_json::{Value, json};

use crate::support::{Database, Keepworth, Kind, on_both_databases, run};

on_both_databases!(
    the_cost_of_keeping_a_customer_is_what_the_books_say,
    three_vendors_print_three_numbers_of_one_ledger,
    a_list_is_read_page_by_page,
    a_programme_is_held_against_its_budget,
    commands_print_all_that_the_service_answers,
);

fn entry(id: &str, category: &str, amount: &str, segment: Option<&str>) -> Value {
    let mut entry = json!({
        "source": "erp", "external_id": id, "posted_on": "2025-09-30", "category": category,
        "amount": { "amount": amount, "currency": "EUR" },
    });
    if let Some(segment) = segment {
        entry["segment"] = segment.into();
    }
    entry
}

fn charge(customer: &str, month: &str, amount: &str) -> Value {
    json!({
        "source": "billing", "external_id": format!("{customer}/{month}"),
        "customer_external_id": customer, "month": month,
        "amount": { "amount": amount, "currency": "EUR" },
    })
}

fn send(keepworth: &Keepworth, resource: &str, items: &[Value]) {
    let path = format!("/finance/v1/{resource}:batch_upsert");
    for items in items.chunks(5_000) {
        let body = json!({ "import_id": "1", "on_invalid": "refuse", "items": items });
        let (status, answer) = keepworth.post(&path, &body);
        assert_eq!(status, 200, "{answer}");
    }
}

/// A line of a table, its cells (and thousands) parted by one blank.
pub fn line(table: &str, words: &[&str]) -> String {
    let has = |line: &&str| words.iter().all(|word| line.contains(word));
    let line = table.lines().find(has);
    let line = line.unwrap_or_else(|| panic!("no line with {words:?} in\n{table}"));
    let cells: Vec<&str> = line.split_whitespace().collect();
    cells.join(" ")
}

fn the_cost_of_keeping_a_customer_is_what_the_books_say(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let mut assumed = entry("3", "TRAINING", "30.00", None);
    assumed["basis"] = "ASSUMED".into();
    let costs = [
        entry("1", "SERVICE", "1200.10", Some("basic")),
        entry("2", "OVERHEAD", "100.01", None),
        assumed,
        entry("4", "ACQUISITION", "500.00", Some("basic")),
    ];
    send(&keepworth, "ledger-entries", &costs);
    let counts = json!({ "items": [
        { "segment": "basic", "customers": 60, "new_customers": 5 },
        { "segment": "pro", "customers": 40 },
    ]});
    let (status, answer) = keepworth.put("/finance/v1/segment-months/2025-09", &counts);
    assert_eq!(status, 200, "{answer}");
    let rule = json!({ "category": "OVERHEAD", "method": "EVEN", "effective_from": "2025-01", "reason": "equal parts" });
    let (status, answer) = keepworth.post("/finance/v1/allocation-rules", &rule);
    assert_eq!(status, 200, "{answer}");

    let ask = |arguments: &[&str]| {
        keepworth
            .ask(&[&["finance"], arguments].concat())
            .done()
            .stdout
    };
    // 12 × (1,200.10 + 100.01 + 30.00) / 100 customer-months = 159.6132.
    let table = ask(&["maintenance", "2025-09"]);
    assert_eq!(
        line(&table, &["whole company", "maintenance_cost v1"]),
        "whole company maintenance cost 159.61 EUR per customer and year 100 partly assumed maintenance_cost v1"
    );
    // 12 × (1,200.10 + 50.01 or 50.00) / 60: the odd cent is borne by one of the two.
    let basic = line(&table, &["basic", "maintenance_cost v1"]);
    assert!(basic.contains("250.02"), "{basic}");
    for words in [
        "some of the costs are assumptions",
        "12 * (service overhead",
        "EUR 1\u{202f}330.11",
    ] {
        assert!(table.contains(words), "{words} in\n{table}");
    }
    // 500.00 / 5 new customers.
    let csv = ask(&["acquisition", "2025-09", "--format", "csv"]);
    assert!(csv.contains("basic,fully loaded acquisition cost,100.00,EUR per new customer,5,recorded,cac_fully_loaded v1\n"), "{csv}");

    let allocation = ask(&["allocation", "2025-09"]);
    assert_eq!(
        line(&allocation, &["basic", "service"]),
        "basic service 1 200.10 0.00 1 200.10 EUR"
    );
    let with_all = line(&allocation, &["With what nobody bears"]);
    assert!(with_all.ends_with("EUR 1 830.11"), "{with_all}");
    assert!(
        allocation.contains("training") && allocation.contains("rule v1 from 2025-01"),
        "{allocation}"
    );
    let json: Value =
        serde_json::from_str(&ask(&["allocation", "2025-09", "--format", "json"])).unwrap();
    assert_eq!(
        json,
        keepworth.get("/finance/v1/allocations?month=2025-09").1
    );
    assert!(line(&ask(&["activity", "2025-09"]), &["pro"]).starts_with("pro 40 0"));
    assert!(line(&ask(&["rules"]), &["overhead"]).contains("even equal parts"));
}

fn three_vendors_print_three_numbers_of_one_ledger(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let charges = [
        charge("stays", "2025-08", "100.00"),
        charge("stays", "2025-09", "100.00"),
        charge("expands", "2025-08", "50.00"),
        charge("expands", "2025-09", "80.00"),
        charge("contracts", "2025-08", "60.00"),
        charge("contracts", "2025-09", "40.00"),
        charge("leaves", "2025-08", "30.00"),
        charge("returns", "2025-05", "10.00"),
        charge("returns", "2025-09", "20.00"),
        charge("comes", "2025-09", "70.00"),
    ];
    send(&keepworth, "revenues", &charges);
    let ask = |arguments: &[&str]| {
        keepworth
            .ask(&[&["finance"], arguments].concat())
            .done()
            .stdout
    };
    let table = ask(&["metrics", "2025-09"]);
    assert!(table.starts_with("Retention in 2025-09, held against 2025-08; revenue in EUR"));
    // 240 at the opening; + 30, − 20, − 30; 20 came back: 220, 240 and 190 of 240.
    for (definition, vendor, value) in [
        ("nrr_cohort v1", "cohort", "91.67%"),
        ("nrr_netsuite v1", "NetSuite", "100.00%"),
        ("net_mrr_churn_chartmogul v1", "ChartMogul", "0.00%"),
        ("grr v1", "cohort", "79.17%"),
        ("logo_churn_stripe v1", "Stripe", "16.67%"),
    ] {
        let found = line(&table, &[definition]);
        assert!(found.contains(vendor) && found.contains(value), "{found}");
        assert!(
            found.contains(" 4 "),
            "n is the 4 customers of the opening: {found}"
        );
    }
    let csv = ask(&["movements", "2025-09", "--months", "6", "--format", "csv"]);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(
        *lines.last().unwrap(),
        "2025-09,240.00,70.00,20.00,30.00,-20.00,-30.00,0.00,310.00,EUR,4,2,1"
    );
    assert!(
        lines[1].starts_with("2025-05,0.00,10.00"),
        "no row before there was revenue: {csv}"
    );
    let strict = ask(&[
        "movements",
        "2025-09",
        "--reactivation-window",
        "3",
        "--format",
        "json",
    ]);
    let strict: Value = serde_json::from_str(&strict).unwrap();
    assert_eq!(strict["items"][0]["movements"]["new"], "90.000000");
    assert!(ask(&["definitions"]).contains("(closing - new) / opening"));
}

fn a_list_is_read_page_by_page(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let entries: Vec<Value> = (0..2_345)
        .map(|n| entry(&n.to_string(), "SERVICE", "0.10", Some("basic")))
        .collect();
    send(&keepworth, "ledger-entries", &entries);
    let mut corrected = entry("7", "SERVICE", "0.20", Some("basic"));
    corrected["note"] = "=cmd()".into();
    let body = json!({ "import_id": "2", "items": [corrected] });
    keepworth.post("/finance/v1/ledger-entries:batch_upsert", &body);

    let ask = |arguments: &[&str]| {
        keepworth
            .ask(&[&["finance"], arguments].concat())
            .done()
            .stdout
    };
    let csv = ask(&[
        "entries",
        "--month",
        "2025-09",
        "--category",
        "service",
        "--format",
        "csv",
    ]);
    assert_eq!(csv.lines().count(), 1 + 2_345);
    assert!(csv.contains(",'=cmd(),"), "a formula is quoted");
    let table = ask(&["entries"]);
    assert!(
        table.contains("The first 50; --limit 0 shows all."),
        "{table}"
    );
    let json: Value =
        serde_json::from_str(&ask(&["entries", "--limit", "1500", "--format", "json"])).unwrap();
    assert_eq!(json["items"].as_array().unwrap().len(), 1_500);
    assert!(ask(&["entries", "--month", "2024-01"]).starts_with("No such entries."));

    // Before the correction: what the first entry's recording tells.
    let first = json["items"][0]["recorded_at"].as_str().unwrap();
    let then = ask(&["allocation", "2025-09", "--known-at", first]);
    assert!(
        then.contains("234.50") && then.contains("before later corrections"),
        "{then}"
    );
    let now = ask(&["allocation", "2025-09", "--known-at", "2199-12-31"]);
    assert!(now.contains("234.60"), "{now}");

    let items = json["items"].as_array().unwrap();
    let seven = items
        .iter()
        .find(|it| it["record"]["external_id"] == "7")
        .unwrap();
    let history = ask(&["entry", seven["id"].as_str().unwrap(), "--format", "csv"]);
    let amounts: Vec<&str> = history
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').nth(4))
        .collect();
    assert_eq!(amounts, ["0.10", "0.20"], "{history}");
}

fn a_programme_is_held_against_its_budget(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let mut spent = entry("1", "PROGRAMME", "1250.50", None);
    spent["programme"] = "faster answers".into();
    spent["line"] = "PEOPLE".into();
    let mut without = entry("2", "PROGRAMME", "9.00", None);
    without["programme"] = "faster answers".into();
    send(&keepworth, "ledger-entries", &[spent, without]);
    let budget = json!({
        "effective_on": "2025-01-01", "reason": "the board's",
        "lines": [{ "month": "2025-09", "line": "PEOPLE", "amount": { "amount": "1000.00", "currency": "EUR" } }],
    });
    let path = "/finance/v1/programmes/faster%20answers/budgets";
    let (status, answer) = keepworth.post(path, &budget);
    assert_eq!(status, 200, "{answer}");
    let ask = |arguments: &[&str]| {
        keepworth
            .ask(&[&["finance"], arguments].concat())
            .done()
            .stdout
    };
    let table = ask(&["programme", "faster answers"]);
    assert_eq!(
        line(&table, &["2025-09", "people"]),
        "2025-09 people 1 000.00 1 250.50 250.50 250.50 EUR"
    );
    assert!(
        table.contains("EUR 9.00 more names the programme but no line"),
        "{table}"
    );
    assert!(line(&ask(&["budgets", "faster answers"]), &["2025-09"]).ends_with("EUR"));
    let missing = keepworth.ask(&["finance", "programme", "slower answers"]);
    assert_eq!(missing.code, 2);
    assert!(
        missing.stderr.contains("`slower answers` has no budget"),
        "{missing:?}"
    );
}

#[test]
fn what_cannot_be_asked_is_said_with_the_fix() {
    for (arguments, words) in [
        (vec!["metrics", "2025-9"], "YYYY-MM"),
        (vec!["movements", "2025-09", "--months", "61"], "1..=60"),
        (
            vec!["entries", "--category", "services"],
            "service, overhead",
        ),
        (vec!["metrics", "2025-09", "--currency", "EURO"], "ISO 4217"),
        (
            vec!["closes", "--url", "http://127.0.0.1:9"],
            "keepworth up",
        ),
    ] {
        let answer = run(&[&["finance"], &arguments[..]].concat());
        assert_eq!(answer.code, 2, "{arguments:?}");
        assert!(
            answer.stderr.contains(words),
            "{words} in {}",
            answer.stderr
        );
    }
    let database = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::up(&database);
    let empty = keepworth.ask(&["finance", "metrics", "2025-09"]);
    assert!(
        empty.code == 2 && empty.stderr.contains("no recurring revenue in 2025-09"),
        "{empty:?}"
    );
    for list in [
        "accounts", "closes", "rates", "rules", "revenues", "entries",
    ] {
        assert!(
            keepworth
                .ask(&["finance", list])
                .done()
                .stdout
                .starts_with("No "),
            "{list}"
        );
    }
}

/// No field is lost between the service and `--format json`.
fn commands_print_all_that_the_service_answers(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let mut programme = entry("3", "PROGRAMME", "30.00", Some("basic"));
    programme["programme"] = "a/b & c".into();
    programme["line"] = "PEOPLE".into();
    let mut corrected = entry("1", "SERVICE", "1200.10", Some("basic"));
    let costs = [
        corrected.clone(),
        entry("2", "OVERHEAD", "100.01", None),
        programme,
        entry("4", "ACQUISITION", "500.00", Some("basic")),
    ];
    send(&keepworth, "ledger-entries", &costs);
    corrected["amount"]["amount"] = "1100.00".into();
    let body = json!({ "import_id": "2", "items": [corrected] });
    keepworth.post("/finance/v1/ledger-entries:batch_upsert", &body);
    let charges = ["2025-08", "2025-09"].map(|month| charge("stays", month, "100.00"));
    send(&keepworth, "revenues", &charges);
    let done = |(status, answer): (u16, Value)| assert_eq!(status, 200, "{answer}");
    let customer = json!({
        "source": "billing", "external_id": "stays", "segment": "basic", "acquired_on": "2025-01-01",
    });
    let body = json!({ "import_id": "1", "create_segments": true, "items": [customer] });
    done(keepworth.post("/customers/v1/customers:batch_upsert", &body));
    let counts = json!({ "items": [{
        "segment": "basic", "customers": 60, "new_customers": 5, "contacts": 7, "minutes": 9,
        "channels": [{ "channel": "phone", "contacts": 7, "handle_seconds": 540 }],
    }]});
    done(keepworth.put("/finance/v1/segment-months/2025-09", &counts));
    done(keepworth.put(
        "/finance/v1/accounts/6000",
        &json!({ "name": "Wages", "category": "SERVICE" }),
    ));
    let money = |amount: &str| json!({ "amount": amount, "currency": "EUR" });
    for (path, body) in [
        (
            "allocation-rules",
            json!({ "category": "OVERHEAD", "method": "EVEN", "effective_from": "2025-01", "reason": "equal parts" }),
        ),
        (
            "avoidable-shares",
            json!({ "component": "CONSUMPTION", "effective_from": "2025-01", "share": "0.35", "reason": "measured" }),
        ),
        (
            "fx-rates",
            json!({ "base": "USD", "quote": "EUR", "value": "0.9217", "quoted_on": "2025-09-30", "source": "ecb" }),
        ),
        (
            "response-histories",
            json!({ "segment": "basic", "lever": "RETENTION", "reason": "tests", "evidence": {
                "kind": "OBSERVED", "points": [
                    { "spend": money("5.00"), "rate": 0.31, "n": 2000 },
                    { "spend": money("10.00"), "rate": 0.44, "n": 2000 },
                    { "spend": money("20.00"), "rate": 0.52, "n": 2000 },
                ] } }),
        ),
        (
            "programmes/a%2Fb%20&%20c/budgets",
            json!({ "effective_on": "2025-01-01", "reason": "plan", "lines": [
                { "month": "2025-09", "line": "PEOPLE", "amount": money("25.00") },
            ] }),
        ),
        (
            "period-closes",
            json!({ "month": "2024-12", "reason": "audited" }),
        ),
    ] {
        done(keepworth.post(&format!("/finance/v1/{path}"), &body));
    }
    let (_, listed) = keepworth.get("/finance/v1/ledger-entries");
    let id = listed["items"][0]["id"].as_str().unwrap().to_owned();

    let printed = |command: &str| -> Value {
        let words: Vec<&str> = command.split(' ').collect();
        let words = words
            .iter()
            .map(|it| if *it == "NAME" { "a/b & c" } else { it });
        let words: Vec<&str> = ["finance"].into_iter().chain(words).collect();
        let answer = keepworth
            .ask(&[&words[..], &["--format", "json"]].concat())
            .done();
        serde_json::from_str(&answer.stdout).unwrap()
    };
    for (command, path) in [
        (
            "acquisition 2025-09",
            "acquisition-costs?month=2025-09&months=1",
        ),
        (
            "acquisition 2025-09 --by channel",
            "acquisition-costs/by-channel?month=2025-09",
        ),
        (
            "acquisition 2025-09 --by campaign",
            "acquisition-costs/by-campaign?month=2025-09",
        ),
        (
            "maintenance 2025-09 --currency EUR",
            "maintenance-costs?month=2025-09&currency=EUR",
        ),
        (
            "maintenance 2025-09 --known-at 2099-01-01T12:00:00Z",
            "maintenance-costs?month=2025-09&known_at=2099-01-01T12:00:00Z",
        ),
        ("consumption 2025-09", "consumption-costs?month=2025-09"),
        ("concentration 2025-09", "cost-concentration?month=2025-09"),
        ("avoidable", "avoidable-shares"),
        ("allocation 2025-09", "allocations?month=2025-09"),
        ("rules", "allocation-rules"),
        ("activity 2025-09", "segment-months/2025-09"),
        (
            "metrics 2025-09 --cancellation decided",
            "metrics?month=2025-09&cancellation=DECIDED",
        ),
        (
            "earned-growth 2025-09 --months 1 --earned-channel referral",
            "earned-growth?month=2025-09&months=1&earned_channels=referral",
        ),
        ("definitions", "metric-definitions"),
        ("programme NAME", "programmes/a%2Fb%20&%20c"),
        ("budgets NAME", "programmes/a%2Fb%20&%20c/budgets"),
        (
            "acquire-or-keep 2025-09 --annual-rate 0.10 --draws 200",
            "acquire-or-keep?month=2025-09&annual_rate=0.10&months=12&draws=200&seed=1",
        ),
        (
            "responses --segment basic",
            "response-histories?segment=basic",
        ),
        ("entries --month 2025-09", "ledger-entries?month=2025-09"),
        ("revenues", "revenues"),
        ("accounts", "accounts"),
        ("closes", "period-closes"),
        ("rates", "fx-rates"),
    ] {
        let (status, answer) = keepworth.get(&format!("/finance/v1/{path}"));
        assert_eq!(status, 200, "{path}: {answer}");
        assert_eq!(printed(command), answer, "{command}");
    }
    let one = printed(&format!("entry {id}"));
    let path = format!("/finance/v1/ledger-entries/{id}");
    assert_eq!(one["entry"], keepworth.get(&path).1);
    assert_eq!(
        one["versions"],
        keepworth.get(&format!("{path}/versions")).1
    );
    assert_eq!(one["versions"]["items"].as_array().unwrap().len(), 1);
    let (_, month) = keepworth.get("/finance/v1/metrics?month=2025-09");
    assert_eq!(printed("movements 2025-09")["items"][0], month);
}
