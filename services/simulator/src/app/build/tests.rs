//! A company small enough to be computed by hand.

use keepworth_contract::customers::LeavingCause;
use keepworth_contract::experience::ContactSum;
use keepworth_contract::feed::CustomerKey;
use keepworth_contract::finance::CostRow;
use keepworth_contract::finance::avoidable::ConfirmedShare;
use keepworth_contract::simulator::FigureName;
use keepworth_contract::simulator::baseline::Figure;

use super::*;

mod books;
mod drawn;
mod held;
mod retailer;
mod shop;
mod tracked;
mod whole_way;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn customer(number: u32) -> CustomerKey {
    CustomerKey {
        source: "crm".to_owned(),
        external_id: number.to_string(),
    }
}

fn episode(number: u32, segment: &str, from: &str, left_on: Option<&str>) -> EpisodeRow {
    EpisodeRow {
        customer: customer(number),
        segment: segment.to_owned(),
        earlier_segments: Vec::new(),
        acquired_on: day(from),
        acquisition_channel: None,
        observed_from: day(from),
        observed_to: day(left_on.unwrap_or("2025-12-31")),
        left: left_on.is_some(),
        cause: left_on.map(|_| LeavingCause::Effort),
    }
}

/// Minor units charged in each month of the window.
fn charged(number: u32, minor_by_month: [i64; 12]) -> RevenueRow {
    let months = minor_by_month.iter().filter(|minor| **minor != 0).count();
    RevenueRow {
        customer: customer(number),
        currency: "EUR".to_owned(),
        minor_by_kind: BTreeMap::from([("RECURRING".to_owned(), minor_by_month.iter().sum())]),
        months: months as i64,
        minor_by_month: minor_by_month.to_vec(),
        earlier_minor_by_month: Vec::new(),
        billed_from: Some("2025-01".to_owned()),
        repeated_minor: 0,
    }
}

/// Charged evenly over the last `months` months.
fn revenue(number: u32, recurring: i64, refund: i64, months: i64) -> RevenueRow {
    let covered = |place: i64| {
        if place >= 12 - months {
            (recurring + refund) / months
        } else {
            0
        }
    };
    RevenueRow {
        customer: customer(number),
        currency: "EUR".to_owned(),
        minor_by_kind: [("RECURRING", recurring), ("REFUND", refund)]
            .map(|(kind, minor)| (kind.to_owned(), minor))
            .into(),
        months,
        minor_by_month: (0..12).map(covered).collect(),
        earlier_minor_by_month: Vec::new(),
        billed_from: Some("2025-01".to_owned()),
        repeated_minor: 0,
    }
}

fn exposure(number: u32, month: &str, count: u64, handle_seconds: i64) -> ExposureRow {
    let sum = ContactSum {
        count,
        handle_seconds,
    };
    ExposureRow {
        customer: customer(number),
        month: month.to_owned(),
        contacts: BTreeMap::from([("phone".to_owned(), sum)]),
        issues: BTreeMap::new(),
        unresolved: 0,
        abandoned: 0,
        scores: BTreeMap::from([("NPS".to_owned(), 9)]),
    }
}

fn cohort(
    segment: &str,
    month: u32,
    exposure_months: f64,
    left: u64,
    active: u64,
    entered: u64,
) -> CohortRow {
    CohortRow {
        segment: segment.to_owned(),
        tenure_month: month,
        years_ago: 0,
        at_risk: entered,
        entered,
        exposure_months,
        left: (left > 0)
            .then_some((LeavingCause::Effort, left))
            .into_iter()
            .collect(),
        left_unknown: 0,
        active,
    }
}

/// Booked in June; the other months have entries of 0, so that the books are complete.
fn cost(
    segment: Option<&str>,
    category: &str,
    channel: Option<&str>,
    minor: i64,
) -> Vec<EconomicsRow> {
    let row = |month: u32| CostRow {
        segment: segment.map(str::to_owned),
        category: category.to_owned(),
        component: None,
        channel: channel.map(str::to_owned),
        month: format!("2025-{month:02}"),
        minor: if month == 6 { minor } else { 0 },
        currency: "EUR".to_owned(),
        entries: 1,
        assumed_entries: u64::from(category == "OVERHEAD"),
    };
    (1..=12).map(row).map(EconomicsRow::Cost).collect()
}

/// The same spread over the months of the year.
fn evenly(rows: Vec<EconomicsRow>) -> Vec<EconomicsRow> {
    let total: i64 = rows.iter().map(minor).sum();
    let part = |row: EconomicsRow| match row {
        EconomicsRow::Cost(row) => EconomicsRow::Cost(CostRow {
            minor: total / 12,
            ..row
        }),
        other => other,
    };
    rows.into_iter().map(part).collect()
}

fn minor(row: &EconomicsRow) -> i64 {
    match row {
        EconomicsRow::Cost(row) => row.minor,
        EconomicsRow::AvoidableShare(_) => 0,
    }
}

/// One year; business: 1 and 2 for all of it. Home: 3 for all of it, 4 from October on, 5 left at
/// the end of June.
fn records() -> Records {
    let mut records = Records::new(day("2025-12-31"));
    let year = "2025-01-01";
    let customers = [
        (
            episode(1, "business", year, None),
            vec![exposure(1, "2025-03", 6, 3_600)],
            vec![revenue(1, 24_000, -1_200, 12)],
        ),
        (
            episode(2, "business", year, None),
            vec![],
            vec![revenue(2, 12_000, 0, 12)],
        ),
        (
            episode(3, "home", year, None),
            vec![exposure(3, "2025-05", 3, 900)],
            vec![revenue(3, 6_000, 0, 12)],
        ),
        (
            episode(4, "home", "2025-10-01", None),
            vec![],
            vec![revenue(4, 3_000, 0, 3)],
        ),
        (
            episode(5, "home", year, Some("2025-06-30")),
            vec![exposure(5, "2025-06", 3, 900)],
            vec![],
        ),
    ];
    for (episode, exposures, revenues) in customers {
        records
            .tallies
            .add(&episode, &exposures, &revenues)
            .unwrap();
    }
    for row in [
        cohort("business", 0, 2.0, 0, 0, 2),
        cohort("business", 11, 22.0, 0, 0, 0),
        cohort("business", 12, 0.0, 0, 2, 0),
        cohort("home", 0, 3.0, 0, 0, 3),
        cohort("home", 3, 0.0, 0, 1, 0),
        cohort("home", 5, 7.0, 1, 0, 0),
        cohort("home", 11, 11.0, 0, 0, 0),
        cohort("home", 12, 0.0, 0, 1, 0),
    ] {
        records.add_cohort(&row);
    }
    for rows in [
        cost(None, "COST_OF_REVENUE", None, 9_000),
        cost(None, "ACQUISITION", None, 10_000),
        cost(Some("home"), "OVERHEAD", None, 2_100),
        cost(None, "SERVICE", Some("phone"), 9_000),
        cost(Some("hom"), "OVERHEAD", None, 5),
    ] {
        book(&mut records, rows);
    }
    records
}

fn book(records: &mut Records, rows: impl IntoIterator<Item = EconomicsRow>) {
    for row in rows {
        records.costs.push(row, "2025-01".parse().unwrap()).unwrap();
    }
}

/// The company's baseline.
pub fn sample() -> Baseline {
    records().into_baseline().unwrap()
}

fn near(figure: &Figure, expected: f64) {
    let found = figure.value.unwrap();
    assert!(
        (found - expected).abs() < 1e-9 * (1.0 + expected),
        "{found}, not {expected}: {figure:?}"
    );
}

#[test]
fn figures_are_those_computed_by_hand() {
    let baseline = records().into_baseline().unwrap();
    let [business, home] = &baseline.segments[..] else {
        panic!("two segments")
    };
    near(&business.figures[&FigureName::Customers], 2.0);
    near(&home.figures[&FigureName::Customers], 2.0);
    assert_eq!(
        home.customers_by_tenure,
        [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    );
    // Home: 12 + 3 + 6 months, one left.
    near(&home.figures[&FigureName::CustomerMonths], 21.0);
    near(&home.figures[&FigureName::Hazard], 1.0 / 21.0);
    near(&baseline.company.figures[&FigureName::Hazard], 1.0 / 45.0);
    assert_eq!(
        baseline.company.left_by_cause,
        BTreeMap::from([("EFFORT".to_owned(), 1)])
    );
    near(&home.figures[&FigureName::ExperienceShare], 1.0);
    near(
        &baseline.company.figures[&FigureName::WonPerMonth],
        5.0 / 12.0,
    );
    // Business: 228 + 120 EUR in 24 months; home: 60 + 30 EUR in 21, six of them of who never paid.
    near(&business.figures[&FigureName::Revenue], 14.5);
    near(&home.figures[&FigureName::Revenue], 90.0 / 21.0);
    assert_eq!(home.figures[&FigureName::Revenue].definition.version, 2);
    near(&business.figures[&FigureName::MeanRecurringCharge], 15.0);
    assert_eq!(business.revenue_by_kind["TOTAL"].to_string(), "348.00 EUR");
    assert_eq!(business.revenue_by_kind["REFUND"].to_string(), "-12.00 EUR");
    // Home earns 60 + 30 EUR and bears the 90 EUR of June for two of the four customers of that month.
    near(&home.figures[&FigureName::GrossMargin], 1.0 - 45.0 / 90.0);
    near(
        &baseline.company.figures[&FigureName::GrossMargin],
        1.0 - 90.0 / 438.0,
    );
    // 100 EUR over five customers won.
    near(&home.figures[&FigureName::AcquisitionCost], 20.0);
    near(&home.figures[&FigureName::Overhead], 1.0);
    let flags = &home.figures[&FigureName::Overhead].quality_flags;
    assert_eq!(flags[0].code, FlagCode::Assumed);
    assert_eq!(business.figures[&FigureName::Overhead].value, None);
    let flag = &business.figures[&FigureName::Overhead].quality_flags[0];
    assert!(
        flag.code == FlagCode::NotRecorded && flag.detail.contains("for other segments"),
        "{flag}"
    );
    near(&baseline.company.figures[&FigureName::Overhead], 1.0);
    // 12 contacts, 90 minutes; home: 6 contacts, 30 minutes, and the 90 EUR of June, when it alone
    // called.
    let phone = &home.channels[0];
    near(&phone.contacts, 6.0 / 21.0);
    near(&phone.minutes, 5.0);
    near(&phone.cost_per_minute, 3.0);
    assert_eq!(baseline.company.figures[&FigureName::Nps].n, 3);
    assert!(baseline.quality_flags.iter().any(|flag| {
        flag.subject.as_deref() == Some("hom") && flag.detail.contains("business, home")
    }));
    assert!(
        !baseline
            .company
            .figures
            .contains_key(&FigureName::QuarterlyChurn)
    );
}

#[test]
fn the_same_records_have_the_same_hash_and_others_another() {
    let (one, two) = (
        records().into_baseline().unwrap(),
        records().into_baseline().unwrap(),
    );
    assert_eq!(one.hash, two.hash);
    assert_eq!(one.compute_hash().unwrap(), one.hash);
    let mut more = records();
    book(&mut more, cost(None, "OVERHEAD", None, 1));
    assert_ne!(more.into_baseline().unwrap().hash, one.hash);
    let wire = serde_json::to_string_pretty(&one).unwrap();
    let back: Baseline = serde_json::from_str(&wire).unwrap();
    assert_eq!(
        back.compute_hash().unwrap(),
        one.hash,
        "figures survive the wire"
    );
}

#[test]
fn a_single_quarter_has_a_quarterly_churn() {
    let mut records = Records::new(day("2025-12-31"));
    let customers = [
        episode(1, "home", "2025-10-01", None),
        episode(2, "home", "2025-10-01", Some("2025-12-31")),
    ];
    for (episode, minor) in customers.iter().zip([3_000, 6_000]) {
        let number = episode.customer.external_id.parse().unwrap();
        records
            .tallies
            .add(episode, &[], &[revenue(number, minor, 0, 3)])
            .unwrap();
    }
    for row in [
        cohort("home", 0, 2.0, 0, 0, 2),
        cohort("home", 2, 4.0, 1, 1, 0),
    ] {
        records.add_cohort(&row);
    }
    let baseline = records.into_baseline().unwrap();
    near(
        &baseline.segments[0].figures[&FigureName::QuarterlyChurn],
        0.5,
    );
    let codes: Vec<FlagCode> = baseline.quality_flags.iter().map(|it| it.code).collect();
    assert!(codes.contains(&FlagCode::WindowShorterThanTwelveMonths));
    assert!(codes.contains(&FlagCode::NoInteractions));
    assert_eq!(baseline.window_from, day("2025-10-01"));
}

#[test]
fn what_cannot_be_a_baseline_says_why() {
    let reason = |records: Records| records.into_baseline().unwrap_err().to_string();
    assert!(reason(Records::new(day("2025-12-31"))).contains("no customer"));
    let mut changed = records();
    changed.add_cohort(&cohort("home", 0, 1.0, 0, 0, 1));
    assert!(reason(changed).contains("changed"));
    let mut poor = records();
    poor.costs = CostTable::default();
    poor.tallies.currency = None;
    assert!(reason(poor).contains("import revenues"));
    let mut mixed = records();
    mixed.tallies.currency = Some("USD".to_owned());
    assert!(reason(mixed).contains("USD and EUR"));
}

/// The rooms that read baselines test on this one.
#[test]
fn the_sample_is_the_one_that_the_verdict_is_tested_on() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../libs/verdict/src/sample.json"
    );
    let json = serde_json::to_string_pretty(&sample()).unwrap() + "\n";
    if std::env::var_os("KEEPWORTH_WRITE_SAMPLE").is_some() {
        std::fs::write(file, &json).unwrap();
    }
    assert_eq!(std::fs::read_to_string(file).unwrap(), json);
}
