//! From records to money: a company of known dates and charges through tally, baseline, world and
//! engine, against plain arithmetic.
//!
//! Sixty customers; in the middle of each month one leaves and one is won, so that sixty they stay. All
//! pay by the month, and for days only where they come or go. 40% of it goes to suppliers.

use keepworth_contract::simulator::FigureName;
use keepworth_sim::{Control, Outcome, RunOptions, Scenario};

use super::*;
use keepworth_verdict::simulate;

const DAYS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/// The last day of who leaves, and the day before the first of who comes.
const MIDDLE: u32 = 15;
const HORIZON: u32 = 24;

/// Cents a whole month.
fn price(number: u32) -> i64 {
    2_000 + 1_000 * i64::from(number % 3)
}

/// A customer's first and last day in each month of the year, where there are any.
fn present(number: u32, month: u32) -> Option<(u32, u32)> {
    let last = DAYS[month as usize];
    match number {
        // One of the first twelve leaves each month.
        0..12 if month > number => None,
        0..12 if month == number => Some((1, MIDDLE)),
        60.. if month < number - 60 => None,
        60.. if month == number - 60 => Some((MIDDLE + 1, last)),
        _ => Some((1, last)),
    }
}

/// Customer-months and cents of everybody.
fn totals() -> (f64, i64) {
    let mut totals = (0.0, 0);
    for number in 0..72 {
        for month in 0..12 {
            if let Some((from, to)) = present(number, month) {
                let days = to - from + 1;
                totals.0 += f64::from(days) / f64::from(DAYS[month as usize]);
                totals.1 += cents(number, month, days);
            }
        }
    }
    totals
}

fn cents(number: u32, month: u32, days: u32) -> i64 {
    price(number) * i64::from(days) / i64::from(DAYS[month as usize])
}

fn company() -> Records {
    let mut records = Records::new(day("2025-12-31"));
    for number in 0..72 {
        let left_on = format!("2025-{:02}-{MIDDLE}", number + 1);
        let mut episode = episode(
            number,
            "home",
            "2025-01-01",
            (number < 12).then_some(&left_on),
        );
        episode.acquired_on = day("2020-01-01");
        if number >= 60 {
            let won_on = format!("2025-{:02}-{}", number - 59, MIDDLE + 1);
            (episode.acquired_on, episode.observed_from) = (day(&won_on), day(&won_on));
        }
        let charge =
            |month| present(number, month).map(|(from, to)| cents(number, month, to - from + 1));
        let minor = std::array::from_fn(|month| charge(month as u32).unwrap_or(0));
        records
            .tallies
            .add(&episode, &[], &[charged(number, minor)])
            .unwrap();
    }
    let (months, cents) = totals();
    records.add_cohort(&cohort("home", 0, 66.0, 0, 12, 12));
    records.add_cohort(&cohort("home", 60, months - 66.0, 12, 48, 60));
    let goods = cost(None, "COST_OF_REVENUE", None, cents * 4 / 10);
    for row in evenly(goods) {
        records.costs.push(row, "2025-01".parse().unwrap()).unwrap();
    }
    records
}

/// A programme that doubles what everybody uses, for nothing: its value is the contribution.
const DOUBLE: &str = r#"
    name = "Twice as much"
    horizon_months = 24
    discount_rate = 0
    [[initiatives]]
    name = "All of it again"
    reach = { home = 1.0 }
    effects = [{ on = "arpu", size = 1.0, grade = "A" }]
    adoption = { linear = { } }
"#;

#[test]
fn contribution_is_that_of_plain_arithmetic() {
    let baseline = company().into_baseline().unwrap();
    let (months, cents) = totals();
    let per_month = cents as f64 / 100.0 / months;
    let found = baseline.segments[0].figures[&FigureName::Revenue]
        .value
        .unwrap();
    assert!(
        (found / per_month - 1.0).abs() < 1e-12,
        "{found}, not {per_month}"
    );
    let options = RunOptions {
        trials: 8_192,
        ..RunOptions::default()
    };
    let scenario = Scenario::from_toml(DOUBLE).unwrap();
    let result = simulate(&scenario, &baseline, &options, &Control::default()).unwrap();
    let npv = &result.outcomes[&Outcome::Npv];
    let (value, sd) = (npv.mean.unwrap(), npv.sd.unwrap());
    // As many are won as leave: sixty customers in every month to come.
    let expected = f64::from(HORIZON) * 60.0 * per_month * 0.6;
    assert!(
        (value / expected - 1.0).abs() < 0.01,
        "{value}, not {expected}"
    );
    // As uncertain as twelve leavers, twelve won, and 72 customers of three prices make it.
    let spread = sd / value;
    assert!((0.05..0.15).contains(&spread), "{spread}");
}
