//! Who comes back, against what was drawn, and against the movements of the same ledger.

use serde_json::{Value, json};

use crate::support::{Database, Keepworth, Kind, Luck, on_both_databases};

on_both_databases!(a_known_hazard_of_return_is_found_and_agrees_with_the_movements);

/// Chance a month to stop, and to come back within three months without a payment, and later.
const STOP: f64 = 0.08;
const BACK: [f64; 2] = [0.20, 0.05];
const CUSTOMERS: usize = 800;
const MONTHS: usize = 36;

fn month(at: usize) -> String {
    format!("{}-{:02}", 2023 + at / 12, at % 12 + 1)
}

/// In which months each customer pays.
fn drawn() -> Vec<Vec<bool>> {
    let mut luck = Luck(36_912);
    let one = |_| {
        let (mut without, mut pays) = (0, Vec::new());
        for _ in 0..MONTHS {
            let chance = match without {
                0 => 1.0 - STOP,
                1..=3 => BACK[0],
                _ => BACK[1],
            };
            without = if pays.is_empty() || luck.next() < chance {
                0
            } else {
                without + 1
            };
            pays.push(without == 0);
        }
        pays
    };
    (0..CUSTOMERS).map(one).collect()
}

fn a_known_hazard_of_return_is_found_and_agrees_with_the_movements(kind: Kind) {
    let database = Database::new(kind);
    let keepworth = Keepworth::up(&database);
    let customers = drawn();
    let mut charges = Vec::new();
    for (number, pays) in customers.iter().enumerate() {
        for at in (0..MONTHS).filter(|at| pays[*at]) {
            charges.push(
                json!({"source": "billing", "external_id": format!("{number}/{at}"),
                "customer_external_id": format!("C-{number}"), "month": month(at),
                "amount": {"amount": "10.00", "currency": "EUR"}}),
            );
        }
    }
    keepworth.take("finance/v1/revenues", "1", &charges);
    let (status, report) = keepworth.get("/finance/v1/win-backs?month=2025-12&months=24");
    assert_eq!(status, 200, "{report}");
    let bands = report["bands"].as_array().unwrap();
    for (band, truth) in bands.iter().zip([BACK[0], BACK[1], BACK[1], BACK[1]]) {
        let hazard = &band["hazard"];
        let end = |name: &str| hazard["interval"][name].as_f64().unwrap();
        assert!(
            end("low") < truth && truth < end("high"),
            "{truth} is not in {band}"
        );
    }
    let pool = customers.iter().filter(|pays| !pays[MONTHS - 1]).count();
    assert_eq!(report["pool"], pool);
    // The movements count money: ten euros for each who is back.
    let movements = keepworth.ask(&[
        "finance",
        "movements",
        "2025-12",
        "--months",
        "24",
        "--format",
        "json",
    ]);
    let movements = movements.done().json();
    let back = |it: &Value| {
        it["movements"]["reactivation"]
            .as_str()
            .unwrap()
            .parse::<f64>()
            .unwrap()
            / 10.0
    };
    let back: f64 = movements["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(back)
        .sum();
    assert_eq!(report["returned"].as_f64().unwrap(), back);
    let shown = keepworth
        .ask(&["finance", "win-backs", "2025-12", "--months", "24"])
        .done()
        .stdout;
    assert!(
        shown.contains("1 to 3") && shown.contains("25 and more"),
        "{shown}"
    );
    let (status, problem) = keepworth.get("/finance/v1/win-backs?month=2026-06");
    assert_eq!(status, 404, "{problem}");
}
