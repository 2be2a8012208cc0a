//! `keepworth finance`: what is counted over all services, and whether to acquire or to keep.

use serde_json::{Value, json};

use crate::finance::line;
use crate::support::{Company, Database, Keepworth, Kind, on_both_databases};

on_both_databases!(
    segments_are_counted_from_the_records_of_all_services,
    where_recruiting_is_cheaper_the_verdict_says_so,
);

fn segments_are_counted_from_the_records_of_all_services(kind: Kind) {
    let (database, company) = (Database::new(kind), Company::new(300, 3));
    let keepworth = Keepworth::up(&database);
    company.load_into(&keepworth);
    let ask = |arguments: &[&str]| {
        keepworth
            .ask(&[&["finance"], arguments].concat())
            .done()
            .stdout
    };
    assert!(ask(&["activity", "2025-12"]).contains("`keepworth finance count 2025-12`"));
    let json = [
        "count",
        "2025-11",
        "2025-12",
        "--paid-channel",
        "search",
        "--format",
        "json",
    ];
    let counted: Value = serde_json::from_str(&ask(&json)).unwrap();
    let months = counted["months"].as_array().unwrap();
    assert_eq!(months.len(), 2);
    let stored = keepworth.get("/finance/v1/segment-months/2025-12").1;
    let sum = |name: &str| -> i64 {
        let items = stored["items"].as_array().unwrap();
        items.iter().map(|it| it[name].as_i64().unwrap()).sum()
    };
    for name in ["customers", "contacts", "new_customers"] {
        assert_eq!(months[1][name], sum(name), "{name}");
    }
    assert!(sum("customers") > 0 && sum("contacts") > 0);
    let table = ask(&["count", "2025-12"]);
    // The channel with media in the ledger, without being told.
    assert!(table.contains("Paid channels: search"), "{table}");
    // Twelve times the month's costs of service and overhead over its customers.
    let costs = keepworth.get("/finance/v1/allocations?month=2025-12").1;
    let items = costs["items"].as_array().unwrap();
    let kept = items
        .iter()
        .filter(|it| it["category"] == "SERVICE" || it["category"] == "OVERHEAD");
    let cents: i64 = kept
        .map(|it| {
            it["direct"]["amount"]
                .as_str()
                .unwrap()
                .replace('.', "")
                .parse::<i64>()
                .unwrap()
        })
        .sum();
    let expected = (12.0 * cents as f64 / sum("customers") as f64).round() / 100.0;
    let maintenance = ask(&["maintenance", "2025-12", "--format", "csv"]);
    assert!(
        maintenance.contains(&format!("whole company,maintenance cost,{expected:.2},")),
        "{expected} {maintenance}"
    );
    // Whoever costs most bears more than their number; the parts of contacts sum to their cost.
    let spread: Value =
        serde_json::from_str(&ask(&["concentration", "2025-12", "--format", "json"])).unwrap();
    assert_eq!(
        spread,
        keepworth
            .get("/finance/v1/cost-concentration?month=2025-12&months=1")
            .1
    );
    let shown = ask(&["concentration", "2025-12"]);
    assert!(
        shown.contains("20.00%") && shown.contains("contacts by"),
        "{shown}"
    );
    let contacts = ask(&["consumption", "2025-12"]);
    assert!(
        contacts.contains("EUR per minute") && contacts.contains("cost_per_contact v1"),
        "{contacts}"
    );
    assert!(ask(&["avoidable"]).starts_with("No share is confirmed"));
    let by_channel = ask(&[
        "acquisition",
        "2025-12",
        "--by",
        "channel",
        "--format",
        "csv",
    ]);
    assert!(
        by_channel.starts_with("channel,figure,value,unit,new_customers,basis,definition\n"),
        "{by_channel}"
    );
    assert!(
        by_channel.contains("\nreferral,") && by_channel.contains("fully loaded acquisition cost"),
        "{by_channel}"
    );
    let by_campaign = ask(&[
        "acquisition",
        "2025-12",
        "--by",
        "campaign",
        "--overlap",
        "first",
    ]);
    assert!(
        by_campaign.contains("no campaign named") && by_campaign.contains("the rule: first"),
        "{by_campaign}"
    );
    let growth = [
        "earned-growth",
        "2025-12",
        "--months",
        "3",
        "--earned-channel",
        "referral",
    ];
    let shown = ask(&growth);
    assert!(
        shown.contains("from new customers by referral") && shown.contains("2025-10 to 2025-12"),
        "{shown}"
    );
    let growth: Value =
        serde_json::from_str(&ask(&[&growth[..], &["--format", "json"]].concat())).unwrap();
    let path = "/finance/v1/earned-growth?month=2025-12&months=3&earned_channels=referral";
    assert_eq!(growth, keepworth.get(path).1);
    let mistaken = keepworth.ask(&["finance", "acquisition", "2025-12", "--overlap", "first"]);
    assert!(
        mistaken.code == 2 && mistaken.stderr.contains("add --by campaign"),
        "{mistaken:?}"
    );
    let open = keepworth.ask(&["finance", "count", "2199-01"]);
    assert_eq!(open.code, 2, "{open:?}");
}

fn where_recruiting_is_cheaper_the_verdict_says_so(kind: Kind) {
    let (database, folder) = (Database::new(kind), tempfile::tempdir().unwrap());
    let keepworth = Keepworth::up(&database);
    // The product's reference programme: 200,000 a year on 5,000 customers takes churn from 20% to
    // 17%, 1,333.33 for each customer saved; a new one costs 1,000.
    let programme = json!({
        "segment": "all", "lever": "RETENTION", "reason": "reference",
        "evidence": {
            "kind": "PROGRAMME", "cost": { "amount": "200000", "currency": "EUR" },
            "customers": 5000, "churn_before": 0.20, "churn_after": 0.17,
        },
    });
    let (status, answer) = keepworth.post("/finance/v1/response-histories", &programme);
    assert_eq!(status, 201, "{answer}");
    let ask = |arguments: &[&str]| keepworth.ask(&[&["finance"], arguments].concat());
    let fixed = [
        "acquire-or-keep",
        "2025-09",
        "--annual-rate",
        "0.10",
        "--segment",
    ];
    let with = |more: &[&str]| ask(&[&fixed[..], more].concat()).done().stdout;
    let table = with(&["all", "--acquisition-cost", "1000", "--margin", "500"]);
    let row = line(&table, &["all", "acquire more"]);
    // Without a control group half of the fall counts on average: 2,666.67 each, and
    // (500·1.1 − 40)/(1.1 − 0.815) is what a customer is worth.
    for words in ["2 666.67", "1 000.00", "1 789.47", "± ", "EUR"] {
        assert!(row.contains(words), "{words} in {row}");
    }
    for words in [
        "discounted at 10% a year",
        "4.0 points off churn",
        "without a control group",
        "grade C, 50% of it counts as caused",
        "would cost EUR 1\u{202f}333.33",
    ] {
        assert!(table.contains(words), "{words} in\n{table}");
    }
    // Blattberg and Deighton: two judged points, a customer worth 380.
    for (name, rows, lever) in [
        ("kept.csv", "spend,rate\n15,0.4\n30,0.6\n", "retention"),
        ("won.csv", "spend,rate\n10,0.12\n20,0.2\n", "acquisition"),
    ] {
        let file = folder.path().join(name);
        std::fs::write(&file, rows).unwrap();
        let file = file.to_str().unwrap();
        let common = [
            "--segment",
            "smb",
            "--currency",
            "EUR",
            "--judged",
            "--reason",
            "test",
        ];
        ask(&[&["add-response", file, "--lever", lever], &common[..]].concat()).done();
    }
    let responses = ask(&["responses", "--segment", "smb"]).done().stdout;
    assert!(
        line(&responses, &["retention"]).contains("elicited 0 80.00%"),
        "{responses}"
    );
    let judged = with(&[
        "smb",
        "--margin",
        "200",
        "--retention-spend",
        "30",
        "--acquisition-spend",
        "20",
    ]);
    let row = line(&judged, &["smb", "keep more"]);
    assert!(row.contains("not known") && row.contains("380.00"), "{row}");
    let file = folder.path().join("bad.csv");
    std::fs::write(&file, "spend,rate,n\n5,0.3,200\n10,0.4,1.5\n").unwrap();
    let bad = ask(&[
        "add-response",
        file.to_str().unwrap(),
        "--segment",
        "smb",
        "--lever",
        "retention",
        "--currency",
        "EUR",
        "--reason",
        "test",
    ]);
    assert!(
        bad.code == 2 && bad.stderr.contains("line 3: 1.5 people were reached"),
        "{bad:?}"
    );
}
