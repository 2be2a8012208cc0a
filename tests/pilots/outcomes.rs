//! Minutes, revenue and scores: counted as the test counts them, and of a truth that it has drawn.

use serde_json::{Value, json};

use super::{PILOTS, holds, number, read};
use crate::support::{Database, Keepworth, Kind, Luck, on_both_databases};

on_both_databases!(
    what_contacts_take_customers_pay_and_say_is_read,
    revenue_in_two_currencies_names_its_rates,
);

/// Customers of each arm.
const N: usize = 400;
const MONTHS: [&str; 3] = ["2025-01", "2025-02", "2025-03"];
/// What treatment leaves of minutes per contact, makes of revenue, and adds to a score.
const LEFT_OF_MINUTES: f64 = 0.7;
const RISE_OF_REVENUE: f64 = 0.10;
const MORE_OF_SCORE: f64 = 0.5;

/// A customer that the test has drawn, month by month.
struct Drawn {
    id: String,
    is_treated: bool,
    /// Seconds of each contact.
    seconds: Vec<Vec<i64>>,
    cents: Vec<i64>,
    scores: Vec<Option<i64>>,
}

fn drawn() -> Vec<Drawn> {
    let mut luck = Luck(20_250_201);
    let one = |index: usize| {
        let is_treated = index % 2 == 1;
        let factor = |treated: f64| if is_treated { treated } else { 1.0 };
        // What is theirs: how long they talk, what they pay, how content they are.
        let [talk, pay, mood] = std::array::from_fn(|_| luck.next());
        let mut contact = || -600.0 * luck.next().ln() * (0.5 + talk) * factor(LEFT_OF_MINUTES);
        let mut seconds = |count| Vec::from_iter((0..count).map(|_| contact() as i64));
        let seconds = Vec::from_iter(MONTHS.map(|_| seconds(index % 3)));
        let mut cents = || {
            let charge = 3_000.0 * (0.5 + pay) * (0.9 + 0.2 * luck.next());
            (charge * factor(1.0 + RISE_OF_REVENUE)) as i64
        };
        let cents = Vec::from_iter(MONTHS.map(|_| cents()));
        let more = if is_treated { MORE_OF_SCORE } else { 0.0 };
        let mut score = || {
            let score = 1.0 + 2.0 * mood + luck.next() + more + luck.next();
            (luck.next() < 0.6).then_some((score as i64).clamp(1, 5))
        };
        let scores = Vec::from_iter(MONTHS.map(|_| score()));
        Drawn {
            id: format!("C-{index:05}"),
            is_treated,
            seconds,
            cents,
            scores,
        }
    };
    (0..2 * N).map(one).collect()
}

fn load(keepworth: &Keepworth, customers: &[Drawn]) {
    let (mut people, mut contacts, mut charges, mut answers) = (vec![], vec![], vec![], vec![]);
    for it in customers {
        let id = &it.id;
        people.push(json!({"source": "crm", "external_id": id, "segment": "all", "acquired_on": "2024-01-01"}));
        // What was before and comes after does not count.
        for (place, month) in (0..).zip(["2024-12", "2025-01", "2025-02", "2025-03", "2025-04"]) {
            let within = usize::checked_sub(place, 1).filter(|place| *place < MONTHS.len());
            for (index, seconds) in within
                .map_or(vec![9_000], |at| it.seconds[at].clone())
                .iter()
                .enumerate()
            {
                contacts.push(json!({"source": "desk", "external_id": format!("{id}/{month}/{index}"),
                    "customer_source": "crm", "customer_external_id": id, "channel": "phone",
                    "started_at": format!("{month}-{:02}T10:00:00Z", index + 1), "handle_seconds": seconds,
                    "outcome": "RESOLVED"}));
            }
            let cents = within.map_or(99_900, |at| it.cents[at]);
            charges.push(json!({"source": "billing", "external_id": format!("{id}/{month}"), "customer_source": "crm",
                "customer_external_id": id, "month": month,
                "amount": {"amount": format!("{}.{:02}", cents / 100, cents % 100), "currency": "EUR"}}));
            if let Some(score) = within.map_or(Some(1), |at| it.scores[at]) {
                answers.push(json!({"source": "survey", "external_id": format!("{id}/{month}"),
                    "customer_source": "crm", "customer_external_id": id, "kind": "CSAT", "score": score,
                    "responded_at": format!("{month}-20T10:00:00Z")}));
            }
        }
    }
    keepworth.take("customers/v1/customers", "1", &people);
    keepworth.take("experience/v1/interactions", "1", &contacts);
    keepworth.take("experience/v1/feedback", "1", &answers);
    keepworth.take("finance/v1/revenues", "1", &charges);
}

fn pilot(outcome: &str, customers: &[Drawn], more: &Value) -> Value {
    let arm = |is_treated: bool| {
        let of = customers.iter().filter(|it| it.is_treated == is_treated);
        Vec::from_iter(of.map(|it| json!({"source": "crm", "external_id": it.id})))
    };
    let mut pilot = json!({
        "key": outcome.to_lowercase(), "title": "Better answers", "outcome": outcome, "starts_on": "2025-01-01",
        "ends_on": "2025-03-31", "smallest_effect": 0.1, "control": arm(false), "treated": arm(true),
    });
    let fields = more.as_object().unwrap().clone();
    pilot.as_object_mut().unwrap().extend(fields);
    pilot
}

/// What the test counts of an arm: a sum over another.
fn ratio(customers: &[Drawn], is_treated: bool, of: impl Fn(&Drawn) -> (f64, f64)) -> f64 {
    let of = customers
        .iter()
        .filter(|it| it.is_treated == is_treated)
        .map(of);
    let (over, under) = of.fold((0.0, 0.0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
    over / under
}

fn what_contacts_take_customers_pay_and_say_is_read(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let customers = drawn();
    load(&keepworth, &customers);
    let looked = |outcome: &str, more: Value| {
        let (status, made) = keepworth.post(PILOTS, &pilot(outcome, &customers, &more));
        assert_eq!(status, 201, "{made}");
        read(&keepworth, &outcome.to_lowercase(), "2025-03-31")
    };
    let counted = |reading: &Value, of: &dyn Fn(&Drawn) -> (f64, f64)| {
        let [control, treated] = [false, true].map(|arm| ratio(&customers, arm, of));
        for (arm, mean) in [("control", control), ("treated", treated)] {
            let told = number(&reading[arm]["mean"]);
            assert!((told - mean).abs() < 1e-9 * mean, "{mean}: {reading}");
        }
        assert!(
            (number(&reading["effect"]) - (treated - control)).abs() < 1e-9,
            "{reading}"
        );
        let fall = number(&reading["relative_fall"]["mean"]);
        assert!((fall - (1.0 - treated / control)).abs() < 1e-9, "{reading}");
    };
    let near = |effect: &Value, truth: f64| {
        let apart = (number(&effect["mean"]) - truth).abs();
        assert!(apart < 3.0 * number(&effect["sd"]), "{truth}: {effect}");
    };
    let reading = looked(
        "MINUTES",
        json!({"expected_per_month": 10.0, "expected_sd": 8.0}),
    );
    counted(&reading, &|it| {
        let seconds = it.seconds.iter().flatten();
        (
            seconds.clone().sum::<i64>() as f64 / 60.0,
            seconds.count() as f64,
        )
    });
    assert_eq!(reading["lever_effect"]["lever"], "MINUTES");
    near(&reading["lever_effect"], 1.0 - LEFT_OF_MINUTES);

    let reading = looked(
        "REVENUE",
        json!({"expected_per_month": 30.0, "expected_sd": 9.0}),
    );
    // A month counts as one, whatever its length.
    counted(&reading, &|it| {
        (it.cents.iter().sum::<i64>() as f64 / 100.0, 3.0)
    });
    assert_eq!(
        (&reading["currency"], &reading["control"]["outcomes"]),
        (&json!("EUR"), &json!(N))
    );
    assert_eq!(reading["lever_effect"]["lever"], "ARPU");
    near(&reading["lever_effect"], RISE_OF_REVENUE);
    assert!(
        number(&reading["always_valid"]["low"]) > 0.0,
        "it is found: {reading}"
    );
    let conclusion = json!({"owner": "Ada", "review_on": "2099-01-01"});
    let (status, evidence) = keepworth.post(&format!("{PILOTS}/revenue:conclude"), &conclusion);
    assert_eq!(
        (status, &evidence["statement"]["lever"]),
        (200, &json!("ARPU")),
        "{evidence}"
    );
    assert_eq!(
        evidence["statement"]["size"]["mean"],
        reading["lever_effect"]["mean"]
    );

    let reading = looked(
        "SCORE",
        json!({"score": "CSAT", "expected_per_month": 3.0, "expected_sd": 0.7}),
    );
    counted(&reading, &|it| {
        let given = it.scores.iter().flatten();
        (given.clone().sum::<i64>() as f64, given.count() as f64)
    });
    assert!(holds(&reading["single_look"], MORE_OF_SCORE), "{reading}");
    assert_eq!(reading["lever_effect"], Value::Null);
    let (status, refused) = keepworth.post(&format!("{PILOTS}/score:conclude"), &conclusion);
    assert_eq!(
        (status, &refused["code"]),
        (409, &json!("pilot_unreadable"))
    );
    assert!(
        refused["detail"]
            .as_str()
            .unwrap()
            .contains("pays nothing by itself"),
        "{refused}"
    );
    let shown = keepworth.ask(&["pilot", "read", "score", "--as-of", "2025-03-31"]);
    let shown = shown.done().stdout;
    assert!(shown.contains("no evidence"), "{shown}");
    assert!(shown.contains("points of the mean score"), "{shown}");
    let shown = keepworth.ask(&["pilot", "read", "minutes", "--as-of", "2025-03-31"]);
    let shown = shown.done().stdout;
    let mean = number(&read(&keepworth, "minutes", "2025-03-31")["control"]["mean"]);
    assert!(
        shown.contains("minutes per contact") && shown.contains(&format!("{mean:.4}")),
        "{mean}: {shown}"
    );

    let refused = |outcome: &str, more: Value, name: &str, code: &str| {
        let (status, problem) = keepworth.post(PILOTS, &pilot(outcome, &customers, &more));
        let fault = &problem["invalid_params"][0];
        assert_eq!(
            (status, &fault["name"], &fault["code"]),
            (422, &json!(name), &json!(code)),
            "{problem}"
        );
    };
    let expected = json!({"expected_per_month": 3.0, "expected_sd": 0.7, "key": "wrong"});
    let with = |name: &str, value: Value| {
        let mut more = expected.clone();
        more[name] = value;
        more
    };
    refused("SCORE", expected.clone(), "score", "missing");
    refused(
        "MINUTES",
        with("score", json!("CSAT")),
        "score",
        "without_meaning",
    );
    refused(
        "CONTACTS",
        with("currency", json!("EUR")),
        "currency",
        "without_meaning",
    );
    refused(
        "REVENUE",
        with("starts_on", json!("2025-01-15")),
        "starts_on",
        "invalid_value",
    );
    let without = json!({"expected_per_month": 3.0, "key": "wrong"});
    refused("REVENUE", without, "expected_sd", "missing");
}

/// What a dollar is worth in euros, by month.
const DOLLAR: [f64; 3] = [0.9, 0.8, 0.95];

/// Who pays in dollars.
fn pays_in_dollars(it: &Drawn) -> bool {
    it.id.ends_with(['0', '1', '2'])
}

fn revenue_in_two_currencies_names_its_rates(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let customers = drawn();
    let (mut people, mut charges) = (vec![], vec![]);
    for it in &customers {
        let id = &it.id;
        people.push(json!({"source": "crm", "external_id": id, "segment": "all", "acquired_on": "2024-01-01"}));
        let currency = if pays_in_dollars(it) { "USD" } else { "EUR" };
        for (month, cents) in MONTHS.iter().zip(&it.cents) {
            charges.push(json!({"source": "billing", "external_id": format!("{id}/{month}"), "customer_source": "crm",
                "customer_external_id": id, "month": month,
                "amount": {"amount": format!("{}.{:02}", cents / 100, cents % 100), "currency": currency}}));
        }
    }
    keepworth.take("customers/v1/customers", "1", &people);
    keepworth.take("finance/v1/revenues", "1", &charges);
    // No rate of what was spent in pounds is known, and none is needed.
    let cost = json!({"source": "ledger", "external_id": "1", "posted_on": "2025-02-03", "category": "OVERHEAD",
        "amount": {"amount": "10.00", "currency": "GBP"}});
    keepworth.take("finance/v1/ledger-entries", "1", &[cost]);
    for (month, value) in MONTHS.iter().zip(DOLLAR) {
        let rate = json!({"base": "USD", "quote": "EUR", "value": value.to_string(), "quoted_on": format!("{month}-15"),
            "source": "ecb"});
        let (status, made) = keepworth.post("/finance/v1/fx-rates", &rate);
        assert_eq!(status, 201, "{made}");
    }
    let more = json!({"expected_per_month": 30.0, "expected_sd": 9.0, "currency": "EUR"});
    let (status, made) = keepworth.post(PILOTS, &pilot("REVENUE", &customers, &more));
    assert_eq!(status, 201, "{made}");
    let reading = read(&keepworth, "revenue", "2025-03-31");
    for (arm, is_treated) in [("control", false), ("treated", true)] {
        let mean = ratio(&customers, is_treated, |it| {
            let euros = it.cents.iter().zip(DOLLAR).map(|(cents, dollar)| {
                let factor = if pays_in_dollars(it) { dollar } else { 1.0 };
                *cents as f64 / 100.0 * factor
            });
            (euros.sum(), 3.0)
        });
        // Cents are rounded month by month.
        let told = number(&reading[arm]["mean"]);
        assert!((told - mean).abs() < 2e-3, "{mean}: {reading}");
    }
    let rates = reading["rates"].as_array().unwrap();
    let told = rates.iter().map(|it| {
        let value: f64 = it["value"].as_str().unwrap().parse().unwrap();
        (
            it["month"].as_str().unwrap(),
            it["base"].as_str().unwrap(),
            value,
        )
    });
    let expected = MONTHS.into_iter().zip(DOLLAR);
    let expected = expected.map(|(month, value)| (month, "USD", value));
    assert_eq!(Vec::from_iter(told), Vec::from_iter(expected), "{reading}");
    let shown = keepworth.ask(&["pilot", "read", "revenue", "--as-of", "2025-03-31"]);
    let shown = shown.done().stdout;
    assert!(
        shown.contains("1 USD = 0.8 EUR in 2025-02") && shown.contains("Converted:"),
        "{shown}"
    );
}
