use super::*;

fn single(target: Target) -> f64 {
    target.per_arm(0.8, Level::USUAL, 1).unwrap().single_look
}

/// Computed from the published formulas at 80% power and two-sided 5%.
#[test]
fn sample_sizes() {
    for (rate, fall, n) in [
        (0.10, 0.10, 13_493.0),
        (0.05, 0.10, 28_406.0),
        (0.10, 0.20, 3_211.0),
    ] {
        assert_eq!(single(Target::rate(rate, fall).unwrap()), n);
    }
    // Half a standard deviation: 63 by the normal law (64 by Student's, Cohen 1988, table 2.4.1).
    assert_eq!(single(Target::mean(2.0, 1.0).unwrap()), 63.0);
    // By hand: 7.8489·(1/0.02 + 1/0.016)/(ln 0.8)².
    assert_eq!(single(Target::hazard(0.02, 0.2).unwrap()), 17_734.0);
}

#[test]
fn what_cannot_be_planned_is_refused() {
    assert!(Target::rate(0.10, 0.0).is_err() && Target::rate(f64::NAN, 0.1).is_err());
    assert!(Target::mean(0.0, 1.0).is_err() && Target::mean(1.0, 0.0).is_err());
    assert!(Target::hazard(0.0, 0.1).is_err() && Target::hazard(0.1, 1.0).is_err());
    let target = Target::mean(1.0, 1.0).unwrap();
    let of = |power, looks| target.per_arm(power, Level::USUAL, looks);
    assert!(of(0.8, 0).is_err() && of(0.8, 367).is_err() && of(1.0, 1).is_err());
    assert!(matches!(of(0.04, 1), Err(PilotError::Unreachable { .. })));
}

/// Sizes found by [`Target::per_arm`] have the power asked for, and the effects found with those
/// sizes are the ones asked for.
#[test]
fn sizes_powers_and_effects_agree() {
    let (level, looks) = (Level::USUAL, 26);
    let target = Target::rate(0.10, 0.10).unwrap();
    let wanted = target.per_arm(0.8, level, looks).unwrap();
    let [one, always] = [wanted.single_look, wanted.always_valid].map(|n| Plan::new(n, n).unwrap());
    let power = target.power(one, level, looks).unwrap();
    assert!((power.single_look - 0.8).abs() < 1e-3, "{power:?}");
    assert!(power.always_valid < 0.6, "{power:?}");
    assert!(power.false_alarms_of_single_look > 0.2, "{power:?}");
    let power = target.power(always, level, looks).unwrap();
    assert!((power.always_valid - 0.8).abs() < 1e-3, "{power:?}");
    let fall = |plan| Target::smallest_fall_of_rate(0.1, plan, 0.8, level, looks).unwrap();
    assert!((fall(one)[0].unwrap() - 0.1).abs() < 1e-4);
    assert!((fall(always)[1].unwrap() - 0.1).abs() < 1e-4);
    assert_eq!(fall(Plan::new(20.0, 20.0).unwrap()), [None, None]);
    let months = Plan::new(17_734.0, 17_734.0).unwrap();
    let found = Target::smallest_fall_of_hazard(0.02, months, 0.8, level, 1).unwrap();
    assert!((found[0].unwrap() - 0.2).abs() < 1e-4, "{found:?}");
    let customers = Plan::new(63.0, 63.0).unwrap();
    let found = Target::smallest_change_of_mean(2.0, customers, 0.8, level, 1).unwrap();
    assert!(
        (found[0] - 1.0).abs() < 0.01 && found[1] > found[0],
        "{found:?}"
    );
}

/// The standard error that a pilot leaves is the one that it was planned with: at 80% power and two-sided 5% the effect is
/// 1.95996 + 0.84162 of them.
#[test]
fn a_pilot_leaves_the_error_that_it_was_planned_with() {
    let quantiles = 1.959_964 + 0.841_621;
    let within = |found: f64, truth: f64| assert!((found / truth - 1.0).abs() < 1e-3, "{found}");
    let n = single(Target::hazard(0.02, 0.2).unwrap());
    let plan = Plan::new(n, n).unwrap();
    let error = Target::error_of_hazard(0.02, 0.2, plan).unwrap();
    // The plan is on the log scale, where the fall is ln 0.8 and its error 1/0.8 as large.
    within(0.8_f64.ln().abs() / (error / 0.8), quantiles);
    let n = single(Target::mean(2.0, 0.1).unwrap());
    let plan = Plan::new(n, n).unwrap();
    within(0.1 / Target::error_of_mean(2.0, plan).unwrap(), quantiles);
    // By hand: of 100 leavers in each arm √(1/100 + 1/100); a rise by half is 150 of them in one.
    let plan = Plan::new(5_000.0, 5_000.0).unwrap();
    within(Target::error_of_hazard(0.02, 0.0, plan).unwrap(), 0.141_421);
    let rise = 1.5 * (1.0 / 100.0 + 1.0 / 150.0_f64).sqrt();
    within(Target::error_of_hazard(0.02, -0.5, plan).unwrap(), rise);
    assert!(Target::error_of_hazard(0.02, 1.0, plan).is_err());
    assert!(Target::error_of_mean(0.0, plan).is_err());
}
