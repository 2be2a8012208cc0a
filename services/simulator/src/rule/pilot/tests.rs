use std::collections::BTreeMap;

use keepworth_contract::customers::EpisodeRow;
use keepworth_contract::experience::{ContactSum, ExposureRow};
use keepworth_contract::feed::CustomerKey;
use keepworth_contract::simulator::{
    BalancedThing, EvidenceLever, PilotArm, PreTrendWord, SampleRatioWord,
};
use keepworth_contract::{Month, Word};

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn design(outcome: PilotOutcome, [control, treated]: [u64; 2]) -> Design {
    Design {
        title: "A".to_owned(),
        outcome,
        design: PilotDesign::Randomised,
        months_before: 0,
        picked_for_bad_scores: false,
        score: (outcome == PilotOutcome::Score).then_some(FeedbackKind::Csat),
        currency: None,
        starts_on: day("2025-01-01"),
        ends_on: day("2025-06-30"),
        smallest_effect: 0.1,
        expected_per_month: 0.02,
        expected_sd: outcome.is_by_months().then_some(0.5),
        looks: 26,
        planned_treated_share: 0.5,
        assign: None,
        waves: Vec::new(),
        waves_by_lot: false,
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
        issues: BTreeMap::new(),
        unresolved: 0,
        abandoned: 0,
        scores: BTreeMap::new(),
    }
}

fn side(is_treated: bool) -> Side {
    if is_treated {
        Side::Treated
    } else {
        Side::Control
    }
}

fn add(tally: &mut Tally<'_>, is_treated: bool, episode: &EpisodeRow, exposures: &[ExposureRow]) {
    let charges = Charges::new();
    let records = Records {
        episode,
        exposures,
        charges: &charges,
    };
    tally.add(side(is_treated), records).unwrap();
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
        add(&mut tally, is_treated, &episode(index, left_on), &[]);
    }
    // Whoever left before the start is in no arm's months.
    let gone = episode(9, Some("2024-12-31"));
    add(&mut tally, false, &gone, &[]);
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
    assert_eq!(found.sample_ratio.unwrap().verdict, SampleRatioWord::Held);
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
        add(&mut tally, is_treated, &episode(index, None), &rows);
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
    let effect = lever_effect(design.outcome, found.relative_fall).unwrap();
    assert_eq!(
        (effect.lever, effect.mean),
        (EvidenceLever::Contacts, found.relative_fall.mean)
    );
}

/// Calls of 10 and of 20 minutes in turn, 3 and 1 of them; those of the treated take half as long.
#[test]
fn minutes_are_per_contact_of_all_contacts() {
    let design = design(PilotOutcome::Minutes, [40, 40]);
    let mut tally = Tally::new(&design, day("2025-06-30"));
    for index in 0..80 {
        let is_treated = index >= 40;
        let (count, minutes) = if index % 2 == 0 { (3, 10) } else { (1, 20) };
        let mut row = contacts(index, "2025-03", count);
        let sum = row.contacts.get_mut("phone").unwrap();
        sum.handle_seconds = count as i64 * minutes * if is_treated { 30 } else { 60 };
        add(&mut tally, is_treated, &episode(index, None), &[row]);
    }
    let found = measure(&design, &tally).unwrap();
    // 30 and 20 minutes of 3 and 1 contacts.
    assert_eq!(found.arms.control.mean, Some(12.5));
    assert_eq!(found.arms.control.outcomes, 80);
    assert!((found.effect + 6.25).abs() < 1e-12);
    assert!((found.relative_fall.mean - 0.5).abs() < 1e-12);
    // Of each customer (30 − 37.5)/2 or (20 − 12.5)/2: ±3.75 beside 12.5, so 0.3/√39 in either arm.
    let error = 0.5 * 0.3 * (2.0_f64 / 39.0).sqrt();
    assert!((found.relative_fall.sd - error).abs() < 1e-12, "{found:?}");
}

/// Everybody pays 20 or 40 a month, the treated a tenth more; a rise is the good direction.
#[test]
fn revenue_is_of_months_under_observation() {
    let design = design(PilotOutcome::Revenue, [40, 40]);
    let mut tally = Tally::new(&design, day("2025-06-30"));
    for index in 0..80 {
        let is_treated = index >= 40;
        let left_on = (index % 40 < 2).then_some("2025-04-30");
        let charge = if index % 2 == 0 { 20.0 } else { 40.0 } * if is_treated { 1.1 } else { 1.0 };
        // What is charged before the start, after the end or after leaving does not count.
        let months = Month::of(day("2024-11-01")).index()..=Month::of(day("2025-09-01")).index();
        let charges = months.map(|month| (month, charge)).collect();
        let episode = episode(index, left_on);
        let records = Records {
            episode: &episode,
            exposures: &[],
            charges: &charges,
        };
        tally.add(side(is_treated), records).unwrap();
    }
    let found = measure(&design, &tally).unwrap();
    assert!((found.arms.control.mean.unwrap() - 30.0).abs() < 1e-9);
    assert_eq!(found.arms.control.outcomes, 40);
    assert!((found.effect - 3.0).abs() < 1e-9, "{found:?}");
    assert!((found.relative_fall.mean + 0.1).abs() < 1e-9);
    let effect = lever_effect(design.outcome, found.relative_fall).unwrap();
    assert_eq!(effect.lever, EvidenceLever::Arpu);
    assert!((effect.mean - 0.1).abs() < 1e-9);
}

/// Of two scores in the half year both count, of nobody's silence anything.
#[test]
fn scores_are_of_who_gave_them() {
    let design = design(PilotOutcome::Score, [40, 40]);
    let mut tally = Tally::new(&design, day("2025-06-30"));
    let scored = |index, month, score| {
        let mut row = contacts(index, month, 0);
        row.scores = BTreeMap::from([("CSAT".to_owned(), score), ("NPS".to_owned(), 10)]);
        row
    };
    for index in 0..80 {
        let is_treated = index >= 40;
        let rows = match (index % 4, is_treated) {
            (0, false) => vec![scored(index, "2025-01", 1), scored(index, "2025-06", 3)],
            (0, true) => vec![scored(index, "2025-01", 3), scored(index, "2025-06", 5)],
            (1, _) => vec![scored(index, "2025-02", 4), scored(index, "2024-12", 1)],
            _ => Vec::new(),
        };
        add(&mut tally, is_treated, &episode(index, None), &rows);
    }
    let found = measure(&design, &tally).unwrap();
    assert_eq!(found.arms.control.outcomes, 30);
    // (1 + 3 + 4)/3 and (3 + 5 + 4)/3.
    assert!((found.arms.control.mean.unwrap() - 8.0 / 3.0).abs() < 1e-12);
    assert!((found.effect - 4.0 / 3.0).abs() < 1e-12);
    assert!(lever_effect(design.outcome, found.relative_fall).is_none());
}

#[test]
fn nothing_can_be_read_where_nothing_happened() {
    let design = design(PilotOutcome::Leaving, [10, 10]);
    let mut tally = Tally::new(&design, day("2025-06-30"));
    assert!(measure(&design, &tally).is_err(), "nobody");
    for index in 0..20 {
        add(&mut tally, index > 9, &episode(index, None), &[]);
    }
    assert_eq!(measure(&design, &tally), Err(PilotError::NoEvents));
}

#[test]
fn more_customers_find_more() {
    for outcome in PilotOutcome::all() {
        let of = |n| design(outcome, [n, n]).power().unwrap();
        let (few, many) = (of(2_000), of(100_000));
        assert!(few.always_valid < many.always_valid, "{outcome:?}: {few:?}");
        assert!(few.always_valid < few.single_look);
        assert!(few.false_alarms_of_single_look > 0.2);
        let found = many.findable_effect.unwrap();
        assert!(few.findable_effect.is_none_or(|few| found < few));
    }
}

/// Treated customers have more contacts, and two fewer a month since the start; all have one more.
#[test]
fn a_comparison_is_of_own_changes() {
    let design = Design {
        design: PilotDesign::Compared,
        months_before: 4,
        ..design(PilotOutcome::Contacts, [40, 40])
    };
    let mut tally = Tally::new(&design, day("2025-04-30"));
    let months = [
        "2024-09", "2024-10", "2024-11", "2024-12", "2025-01", "2025-02", "2025-03", "2025-04",
    ];
    for index in 0..80 {
        let is_treated = index >= 40;
        let level = 3 + index % 3 + if is_treated { 4 } else { 0 };
        let row = |(place, month): (usize, &&str)| {
            let since = u64::from(place >= 4);
            // Some luck, the same on both sides.
            let luck = (index + place as u64) % 2;
            contacts(
                index,
                month,
                level + luck + since - if is_treated { 2 * since } else { 0 },
            )
        };
        let mut rows = Vec::from_iter(months.iter().enumerate().map(row));
        rows.push(contacts(index, "2024-08", 100));
        add(&mut tally, is_treated, &episode(index, None), &rows);
    }
    let found = measure(&design, &tally).unwrap();
    // Months of 120 days since, and of 122 before, hold four calendar months each.
    let (since, before) = (120.0 / DAYS_OF_MONTH, 122.0 / DAYS_OF_MONTH);
    let level = |arm: PilotArm, since_start: f64| {
        let before = arm.before.unwrap() * before;
        (
            before,
            arm.mean.unwrap() * since - before - 4.0 * since_start,
        )
    };
    let (control, more) = level(found.arms.control, 1.0);
    assert!(more.abs() < 1e-9, "{found:?}");
    let (treated, more) = level(found.arms.treated, -1.0);
    assert!(more.abs() < 1e-9, "{found:?}");
    let change = |of: f64, more: f64| (of + 4.0 * more) / since - of / before;
    let effect = change(treated, -1.0) - change(control, 1.0);
    assert!((found.effect - effect).abs() < 1e-9, "{found:?}");
    assert_eq!(found.sample_ratio, None);
    let trend = found.pre_trend.unwrap();
    assert_eq!(trend.verdict, PreTrendWord::Held, "{trend:?}");
    assert!(trend.undetected_bias.unwrap() > 0.0);
    let after = found.arms.treated.mean.unwrap();
    let fall = 1.0 - after / (after - effect);
    assert!((found.relative_fall.mean - fall).abs() < 1e-9, "{found:?}");
}
