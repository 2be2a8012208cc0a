//! What must hold for any observations.

use proptest::prelude::*;

use super::*;

fn observations() -> impl Strategy<Value = Vec<Observation>> {
    let one = (0u8..8, 1u8..9, any::<bool>(), 0u8..4, 1u32..3);
    prop::collection::vec(one, 1..80).prop_map(|people| {
        let each = people
            .into_iter()
            .map(|(entry, length, event, weight, cause)| {
                let (entry, length) = (f64::from(entry), f64::from(length));
                Observation::new(entry, entry + length, event)?
                    .with_cause(cause)
                    .with_weight(f64::from(weight))
            });
        each.collect::<Result<_, _>>().unwrap()
    })
}

/// The same people written out one by one.
fn written_out(grouped: &[Observation]) -> Vec<Observation> {
    grouped
        .iter()
        .flat_map(|o| vec![o.with_weight(1.0).unwrap(); o.weight() as usize])
        .collect()
}

proptest! {
    #[test]
    fn weights_equal_copies(grouped in observations()) {
        let single = written_out(&grouped);
        match (KaplanMeier::new(&grouped), KaplanMeier::new(&single)) {
            (Ok(a), Ok(b)) => prop_assert_eq!(a.points(), b.points()),
            (a, b) => prop_assert!(a.is_err() && b.is_err()),
        }
    }

    #[test]
    fn curves_stay_in_bounds(all in observations()) {
        let Ok(curve) = KaplanMeier::new(&all) else { return Ok(()) };
        let mut before = 1.0;
        for p in curve.points() {
            prop_assert!(p.value <= before && p.value >= 0.0);
            prop_assert!(p.low <= p.value + 1e-12 && p.value <= p.high + 1e-12);
            prop_assert!(p.low >= 0.0 && p.high <= 1.0 && p.se.is_finite());
            before = p.value;
        }
        let mean = curve.restricted_mean(f64::INFINITY).unwrap();
        prop_assert!(mean.estimate.value <= mean.horizon + 1e-9);
        prop_assert_eq!(curve.hand_over().n, all.iter().map(Observation::weight).sum::<f64>());
    }

    /// Causes share out what survival loses, and one cause's variance is Greenwood's.
    #[test]
    fn incidence_adds_up(all in observations()) {
        let Ok(curve) = KaplanMeier::new(&all) else { return Ok(()) };
        let causes = CumulativeIncidence::by_cause(&all).unwrap();
        for p in curve.points() {
            let sum: f64 = causes.iter().map(|c| c.at(p.t)).sum();
            prop_assert!((sum + p.value - 1.0).abs() < 1e-9);
        }
        if let [only] = causes.as_slice() {
            for (f, s) in only.points.iter().zip(curve.points()) {
                prop_assert!((f.se.powi(2) - s.se.powi(2)).abs() < 1e-12);
            }
        }
    }

    /// Splitting each person's time at a month changes no risk set, so no curve.
    #[test]
    fn splitting_time_changes_nothing(all in observations()) {
        let split: Vec<Observation> = all.iter().flat_map(|o| {
            let middle = o.entry() + 1.0;
            if middle >= o.exit() { return vec![*o]; }
            let first = Observation::new(o.entry(), middle, false).unwrap();
            let rest = Observation::new(middle, o.exit(), o.is_event()).unwrap();
            vec![first.with_weight(o.weight()).unwrap(), rest.with_weight(o.weight()).unwrap()]
        }).collect();
        let (Ok(whole), Ok(parts)) = (KaplanMeier::new(&all), KaplanMeier::new(&split)) else {
            return Ok(());
        };
        for p in whole.points() {
            prop_assert!((parts.at(p.t).value - p.value).abs() < 1e-12);
            prop_assert!((parts.at(p.t).se - p.se).abs() < 1e-12);
        }
    }

    #[test]
    fn log_rank_does_not_depend_on_order(a in observations(), b in observations(), c in observations()) {
        let forward = LogRank::new(&[a.clone(), b.clone(), c.clone()]);
        let back = LogRank::new(&[c, b, a]);
        match (forward, back) {
            (Ok(x), Ok(y)) => {
                prop_assert!((x.chi2 - y.chi2).abs() < 1e-7 * (1.0 + x.chi2));
                let expected: f64 = x.groups.iter().map(|g| g.expected).sum();
                let observed: f64 = x.groups.iter().map(|g| g.observed).sum();
                prop_assert!((expected - observed).abs() < 1e-9 * (1.0 + observed));
            }
            (x, y) => prop_assert!(x.is_err() && y.is_err()),
        }
    }
}

#[test]
fn grouped_counts_equal_individuals() {
    let rows = [
        (0.0, 1.0, 100.0, 5.0),
        (1.0, 2.0, 60.0, 2.0),
        (2.0, 3.0, 80.0, 8.0),
    ];
    let mut all = Vec::new();
    for (entry, exit, at_risk, events) in rows {
        all.extend(Observation::from_counts(entry, exit, at_risk, events).unwrap());
    }
    let curve = KaplanMeier::new(&all).unwrap();
    let at_risk: Vec<f64> = curve.points().iter().map(|p| p.at_risk).collect();
    assert_eq!(at_risk, [100.0, 60.0, 80.0]);
    let expected = (0.95) * (58.0 / 60.0) * 0.9;
    assert!((curve.at(3.0).value - expected).abs() < 1e-12);
}

#[test]
fn what_must_be_minded_is_flagged() {
    let nobody_left = KaplanMeier::new(&[Observation::new(0.0, 5.0, false).unwrap()]).unwrap();
    assert_eq!(nobody_left.hand_over().flags[0].code, "no_events");
    let early = [
        Observation::new(0.0, 1.0, true).unwrap(),
        Observation::new(3.0, 5.0, false).unwrap(),
    ];
    let flags = KaplanMeier::new(&early).unwrap().hand_over().flags;
    assert!(flags.iter().any(|flag| flag.code == "early_zero"));
    assert_eq!(KaplanMeier::new(&[]).unwrap_err(), SurvivalError::Empty);
    let weightless = Observation::new(0.0, 5.0, true)
        .unwrap()
        .with_weight(0.0)
        .unwrap();
    assert_eq!(
        KaplanMeier::new(&[weightless]).unwrap_err(),
        SurvivalError::Empty
    );
}
