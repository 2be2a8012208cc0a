use proptest::prelude::*;

use super::*;

fn told(reading: Reading) -> (Interval, f64) {
    let Always::Told {
        interval,
        information,
    } = reading.always
    else {
        panic!("too early: {reading:?}")
    };
    (interval, information)
}

fn rates(control: [f64; 2], treated: [f64; 2]) -> Arms {
    let of = |[events, n]: [f64; 2]| Counts::new(events as u64, n as u64).unwrap();
    Arms::Rates(Two {
        control: of(control),
        treated: of(treated),
    })
}

fn means(control: [f64; 3], treated: [f64; 3]) -> Arms {
    let of = |[n, mean, sd]: [f64; 3]| {
        let squares = (n - 1.0) * sd * sd + n * mean * mean;
        Sums::new(n as u64, n * mean, squares).unwrap()
    };
    Arms::Means(Two {
        control: of(control),
        treated: of(treated),
    })
}

fn hazards(control: [f64; 2], treated: [f64; 2]) -> Arms {
    let of = |[events, months]: [f64; 2]| Exposure::new(events as u64, months).unwrap();
    Arms::Hazards(Two {
        control: of(control),
        treated: of(treated),
    })
}

#[test]
fn too_early_says_what_is_wanting() {
    let plan = Plan::new(1000.0, 1000.0).unwrap();
    let wanting = |arms: Arms| match arms.read(plan, Level::USUAL).unwrap().always {
        Always::TooEarly { wanting } => wanting,
        told @ Always::Told { .. } => panic!("{told:?}"),
    };
    let need = FEWEST_EVENTS;
    let few = rates([4.0, 100.0], [5.0, 100.0]);
    assert_eq!(wanting(few), Wanting::Events { have: 9.0, need });
    let nearly_all = rates([96.0, 100.0], [95.0, 100.0]);
    assert_eq!(wanting(nearly_all), Wanting::NonEvents { have: 9.0, need });
    let rare = hazards([9.0, 100.0], [0.0, 100.0]);
    assert_eq!(wanting(rare), Wanting::Events { have: 9.0, need });
    let need = FEWEST_CUSTOMERS;
    let small = means([500.0, 1.0, 2.0], [29.0, 1.0, 2.0]);
    assert_eq!(wanting(small), Wanting::Customers { have: 29.0, need });
    let none = hazards([0.0, 100.0], [0.0, 100.0]).read(plan, Level::USUAL);
    assert_eq!(none, Err(PilotError::NoEvents));
}

/// At the planned end the always-valid interval is 3.035/1.96 as wide as Wald's.
#[test]
fn width_at_the_planned_end() {
    let arms = hazards([100.0, 5_000.0], [80.0, 5_000.0]);
    let reading = arms
        .read(Plan::new(5_000.0, 5_000.0).unwrap(), Level::USUAL)
        .unwrap();
    let (interval, information) = told(reading);
    assert_eq!(information, 1.0);
    assert_eq!(interval.method, Method::ConfidenceSequence);
    let one = reading.single_look;
    let ratio = (interval.high - interval.low) / (one.high - one.low);
    assert!((ratio - 3.0348 / 1.95996).abs() < 1e-3, "{ratio}");
}

#[test]
fn json_names_its_parts() {
    let arms = rates([100.0, 1_000.0], [80.0, 1_000.0]);
    let reading = arms
        .read(Plan::new(2_000.0, 2_000.0).unwrap(), Level::USUAL)
        .unwrap();
    let json = serde_json::to_value(reading).unwrap();
    assert_eq!(json["always"]["state"], "told");
    assert_eq!(json["always"]["interval"]["method"], "confidence_sequence");
    assert_eq!(json["single_look"]["method"], "newcombe");
    assert_eq!(json["single_look"]["level"], 0.95);
    assert_eq!(json["single_look"]["n"]["treated"], 1_000.0);
    assert_eq!(serde_json::from_value::<Reading>(json).unwrap(), reading);
}

fn any_arms() -> impl Strategy<Value = Arms> {
    let count = || (5_u32..400, 400_u32..5_000).prop_map(|(e, n)| [f64::from(e), f64::from(n)]);
    let sums =
        || (30_u32..5_000, -50.0..50.0, 0.1..20.0).prop_map(|(n, m, s)| [f64::from(n), m, s]);
    prop_oneof![
        (count(), count()).prop_map(|(a, b)| rates(a, b)),
        (count(), count()).prop_map(|(a, b)| hazards(a, b)),
        (sums(), sums()).prop_map(|(a, b)| means(a, b)),
    ]
}

/// The same arms with everything counted twice.
fn doubled(arms: Arms) -> Arms {
    let twice = |x: f64| 2.0 * x;
    match arms {
        Arms::Rates(two) => Arms::Rates(
            two.map(|it| Counts::new(twice(it.events) as u64, twice(it.n) as u64).unwrap()),
        ),
        Arms::Hazards(two) => Arms::Hazards(
            two.map(|it| Exposure::new(twice(it.events) as u64, twice(it.months)).unwrap()),
        ),
        Arms::Means(two) => Arms::Means(two.map(|it| {
            let squares = (it.n - 1.0) * it.variance() + it.n * it.mean().powi(2);
            Sums::new(twice(it.n) as u64, twice(it.n * it.mean()), twice(squares)).unwrap()
        })),
    }
}

proptest! {
    #[test]
    fn arms_swapped_mirror_both_intervals(
        arms in any_arms(), control in 100.0..1e5, treated in 100.0..1e5, share in 0.5..0.999,
    ) {
        let level = Level::new(share).unwrap();
        let reading = arms.read(Plan::new(control, treated).unwrap(), level).unwrap();
        let mirror = arms.swapped().read(Plan::new(treated, control).unwrap(), level).unwrap();
        let pairs = [(reading.single_look, mirror.single_look), (told(reading).0, told(mirror).0)];
        for (one, other) in pairs {
            let size = 1.0 + one.low.abs() + one.high.abs();
            prop_assert!((one.value + other.value).abs() < 1e-9 * size);
            prop_assert!((one.low + other.high).abs() < 1e-9 * size);
            prop_assert!((one.high + other.low).abs() < 1e-9 * size);
        }
    }

    #[test]
    fn more_of_the_same_narrows_both_and_the_price_of_looking_stays(
        arms in any_arms(), size in 100.0..1e6,
    ) {
        let plan = Plan::new(size, size).unwrap();
        let [one, two] = [arms, doubled(arms)].map(|arms| arms.read(plan, Level::USUAL).unwrap());
        let width = |it: Interval| it.high - it.low;
        prop_assert!(width(two.single_look) < width(one.single_look));
        prop_assert!(width(told(two).0) < width(told(one).0));
        prop_assert!(width(told(one).0) > 1.2 * width(one.single_look));
        let (first, second) = (told(one).1, told(two).1);
        prop_assert!((second / first - 2.0).abs() < 0.1, "{first} {second}");
    }
}
