//! Contacts and revenue that grow and have a season: from records through three services into a run, against the law that
//! they were drawn by.

use std::f64::consts::TAU;

use serde_json::{Value, json};

use crate::support::{Database, Keepworth, Kind, Luck, on_both_databases};

on_both_databases!(contacts_and_revenue_go_on_from_where_their_records_end);

/// Three years.
const MONTHS: u32 = 36;
const CUSTOMERS: usize = 300;
/// Growth of the logarithms a year.
const MORE_CONTACTS: f64 = 0.3;
const MORE_REVENUE: f64 = 0.1;

/// Contacts of a customer in a month from the record's first, 0: 0.5 at first, most in winter.
fn contacts(month: u32) -> f64 {
    let winter = 0.3 * (TAU * f64::from(month) / 12.0).cos();
    0.5 * (MORE_CONTACTS * f64::from(month) / 12.0 + winter).exp()
}

/// What a customer pays in a month: 40 in the mean at first.
fn pays(month: u32) -> f64 {
    40.0 * (MORE_REVENUE * f64::from(month) / 12.0).exp()
}

fn day(month: u32, day: u32) -> String {
    format!("{}-{:02}-{day:02}", 2023 + month / 12, 1 + month % 12)
}

fn id(index: usize) -> String {
    format!("C-{index:03}")
}

/// Customers of old, each of whom pays and asks a half, once or one and a half times as much as the mean.
fn more_or_less(index: usize) -> f64 {
    [0.5, 1.0, 1.5][index % 3]
}

fn load(keepworth: &Keepworth, seed: u64) {
    let customers = (0..CUSTOMERS).map(|index| {
        json!({"source": "crm", "external_id": id(index), "segment": "home", "acquired_on": "2022-01-01",
            "observed_from": "2023-01-01"})
    });
    keepworth.take(
        "customers/v1/customers",
        "1",
        &customers.collect::<Vec<_>>(),
    );
    let mut luck = Luck(seed);
    let (mut charges, mut interactions) = (Vec::new(), Vec::new());
    for index in 0..CUSTOMERS {
        for month in 0..MONTHS {
            let amount = pays(month) * more_or_less(index) * (0.9 + 0.2 * luck.next());
            charges.push(json!({"source": "billing", "external_id": format!("{}/{month}", id(index)),
                "customer_source": "crm", "customer_external_id": id(index), "month": day(month, 1)[..7], "months": 1,
                "kind": "RECURRING", "amount": {"amount": format!("{amount:.2}"), "currency": "EUR"}}));
            // Poisson, by what is left of the mean.
            let mut left = luck.next();
            let floor = (-contacts(month) * more_or_less(index)).exp();
            for number in 0.. {
                if left < floor {
                    break;
                }
                left *= luck.next();
                interactions.push(json!({"source": "desk", "external_id": format!("{}/{month}/{number}", id(index)),
                    "customer_source": "crm", "customer_external_id": id(index), "channel": "phone",
                    "started_at": format!("{}T10:00:00Z", day(month, 12)), "handle_seconds": 300, "outcome": "RESOLVED"}));
            }
        }
    }
    let minutes = |month: u32| {
        let at = day(month, 12);
        let of_month = interactions
            .iter()
            .filter(|it| it["started_at"].as_str().unwrap().starts_with(&at[..7]));
        5.0 * of_month.count() as f64
    };
    // A minute costs 1.
    let entries: Vec<Value> = (24..MONTHS)
        .map(|month| {
            json!({"source": "ledger", "external_id": format!("SERVICE/{month}"), "posted_on": day(month, 15),
                "category": "SERVICE", "channel": "phone",
                "amount": {"amount": format!("{:.2}", minutes(month)), "currency": "EUR"}})
        })
        .collect();
    keepworth.take("finance/v1/revenues", "1", &charges);
    keepworth.take("experience/v1/interactions", "1", &interactions);
    keepworth.take("finance/v1/ledger-entries", "1", &entries);
}

/// What a line of a run comes to as things are, over the twelve months to come: 5%, mean, 95%.
fn a_year(keepworth: &Keepworth, hash: &Value, outlook: &str, line: &str) -> [f64; 3] {
    let scenario = format!(
        "name = \"As it goes\"\nhorizon_months = 12\ndiscount_rate = 0\n{outlook}\n[[segments]]\nname = \"home\"\n\
         won_per_month = 0\ngross_margin = 1\nacquisition_cost = 0\nhazard = {{ constant = {{ hazard = 0 }} }}\n\
         [[initiatives]]\nname = \"Nothing\"\nreach = {{ home = 1.0 }}\n"
    );
    let order =
        json!({"scenario": scenario, "baseline_hash": hash, "trials": 2_000, "ledger": true});
    let (status, run) = keepworth.post("/simulator/v1/runs", &order);
    assert_eq!(status, 201, "{run}");
    let months = &run["result"]["ledger"]["lines"][line]["as_is"];
    let sum = |column: &str| -> f64 {
        let months = months[column].as_array().unwrap().iter().skip(1);
        months.map(|it| it.as_f64().unwrap().abs()).sum()
    };
    let [one, mean, other] = ["p5", "mean", "p95"].map(sum);
    [one.min(other), mean, one.max(other)]
}

fn contacts_and_revenue_go_on_from_where_their_records_end(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    load(&keepworth, 17);
    let (status, built) =
        keepworth.post("/simulator/v1/baselines", &json!({"as_of": "2025-12-31"}));
    assert_eq!(status, 201, "{built}");
    for (trend, growth) in [
        ("contacts_trend", MORE_CONTACTS),
        ("revenue_trend", MORE_REVENUE),
    ] {
        let found = &built[trend]["growth_a_year"];
        let [low, high] = ["low", "high"].map(|end| found[end].as_f64().unwrap());
        let truth = growth.exp_m1();
        assert!(
            low < truth && truth < high && low > 0.0,
            "{trend}: {found}, not {truth}"
        );
        assert!(high - low < 0.2, "{trend}: {found}");
    }
    let flags: Vec<&str> = built["quality_flags"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|it| it["code"].as_str())
        .collect();
    assert!(
        flags.contains(&"contacts_trend") && flags.contains(&"contacts_season"),
        "{flags:?}"
    );
    assert!(flags.contains(&"revenue_trend"), "{flags:?}");
    let customers = CUSTOMERS as f64;
    let law = |of: fn(u32) -> f64| (MONTHS..MONTHS + 12).map(of).sum::<f64>() * customers;
    let hash = &built["hash"];
    for (line, truth, field) in [
        ("revenue", law(pays), "revenue"),
        ("contacts", 5.0 * law(contacts), "contacts"),
    ] {
        let records = format!("outlook = {{ {field} = \"records\", trend_damping = 1 }}");
        let [low, mean, high] = a_year(&keepworth, hash, &records, line);
        eprintln!(
            "{line}: {truth:.0} in truth, {mean:.0} ({low:.0} to {high:.0}) from the records"
        );
        assert!(
            (0.99 * low..1.01 * high).contains(&truth),
            "{line}: {truth}, not {low} to {high}"
        );
        let [.., still] = a_year(&keepworth, hash, "", line);
        assert!(
            still < 0.97 * truth,
            "{line}: {still} as it was, {truth} in truth"
        );
        assert!(
            (mean / truth - 1.0).abs() < 0.08,
            "{line}: {mean}, not {truth}"
        );
    }
    let shown = keepworth
        .ask(&["baseline", "build", "--as-of", "2025-12-31"])
        .done();
    for sheet in ["contacts by the calendar", "revenue by the calendar"] {
        assert!(shown.stdout.contains(sheet), "{shown:?}");
    }
}
