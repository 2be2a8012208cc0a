use chrono::{Duration, Months, NaiveDate};
use proptest::prelude::*;

use super::*;

fn dated(from: &str, until: &str, minor: i64) -> Dated {
    Dated {
        currency: "USD".parse().unwrap(),
        period: Period::new(from.parse().unwrap(), until.parse().unwrap()).unwrap(),
        minor,
    }
}

/// What each charge is a month among the others, in minor units.
fn rates(charges: &[Dated]) -> Vec<f64> {
    let rate = |it: &Dated| it.run_rate(charges).unwrap() as f64 / MRR_SCALE as f64;
    charges.iter().map(rate).collect()
}

#[test]
fn months_are_months_whatever_day_they_begin_on() {
    let anchored = [
        dated("2025-01-31", "2025-02-28", 10_000),
        dated("2025-02-28", "2025-03-31", 10_000),
        dated("2025-03-31", "2025-04-30", 10_000),
        dated("2025-04-30", "2025-05-31", 10_000),
    ];
    assert_eq!(rates(&anchored), [10_000.0; 4]);
    let year = [dated("2025-01-01", "2026-01-01", 120_000)];
    assert_eq!(rates(&year), [10_000.0]);
}

#[test]
fn a_first_part_of_a_month_is_the_plan_that_follows() {
    let part = dated("2025-08-20", "2025-09-01", 3_871);
    assert!((rates(&[part])[0] - 3_871.0 * 31.0 / 12.0).abs() < 1e-3);
    let next = dated("2025-09-01", "2025-10-01", 10_000);
    assert_eq!(
        rates(&[part, next]),
        [10_000.0; 2],
        "to the cent of the bill"
    );
    let raised = dated("2025-09-01", "2025-10-01", 15_000);
    let [before, after] = rates(&[part, raised])[..] else {
        unreachable!()
    };
    assert!(
        (before - 10_000.08).abs() < 0.01 && after > before,
        "{before}"
    );
    // Joined with 30 days to go: the plan is not one of 30 days.
    let first = dated("2025-08-02", "2025-09-01", 9_677);
    assert_eq!(rates(&[first, next]), [10_000.0; 2]);
}

#[test]
fn plans_by_days_are_the_same_every_month() {
    let of = |days: i64, minor: i64| {
        let start = "2025-01-01".parse::<NaiveDate>().unwrap();
        let day = move |n: i64| start + Duration::days(n * days);
        (0..40).map(move |n| Dated {
            currency: "USD".parse().unwrap(),
            period: Period::new(day(n), day(n + 1)).unwrap(),
            minor,
        })
    };
    for (days, monthly) in [
        (30, 3_043.75),
        (28, 3_261.160_7),
        (14, 6_522.321_4),
        (10, 9_131.25),
    ] {
        let found = rates(&of(days, 3_000).collect::<Vec<_>>());
        assert!(
            found.iter().all(|rate| (rate - monthly).abs() < 1e-3),
            "{days}: {found:?}"
        );
    }
}

#[test]
fn a_change_within_a_month_takes_the_old_plan_back() {
    // 50 to 80 on the 15th of August: 17 of 31 days.
    let charges = [
        dated("2025-08-01", "2025-09-01", 5_000),
        dated("2025-08-15", "2025-09-01", -2_742),
        dated("2025-08-15", "2025-09-01", 4_387),
        dated("2025-09-01", "2025-10-01", 8_000),
    ];
    assert_eq!(rates(&charges), [5_000.0, -5_000.0, 8_000.0, 8_000.0]);
    // At two in the afternoon, as bills by the second have it.
    let by_seconds = [
        charges[0],
        dated("2025-08-15", "2025-09-01", -2_648),
        dated("2025-08-15", "2025-09-01", 4_237),
        charges[3],
    ];
    assert_eq!(rates(&by_seconds), rates(&charges));
}

#[test]
fn seats_added_within_a_year_are_held_against_the_year() {
    let year = dated("2025-01-01", "2026-01-01", 120_000);
    let half = dated("2025-07-01", "2026-01-01", 60_000);
    assert_eq!(
        rates(&[year, half]),
        [10_000.0; 2],
        "six months are six months"
    );
    // 36,000 a year from the 10th of July on: 175 of 365 days.
    let seats = dated("2025-07-10", "2026-01-01", 17_260);
    assert!((rates(&[year, seats])[1] - 3_000.0).abs() < 0.1);
    let renewed = dated("2026-01-01", "2027-01-01", 156_000);
    assert_eq!(
        rates(&[year, seats, renewed]),
        [10_000.0, 3_000.0, 13_000.0],
        "what the renewal costs more is what they cost"
    );
}

/// Bills from a day on, each until the next day of `ends`.
fn bills(from: NaiveDate, ends: impl Iterator<Item = NaiveDate>, minor: i64) -> Vec<Dated> {
    let mut start = from;
    let bill = |until: NaiveDate| {
        let period = Period::new(start, until).unwrap();
        start = until;
        Dated {
            currency: "USD".parse().unwrap(),
            period,
            minor,
        }
    };
    ends.map(bill).collect()
}

proptest! {
    #[test]
    fn who_pays_the_same_all_along_has_one_rate(
        start in 0i64..1_500,
        months in prop::sample::select(vec![1u32, 3, 6, 12]),
        days in prop::sample::select(vec![7i64, 10, 14, 28, 30]),
        minor in 1_000i64..1_000_000,
    ) {
        let day = "2023-01-01".parse::<NaiveDate>().unwrap() + Duration::days(start);
        let anchored = bills(day, (1..=26).map(|n| day + Months::new(n * months)), minor);
        let by_days = bills(day, (1..=60).map(|n| day + Duration::days(n * days)), minor);
        for charges in [anchored, by_days] {
            let first = charges[0].run_rate(&charges);
            for charge in &charges {
                prop_assert_eq!(charge.run_rate(&charges), first, "{:?}", charge.period);
                let beside: Vec<Dated> = charge.beside(&charges).copied().collect();
                if !charge.depends_on_others() || charge.is_settled_by(&beside) {
                    prop_assert_eq!(charge.run_rate(&beside), first, "told by those beside it");
                }
            }
        }
    }

    #[test]
    fn who_joins_within_a_month_pays_the_same_from_then_on(
        joined in 2u32..=31,
        month in 1u32..=12,
        minor in 1_000i64..1_000_000,
    ) {
        let Some(day) = NaiveDate::from_ymd_opt(2025, month, joined) else { return Ok(()) };
        let next = keepworth_contract::Month::of(day).plus(1);
        let left = (next.first_day() - day).num_days();
        let whole = i64::from(chrono::Datelike::day(&next.plus(-1).last_day()));
        let mut charges = bills(next.first_day(), (2..20).map(|n| next.plus(n - 1).first_day()), minor);
        let part = (2 * minor * left + whole) / (2 * whole);
        charges.extend(bills(day, std::iter::once(next.first_day()), part));
        for charge in &charges {
            prop_assert_eq!(charge.run_rate(&charges), Some(minor * MRR_SCALE), "{:?}", charge);
        }
    }
}
