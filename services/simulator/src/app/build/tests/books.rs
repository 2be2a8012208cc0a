//! What the ledger and finance's confirmations make of the company.

use super::*;
use keepworth_contract::simulator::FigureName;

pub(super) fn confirmed(component: &str, from: &str, basis_points: u16) -> EconomicsRow {
    EconomicsRow::AvoidableShare(ConfirmedShare {
        component: component.to_owned(),
        segment: None,
        channel: None,
        from: from.parse().unwrap(),
        basis_points,
        reason: "the board's decision of 3 November".to_owned(),
        confirmed_on: day("2025-11-04"),
    })
}

#[test]
fn what_finance_confirms_is_in_the_document_and_its_hash() {
    let before = records().into_baseline().unwrap();
    assert!(before.segments[0].channels[0].avoidable.is_empty());
    let mut more = records();
    book(
        &mut more,
        [
            confirmed("CONSUMPTION", "2025-06", 3_000),
            confirmed("CONSUMPTION", "2026-04", 6_000),
            confirmed("OVERHEAD", "2025-12", 2_500),
        ],
    );
    let after = more.into_baseline().unwrap();
    assert_ne!(before.hash, after.hash);
    let steps = &after.segments[0].channels[0].avoidable;
    let told: Vec<(String, f64)> = steps
        .iter()
        .map(|it| (it.from.to_string(), it.share))
        .collect();
    assert_eq!(
        told,
        [("2025-12".to_owned(), 0.3), ("2026-04".to_owned(), 0.6)]
    );
    assert_eq!(steps[0].confirmed[0].confirmed_on, day("2025-11-04"));
    assert!(steps[0].confirmed[0].reason.contains("board"));
    let [overhead] = &after.segments[1].overhead_avoidable[..] else {
        panic!("one step")
    };
    assert_eq!((overhead.share, overhead.confirmed_part), (0.25, 1.0));
    let mut wrong = records();
    book(&mut wrong, [confirmed("TRAINING", "2025-06", 3_000)]);
    let mut strange = confirmed("CONSUMPTION", "2025-06", 3_000);
    if let EconomicsRow::AvoidableShare(share) = &mut strange {
        share.segment = Some("hom".to_owned());
    }
    book(&mut wrong, [strange]);
    let flags = wrong.into_baseline().unwrap().quality_flags;
    let is_said =
        |flag: &Flag| flag.code == FlagCode::AvoidableShareOfNothing && flag.detail.contains("hom");
    assert!(flags.iter().any(is_said), "{flags:?}");
}

#[test]
fn books_that_are_late_or_missing_are_seen() {
    let mut late = records();
    late.costs = CostTable::default();
    let rows = cost(Some("home"), "COST_OF_REVENUE", None, 4_200);
    book(&mut late, rows.into_iter().take(10));
    let baseline = late.into_baseline().unwrap();
    let [business, home] = &baseline.segments[..] else {
        panic!("two segments")
    };
    assert_eq!(
        business.figures[&FigureName::GrossMargin].value,
        None,
        "never 100%"
    );
    let flags = &baseline.quality_flags;
    let is_said = |flag: &Flag| {
        flag.code == FlagCode::SegmentWithoutCosts && flag.subject.as_deref() == Some("business")
    };
    assert!(flags.iter().any(is_said), "{flags:?}");
    // 42.00 over the 5.00 of each month until October, and the first 10.00 of the second customer.
    near(&home.figures[&FigureName::GrossMargin], 1.0 - 42.0 / 60.0);
    let flag = &home.figures[&FigureName::GrossMargin].quality_flags[0];
    assert_eq!(flag.code, FlagCode::BooksLate);
    assert!(
        flag.detail
            .starts_with("COST_OF_REVENUE is booked up to 2025-10"),
        "{flag}"
    );
    assert_eq!(
        home.figures[&FigureName::AcquisitionCost].value,
        None,
        "never free"
    );
}

#[test]
fn keeping_a_customer_costs_overhead_contacts_and_programmes() {
    let mut records = records();
    book(&mut records, cost(None, "PROGRAMME", None, 4_500));
    let baseline = records.into_baseline().unwrap();
    let figures = &baseline.company.figures;
    // 45.00 of programmes, 90.00 of contacts and 21.00 of overhead over 45 months.
    near(&figures[&FigureName::ProgrammeCost], 1.0);
    near(&figures[&FigureName::MaintenanceCost], 156.0 / 45.0);
    let ratio = 20.0 / (12.0 * 156.0 / 45.0);
    near(&figures[&FigureName::AcquisitionToMaintenanceCost], ratio);
}
