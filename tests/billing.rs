//! Exports of billing systems: one ledger as Stripe, ChartMogul and Lago write it.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Database, Keepworth, Kind, on_both_databases, run, workspace};

on_both_databases!(one_ledger_in_three_exports_has_one_recurring_revenue);

fn sample(name: &str) -> String {
    let path = workspace("examples/billing").join(name);
    path.to_str().unwrap().to_owned()
}

/// Imports a vendor's export: file, and the file that its rows belong to.
fn import(keepworth: &Keepworth, vendor: &str, file: &str, with: Option<&str>) -> Value {
    let mut arguments = vec!["import", "--from", vendor, file, "--format", "json"];
    arguments.extend(with.into_iter().flat_map(|with| ["--with", with]));
    keepworth.ask(&arguments).done().json()
}

/// The same rate in every month: a month without a quote has none.
fn rates(keepworth: &Keepworth) {
    for month in 5..=10 {
        let rate = json!({
            "base": "JPY", "quote": "USD", "value": "0.007", "quoted_on": format!("2025-{month:02}-15"),
            "source": "test",
        });
        let (status, answer) = keepworth.post("/finance/v1/fx-rates", &rate);
        assert_eq!(status, 201, "{answer}");
    }
}

/// What recurring revenue did, in millionths, in the order of [`MOVES`].
const MOVES: [&str; 8] = [
    "opening",
    "new",
    "reactivation",
    "expansion",
    "contraction",
    "churn",
    "fx",
    "closing",
];

/// By hand: 100 + 1,200 / 12 + 3,000 × 0.007 + 90 + 30.4375 + 40 + 100 + 50 + 40 + 60 + 20 + 10 + 45 at the
/// end of July. In August one came for 100, two took 50 and 30 more, and one paused 20; in September
/// 35 and 70 came, 20 came back, one took 15 less, and 60 and 45 left.
const MOVED: [(&str, [f64; 8]); 2] = [
    (
        "2025-08",
        [706.4375, 100.0, 0.0, 80.0, 0.0, 20.0, 0.0, 866.4375],
    ),
    (
        "2025-09",
        [866.4375, 105.0, 20.0, 0.0, 15.0, 105.0, 0.0, 871.4375],
    ),
];

fn assert_moved(keepworth: &Keepworth, export: &str) {
    let ask = |command: &str, month: &str| {
        let asked = [
            "finance",
            command,
            month,
            "--currency",
            "USD",
            "--format",
            "json",
        ];
        keepworth.ask(&asked).done().json()
    };
    for (month, expected) in MOVED {
        let movements = &ask("movements", month)["items"][0]["movements"];
        let found = MOVES.map(|name| movements[name].as_str().unwrap().parse::<f64>().unwrap());
        assert_eq!(found, expected, "{export} {month}: {MOVES:?}");
    }
    let metrics = ask("metrics", "2025-09");
    for (id, value) in [
        ("grr", 746.4375 / 866.4375),
        ("nrr_cohort", 746.4375 / 866.4375),
    ] {
        let items = metrics["items"].as_array().unwrap();
        let metric = items
            .iter()
            .find(|it| it["definition"]["id"] == id)
            .unwrap();
        let found = metric["statistic"]["value"].as_f64().unwrap();
        assert!((found - value).abs() < 1e-12, "{export}: {id} {found}");
        assert_eq!(metric["statistic"]["n"], 13, "{export}");
    }
}

/// Rows and minor units by kind and currency, such as `(2, 6500)`.
fn total(keepworth: &Keepworth, kind: &str, currency: &str) -> (usize, i64) {
    let csv = keepworth
        .ask(&["finance", "revenues", "--format", "csv"])
        .done()
        .stdout;
    let rows = csv
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>());
    let amounts: Vec<i64> = rows
        .filter(|row| row[3] == kind && row[5] == currency)
        .map(|row| row[4].replace('.', "").parse().unwrap())
        .collect();
    (amounts.len(), amounts.iter().sum())
}

/// Imports the same from standard input.
fn piped(keepworth: &Keepworth, vendor: &str, file: &str, with: &str) -> Value {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_keepworth"))
        .args(["import", "--from", vendor, "-", "--with"])
        .arg(with)
        .args(["--format", "json", "--url", &keepworth.url])
        .stdin(std::fs::File::open(file).unwrap())
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn one_ledger_in_three_exports_has_one_recurring_revenue(kind: Kind) {
    for (vendor, file, with, taken) in [
        ("stripe", "invoice_lines.csv", Some("invoices.csv"), 43),
        ("stripe", "dashboard_invoices.csv", None, 42),
        ("chartmogul", "line_items.csv", Some("invoices.csv"), 43),
        ("lago", "invoice_fees.csv", Some("invoices.csv"), 43),
    ] {
        let database = Database::new(kind);
        let keepworth = Keepworth::up(&database);
        rates(&keepworth);
        let path = |name: &str| sample(&format!("{vendor}/{name}"));
        let with = with.map(path);
        let summary = import(&keepworth, vendor, &path(file), with.as_deref());
        assert_eq!(
            (&summary["created"], &summary["rejected"]),
            (&json!(taken), &json!(0)),
            "{summary}"
        );
        assert_moved(&keepworth, file);
        let again = import(&keepworth, vendor, &path(file), with.as_deref());
        assert_eq!(again["unchanged"], taken, "importing twice changes nothing");
        assert_eq!(
            total(&keepworth, "recurring", "JPY"),
            (3, 9_000),
            "yen have no cents"
        );
        match file {
            // Taxes are taken off, void invoices left out, unused time given back.
            "invoice_lines.csv" | "line_items.csv" => {
                assert_eq!(total(&keepworth, "refund", "USD"), (1, 2_742));
                assert_eq!(total(&keepworth, "one off", "USD"), (1, 7_500));
            }
            "invoice_fees.csv" => {
                let notes = import(&keepworth, vendor, &path("credit_notes.csv"), None);
                let told = notes["told"][0]["what"].as_str().unwrap();
                assert!(told.contains("taken as a refund of its month"), "{notes}");
                let piped = piped(&keepworth, vendor, &path(file), with.as_deref().unwrap());
                assert_eq!(piped["unchanged"], taken, "coupons and all: {piped}");
                assert_eq!(total(&keepworth, "refund", "USD"), (1, 2_500));
                assert_eq!(total(&keepworth, "usage", "USD"), (1, 1_200));
                assert_eq!(total(&keepworth, "one off", "USD"), (1, 7_500));
            }
            _ => {}
        }
    }
}

#[test]
fn stripes_customers_are_customers() {
    let database = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::up(&database);
    let summary = import(&keepworth, "stripe", &sample("stripe/customers.csv"), None);
    assert_eq!(summary["created"], 16);
    let customer = |id: &str| {
        let path = format!("/customers/v1/customers/by-external-id/stripe/{id}");
        keepworth.get(&path).1
    };
    assert_eq!(customer("cus_new")["acquired_on"], "2025-09-01");
    assert_eq!(customer("cus_new")["segment"], "plan_new");
    assert_eq!(customer("cus_gone")["segment"], "no plan");
}

#[test]
fn rows_that_cannot_be_taken_are_rejected_with_the_reason() {
    let (database, folder) = (Database::new(Kind::Sqlite), tempfile::tempdir().unwrap());
    let keepworth = Keepworth::up(&database);
    let lines = fs::read_to_string(sample("stripe/invoice_lines.csv")).unwrap()
        + "il_a,in_999,100,usd,,,,2025-10-01,2025-09-01,,FALSE,1,,,subscription,\n\
           il_b,in_001,100,usdollar,,,,2025-10-01,2025-09-01,,FALSE,1,,,subscription,\n\
           il_c,in_001,10.5,usd,,,,2025-10-01,2025-09-01,,FALSE,1,,,subscription,\n\
           il_d,in_001,100,usd,,,,2025-08-01,2025-09-01,,FALSE,1,,,subscription,\n\
           il_e,in_001,100,usd,,,,1759276800,1756684800,,FALSE,1,,,subscription,\n";
    let file = folder.path().join("lines.csv");
    fs::write(&file, lines).unwrap();
    let (file, with) = (file.to_str().unwrap(), sample("stripe/invoices.csv"));
    let answer = keepworth.ask(&[
        "import",
        "--from",
        "stripe",
        file,
        "--with",
        &with,
        "--customer-source",
        "crm",
        "--format",
        "json",
    ]);
    assert_eq!(
        (answer.code, &answer.json()["rejected"]),
        (1, &json!(4)),
        "{answer:?}"
    );
    assert_eq!(
        answer.json()["created"],
        44,
        "seconds since 1970 are a time"
    );
    assert_eq!(
        answer.json()["filtered"],
        2,
        "lines of invoices that are void or uncollectible"
    );
    let rejected = fs::read_to_string(folder.path().join("lines.rejected.csv")).unwrap();
    for words in [
        "invoice_id `in_999` is not in the file of invoices",
        "`USDOLLAR` is not a currency",
        "`10.5` is not a whole number of minor units",
        "the period ends 2025-08-01, before it starts 2025-09-01",
    ] {
        assert!(rejected.contains(words), "{words} in\n{rejected}");
    }
    let page = keepworth.get("/finance/v1/revenues?page_size=1").1;
    assert_eq!(page["items"][0]["record"]["customer_source"], "crm");
}

#[test]
fn what_an_export_lacks_is_said() {
    let lines = sample("stripe/invoice_lines.csv");
    let invoices = sample("stripe/invoices.csv");
    let customers = sample("stripe/customers.csv");
    for (arguments, words) in [
        (vec!["--from", "stripe", &lines], "add --with INVOICES.csv"),
        (
            vec!["--from", "stripe", &customers, "--with", &invoices],
            "leave out --with",
        ),
        (
            vec!["--from", "stripe", &lines, "--with", &customers],
            "no column",
        ),
        (
            vec!["--from", "lago", &lines],
            "no export of lago that is known",
        ),
        (
            vec!["--from", "paddle", &lines],
            "there are stripe, chartmogul, lago",
        ),
        (
            vec!["customers", "--from", "stripe", &lines, "--with", &invoices],
            "its rows are revenues, not customers",
        ),
        (
            vec!["revenues", &lines],
            "stripe's invoice-lines: the rows belong to invoices",
        ),
        (
            vec!["customers", &lines],
            "customers: source, external_id, segment, acquired_on",
        ),
    ] {
        let answer = run(&[&["import"], &arguments[..]].concat());
        assert_eq!(answer.code, 2, "{arguments:?}");
        assert!(
            answer.stderr.contains(words),
            "{words} in {}",
            answer.stderr
        );
    }
}
