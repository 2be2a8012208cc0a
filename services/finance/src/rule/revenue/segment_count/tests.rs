//! Counts against days and charges that are counted by hand.

use super::*;
use keepworth_contract::customers::EarlierSegment;
use proptest::prelude::*;

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn key() -> CustomerKey {
    CustomerKey {
        source: "crm".into(),
        external_id: "1".into(),
    }
}

fn episode(from: &str, to: &str) -> EpisodeRow {
    EpisodeRow {
        customer: key(),
        segment: "home".into(),
        earlier_segments: Vec::new(),
        acquired_on: "2025-01-15".parse().unwrap(),
        acquisition_channel: Some("web".into()),
        observed_from: from.parse().unwrap(),
        observed_to: to.parse().unwrap(),
        left: false,
        cause: None,
    }
}

fn charge(kind: RevenueKind, last: &str, months: i32, minor: i64) -> CustomerCharge {
    CustomerCharge {
        customer: key(),
        kind,
        currency: "EUR".parse().unwrap(),
        minor,
        span: Span::new(month(last), months, None),
    }
}

fn counts(first: &str, last: &str) -> SegmentCounts {
    SegmentCounts::new(month(first), month(last), Some(month("2025-01")))
}

#[test]
fn customers_are_a_mean_over_days_of_those_under_observation() {
    let mut counts = counts("2025-01", "2025-04");
    // Fifteen, and twenty, of February's 28 days; one who is seen from March on.
    for (from, to) in [
        ("2025-02-14", "2025-04-30"),
        ("2025-02-01", "2025-02-20"),
        ("2025-03-01", "2025-04-30"),
    ] {
        counts.add(&episode(from, to), &[], &[]).unwrap();
    }
    assert_eq!(
        counts.unobserved,
        [(month("2025-01"), 3), (month("2025-02"), 1)].into()
    );
    let counts = counts.into_counts();
    let customers: Vec<(String, i64)> = counts
        .iter()
        .map(|((month, _), it)| (month.to_string(), it.customers(*month)))
        .collect();
    let expected = [("2025-02", 1), ("2025-03", 2), ("2025-04", 2)];
    assert_eq!(customers, expected.map(|(m, n)| (m.to_owned(), n)));
    assert_eq!(
        counts[&(month("2025-02"), "home".to_owned())].customer_days,
        35
    );
}

#[test]
fn the_first_month_that_is_paid_for_makes_a_new_customer() {
    use RevenueKind::{OneOff, Recurring, Refund};
    let charges = [
        charge(OneOff, "2025-01", 1, 0),
        charge(Refund, "2025-01", 1, 500),
        charge(Recurring, "2025-12", 11, 1_100),
    ];
    assert_eq!(first_paid(&charges), Some(month("2025-02")));
    assert_eq!(first_paid(&charges[..2]), None);
    let mut counts = counts("2025-02", "2025-03");
    let episode = episode("2025-01-15", "2025-03-31");
    counts.add(&episode, &[], &charges).unwrap();
    let older = EpisodeRow {
        acquired_on: "2024-12-31".parse().unwrap(),
        ..episode
    };
    counts.add(&older, &[], &charges[2..]).unwrap();
    assert_eq!(counts.paid_before_records, 1);
    let counts = counts.into_counts();
    let of = |text| &counts[&(month(text), "home".to_owned())];
    assert_eq!(
        of("2025-02").new_customers,
        [(Some("web".to_owned()), 1)].into()
    );
    assert!(of("2025-03").new_customers.is_empty());
    assert_eq!(of("2025-03").revenue, [("EUR", 200)].into());
}

#[test]
fn who_moves_counts_in_both_segments() {
    let moved = EarlierSegment {
        segment: "start".into(),
        until: "2025-03-10".parse().unwrap(),
    };
    let episode = EpisodeRow {
        earlier_segments: vec![moved],
        ..episode("2025-01-15", "2025-04-30")
    };
    let contact = |month: &str| exposure(month, "phone");
    let charges = [charge(RevenueKind::Recurring, "2025-04", 4, 400)];
    let mut counts = counts("2025-01", "2025-04");
    let contacts = [contact("2025-02"), contact("2025-03")];
    counts.add(&episode, &contacts, &charges).unwrap();
    let counts = counts.into_counts();
    let of = |text, segment: &str| counts.get(&(month(text), segment.to_owned()));
    let days = |text, segment| of(text, segment).map_or(0, |it| it.customer_days);
    assert_eq!((days("2025-02", "start"), days("2025-02", "home")), (28, 0));
    assert_eq!(
        (days("2025-03", "start"), days("2025-03", "home")),
        (10, 21)
    );
    for (month, segment) in [
        ("2025-01", "start"),
        ("2025-02", "start"),
        ("2025-03", "home"),
        ("2025-04", "home"),
    ] {
        assert_eq!(
            of(month, segment).unwrap().revenue,
            [("EUR", 100)].into(),
            "{month}"
        );
    }
    assert!(of("2025-03", "start").unwrap().revenue.is_empty());
    assert_eq!(of("2025-01", "start").unwrap().new_customers.len(), 1);
    assert_eq!(of("2025-02", "start").unwrap().contact_sum().count, 2);
    assert_eq!(of("2025-03", "home").unwrap().contact_sum().count, 2);
}

fn exposure(month: &str, channel: &str) -> ExposureRow {
    let sum = ContactSum {
        count: 2,
        handle_seconds: 90,
    };
    ExposureRow {
        customer: key(),
        month: month.into(),
        contacts: [(channel.to_owned(), sum)].into(),
        issues: BTreeMap::new(),
        unresolved: 0,
        abandoned: 0,
        scores: BTreeMap::new(),
    }
}

#[test]
fn contacts_count_by_channel_in_their_month() {
    let mut counts = counts("2025-02", "2025-02");
    let rows = [
        exposure("2025-01", "phone"),
        exposure("2025-02", "chat"),
        exposure("2025-02", "phone"),
    ];
    let episode = episode("2025-01-15", "2025-03-31");
    counts.add(&episode, &rows, &[]).unwrap();
    assert!(counts.add(&episode, &[exposure("2025", "x")], &[]).is_err());
    let counts = counts.into_counts();
    let all = counts[&(month("2025-02"), "home".to_owned())].contact_sum();
    assert_eq!((all.count, all.handle_seconds), (4, 180));
}

proptest! {
    #[test]
    fn the_parts_of_a_charge_sum_to_it(
        minor in 0i64..1_000_000_000, months in 1i32..60, refund in any::<bool>(),
    ) {
        let kind = if refund { RevenueKind::Refund } else { RevenueKind::Recurring };
        let charge = charge(kind, "2025-12", months, minor);
        let first = charge.span.first();
        let parts: Vec<i128> =
            super::months(first, charge.span.last()).map(|month| charge.part(month)).collect();
        prop_assert_eq!(parts.len(), months as usize);
        prop_assert_eq!(parts.iter().sum::<i128>(), i128::from(kind.sign() * minor));
        let most = parts.iter().max().unwrap() - parts.iter().min().unwrap();
        prop_assert!(most <= 1);
    }
}
