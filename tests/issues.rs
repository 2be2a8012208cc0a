//! What contacts are about, from a desk's records to what a run makes of an effect on one of them.

use serde_json::{Value, json};

use crate::support::{Database, Keepworth, Kind, on_both_databases};

on_both_databases!(an_effect_on_an_issue_saves_what_contacts_were_about_it);

const CUSTOMERS: usize = 600;
/// Contacts of a customer in a year: about what, how many minutes, and of how many in a hundred customers.
const ABOUT: [(Option<&str>, i64, usize); 3] = [
    (Some("billing"), 2, 30),
    (Some("repair"), 8, 70),
    (None, 5, 20),
];

fn id(index: usize) -> String {
    format!("C-{index:03}")
}

/// Each customer has one contact of each kind that is theirs, so that calls are lots.
fn contacts() -> Vec<Value> {
    let mut contacts = Vec::new();
    for (kind, (issue, minutes, of_hundred)) in ABOUT.iter().enumerate() {
        // Who calls about the bill does not call about a repair.
        let is_theirs = |index: &usize| match kind {
            0 => index % 100 < *of_hundred,
            1 => index % 100 >= 100 - *of_hundred,
            _ => index.is_multiple_of(5),
        };
        for index in (0..CUSTOMERS).filter(is_theirs) {
            let mut contact = json!({"source": "desk", "external_id": format!("{}/{kind}", id(index)),
                "customer_source": "crm", "customer_external_id": id(index), "channel": "phone",
                "started_at": format!("2025-{:02}-12T10:00:00Z", 1 + index % 12), "handle_seconds": 60 * minutes,
                "outcome": "RESOLVED"});
            if let Some(issue) = issue {
                contact["issue"] = json!(issue);
            }
            contacts.push(contact);
        }
    }
    contacts
}

fn minutes() -> f64 {
    let minutes = contacts()
        .iter()
        .map(|it| it["handle_seconds"].as_f64().unwrap() / 60.0)
        .sum::<f64>();
    minutes / (12.0 * CUSTOMERS as f64)
}

fn scenario(effects: &[&str]) -> String {
    let initiative = |(index, effect): (usize, &&str)| {
        format!(
            "[[initiatives]]\nname = \"i{index}\"\nreach = {{ home = 1.0 }}\neffects = [{{ grade = \"A\", {effect} }}]\n"
        )
    };
    let initiatives: String = effects.iter().enumerate().map(initiative).collect();
    format!(
        "name = \"Issues\"\nhorizon_months = 12\ndiscount_rate = 0\n[[seats]]\nname = \"desk\"\nchannels = [\"phone\"]\n\
         minutes_per_seat = 0.001\ncost_per_seat = 0.001\n[[segments]]\nname = \"home\"\n\
         hazard = {{ constant = {{ hazard = 0 }} }}\nwon_per_month = 0\nrevenue = 10\ngross_margin = 0.5\n\
         acquisition_cost = 0\n{initiatives}"
    )
}

fn an_effect_on_an_issue_saves_what_contacts_were_about_it(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let customers = (0..CUSTOMERS).map(|index| {
        json!({"source": "crm", "external_id": id(index), "segment": "home", "acquired_on": "2024-01-01"})
    });
    keepworth.take(
        "customers/v1/customers",
        "1",
        &customers.collect::<Vec<_>>(),
    );
    keepworth.take("experience/v1/interactions", "1", &contacts());
    let service = json!({"source": "ledger", "external_id": "1", "posted_on": "2025-12-15", "category": "SERVICE",
        "channel": "phone", "amount": {"amount": "100.00", "currency": "EUR"}});
    keepworth.take("finance/v1/ledger-entries", "1", &[service]);
    let (status, baseline) =
        keepworth.post("/simulator/v1/baselines", &json!({"as_of": "2025-12-31"}));
    assert_eq!(status, 201, "{baseline}");
    let told = keepworth
        .ask(&["baseline", "build", "--as-of", "2025-12-31"])
        .done()
        .stdout;
    let row = told
        .lines()
        .find(|line| line.contains("billing"))
        .unwrap_or_else(|| panic!("{told}"));
    let cells: Vec<&str> = row.split_whitespace().collect();
    // Wilson's interval of 180 in 600: each customer called once about what is known.
    assert_eq!(
        cells[..8],
        ["home", "phone", "billing", "180", "30%", "26%", "to", "34%"],
        "{row}"
    );
    assert!(
        told.contains("of 120 contacts nobody recorded what they were about"),
        "{told}"
    );
    let run = |effects: &[&str]| {
        let order = json!({"scenario": scenario(effects), "baseline_hash": baseline["hash"], "trials": 4_000});
        keepworth.post("/simulator/v1/runs", &order)
    };
    // Seats of a thousandth of a minute cost what minutes do: 1 each, by the scenario.
    let saved = |effects: &[&str]| {
        let (status, run) = run(effects);
        assert_eq!(status, 201, "{run}");
        let npv = run["result"]["outcomes"]["npv"]["mean"].as_f64().unwrap();
        npv / (12.0 * CUSTOMERS as f64 * minutes())
    };
    // The bill is 30% of contacts and 0.6 of 6.2 minutes, whatever the 120 were about.
    let bill = 0.6 / 6.2;
    let close = |found: f64, expected: f64| {
        assert!((found - expected).abs() < 0.004, "{found}, not {expected}");
    };
    let half = "on = \"contacts\", issue = \"billing\", size = 0.5";
    close(saved(&[half]), 0.5 * bill);
    close(
        saved(&[
            half,
            "on = \"minutes\", issue = \"billing\", channel = \"phone\", size = 0.5",
        ]),
        0.75 * bill,
    );
    close(
        saved(&["on = \"contacts\", issue = \"repair\", size = 1", half]),
        1.0 - bill + 0.5 * bill,
    );
    let (_, told) = run(&[half]);
    let flags = told["result"]["flags"].as_array().unwrap();
    let of = |code: &str| {
        let mut flags = flags.iter();
        flags
            .find(|it| it["code"] == code)
            .unwrap_or_else(|| panic!("{code}: {flags:?}"))["detail"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(
        of("acts_on_issue").contains("billing, 30% of the contacts of home by phone"),
        "{}",
        of("acts_on_issue")
    );
    assert!(of("issues_unknown").contains("120"));
    let (status, refused) = run(&["on = \"contacts\", issue = \"parking\", size = 0.5"]);
    let reason = refused["invalid_params"][0]["reason"].as_str().unwrap();
    assert_eq!(status, 422, "{refused}");
    assert!(
        reason.contains("billing (180 by phone), repair (420 by phone)"),
        "{reason}"
    );
}
