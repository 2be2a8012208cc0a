mod interval;

use keepworth_contract::Word;
use proptest::prelude::*;

use super::*;
use crate::rule::driver::DriversByMonth;

fn cost(
    segment: Option<&str>,
    category: CostCategory,
    channel: Option<&str>,
    month: &str,
    minor: i64,
) -> EconomicsRow {
    EconomicsRow::Cost(CostRow {
        segment: segment.map(str::to_owned),
        category: category.name().to_owned(),
        component: None,
        channel: channel.map(str::to_owned),
        month: month.to_owned(),
        minor,
        currency: "EUR".to_owned(),
        entries: 1,
        assumed_entries: 0,
    })
}

fn table(rows: impl IntoIterator<Item = EconomicsRow>) -> CostTable {
    let mut table = CostTable::default();
    for row in rows {
        table.push(row, "2025-01".parse().unwrap()).unwrap();
    }
    table
}

fn year() -> Calendar {
    Calendar::of("2025-01-01".parse().unwrap(), "2025-12-31".parse().unwrap())
}

fn september() -> Calendar {
    Calendar::of("2025-09-01".parse().unwrap(), "2025-09-30".parse().unwrap())
}

fn month(months: f64, won: f64, revenue_minor: f64, phone: f64, chat: f64) -> MonthDrivers {
    let minutes = [("chat", chat), ("phone", phone)];
    MonthDrivers {
        months,
        won,
        revenue_minor,
        minutes_by_channel: minutes.map(|(name, m)| (name.to_owned(), m)).into(),
    }
}

/// September alone.
fn one(of: MonthDrivers) -> Drivers {
    DriversByMonth::from([("2025-09".parse().unwrap(), of)]).into()
}

/// Each month of 2025 alike.
fn every(of: &MonthDrivers) -> Drivers {
    let year = year();
    let months = year.months().map(|month| (month, of.clone()));
    months.collect::<DriversByMonth>().into()
}

fn months(numbers: std::ops::RangeInclusive<u32>) -> impl Iterator<Item = String> {
    numbers.map(|number| format!("2025-{number:02}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn nothing_is_lost_and_nothing_counted_twice(
        rows in proptest::collection::vec((0usize..3, 0usize..7, 0usize..4, -1000i64..100_000), 1..40),
        phone in 0.0f64..100.0,
    ) {
        let segments = [Some("a"), Some("b"), None];
        let channels = [Some("phone"), Some("chat"), Some("letter"), None];
        let table = table(rows.iter().map(|(s, category, c, minor)| {
            cost(segments[*s], CostCategory::all().nth(*category).unwrap(), channels[*c], "2025-09", *minor)
        }));
        let a = one(month(10.0, 2.0, 500.0, phone, 0.0));
        let b = one(month(30.0, 1.0, 700.0, 5.0, 7.0));
        let all = one(month(40.0, 3.0, 1_200.0, phone + 5.0, 7.0));
        let mut sum = table.of_segment("a", &a, &all, &september());
        sum.add(&table.of_segment("b", &b, &all, &september()));
        let found = sum.cost_of_revenue.minor + sum.acquisition.minor + sum.maintenance().minor;
        let expected: i64 = rows.iter().map(|row| row.3).sum();
        prop_assert!((found - expected as f64).abs() < 1e-6, "{found} of {expected}");
    }
}

#[test]
fn service_cost_follows_the_minutes() {
    let service = |segment, channel, minor| {
        cost(
            segment,
            CostCategory::Service,
            Some(channel),
            "2025-09",
            minor,
        )
    };
    let table = table([
        service(None, "phone", 1_000),
        service(Some("a"), "phone", 300),
        service(None, "letter", 400),
    ]);
    let all = one(month(40.0, 0.0, 0.0, 100.0, 0.0));
    let mine = one(month(10.0, 0.0, 0.0, 80.0, 0.0));
    let a = table.of_segment("a", &mine, &all, &september());
    assert_eq!(a.channels["phone"].minor, 1_100.0);
    assert_eq!(a.channels["phone"].shared_by, BTreeSet::from([BY_MINUTES]));
    assert_eq!(a.overhead.minor, 100.0, "letters were never recorded");
    assert_eq!(a.without_contacts, BTreeSet::from(["letter".to_owned()]));
}

#[test]
fn service_that_is_no_contact_is_overhead() {
    let account_management = EconomicsRow::Cost(CostRow {
        segment: None,
        category: "SERVICE".to_owned(),
        component: Some("ACCOUNT_MANAGEMENT".to_owned()),
        channel: None,
        month: "2025-09".to_owned(),
        minor: 700,
        currency: "EUR".to_owned(),
        entries: 1,
        assumed_entries: 0,
    });
    let all = one(month(40.0, 0.0, 0.0, 100.0, 0.0));
    let costs = table([account_management]).of_segment("a", &all, &all, &september());
    assert_eq!((costs.overhead.minor, costs.channels.len()), (700.0, 0));
}

#[test]
fn late_books_are_rated_over_the_months_they_cover() {
    // 100 a month over 10 customer-months, booked up to October.
    let rows = months(1..=10).map(|it| cost(Some("a"), CostCategory::Overhead, None, &it, 100));
    let drivers = every(&month(10.0, 2.0, 1_000.0, 0.0, 0.0));
    let costs = table(rows).of_segment("a", &drivers, &drivers, &year());
    assert_eq!(costs.overhead.rate(), Some(10.0));
    assert_eq!(costs.overhead.minor, 1_200.0, "stretched to the year");
    let flags = costs.overhead.gap_flags(&year());
    let said = "OVERHEAD is booked up to 2025-10, not yet in 2025-11";
    assert!(flags[0].detail.starts_with(said), "{flags:?}");
    assert!(!costs.acquisition.is_recorded(), "nothing is not zero");
    assert_eq!(costs.acquisition.rate(), None);
}

/// A ledger that was opened in October is one of months: what it books in three is not what a year costs.
#[test]
fn books_that_begin_late_are_rated_over_their_months() {
    let drivers = every(&month(10.0, 2.0, 1_000.0, 0.0, 0.0));
    let rate = |booked: &[&str], minor| {
        let rows = booked.iter();
        let rows = rows.map(|it| cost(Some("a"), CostCategory::Overhead, None, it, minor));
        let costs = table(rows).of_segment("a", &drivers, &drivers, &year());
        costs.overhead.rate()
    };
    assert_eq!(rate(&["2025-10", "2025-11", "2025-12"], 100), Some(10.0));
    // One sum of a year, and one of each quarter, are for all its months.
    assert_eq!(rate(&["2025-12"], 1_200), Some(10.0));
    let quarters = ["2025-03", "2025-06", "2025-09", "2025-12"];
    assert_eq!(rate(&quarters, 300), Some(10.0));
}

#[test]
fn an_entry_of_zero_is_a_month_without_cost() {
    let spent = months(1..=6).map(|it| (it, 200));
    let rows = spent.chain(months(7..=12).map(|it| (it, 0)));
    let rows = rows.map(|(it, minor)| cost(None, CostCategory::Acquisition, None, &it, minor));
    let drivers = every(&month(10.0, 2.0, 1_000.0, 0.0, 0.0));
    let costs = table(rows).of_segment("a", &drivers, &drivers, &year());
    assert_eq!(costs.acquisition.rate(), Some(50.0));
    assert!(costs.acquisition.gap_flags(&year()).is_empty());
}

#[test]
fn own_and_shared_books_have_months_of_their_own() {
    // 60 a month of its own for all months, 40 shared for half of them.
    let own = months(1..=12).map(|it| cost(Some("a"), CostCategory::CostOfRevenue, None, &it, 60));
    let shared = months(1..=6).map(|it| cost(None, CostCategory::CostOfRevenue, None, &it, 80));
    let mine = every(&month(10.0, 0.0, 1_000.0, 0.0, 0.0));
    let all = every(&month(20.0, 0.0, 5_000.0, 0.0, 0.0));
    let costs = table(own.chain(shared)).of_segment("a", &mine, &all, &year());
    let rate = costs.cost_of_revenue.rate().unwrap();
    assert!((rate - 0.1).abs() < 1e-12, "{rate}");
    let flags = costs.cost_of_revenue.gap_flags(&year());
    assert!(
        flags.len() == 1
            && flags[0]
                .detail
                .contains("COST_OF_REVENUE that names no segment"),
        "{flags:?}"
    );
}

#[test]
fn what_occurs_now_and_then_is_no_hole() {
    let monthly = months(1..=12).map(|it| cost(None, CostCategory::Overhead, None, &it, 100));
    let course = cost(None, CostCategory::Training, None, "2025-05", 600);
    let audit = cost(Some("a"), CostCategory::Overhead, None, "2025-02", 300);
    let drivers = every(&month(10.0, 0.0, 0.0, 0.0, 0.0));
    let table = table(monthly.chain([course, audit]));
    let costs = table.of_segment("a", &drivers, &drivers, &year());
    assert_eq!(
        costs.overhead.rate(),
        Some((1_200.0 + 600.0 + 300.0) / 120.0)
    );
    assert!(costs.overhead.gap_flags(&year()).is_empty());
}

#[test]
fn a_segment_that_others_outspend_by_having_books_is_not_free() {
    let rows = months(1..=12).map(|it| cost(Some("a"), CostCategory::CostOfRevenue, None, &it, 60));
    let table = table(rows);
    let (a, b) = (
        every(&month(10.0, 0.0, 1_000.0, 0.0, 0.0)),
        every(&month(10.0, 0.0, 3_000.0, 0.0, 0.0)),
    );
    let all = every(&month(20.0, 0.0, 4_000.0, 0.0, 0.0));
    let mut company = table.of_segment("a", &a, &all, &year());
    let poor = table.of_segment("b", &b, &all, &year());
    assert_eq!(poor.cost_of_revenue.rate(), None);
    company.add(&poor);
    let rate = company.cost_of_revenue.rate().unwrap();
    assert!((rate - 0.06).abs() < 1e-12, "over the revenue of `a` only");
    assert_eq!(company.cost_of_revenue.unrecorded.len(), 1);
    assert!(table.others_have(CostCategory::CostOfRevenue, "b"));
}

#[test]
fn months_that_are_cut_count_on_neither_side() {
    let calendar = Calendar::of("2025-08-16".parse().unwrap(), "2025-09-30".parse().unwrap());
    let rows = [("2025-08", 900), ("2025-09", 100)];
    let rows = rows.map(|(it, minor)| cost(None, CostCategory::Overhead, None, it, minor));
    let half = DriversByMonth::from([
        ("2025-08".parse().unwrap(), month(5.0, 0.0, 0.0, 0.0, 0.0)),
        ("2025-09".parse().unwrap(), month(10.0, 0.0, 0.0, 0.0, 0.0)),
    ]);
    let drivers = Drivers::from(half);
    let costs = table(rows).of_segment("a", &drivers, &drivers, &calendar);
    assert_eq!(costs.overhead.rate(), Some(10.0));
}

#[test]
fn currencies_do_not_mix_and_unknown_segments_are_named() {
    let mut table = table([cost(
        Some("typo"),
        CostCategory::Overhead,
        None,
        "2025-09",
        7,
    )]);
    assert_eq!(
        table.unknown_segments(|known| known == "a"),
        BTreeMap::from([("typo", 7)])
    );
    let mut dollars = cost(None, CostCategory::Overhead, None, "2025-09", 7);
    if let EconomicsRow::Cost(row) = &mut dollars {
        row.currency = "USD".to_owned();
    }
    let error = table.push(dollars, "2025-01".parse().unwrap()).unwrap_err();
    assert!(error.to_string().contains("EUR and USD"), "{error}");
}

fn confirmed(
    component: &str,
    segment: Option<&str>,
    from: &str,
    basis_points: u16,
) -> EconomicsRow {
    EconomicsRow::AvoidableShare(ConfirmedShare {
        component: component.to_owned(),
        segment: segment.map(str::to_owned),
        channel: None,
        from: from.parse().unwrap(),
        basis_points,
        reason: "board".to_owned(),
        confirmed_on: "2025-12-01".parse().unwrap(),
    })
}

#[test]
fn confirmed_shares_become_steps_from_the_day_on() {
    let table = table([
        confirmed("CONSUMPTION", None, "2025-03", 3_000),
        confirmed("CONSUMPTION", None, "2026-06", 6_000),
        confirmed("CONSUMPTION", Some("b"), "2025-03", 1_000),
    ]);
    let now: Month = "2025-12".parse().unwrap();
    let steps = |segment: &str| -> Vec<(String, f64)> {
        let steps = table.avoidable_contacts(Some(segment), "phone", now);
        steps
            .iter()
            .map(|it| (it.from.to_string(), it.share))
            .collect()
    };
    let step = |from: &str, share| (from.to_owned(), share);
    assert_eq!(steps("a"), [step("2025-12", 0.3), step("2026-06", 0.6)]);
    assert_eq!(steps("b"), [step("2025-12", 0.1)], "its own comes first");
    let nothing = CostTable::default().avoidable_contacts(Some("a"), "phone", now);
    assert!(nothing.is_empty());
}

#[test]
fn components_of_overhead_weigh_by_their_cost() {
    let of = |category: CostCategory, component: &str, minor| {
        EconomicsRow::Cost(CostRow {
            segment: None,
            category: category.name().to_owned(),
            component: Some(component.to_owned()),
            channel: None,
            month: "2025-09".to_owned(),
            minor,
            currency: "EUR".to_owned(),
            entries: 1,
            assumed_entries: 0,
        })
    };
    let table = table([
        of(CostCategory::Overhead, "OVERHEAD", 300),
        of(CostCategory::Training, "TRAINING", 100),
        of(CostCategory::Retention, "LOYALTY", 100),
        confirmed("OVERHEAD", None, "2025-01", 2_000),
        confirmed("TRAINING", None, "2025-01", 6_000),
    ]);
    let drivers = one(month(10.0, 0.0, 0.0, 0.0, 0.0));
    let costs = table.of_segment("a", &drivers, &drivers, &september());
    let now: Month = "2025-09".parse().unwrap();
    let [step] = &table.avoidable_overhead(Some("a"), &costs, now)[..] else {
        panic!("one step")
    };
    // (300 · 0.2 + 100 · 0.6)/400 of what is confirmed, which is 400 of 500.
    assert!((step.share - 0.3).abs() < 1e-12 && (step.confirmed_part - 0.8).abs() < 1e-12);
    assert_eq!(step.confirmed.len(), 2);
}

#[test]
fn a_share_above_one_is_refused_in_words() {
    let mut table = CostTable::default();
    let share = confirmed("CONSUMPTION", None, "2025-03", 12_000);
    let error = table.push(share, "2025-01".parse().unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "finance confirms that 1.2 of CONSUMPTION is avoidable from 2025-03 on; a share lies \
         between 0 and 1, correct it there"
    );
}
