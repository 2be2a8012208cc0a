//! Calendars of a truth that is drawn person by person.

use rand::rngs::ChaCha8Rng;
use std::f64::consts::TAU;

use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, LogNormal, Normal, Poisson};

use super::*;

/// A company of three kinds of customers whose numbers change, drawn month by month: `growth` of the hazard's logarithm a
/// year, a season of one hump of `hump`, and shocks that all customers of a month share.
fn drawn(rng: &mut ChaCha8Rng, months: usize, growth: f64, hump: f64, shock: f64) -> Vec<Group> {
    let shocks = Normal::new(0.0, shock).unwrap();
    let shocks: Vec<f64> = (0..months).map(|_| shocks.sample(rng)).collect();
    let kinds = [
        (4_000.0, 0.03, 1.02),
        (9_000.0, 0.012, 0.99),
        (2_000.0, 0.006, 1.0),
    ];
    let mut group = |(customers, hazard, change): (f64, f64, f64)| {
        let month = |month: usize| {
            let exposure = customers * f64::powi(change, month as i32);
            // Not a harmonic: two cold months.
            let season = if month % YEAR < 2 { hump } else { 0.0 };
            let log = growth * month as f64 / 12.0 + season + shocks[month];
            let mean = exposure * hazard * log.exp();
            (exposure, Poisson::new(mean).unwrap().sample(rng))
        };
        let (exposure, left) = (0..months).map(month).unzip();
        Group::new(exposure, left).unwrap()
    };
    kinds.map(&mut group).into()
}

#[test]
fn intervals_of_the_trend_hold_it_as_often_as_they_say() {
    const COMPANIES: usize = 600;
    for (months, shock) in [(24, 0.0), (36, 0.0), (36, 0.15), (60, 0.1)] {
        let mut rng = ChaCha8Rng::seed_from_u64(months as u64);
        let held = (0..COMPANIES).filter(|_| {
            let found = fit(0, &drawn(&mut rng, months, 0.08, 0.0, shock)).unwrap();
            found.trend.low < 0.08 && 0.08 < found.trend.high
        });
        let share = held.count() as f64 / COMPANIES as f64;
        assert!(
            (0.92..=0.99).contains(&share),
            "{months} months, shocks of {shock}: {share}"
        );
    }
}

#[test]
fn a_season_is_found_and_none_is_found_where_there_is_none() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mut seasons = |hump: f64, shock: f64| -> Vec<Season> {
        let mut season = || {
            fit(0, &drawn(&mut rng, 48, 0.0, hump, shock))
                .unwrap()
                .season
                .unwrap()
        };
        (0..300).map(|_| season()).collect()
    };
    let found = seasons(0.4, 0.05);
    assert!(found.iter().filter(|it| it.p < 0.05).count() > 285);
    let january = found.iter().map(|it| it.log_factors[0].value).sum::<f64>() / 300.0;
    let june = found.iter().map(|it| it.log_factors[5].value).sum::<f64>() / 300.0;
    // January is 0.4 above the ten others; two harmonics smooth it.
    assert!((0.2..0.4).contains(&(january - june)), "{january} {june}");
    let false_alarms = seasons(0.0, 0.1).iter().filter(|it| it.p < 0.05).count();
    assert!((4..30).contains(&false_alarms), "{false_alarms} of 300");
}

/// Months whose hazard goes up and down by a fifth, once a year, with shocks that all customers share.
#[test]
fn intervals_of_a_months_factor_hold_it_as_often_as_they_say() {
    const COMPANIES: usize = 400;
    let truth = |month: usize| 0.2 * (TAU * month as f64 / YEAR as f64).cos();
    let mut rng = ChaCha8Rng::seed_from_u64(12);
    let shocks = Normal::new(0.0, 0.08).unwrap();
    let mut held = [0; YEAR];
    for _ in 0..COMPANIES {
        let left = |month: usize| {
            let mean = 150.0 * (truth(month) + shocks.sample(&mut rng)).exp();
            Poisson::new(mean).unwrap().sample(&mut rng)
        };
        let group = Group::new(vec![10_000.0; 48], (0..48).map(left).collect()).unwrap();
        let season = fit(0, &[group]).unwrap().season.unwrap();
        for (month, (held, factor)) in held.iter_mut().zip(&season.log_factors).enumerate() {
            *held += usize::from(factor.low < truth(month) && truth(month) < factor.high);
        }
    }
    for (month, held) in held.into_iter().enumerate() {
        let share = held as f64 / COMPANIES as f64;
        assert!((0.91..=0.985).contains(&share), "month {month}: {share}");
    }
}

#[test]
fn two_years_of_the_same_customers_are_told_by_hand() {
    // 100 left in the first twelve months and 120 in the last, ten and ten kinds of equal exposure: no more is known of
    // the trend than a straight line through steps of 0 and ln 1.2.
    let group = |size: f64| {
        let left = |month| if month < 12 { 100.0 } else { 120.0 };
        Group::new(vec![size; 24], (0..24).map(left).collect()).unwrap()
    };
    let (small, large) = (
        fit(3, &[group(10.0)]).unwrap(),
        fit(3, &[group(1e6), group(2e3)]).unwrap(),
    );
    assert!(
        (small.trend.value - large.trend.value).abs() < 1e-9,
        "the groups' own levels do not matter"
    );
    assert_eq!((small.months, small.counted), (24, 2_640.0));
    assert!(
        (0.15..0.35).contains(&small.trend.value),
        "{:?}",
        small.trend
    );
    let flat = Group::new(vec![50.0; 24], vec![5.0; 24]).unwrap();
    let flat = fit(0, &[flat]).unwrap();
    assert!(flat.trend.value.abs() < 1e-12 && flat.dispersion == 1.0);
    let season = flat.season.unwrap();
    assert!(season.p > 0.999 && season.log_factors.iter().all(|it| it.value.abs() < 1e-12));
}

#[test]
fn what_cannot_be_told_is_named() {
    let group =
        |months: usize, left: f64| Group::new(vec![100.0; months], vec![left; months]).unwrap();
    assert_eq!(
        fit(0, &[group(23, 5.0)]),
        Err(CalendarError::TooShort { months: 23 })
    );
    assert_eq!(fit(0, &[]), Err(CalendarError::TooShort { months: 0 }));
    assert_eq!(
        fit(0, &[group(24, 0.0)]),
        Err(CalendarError::Few {
            counted: 0.0,
            needed: 10.0
        })
    );
    assert!(fit(0, &[group(24, 1.0), group(25, 1.0)]).is_err());
    assert!(
        fit(0, &[group(24, 1.0)]).unwrap().season.is_none(),
        "24 leavers tell no season"
    );
    // Each month has customers of its own kind: whether kind or month matters nobody can say.
    let alone = |of: usize| {
        let exposure = (0..24)
            .map(|month| f64::from(u8::from(month == of)) * 100.0)
            .collect();
        let left = (0..24)
            .map(|month| f64::from(5 * u8::from(month == of)))
            .collect();
        Group::new(exposure, left).unwrap()
    };
    let groups: Vec<Group> = (0..24).map(alone).collect();
    assert_eq!(fit(0, &groups), Err(CalendarError::NotIdentified));
    let impossible = Group::new(vec![1.0, 0.0], vec![0.0, 3.0])
        .unwrap_err()
        .to_string();
    assert!(
        impossible.contains("3 were counted in month 1 of 0"),
        "{impossible}"
    );
    assert!(
        Group::new(vec![1.0], vec![0.0, 3.0]).is_err()
            && Group::new(vec![-1.0], vec![0.0]).is_err()
    );
}

/// Revenue of customers who pay more and less, leave, and are followed by others who pay what they pay: what their mean does
/// by itself, month after month, is no trend.
#[test]
fn intervals_of_revenue_hold_its_growth_although_customers_stay_what_they_are() {
    const COMPANIES: u64 = 300;
    const PARTS: usize = 24;
    const GROWTH: f64 = 0.05;
    for (months, churn, customers) in [(24, 0.02, 960), (48, 0.02, 960), (36, 0.05, 2_400)] {
        let held = (0..COMPANIES).filter(|seed| {
            let mut rng = ChaCha8Rng::seed_from_u64(*seed);
            let pays = LogNormal::new(4.0, 0.7).unwrap();
            let shared = Normal::new(1.0, 0.01).unwrap();
            let mut payers: Vec<f64> = (0..customers).map(|_| pays.sample(&mut rng)).collect();
            let mut minor = vec![Vec::new(); PARTS];
            for month in 0..months {
                let growth = (GROWTH * month as f64 / 12.0).exp() * shared.sample(&mut rng);
                let mut sums = [0.0; PARTS];
                for (i, pay) in payers.iter_mut().enumerate() {
                    if rng.random_bool(churn) {
                        *pay = pays.sample(&mut rng);
                    }
                    sums[i % PARTS] += (100.0 * *pay * growth).round();
                }
                for (minor, sum) in minor.iter_mut().zip(sums) {
                    minor.push(sum);
                }
            }
            let exposure = vec![customers as f64 / PARTS as f64; months];
            let part = |minor| vec![Group::new(exposure.clone(), minor).unwrap()];
            let parts: Vec<Vec<Group>> = minor.into_iter().map(part).collect();
            let found = fit_parts(0, &parts).unwrap();
            found.trend.low < GROWTH && GROWTH < found.trend.high
        });
        let share = held.count() as f64 / COMPANIES as f64;
        assert!((0.92..=0.99).contains(&share), "{months} months: {share}");
    }
}

#[test]
fn parts_of_customers_are_their_sum_and_go_together() {
    let group = |months: usize, counted: f64| {
        vec![Group::new(vec![10.0; months], vec![counted; months]).unwrap()]
    };
    let parts = [group(24, 1.0), group(24, 3.0), group(24, 2.0)];
    let whole = fit(0, &[Group::new(vec![30.0; 24], vec![6.0; 24]).unwrap()]).unwrap();
    let found = fit_parts(0, &parts).unwrap();
    assert_eq!(
        (found.counted, found.trend.value),
        (whole.counted, whole.trend.value)
    );
    assert_eq!(
        fit_parts(0, &[group(24, 1.0), group(25, 1.0)]),
        Err(CalendarError::Parts)
    );
    assert_eq!(
        fit_parts(0, &[group(24, 1.0), Vec::new()]),
        Err(CalendarError::Parts)
    );
    assert_eq!(
        fit_parts(0, &[]),
        Err(CalendarError::TooShort { months: 0 })
    );
}

/// A segment that came late beside one that stayed: errors are numbers, whatever months go together.
#[test]
fn groups_of_other_months_leave_no_variance_below_0() {
    let waves = |month: usize| if month % 24 < 12 { 1.3 } else { 0.7 };
    let group = |from: usize, size: f64| {
        let there = |month: usize| if month < from { 0.0 } else { size };
        let exposure = (0..48).map(there).collect();
        let counted = (0..48).map(|month| (0.05 * there(month) * waves(month)).round());
        Group::new(exposure, counted.collect()).unwrap()
    };
    let found = fit(
        0,
        &[group(0, 2_000.0), group(40, 60_000.0), group(44, 90_000.0)],
    )
    .unwrap();
    assert!(found.autocorrelation > 0.5, "{found:?}");
    let season = found.season.unwrap();
    let estimates = season.log_factors.iter().chain([&found.trend]);
    assert!(
        estimates.clone().all(|it| it.se > 0.0 && it.low < it.high),
        "{season:?}"
    );
}
