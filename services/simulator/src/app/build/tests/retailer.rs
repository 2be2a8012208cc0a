//! A retailer: nobody pays by the month, most buy once or twice a year, some never.

use super::*;
use keepworth_contract::simulator::FigureName;

/// What customer `number` pays in each month of the year, in cents: few months, unequal sums.
fn purchases(number: u32) -> [i64; 12] {
    let mut state = u64::from(number) * 2_654_435_761 + 12_345;
    std::array::from_fn(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let roll = (state >> 33) % 1_000;
        if !number.is_multiple_of(6) && roll < 137 {
            4_000 + 50 * (roll as i64)
        } else {
            0
        }
    })
}

/// 300 customers of old; every tenth left at the end of May.
fn retailer() -> (Records, i64) {
    let mut records = Records::new(day("2025-12-31"));
    let mut books = 0;
    for number in 0..300 {
        let left_on = (number % 10 == 9).then_some("2025-05-31");
        let mut minor = purchases(number);
        if left_on.is_some() {
            minor[5..].fill(0);
        }
        books += minor.iter().sum::<i64>();
        let episode = episode(number, "shop", "2025-01-01", left_on);
        let rows = [charged(number, minor)];
        let bought = minor.iter().any(|it| *it != 0);
        let rows = if bought { &rows[..] } else { &[] };
        records.tallies.add(&episode, &[], rows).unwrap();
    }
    records.add_cohort(&cohort("shop", 0, 3_390.0, 30, 0, 300));
    records.add_cohort(&cohort("shop", 12, 0.0, 0, 270, 0));
    let goods = cost(None, "COST_OF_REVENUE", None, books / 20 * 12);
    for row in evenly(goods) {
        records.costs.push(row, "2025-01".parse().unwrap()).unwrap();
    }
    (records, books)
}

#[test]
fn revenue_times_customer_months_is_what_the_books_say() {
    let (records, books) = retailer();
    let payers: u64 = records
        .tallies
        .company()
        .by_month
        .iter()
        .map(|it| it.payers)
        .sum();
    let baseline = records.into_baseline().unwrap();
    let shop = &baseline.segments[0];
    let figure = |name| shop.figures[&name].value.unwrap();
    assert!((figure(FigureName::CustomerMonths) - (270.0 * 12.0 + 30.0 * 5.0)).abs() < 1e-9);
    let total = figure(FigureName::Revenue) * figure(FigureName::CustomerMonths);
    assert!(
        (total - books as f64 / 100.0).abs() < 1e-6,
        "{total} of {books} cents"
    );
    assert_eq!(shop.revenue_by_kind["TOTAL"].minor_units().unwrap(), books);
    // A month in which somebody buys is worth several times a month as a customer.
    let of_buyers = books as f64 / 100.0 / payers as f64;
    assert!(of_buyers > 6.0 * figure(FigureName::Revenue), "{of_buyers}");
    // Twelve twentieths of what is taken in goes to suppliers.
    assert!(
        (figure(FigureName::GrossMargin) - 0.4).abs() < 1e-4,
        "{}",
        figure(FigureName::GrossMargin)
    );
    let flags = &shop.figures[&FigureName::Revenue].quality_flags;
    let never = |flag: &Flag| {
        flag.code == FlagCode::NoRevenueRecorded
            && flag.detail.contains("never charged in all the records")
    };
    assert!(flags.iter().any(never), "{flags:?}");
    let interval = shop.figures[&FigureName::Revenue]
        .interval
        .as_ref()
        .unwrap();
    assert!(
        interval.low > 0.6 * figure(FigureName::Revenue)
            && interval.high < 1.6 * figure(FigureName::Revenue)
    );
}
