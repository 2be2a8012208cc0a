use std::collections::BTreeMap;

use keepworth_contract::customers::EpisodeRow;
use keepworth_contract::experience::{ContactSum, ExposureRow};
use keepworth_contract::feed::CustomerKey;
use keepworth_contract::simulator::{BalancedThing, SampleRatioWord};

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn design(outcome: PilotOutcome, [control, treated]: [u64; 2]) -> Design {
    Design {
        title: "A".to_owned(),
        outcome,
        starts_on: day("2025-01-01"),
        ends_on: day("2025-06-30"),
        smallest_effect: 0.1,
        expected_per_month: 0.02,
        expected_sd: (outcome == PilotOutcome::Contacts).then_some(0.5),
        looks: 26,
        planned_treated_share: 0.5,
        control,
        treated,
    }
}

fn episode(index: u64, left_on: Option<&str>) -> EpisodeRow {
    EpisodeRow {
        customer: CustomerKey {
            source: "crm".to_owned(),
            external_id: index.to_string(),
        },
        segment: "all".to_owned(),
        earlier_segments: Vec::new(),
        acquired_on: day("2024-01-01") + chrono::Days::new(index % 100),
        acquisition_channel: None,
        observed_from: day("2024-01-01"),
        observed_to: left_on.map_or(day("2025-12-31"), day),
        left: left_on.is_some(),
        cause: None,
    }
}

fn contacts(index: u64, month: &str, count: u64) -> ExposureRow {
    let handle_seconds = 0;
    let sum = ContactSum {
        count,
        handle_seconds,
    };
    ExposureRow {
        customer: episode(index, None).customer,
        month: month.to_owned(),
        contacts: BTreeMap::from([("phone".to_owned(), sum)]),
        unresolved: 0,
        abandoned: 0,
        scores: BTreeMap::new(),
    }
}

/// 100 of 1,000 left alone and 60 of 1,000 treated leave on 1 April, half-way.
#[test]
fn leaving_is_a_rate_ratio_by_hand() {
    let design = design(PilotOutcome::Leaving, [1_000, 1_000]);
    let mut tally = Tally::new(&design, day("2025-09-30"));
    for index in 0..2_000 {
        let is_treated = index >= 1_000;
        let leaves = index % 1_000 < if is_treated { 60 } else { 100 };
        let left_on = leaves.then_some("2025-04-01");
        tally
            .add(is_treated, &episode(index, left_on), &[])
            .unwrap();
    }
    // Whoever left before the start is in no arm's months.
    let gone = episode(9, Some("2024-12-31"));
    tally.add(false, &gone, &[]).unwrap();
    let found = measure(&design, &tally).unwrap();
    assert_eq!(
        (found.arms.control.outcomes, found.arms.treated.outcomes),
        (100, 60)
    );
    assert_eq!(found.arms.control.observed, 1_000);
    // 181 days of the half year, 91 of those who left.
    let months = |left: f64| ((1_000.0 - left) * 181.0 + left * 91.0) / DAYS_OF_MONTH;
    assert!((found.arms.control.months - months(100.0)).abs() < 1e-6);
    let ratio = (60.0 / months(60.0)) / (100.0 / months(100.0));
    assert!((found.effect - ratio.ln()).abs() < 1e-12);
    let se = (1.0_f64 / 60.0 + 1.0 / 100.0).sqrt();
    assert!((found.single_look.high - (ratio.ln() + 1.959_964 * se)).abs() < 1e-5);
    assert!((found.relative_fall.mean - (1.0 - ratio)).abs() < 1e-12);
    assert!((found.relative_fall.sd - ratio * se).abs() < 1e-5);
    let always = found.always_valid.unwrap();
    assert!(always.low < found.single_look.low && always.high > found.single_look.high);
    assert_eq!(found.sample_ratio.verdict, SampleRatioWord::Held);
    let tenure = &found.balances[0];
    assert!(tenure.thing == BalancedThing::Tenure && !tenure.apart);
}

/// Everybody stays: contacts per customer-month, of which the treated have a quarter fewer.
#[test]
fn contacts_are_of_customer_months() {
    let design = design(PilotOutcome::Contacts, [400, 400]);
    let mut tally = Tally::new(&design, day("2025-06-30"));
    for index in 0..800 {
        let is_treated = index >= 400;
        // 8 or 0 contacts in turn, 6 or 0 among the treated; those outside the pilot do not count.
        let count = if index % 2 == 0 {
            0
        } else if is_treated {
            6
        } else {
            8
        };
        let rows = [
            contacts(index, "2024-09", 100),
            contacts(index, "2024-11", index % 3),
            contacts(index, "2025-02", count),
            contacts(index, "2025-07", 100),
        ];
        tally.add(is_treated, &episode(index, None), &rows).unwrap();
    }
    let found = measure(&design, &tally).unwrap();
    let months = 181.0 / DAYS_OF_MONTH;
    assert!((found.arms.control.per_month - 4.0 / months).abs() < 1e-12);
    assert!((found.effect + 1.0 / months).abs() < 1e-12);
    assert!((found.relative_fall.mean - 0.25).abs() < 1e-12);
    // Of values 0 and 2m the standard error is m/√(n − 1), of the log of their mean 1/√(n − 1).
    let error = 0.75 * (2.0_f64 / 399.0).sqrt();
    assert!((found.relative_fall.sd - error).abs() < 1e-9, "{found:?}");
    assert_eq!(found.balances.len(), 2);
    assert!(found.balances.iter().all(|it| !it.apart));
}

#[test]
fn nothing_can_be_read_where_nothing_happened() {
    let design = design(PilotOutcome::Leaving, [10, 10]);
    let mut tally = Tally::new(&design, day("2025-06-30"));
    assert!(measure(&design, &tally).is_err(), "nobody");
    for index in 0..20 {
        tally.add(index > 9, &episode(index, None), &[]).unwrap();
    }
    assert_eq!(measure(&design, &tally), Err(PilotError::NoEvents));
}

#[test]
fn more_customers_find_more() {
    for outcome in [PilotOutcome::Leaving, PilotOutcome::Contacts] {
        let of = |n| design(outcome, [n, n]).power().unwrap();
        let (few, many) = (of(2_000), of(100_000));
        assert!(few.always_valid < many.always_valid, "{outcome:?}: {few:?}");
        assert!(few.always_valid < few.single_look);
        assert!(few.false_alarms_of_single_look > 0.2);
        let found = many.findable_effect.unwrap();
        assert!(few.findable_effect.is_none_or(|few| found < few));
    }
}
