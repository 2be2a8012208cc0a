//! A company that bills and pays in two currencies counts in one.
//!
//! The truth is a company that has euros only. Its twin is the same, but for every second customer and
//! every second cost: they are in dollars, at known rates of each month. In euros both are one company.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::{Company, Database, Keepworth, Kind, on_both_databases, run};

on_both_databases!(
    half_in_dollars_is_the_same_company_in_euros,
    a_missing_rate_is_named_and_nothing_is_built,
);

/// The last day of the sample's records.
const AS_OF: &str = "2025-12-31";

/// Dollars for a euro, a month each in turn: no cent is lost on either side.
const DOLLARS: [i64; 5] = [2, 4, 5, 8, 10];

fn dollars_for_a_euro(month: &str) -> i64 {
    let number: usize = month[5..7].parse().unwrap();
    DOLLARS[number % DOLLARS.len()]
}

/// Rewrites a table so that every second `owner` has dollars; `month` begins the column of that name.
fn put_into_dollars(company: &Company, table: &str, owner: &str, month: &str) {
    let path = company.file(table).with_extension("csv");
    let mut reader = csv::Reader::from_path(&path).unwrap();
    let header = reader.headers().unwrap().clone();
    let place = |name: &str| header.iter().position(|it| it == name).unwrap();
    let (owner, month, amount) = (place(owner), place(month), place("amount_eur"));
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let mut writer = csv::Writer::from_path(&path).unwrap();
    let more = header.iter().chain(["currency"]);
    writer.write_record(more).unwrap();
    for row in rows {
        let last = row[owner].bytes().last().unwrap();
        let currency = if last % 2 == 0 { "USD" } else { "EUR" };
        let cells = row.iter().enumerate().map(|(at, cell)| {
            if at == amount && currency == "USD" {
                let (units, cents) = cell.split_once('.').unwrap_or((cell, "00"));
                let cents: i64 = format!("{units}{cents:0<2}").parse().unwrap();
                let cents = cents * dollars_for_a_euro(&row[month]);
                format!("{}.{:02}", cents / 100, cents % 100)
            } else {
                cell.to_owned()
            }
        });
        let cells: Vec<String> = cells.chain([currency.to_owned()]).collect();
        writer.write_record(&cells).unwrap();
    }
    writer.flush().unwrap();
    let mapping = company.mapping(table);
    let text = std::fs::read_to_string(&mapping).unwrap();
    let text = text.replace("{amount_eur} EUR", "{amount_eur} {currency}");
    std::fs::write(&mapping, text).unwrap();
}

fn twin(customers: u32) -> Company {
    let company = Company::new(customers, 7);
    put_into_dollars(&company, "invoices", "customer", "month");
    put_into_dollars(&company, "ledger", "entry", "posted");
    company
}

/// Three days' rates of a month, whose mean is the last: of dollars in euros, or the other way round.
fn give_rates(keepworth: &Keepworth, month: &str) {
    let dollars = dollars_for_a_euro(month);
    let thousandths = |factor: i64| dollars * factor;
    for (day, factor) in [("03", 1_100), ("14", 900), ("28", 1_000)] {
        // Of two sources that quote the other way round, either is enough.
        let inverse = month.ends_with(['1', '3', '5', '7', '9']);
        let (base, quote, value) = if inverse {
            (
                "EUR",
                "USD",
                format!(
                    "{}.{:03}",
                    thousandths(factor) / 1_000,
                    thousandths(factor) % 1_000
                ),
            )
        } else {
            ("USD", "EUR", format!("0.{:07}", 10_000 * factor / dollars))
        };
        let rate = json!({ "base": base, "quote": quote, "value": value, "source": "ecb",
                           "quoted_on": format!("{month}-{day}") });
        let (status, answer) = keepworth.post("/finance/v1/fx-rates", &rate);
        assert_eq!(status, 201, "{answer}");
    }
}

fn months() -> impl Iterator<Item = String> {
    (1..=24).map(|n| format!("{}-{:02}", 2024 + (n - 1) / 12, (n - 1) % 12 + 1))
}

fn build(keepworth: &Keepworth, path: &Path, more: &[&str]) -> Value {
    let (url, output) = (keepworth.url.as_str(), path.to_str().unwrap());
    let fixed = [
        "baseline", "build", "--as-of", AS_OF, "-o", output, "--url", url,
    ];
    run(&[&fixed[..], more].concat()).done();
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// What a report says, but for how it was converted.
fn said(mut report: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                for name in ["rates", "feeds", "id"] {
                    fields.remove(name);
                }
                fields.values_mut().for_each(strip);
            }
            Value::Array(items) => {
                items.retain(|it| it["code"] != "converted");
                items.iter_mut().for_each(strip);
            }
            _ => {}
        }
    }
    strip(&mut report);
    report
}

/// What was forecast in euros and what came in euros are the same, whatever was billed in.
fn assert_forecasts_alike(keepworths: &[Keepworth; 2]) {
    let ask = |at: usize, more: &[&str]| {
        let (days, url) = (["2025-06-30", "2025-12-31"], keepworths[at].url.as_str());
        let fixed = [
            "baseline", "backtest", "--as-of", days[0], "--until", days[1], "--trials", "200",
        ];
        run(&[&fixed[..], more, &["--format", "json", "--url", url]].concat())
    };
    let [euros, both] = [0, 1].map(|at| ask(at, &["--currency", "EUR"]).done().json());
    for part in [
        "cells",
        "coverage",
        "figures",
        "biases",
        "model_error",
        "words",
    ] {
        assert_eq!(both["report"][part], euros["report"][part], "{part}");
    }
    let refused = ask(1, &[]);
    assert!(
        refused.code != 0 && refused.stderr.contains("--currency EUR"),
        "{refused:?}"
    );
}

fn half_in_dollars_is_the_same_company_in_euros(kind: Kind) {
    let databases = [Database::new(kind), Database::new(kind)];
    let companies = [Company::new(150, 7), twin(150)];
    let keepworths = [Keepworth::up(&databases[0]), Keepworth::up(&databases[1])];
    for (company, keepworth) in companies.iter().zip(&keepworths) {
        company.load_into(keepworth);
        months().for_each(|month| give_rates(keepworth, &month));
    }
    let path = |at: usize, name: &str| -> PathBuf { databases[at].folder().join(name) };
    let [euros, both] = [0, 1].map(|at| {
        let baseline = path(at, "baseline.json");
        build(&keepworths[at], &baseline, &["--currency", "EUR"])
    });
    for part in ["as_of", "currency", "company", "segments", "correlations"] {
        assert_eq!(both[part], euros[part], "{part}");
    }
    // Who has one currency gets the document that nobody asked a currency for.
    assert_eq!(euros, build(&keepworths[0], &path(0, "plain.json"), &[]));
    assert!(euros.get("rates").is_none(), "{}", euros["rates"]);
    assert_names_its_rates(&both);
    assert_forecasts_alike(&keepworths);
    let counted = ["count", "2025-01", "2025-12", "--currency", "EUR"];
    for keepworth in &keepworths {
        keepworth.ask(&[&["finance"], &counted[..]].concat()).done();
    }
    let mixed = keepworths[1].get("/finance/v1/maintenance-costs?month=2025-12&months=12");
    assert_eq!(mixed.0, 409, "costs are in both: {}", mixed.1);
    for report in [
        "maintenance-costs?month=2025-12&months=12",
        "acquisition-costs?month=2025-12&months=12",
        "acquisition-costs/by-channel?month=2025-12&months=12",
        "consumption-costs?month=2025-12&months=12",
        "cost-concentration?month=2025-12&months=3",
        "allocations?month=2025-11",
        "segment-months/2025-11?",
    ] {
        let currency = if report.ends_with('?') {
            ""
        } else {
            "&currency=EUR"
        };
        let [(_, euros), (status, both)] =
            [0, 1].map(|at| keepworths[at].get(&format!("/finance/v1/{report}{currency}")));
        assert_eq!(status, 200, "{report}: {both}");
        assert_eq!(said(both), said(euros), "{report}");
    }
    assert_movements_add_up(&keepworths);
    assert_scenarios_keep_to_it(&companies[1], &path(1, "baseline.json"));
}

/// Twelve months of one pair, each the mean of its days; the rule is told, and all of it is in the hash.
fn assert_names_its_rates(baseline: &Value) {
    let rates = baseline["rates"].as_array().unwrap();
    assert_eq!(rates.len(), 12);
    for rate in rates {
        let month = rate["month"].as_str().unwrap();
        let value: f64 = rate["value"].as_str().unwrap().parse().unwrap();
        assert_eq!(value, 1.0 / dollars_for_a_euro(month) as f64, "{rate}");
        assert_eq!(
            (&rate["kind"], &rate["days"]),
            (&json!("AVERAGE"), &json!(3))
        );
        assert_eq!(rate["rate_ids"].as_array().unwrap().len(), 3);
        assert_eq!(
            (&rate["base"], &rate["quote"]),
            (&json!("USD"), &json!("EUR"))
        );
    }
    let flags = baseline["quality_flags"].as_array().unwrap();
    let converted = flags.iter().find(|it| it["code"] == "converted").unwrap();
    assert!(
        converted["detail"].as_str().unwrap().contains("average"),
        "{converted}"
    );
    let sources = baseline["sources"].as_array().unwrap();
    assert!(
        sources.iter().any(|it| it["feed"] == "rates"),
        "{sources:?}"
    );
}

/// Both ends are the same amounts; what the rates did between them is a line of its own.
fn assert_movements_add_up(keepworths: &[Keepworth; 2]) {
    let cents = |movements: &Value, name: &str| -> i128 {
        movements[name]
            .as_str()
            .unwrap()
            .replace('.', "")
            .parse()
            .unwrap()
    };
    let mut exchanged = false;
    for month in ["2025-06", "2025-09", "2025-12"] {
        let path = format!("/finance/v1/metrics?month={month}&currency=EUR");
        let [euros, both] = [0, 1].map(|at| keepworths[at].get(&path).1["movements"].clone());
        for end in ["opening", "closing"] {
            assert_eq!(both[end], euros[end], "{month} {end}");
        }
        let of = |name: &str| cents(&both, name);
        let more = of("new") + of("reactivation") + of("expansion");
        let less = of("contraction") + of("churn");
        assert_eq!(
            of("opening") + more - less + of("fx"),
            of("closing"),
            "{month}"
        );
        assert_eq!(cents(&euros, "fx"), 0, "{month}");
        exchanged |= of("fx") != 0;
    }
    assert!(exchanged);
    let shown = keepworths[1].ask(&["finance", "movements", "2025-12", "--currency", "EUR"]);
    let shown = shown.done().stdout;
    for word in ["exchange rates", "the last of the month", "half to even"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
}

/// A run is in its baseline's currency, and a scenario in another is refused with what to do.
fn assert_scenarios_keep_to_it(company: &Company, baseline: &Path) {
    let scenario = company.file("scenario.toml");
    let simulate = |scenario: &Path| {
        let (scenario, baseline) = (scenario.to_str().unwrap(), baseline.to_str().unwrap());
        run(&[
            "simulate",
            scenario,
            "--baseline",
            baseline,
            "--trials",
            "200",
        ])
    };
    assert!(simulate(&scenario).done().stdout.contains("EUR"));
    let text = std::fs::read_to_string(&scenario).unwrap();
    let dollars = company.file("dollars.toml");
    std::fs::write(&dollars, format!("currency = \"USD\"\n{text}")).unwrap();
    let refused = simulate(&dollars);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(
        refused.stderr.contains("--currency USD"),
        "{}",
        refused.stderr
    );
}

fn a_missing_rate_is_named_and_nothing_is_built(kind: Kind) {
    let (database, company) = (Database::new(kind), twin(60));
    let keepworth = Keepworth::up(&database);
    company.load_into(&keepworth);
    let build = |more: &[&str]| {
        let fixed = [
            "baseline",
            "build",
            "--as-of",
            AS_OF,
            "--url",
            &keepworth.url,
        ];
        run(&[&fixed[..], more].concat())
    };
    let refused = build(&[]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(
        refused.stderr.contains("--currency EUR"),
        "{}",
        refused.stderr
    );
    for month in months().filter(|it| it != "2025-03" && it != "2025-07") {
        give_rates(&keepworth, &month);
    }
    let refused = build(&["--currency", "EUR"]);
    assert_eq!(refused.code, 2, "{refused:?}");
    for word in [
        "from USD to EUR",
        "2025-03, 2025-07",
        "keepworth finance add-rate",
    ] {
        assert!(refused.stderr.contains(word), "{word}: {}", refused.stderr);
    }
    let order = json!({ "as_of": AS_OF, "currency": "EUR" });
    let (status, problem) = keepworth.post("/simulator/v1/baselines", &order);
    assert_eq!(status, 422, "{problem}");
    let fault = &problem["invalid_params"][0];
    assert_eq!(
        (&fault["name"], &fault["code"]),
        (&json!("currency"), &json!("missing_fx_rate"))
    );
    let kept = keepworth.get("/simulator/v1/baselines").1;
    assert_eq!(kept["items"], json!([]), "nothing is half-built");
    let report = "/finance/v1/maintenance-costs?month=2025-03&currency=EUR";
    let (status, problem) = keepworth.get(report);
    assert_eq!(status, 422, "{problem}");
    assert!(
        problem["invalid_params"][0]["reason"]
            .as_str()
            .unwrap()
            .contains("2025-03")
    );
    // Pages of the feeds convert alike.
    for feed in ["rates", "economics", "revenues"] {
        let pages = format!("/finance/v1/feed/{feed}/pages?as_of=2025-02-28&currency=EUR");
        let (status, page) = keepworth.get(&pages);
        assert_eq!(status, 200, "{feed}: {page}");
        let rows = page["items"].as_array().unwrap();
        let strange = rows.iter().any(|it| it["currency"] == "USD");
        assert!(!rows.is_empty() && !strange, "{feed}");
    }
    ["2025-03", "2025-07"]
        .iter()
        .for_each(|month| give_rates(&keepworth, month));
    build(&["--currency", "EUR"]).done();
}
