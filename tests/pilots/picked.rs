//! Customers picked for bad scores, who get better by themselves.

use serde_json::{Value, json};

use super::{PILOTS, holds, number, read};
use crate::support::{Database, Keepworth, Kind, Luck, on_both_databases};

on_both_databases!(a_rise_of_those_picked_for_bad_scores_is_told_apart_from_what_comes_by_itself);

const MONTHS: [&str; 4] = ["2024-12", "2025-01", "2025-02", "2025-03"];
/// Who scores no more in January may be picked: every second of the worst, every fifth of the others.
const BAD: i64 = 3;

struct Drawn {
    id: String,
    is_treated: bool,
    scores: [i64; 4],
}

/// Scores of 0 to 10, of which one half is the customer's own and the other one the day's.
fn drawn(prefix: &str, seed: u64, more: f64) -> Vec<Drawn> {
    let mut luck = Luck(seed);
    let one = |index: usize| {
        let own = 5.0 * luck.next();
        let days: [f64; 4] = std::array::from_fn(|_| own + 5.0 * luck.next());
        let score = days[1].round() as i64;
        let every = if score < BAD - 1 { 2 } else { 5 };
        let is_treated = score <= BAD && index.is_multiple_of(every);
        let treatment = if is_treated { more } else { 0.0 };
        let since = |it: f64| (it + treatment).round() as i64;
        let before = |it: f64| it.round() as i64;
        Drawn {
            id: format!("{prefix}-{index:04}"),
            is_treated,
            scores: [
                before(days[0]),
                before(days[1]),
                since(days[2]),
                since(days[3]),
            ],
        }
    };
    (0..1_200).map(one).collect()
}

fn load(keepworth: &Keepworth, customers: &[Drawn]) {
    let (mut people, mut answers) = (vec![], vec![]);
    for it in customers {
        let id = &it.id;
        people.push(json!({"source": "crm", "external_id": id, "segment": "all", "acquired_on": "2024-01-01"}));
        for (month, score) in MONTHS.iter().zip(it.scores) {
            answers.push(
                json!({"source": "survey", "external_id": format!("{id}/{month}"),
                "customer_source": "crm", "customer_external_id": id, "kind": "NPS", "score": score,
                "responded_at": format!("{month}-20T10:00:00Z")}),
            );
        }
    }
    keepworth.take("customers/v1/customers", "1", &people);
    keepworth.take("experience/v1/feedback", "1", &answers);
}

fn look(keepworth: &Keepworth, key: &str, customers: &[Drawn]) -> Value {
    let arm = |is_treated: bool| {
        let of = customers.iter().filter(|it| it.is_treated == is_treated);
        Vec::from_iter(of.map(|it| json!({"source": "crm", "external_id": it.id})))
    };
    let pilot = json!({"key": key, "title": "Call who is unhappy", "outcome": "SCORE", "score": "NPS",
        "design": "COMPARED", "months_before": 2, "picked_for_bad_scores": true, "starts_on": "2025-02-01",
        "ends_on": "2025-03-31", "smallest_effect": 0.1, "expected_per_month": 5.0, "expected_sd": 2.0,
        "control": arm(false), "treated": arm(true)});
    let (status, made) = keepworth.post(PILOTS, &pilot);
    assert_eq!(status, 201, "{made}");
    read(keepworth, key, "2025-03-31")
}

/// How many were left alone who had scored this in January.
fn alike(customers: &[Drawn], score: i64) -> usize {
    let is_it = |it: &&Drawn| !it.is_treated && it.scores[1] == score;
    customers.iter().filter(is_it).count()
}

/// The mean rise from January to February of a side, as the test counts it: of each score, weighed by how many treated have it.
fn rise(customers: &[Drawn], is_treated: bool) -> f64 {
    let of = |side: bool, score: i64| {
        let of = customers
            .iter()
            .filter(|it| it.is_treated == side && it.scores[1] == score);
        Vec::from_iter(of.map(|it| (it.scores[2] - it.scores[1]) as f64))
    };
    let mut sums = [0.0; 2];
    for score in 0..=BAD {
        let (treated, rises) = (of(true, score), of(is_treated, score));
        if alike(customers, score) < 2 {
            continue;
        }
        let n = treated.len() as f64;
        sums[0] += n * rises.iter().sum::<f64>() / rises.len() as f64;
        sums[1] += n;
    }
    sums[0] / sums[1]
}

fn a_rise_of_those_picked_for_bad_scores_is_told_apart_from_what_comes_by_itself(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    for (key, seed, more) in [("idle", 81, 0.0), ("works", 82, 1.5)] {
        let customers = drawn(key, seed, more);
        load(&keepworth, &customers);
        let reading = look(&keepworth, key, &customers);
        // The change of the treated beyond all others' is not the treatment's.
        assert!(number(&reading["effect"]) > more + 0.5, "{reading}");
        let picked = &reading["regression"];
        let treated = customers.iter().filter(|it| it.is_treated).count();
        let told = |field: &str| picked[field].as_u64().unwrap() as usize;
        assert_eq!(told("treated") + told("unmatched"), treated, "{picked}");
        let alone = customers
            .iter()
            .filter(|it| it.is_treated && alike(&customers, it.scores[1]) < 2);
        assert_eq!(told("unmatched"), alone.count(), "{picked}");
        for (field, arm) in [("rise_of_control", false), ("rise_of_treated", true)] {
            let told = number(&picked[field]);
            assert!(
                (told - rise(&customers, arm)).abs() < 1e-9,
                "{field}: {picked}"
            );
        }
        assert!(number(&picked["rise_of_control"]) > 0.5, "{picked}");
        assert!(holds(&picked["interval"], more), "{more}: {picked}");
        assert_eq!(holds(&picked["interval"], 0.0), more == 0.0, "{picked}");
    }
    let shown = keepworth.ask(&["pilot", "read", "works", "--as-of", "2025-03-31"]);
    let shown = shown.done().stdout;
    assert!(
        shown.contains("left alone who had scored the same"),
        "{shown}"
    );
}
