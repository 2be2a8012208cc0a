//! Errors and intervals of costs over months.

use super::*;

#[test]
fn the_interval_is_that_of_a_ratio_over_months() {
    // 12 months, 10 customer-months each; costs 90 and 110 in turn: residuals ∓10 about 10 a month.
    let rows = months(1..=12).enumerate().map(|(i, it)| {
        cost(
            None,
            CostCategory::Overhead,
            None,
            &it,
            90 + 20 * (i as i64 % 2),
        )
    });
    let drivers = every(&month(10.0, 0.0, 0.0, 0.0, 0.0));
    let costs = table(rows).of_segment("a", &drivers, &drivers, &year());
    let (error, freedom) = costs.overhead.error().unwrap();
    // √(12/11 · 12 · 10²)/120.
    assert!((error - (12.0 / 11.0 * 1_200.0_f64).sqrt() / 120.0).abs() < 1e-12);
    assert_eq!(freedom, 11.0);
    let interval = costs.overhead.interval(1.0, 0.0).unwrap();
    // t of 11 degrees of freedom at 97.5%: 2.200985 (Fisher and Yates, table III).
    assert!((interval.high - 10.0 * (2.200_985 * error / 10.0).exp()).abs() < 1e-5);
    assert_eq!(interval.method, "ratio_over_months_log_student_t");
    let margin = costs.overhead.interval(-0.01, 1.0).unwrap();
    assert!((margin.low - (0.9 - 0.022_009_85 * error)).abs() < 1e-8);
    assert_eq!(margin.method, "ratio_over_months_student_t");
    // Against itself there is no doubt: months move both alike.
    let same = costs.overhead.interval_over(&costs.overhead, 12.0).unwrap();
    assert!((same.high - same.low).abs() < 1e-12, "{same:?}");
    let alone = table([cost(None, CostCategory::Overhead, None, "2025-09", 7)]);
    let drivers = one(month(10.0, 0.0, 0.0, 0.0, 0.0));
    let alone = alone.of_segment("a", &drivers, &drivers, &september());
    assert_eq!(alone.overhead.rate(), Some(0.7));
    assert_eq!(alone.overhead.interval(1.0, 0.0), None, "one month");
}

#[test]
fn books_of_quarters_scatter_by_quarters() {
    // 270, 330, 270 and 330 in one month of each quarter, over 30 customer-months a quarter.
    let drivers = every(&month(10.0, 0.0, 0.0, 0.0, 0.0));
    for first in [1, 3] {
        let rows = (0..4).map(|quarter| {
            let month = format!("2025-{:02}", first + 3 * quarter);
            let minor = 270 + 60 * i64::from(quarter % 2);
            cost(None, CostCategory::Overhead, None, &month, minor)
        });
        let costs = table(rows).of_segment("a", &drivers, &drivers, &year());
        assert_eq!(costs.overhead.rate(), Some(10.0));
        let (error, freedom) = costs.overhead.error().unwrap();
        // √(4/3 · 4 · 30²)/120: as of four observations, not of twelve of which eight cost nothing.
        let expected = (4.0 / 3.0 * 3_600.0_f64).sqrt() / 120.0;
        assert!((error - expected).abs() < 1e-12, "{error}");
        assert!((freedom - 3.0).abs() < 1e-12, "{freedom}");
    }
}

/// Share of a thousand years of books whose interval holds the true rate of 10 a unit: months of these
/// drivers, each `scatter` off, summed up in every `period`-th.
fn coverage(drivers: &[f64; 12], period: usize, scatter: f64) -> f64 {
    use rand::SeedableRng;
    use rand_distr::{Distribution, StandardNormal};
    const YEARS: u32 = 1_000;
    let mut rng = rand::rngs::ChaCha8Rng::seed_from_u64(5);
    let by_month = months(1..=12).zip(drivers);
    let by_month =
        by_month.map(|(it, driver)| (it.parse().unwrap(), month(*driver, 0.0, 0.0, 0.0, 0.0)));
    let held_against = Drivers::from(by_month.collect::<DriversByMonth>());
    let mut held = 0;
    for _ in 0..YEARS {
        let (mut rows, mut open) = (Vec::new(), 0.0);
        for (place, (it, driver)) in months(1..=12).zip(drivers).enumerate() {
            let z: f64 = StandardNormal.sample(&mut rng);
            // In thousandths, so that rounding to minor units is nothing.
            open += 10_000.0 * driver * (1.0 + scatter * z);
            if (place + 1) % period == 0 {
                rows.push(cost(None, CostCategory::Overhead, None, &it, open as i64));
                open = 0.0;
            }
        }
        let costs = table(rows).of_segment("a", &held_against, &held_against, &year());
        let interval = costs.overhead.interval(1.0, 0.0).unwrap();
        held += u32::from((interval.low..=interval.high).contains(&10_000.0));
    }
    f64::from(held) / f64::from(YEARS)
}

#[test]
fn intervals_hold_the_truth_of_quarters_and_of_unequal_months() {
    // 95 of 100 asked for; a thousand years know it to 1.4 points.
    let even = [10.0; 12];
    let growing: [f64; 12] = std::array::from_fn(|place| 1.0 + 3.0 * place as f64);
    let lumpy = [
        40.0, 1.0, 2.0, 1.0, 30.0, 1.0, 1.0, 25.0, 2.0, 1.0, 35.0, 1.0,
    ];
    for (drivers, period) in [(even, 1), (even, 3), (growing, 1), (growing, 3), (lumpy, 1)] {
        let found = coverage(&drivers, period, 0.2);
        assert!(
            (0.92..0.985).contains(&found),
            "{drivers:?} by {period}: {found}"
        );
    }
}

#[test]
fn months_of_unequal_weight_tell_less() {
    let rows = [("2025-01", 500), ("2025-02", 7), ("2025-03", 5)];
    let rows = rows.map(|(it, minor)| cost(None, CostCategory::Overhead, None, it, minor));
    let of = |text: &str, months| (text.parse().unwrap(), month(months, 0.0, 0.0, 0.0, 0.0));
    let by_month = [of("2025-01", 100.0), of("2025-02", 1.0), of("2025-03", 1.0)];
    let drivers = Drivers::from(DriversByMonth::from(by_month));
    let calendar = Calendar::of("2025-01-01".parse().unwrap(), "2025-03-31".parse().unwrap());
    let costs = table(rows).of_segment("a", &drivers, &drivers, &calendar);
    let (error, freedom) = costs.overhead.error().unwrap();
    assert_eq!(freedom, 1.0, "hardly more than one month");
    // By how much the rate would be another without each month.
    let without = [12.0 / 2.0, 505.0 / 101.0, 507.0 / 101.0];
    let off = without.map(|rate: f64| (rate - 512.0 / 102.0).powi(2));
    let expected = (2.0 / 3.0 * off.iter().sum::<f64>()).sqrt();
    assert!((error - expected).abs() < 1e-9, "{error}, not {expected}");
}
