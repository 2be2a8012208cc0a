//! Pilots: a difference that is known is found, by an interval that holds it, and becomes evidence.

mod compared;
#[cfg(feature = "slow-tests")]
mod game;
mod outcomes;
mod picked;
mod rules;
mod waves;

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use crate::erasure::{confirm, request, wait_for};
use crate::support::{Database, Keepworth, Kind, Luck, on_both_databases};

on_both_databases!(
    a_known_difference_is_found_and_becomes_evidence,
    who_cannot_be_in_a_pilot_is_named_row_by_row,
    who_is_erased_is_in_no_arm,
);

const PILOTS: &str = "/simulator/v1/pilots";
/// Customers of each arm.
const N: usize = 1_000;
/// Share of leavers a month among those left alone, and what treatment leaves of it and of contacts.
const LEAVE: f64 = 0.03;
const LEFT_OF_LEAVING: f64 = 0.6;
const CONTACTS: f64 = 0.4;
const LEFT_OF_CONTACTS: f64 = 0.7;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A customer that the test has drawn.
struct Drawn {
    id: String,
    is_treated: bool,
    left_on: Option<NaiveDate>,
    contacts: Vec<NaiveDate>,
}

/// Half of them treated from 2025-01-01 on; everybody came a year before.
fn drawn() -> Vec<Drawn> {
    let mut luck = Luck(20_250_101);
    let start = day("2025-01-01");
    let one = |index: usize| {
        let is_treated = index % 2 == 1;
        let left = |share| if is_treated { share } else { 1.0 };
        let month = 365.25 / 12.0;
        let lives = -luck.next().ln() / (LEAVE * left(LEFT_OF_LEAVING)) * month;
        let left_on = start + Days::new(lives as u64);
        let until = left_on.min(day("2025-06-30"));
        let mut contacts = Vec::new();
        let mut at = 0.0;
        loop {
            at += -luck.next().ln() / (CONTACTS * left(LEFT_OF_CONTACTS)) * month;
            let when = start + Days::new(at as u64);
            if when > until {
                break;
            }
            contacts.push(when);
        }
        Drawn {
            id: format!("C-{index:05}"),
            is_treated,
            left_on: (left_on <= day("2025-09-30")).then_some(left_on),
            contacts,
        }
    };
    (0..2 * N).map(one).collect()
}

/// Customers with so many contacts in each month, at most one a day.
fn load_months<'a>(
    keepworth: &Keepworth,
    months: &[&str],
    customers: impl Iterator<Item = (&'a str, &'a [usize])>,
) {
    let (mut people, mut contacts) = (vec![], vec![]);
    for (id, counts) in customers {
        people.push(json!({"source": "crm", "external_id": id, "segment": "all", "acquired_on": "2024-01-01"}));
        for (month, count) in months.iter().zip(counts) {
            contacts.extend((0..*count).map(|index| {
                json!({"source": "desk", "external_id": format!("{id}/{month}/{index}"), "customer_source": "crm",
                    "customer_external_id": id, "channel": "phone",
                    "started_at": format!("{month}-{:02}T10:00:00Z", index + 1), "handle_seconds": 60,
                    "outcome": "RESOLVED"})
            }));
        }
    }
    keepworth.take("customers/v1/customers", "1", &people);
    keepworth.take("experience/v1/interactions", "1", &contacts);
}

fn load(keepworth: &Keepworth, customers: &[Drawn]) {
    let rows = customers.iter().map(|it| {
        let mut row = json!({"source": "crm", "external_id": it.id, "segment": "all", "acquired_on": "2024-01-01"});
        if let Some(left_on) = it.left_on {
            row["left_on"] = json!(left_on);
            row["leaving_cause"] = json!("ATTITUDE");
        }
        row
    });
    keepworth.take("customers/v1/customers", "1", &Vec::from_iter(rows));
    let contacts = customers.iter().flat_map(|it| {
        it.contacts.iter().enumerate().map(|(index, when)| {
            json!({"source": "desk", "external_id": format!("{}/{index}", it.id), "customer_source": "crm",
                   "customer_external_id": it.id, "channel": "phone", "started_at": format!("{when}T10:00:00Z"),
                   "handle_seconds": 60, "outcome": "RESOLVED"})
        })
    });
    keepworth.take("experience/v1/interactions", "1", &Vec::from_iter(contacts));
}

fn arm(customers: &[Drawn], is_treated: bool) -> Vec<Value> {
    let of = customers.iter().filter(|it| it.is_treated == is_treated);
    of.map(|it| json!({"source": "crm", "external_id": it.id}))
        .collect()
}

fn pilot(outcome: &str, customers: &[Drawn]) -> Value {
    let mut pilot = json!({
        "key": outcome.to_lowercase(), "title": "Call-backs", "outcome": outcome, "starts_on": "2025-01-01",
        "ends_on": "2025-06-30", "smallest_effect": 0.3, "expected_per_month": LEAVE,
        "control": arm(customers, false), "treated": arm(customers, true),
    });
    if outcome == "CONTACTS" {
        pilot["expected_per_month"] = json!(CONTACTS);
        pilot["expected_sd"] = json!(0.3);
    }
    pilot
}

fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("{value} is no number"))
}

/// Whether an interval of the reading holds a value.
fn holds(interval: &Value, value: f64) -> bool {
    number(&interval["low"]) < value && value < number(&interval["high"])
}

fn read(keepworth: &Keepworth, key: &str, as_of: &str) -> Value {
    let (status, reading) = keepworth.post(
        &format!("{PILOTS}/{key}/readings"),
        &json!({"as_of": as_of}),
    );
    assert_eq!(status, 201, "{reading}");
    reading
}

fn a_known_difference_is_found_and_becomes_evidence(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let customers = drawn();
    load(&keepworth, &customers);
    let (status, made) = keepworth.post(PILOTS, &pilot("LEAVING", &customers));
    assert_eq!(status, 201, "{made}");
    assert_eq!((&made["control"], &made["treated"]), (&json!(N), &json!(N)));
    assert_eq!(made["quality_flags"][0]["code"], "named_late");
    let power = number(&made["power"]["always_valid"]);
    assert!(
        power > 0.1 && power < number(&made["power"]["single_look"]),
        "{made}"
    );
    assert!(
        !made.to_string().contains("C-0"),
        "nobody is shown who is in an arm"
    );
    let path = format!("{PILOTS}/leaving");
    assert_eq!(keepworth.get(&path), (200, made));
    let early = json!({"owner": "Ada", "review_on": "2099-01-01"});
    let (status, unread) = keepworth.post(&format!("{path}:conclude"), &early);
    assert_eq!((status, &unread["code"]), (409, &json!("pilot_unreadable")));
    // Counted by the test itself, from what it drew.
    let reading = read(&keepworth, "leaving", "2025-09-30");
    assert_eq!(
        reading["as_of"], "2025-06-30",
        "what comes after the end does not count"
    );
    for (name, is_treated) in [("control", false), ("treated", true)] {
        let of = || customers.iter().filter(|it| it.is_treated == is_treated);
        let left = of().filter(|it| it.left_on.is_some_and(|day| day <= self::day("2025-06-30")));
        assert_eq!(reading[name]["outcomes"], left.count(), "{reading}");
        let days: i64 = of()
            .map(|it| {
                it.left_on
                    .unwrap_or(day("2025-06-30"))
                    .min(day("2025-06-30"))
            })
            .map(|to| (to - day("2025-01-01")).num_days() + 1)
            .sum();
        let months = days as f64 / (365.25 / 12.0);
        assert!(
            (number(&reading[name]["months"]) - months).abs() < 1e-6,
            "{reading}"
        );
    }
    let truth = LEFT_OF_LEAVING.ln();
    assert!(holds(&reading["always_valid"], truth), "{reading}");
    assert!(
        number(&reading["always_valid"]["high"]) < 0.0,
        "it is found: {reading}"
    );
    assert!(holds(&reading["single_look"], truth), "{reading}");
    let fall = &reading["relative_fall"];
    assert!((number(&fall["mean"]) - (1.0 - number(&reading["effect"]).exp())).abs() < 1e-9);
    assert_eq!(reading["sample_ratio"]["verdict"], "HELD");
    let id = reading["id"].as_str().unwrap();
    assert_eq!(
        keepworth.get(&format!("{path}/readings/{id}")),
        (200, reading.clone())
    );
    // Named after the start, it is no more than B; the library has it under the pilot's key.
    let (status, evidence) = keepworth.post(&format!("{path}:conclude"), &early);
    assert_eq!(
        (status, &evidence["grade"]),
        (200, &json!("B")),
        "{evidence}"
    );
    assert_eq!(evidence["statement"]["size"]["mean"], fall["mean"]);
    assert_eq!(evidence["statement"]["lever"], "HAZARD");
    assert_eq!(
        keepworth.get("/simulator/v1/evidence/leaving"),
        (200, evidence.clone())
    );
    let typed = keepworth
        .client()
        .put(keepworth.at("/simulator/v1/evidence/leaving"));
    let mut better = evidence["statement"].clone();
    better["size"]["mean"] = json!(0.9);
    let typed = typed.header("if-match", "*").json(&better).send().unwrap();
    assert_eq!(
        typed.status(),
        409,
        "nobody types other figures than the records'"
    );
    // Contacts of the same customers.
    let (status, made) = keepworth.post(PILOTS, &pilot("CONTACTS", &customers));
    assert_eq!(status, 201, "{made}");
    let reading = read(&keepworth, "contacts", "2025-06-30");
    let counted = |is_treated: bool| {
        let of = customers.iter().filter(|it| it.is_treated == is_treated);
        of.map(|it| it.contacts.len()).sum::<usize>()
    };
    assert_eq!(reading["control"]["outcomes"], counted(false));
    assert_eq!(reading["treated"]["outcomes"], counted(true));
    let truth = CONTACTS * (LEFT_OF_CONTACTS - 1.0);
    assert!(holds(&reading["always_valid"], truth), "{reading}");
    let fall = &reading["relative_fall"];
    let apart = (number(&fall["mean"]) - (1.0 - LEFT_OF_CONTACTS)).abs();
    assert!(apart < 3.0 * number(&fall["sd"]), "{reading}");
    let shown = keepworth.ask(&["pilot", "read", "contacts", "--as-of", "2025-06-30"]);
    let shown = shown.done().stdout;
    assert!(
        shown.contains("as planned") && shown.contains("looked at at any time"),
        "{shown}"
    );
    let (_, looks) = keepworth.get(&format!("{PILOTS}/contacts/readings"));
    assert_eq!(
        looks["items"].as_array().unwrap().len(),
        2,
        "every look is kept"
    );
    let (status, cut) = keepworth.post(
        &format!("{PILOTS}/contacts/readings"),
        &json!({"as_of": "2025-05-15"}),
    );
    assert_eq!(
        (status, &cut["invalid_params"][0]["name"]),
        (422, &json!("as_of")),
        "{cut}"
    );
}

fn who_cannot_be_in_a_pilot_is_named_row_by_row(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let mut customers = drawn();
    customers.truncate(20);
    customers[4].left_on = Some(day("2024-06-30"));
    customers[4].contacts.clear();
    load(&keepworth, &customers);
    let refused = |pilot: &Value| {
        let (status, problem) = keepworth.post(PILOTS, pilot);
        assert_eq!(status, 422, "{problem}");
        let faults = problem["invalid_params"].as_array().unwrap().clone();
        let told = |it: &Value| {
            let part = |name: &str| it[name].as_str().unwrap().to_owned();
            (part("name"), part("code"))
        };
        Vec::from_iter(faults.iter().map(told))
    };
    let fault = |name: &str, code: &str| (name.to_owned(), code.to_owned());
    let mut wrong = pilot("LEAVING", &customers);
    wrong["treated"][3] = json!({"source": "crm", "external_id": "nobody"});
    assert_eq!(
        refused(&wrong),
        [
            fault("control/2", "contradiction"),
            fault("treated/3", "unknown_customer")
        ]
    );
    let mut both = pilot("LEAVING", &customers);
    both["treated"][3] = both["control"][0].clone();
    assert_eq!(refused(&both), [fault("treated/3", "duplicate")]);
    let mut backwards = pilot("LEAVING", &customers);
    backwards["ends_on"] = json!("2024-12-31");
    assert_eq!(
        refused(&backwards),
        [fault("ends_on", "dates_out_of_order")]
    );
    let (_, page) = keepworth.get(PILOTS);
    assert_eq!(page["items"], json!([]), "nothing was written");
}

fn who_is_erased_is_in_no_arm(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let mut customers = drawn();
    customers.truncate(400);
    load(&keepworth, &customers);
    let (status, made) = keepworth.post(PILOTS, &pilot("LEAVING", &customers));
    assert_eq!(status, 201, "{made}");
    let before = read(&keepworth, "leaving", "2025-06-30");
    let erasure = request(&keepworth, &customers[0].id);
    let (status, confirmed) = confirm(&keepworth, &erasure);
    assert_eq!(status, 200, "{confirmed}");
    let done = wait_for(&keepworth, &erasure, |it| it["state"] == "DONE");
    assert!(done.to_string().contains("pilot_customers"), "{done}");
    let after = read(&keepworth, "leaving", "2025-06-30");
    let observed = |it: &Value| it["control"]["observed"].as_u64().unwrap();
    assert_eq!(observed(&after) + 1, observed(&before));
    assert_eq!(after["treated"], before["treated"]);
}
