//! Costs that a test has drawn are told as what they are.

use keepworth_contract::finance::EconomicsRow;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::*;
use crate::rule::driver::DriversByMonth;

fn phone() -> Kind {
    Kind {
        category: CostCategory::Service,
        channel: Some("phone".to_owned()),
    }
}

fn euro() -> Currency {
    "EUR".parse().unwrap()
}

/// Points from 2025-01 on.
fn points(months: impl IntoIterator<Item = (f64, f64)>) -> Vec<Point> {
    let first: Month = "2025-01".parse().unwrap();
    let point = |(index, (minor, volume)): (usize, (f64, f64))| Point {
        month: first.plus(index as i32),
        minor,
        volume,
    };
    months.into_iter().enumerate().map(point).collect()
}

fn told(months: impl IntoIterator<Item = (f64, f64)>) -> CostBehaviour {
    phone().behaviour(&points(months), euro())
}

/// Twelve months whose volume goes up and down, and cost `fixed + each · volume` with disturbances of a law of its own.
fn drawn(rng: &mut ChaCha8Rng, fixed: f64, each: f64, noise: f64) -> Vec<(f64, f64)> {
    let mut normal = || -> f64 { StandardNormal.sample(rng) };
    let month = |month: i32| {
        let season = 0.15 * (f64::from(month) * std::f64::consts::TAU / 12.0).sin();
        let volume = 1_000.0 * (1.0 + season + 0.08 * normal());
        let disturbed = (noise * normal() - noise * noise / 2.0).exp();
        ((fixed + each * volume) * disturbed, volume)
    };
    (0..12).map(month).collect()
}

#[test]
fn the_interval_of_the_variable_share_holds_it_as_often_as_it_says() {
    let mut rng = ChaCha8Rng::seed_from_u64(20_251_130);
    let (fixed, each) = (60_000.0, 40.0);
    let mut held = 0;
    const COMPANIES: usize = 4_000;
    for _ in 0..COMPANIES {
        let months = drawn(&mut rng, fixed, each, 0.05);
        let volume = months.iter().map(|it| it.1).sum::<f64>() / 12.0;
        let truth = each * volume / (fixed + each * volume);
        let interval = told(months).interval.unwrap();
        held += usize::from((interval.low..=interval.high).contains(&truth));
    }
    // 95 of 100, three standard errors of 4,000 companies are one.
    let share = held as f64 / COMPANIES as f64;
    assert!((0.94..0.96).contains(&share), "{share}");
}

#[test]
fn what_is_fixed_is_hardly_ever_called_variable_and_the_other_way_round() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    for (fixed, each, right, wrong) in [
        (100_000.0, 0.0, CostVerdict::Fixed, CostVerdict::Variable),
        (0.0, 100.0, CostVerdict::Variable, CostVerdict::Fixed),
    ] {
        let verdicts: Vec<CostVerdict> = (0..500)
            .map(|_| told(drawn(&mut rng, fixed, each, 0.03)).verdict)
            .collect();
        let count = |of| verdicts.iter().filter(|it| **it == of).count();
        assert!(count(right) > 425, "{right:?} {} of 500", count(right));
        assert_eq!(count(wrong), 0);
    }
}

#[test]
fn a_line_through_all_months_is_told_exactly() {
    // 300 without any volume and 2 for each: of the mean of 500, 200 move.
    let half = [90.0, 110.0, 95.0, 105.0, 80.0, 120.0].map(|v| (300.0 + 2.0 * v, v));
    let mixed = told(half);
    assert!((mixed.variable_share.unwrap() - 0.4).abs() < 1e-12);
    assert_eq!((mixed.verdict, mixed.months), (CostVerdict::Mixed, 6));
    let same = told([90.0, 110.0, 95.0, 105.0, 80.0, 120.0].map(|v| (500.0, v)));
    assert_eq!(same.verdict, CostVerdict::Fixed);
}

#[test]
fn what_cannot_be_told_is_not() {
    let few = told([(90.0, 9.0), (110.0, 11.0), (95.0, 9.5)]);
    assert_eq!(
        (few.verdict, few.variable_share),
        (CostVerdict::Unclear, None)
    );
    let still = told([90.0, 110.0, 95.0, 105.0, 80.0, 120.0].map(|c| (c, 100.0)));
    assert_eq!(
        (still.verdict, still.variable_share),
        (CostVerdict::Unclear, None)
    );
    // Volume that hardly moves beside disturbances of a tenth.
    let costs = [90.0, 110.0, 105.0, 95.0, 80.0, 120.0];
    let hardly = told(
        costs
            .into_iter()
            .zip([100.0, 101.0, 99.0, 100.0, 101.0, 99.0]),
    );
    assert_eq!(hardly.verdict, CostVerdict::Unclear);
    assert!(hardly.interval.is_some());
}

#[test]
fn steps_are_named_with_their_month_and_what_volume_did() {
    let seats = [8.0; 5].into_iter().chain([10.0; 7]);
    let volumes = [
        100.0, 104.0, 98.0, 103.0, 105.0, 118.0, 121.0, 125.0, 119.0, 122.0, 124.0, 120.0,
    ];
    let told = told(seats.map(|it| 50_000.0 * it).zip(volumes));
    assert_eq!(
        (told.verdict, told.variable_share),
        (CostVerdict::Stepped, None)
    );
    let [step] = &told.steps[..] else {
        panic!("{:?}", told.steps);
    };
    assert_eq!(step.month, "2025-06".parse().unwrap());
    let euros = |minor| Money::from_minor(minor, euro());
    assert_eq!((step.from, step.to), (euros(400_000), euros(500_000)));
    assert!((step.volume_ratio.unwrap() - 849.0 / 7.0 / 102.0).abs() < 1e-12);
}

/// A month's cost of the phone, some of it shared by two segments.
fn row(month: Month, segment: Option<&str>, minor: i64, assumed_entries: u64) -> EconomicsRow {
    EconomicsRow::Cost(CostRow {
        segment: segment.map(str::to_owned),
        category: "SERVICE".to_owned(),
        component: None,
        channel: Some("phone".to_owned()),
        month: month.to_string(),
        minor,
        currency: "EUR".to_owned(),
        entries: 1,
        assumed_entries,
    })
}

#[test]
fn rows_of_all_segments_are_one_cost_and_assumptions_are_none() {
    let first: Month = "2025-01".parse().unwrap();
    let minutes = [
        90.0, 110.0, 95.0, 105.0, 80.0, 120.0, 100.0, 90.0, 110.0, 95.0, 105.0, 100.0,
    ];
    let drivers = minutes.iter().enumerate().map(|(index, minutes)| {
        let month = MonthDrivers {
            minutes_by_channel: [("phone".to_owned(), *minutes)].into(),
            ..MonthDrivers::default()
        };
        (first.plus(index as i32), month)
    });
    let drivers = Drivers::from(drivers.collect::<DriversByMonth>());
    let calendar = Calendar::of("2025-01-01".parse().unwrap(), "2025-12-31".parse().unwrap());
    let table = |assumed| {
        let mut table = CostTable::default();
        for (index, minutes) in minutes.iter().enumerate() {
            let month = first.plus(index as i32);
            let moving = (200.0 * minutes) as i64;
            for row in [
                row(month, Some("home"), moving, assumed),
                row(month, None, 60_000, 0),
            ] {
                table.push(row, first).unwrap();
            }
        }
        table
    };
    let found = table(0).behaviours(&drivers, &calendar, euro());
    let [phone] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!((phone.verdict, phone.months), (CostVerdict::Mixed, 12));
    assert!((phone.variable_share.unwrap() - 0.25).abs() < 1e-9);
    assert_eq!(table(1).behaviours(&drivers, &calendar, euro()), []);
}
