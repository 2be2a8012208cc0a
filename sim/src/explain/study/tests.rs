use super::*;
use crate::explain::effect_information;
use crate::explain::tests::{model, sobol};
use crate::math::ndtr;

/// A size that is normal, for a cost that is certain: NPV is linear in a normal.
const NORMAL: &str = r#"
[[initiatives]]
name = "a"
reach = { one = 1.0 }
effects = [{ on = "price_premium", size = { normal = { mean = 0.05, sd = 0.02 } }, grade = "A" }]
costs = [{ type = "people", amount = 25000 }]
"#;

/// A sure gain that is small, and a gamble that often fails; where it works its size is normal.
const GAMBLE: &str = r#"
[[initiatives]]
name = "sure"
reach = { one = 1.0 }
effects = [{ on = "arpu", size = 0.01, grade = "A" }]
[[initiatives]]
name = "gamble"
reach = { one = 1.0 }
effects = [{ on = "price_premium", size = { normal = { mean = 0.05, sd = 0.01 } }, grade = "A" }]
success_probability = 0.4
costs = [{ type = "people", amount = 10000 }]
"#;

/// What a price premium of 1 brings: `Σ 1,000·e^(−0.01t)·50·1.1^(−t/12)` over twelve months.
fn whole_premium() -> f64 {
    let month = |t: i32| (-0.01 * f64::from(t)).exp() * 1.1_f64.powf(-f64::from(t) / 12.0);
    (1..=12).map(|t| 50_000.0 * month(t)).sum()
}

fn study(model: &Model, initiative: &str) -> EffectStudy {
    EffectStudy::new(model, initiative, Lever::PricePremium).unwrap()
}

/// `E[max(0, X)] − max(0, m)` of a normal: the unit normal loss integral.
fn normal_loss(m: f64, s: f64) -> f64 {
    let u = m.abs() / s;
    s * (-0.5 * u * u).exp() / std::f64::consts::TAU.sqrt() - m.abs() * ndtr(-u)
}

fn assert_close(found: Estimate, truth: f64, slack: f64) {
    let off = (found.value - truth).abs();
    assert!(
        off < 4.0 * found.mc_error + slack * truth,
        "{found:?} not {truth}"
    );
    assert!(
        found.mc_error < 0.1 * truth,
        "{found:?} is not sharp: {truth}"
    );
}

/// Of a normal prior and a linear payoff the posterior mean is normal with `sd² = σ⁴/(σ² + error²)`.
#[test]
fn a_normal_effect_has_its_closed_form() {
    let model = model(NORMAL);
    let trials = Trials::draw(&model, &sobol(8_192)).unwrap();
    let asked = study(&model, "a").ask(&trials);
    let whole = whole_premium();
    let mean = whole * 0.05 - 25_000.0;
    assert!((asked.expected() - 0.05).abs() < 1e-5);
    assert_close(asked.perfect(), normal_loss(mean, whole * 0.02), 0.0);
    let errors = [0.06, 0.03, 0.02, 0.01, 0.003];
    for (found, error) in asked.read_with(&errors).into_iter().zip(errors) {
        let preposterior = 0.02 * 0.02 / 0.02_f64.hypot(error);
        assert_close(found, normal_loss(mean, whole * preposterior), 0.01);
    }
}

/// Draws of its own, uniform on (0, 1): Marsaglia's xorshift64.
fn dice() -> impl FnMut() -> f64 {
    let mut state = 88_172_645_463_325_252_u64;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }
}

/// A normal by Box and Muller (1958).
fn normal(dice: &mut impl FnMut() -> f64) -> f64 {
    (-2.0 * dice().ln()).sqrt() * (std::f64::consts::TAU * dice()).cos()
}

/// The value of a pilot of the gamble by nested simulation: a reading is drawn, then what may be the truth behind it, and the
/// best of what remains to be decided is done.
fn nested(sure: f64, gain: f64, cost: f64, error: f64) -> f64 {
    let mut dice = dice();
    let mut truths = || {
        let works = |it: usize| if it % 5 < 2 { 1.0 } else { 0.0 };
        Vec::from_iter((0..4_000).map(|it| works(it) * (0.05 + 0.01 * normal(&mut dice))))
    };
    let (believed, true_sizes): (Vec<f64>, Vec<f64>) = (truths(), truths());
    let planned = sure + gain * 0.4 * 0.05 - cost;
    assert!(0.0 < planned && planned > sure, "the gamble would be done");
    let gained = |reading: f64| {
        let likely = |it: &f64| (-0.5 * ((reading - it) / error).powi(2)).exp();
        let weights: f64 = believed.iter().map(likely).sum();
        let expected = believed.iter().map(|it| it * likely(it)).sum::<f64>() / weights;
        let with = sure + gain * expected - cost;
        with.max(sure).max(0.0) - with
    };
    let read = true_sizes.iter();
    let gains = read.map(|it| gained(it + error * normal(&mut dice)));
    gains.sum::<f64>() / true_sizes.len() as f64
}

/// What may fail altogether is no normal: a reading says whether it failed long before it says how large it is.
#[test]
fn what_may_fail_is_worth_what_nested_simulation_says() {
    let model = model(GAMBLE);
    let trials = Trials::draw(&model, &sobol(8_192)).unwrap();
    let asked = study(&model, "gamble").ask(&trials);
    let whole = whole_premium();
    // More use earns the margin of 0.6.
    let sure = 0.01 * 0.6 * whole;
    let errors = [0.10, 0.05, 0.025, 0.01];
    for (found, error) in asked.read_with(&errors).into_iter().zip(errors) {
        assert_close(found, nested(sure, whole, 10_000.0, error), 0.025);
    }
}

/// A closer reading tells more and never more than a perfect one; one that tells nothing is worth nothing.
#[test]
fn a_closer_reading_is_worth_more() {
    for (text, initiative) in [(NORMAL, "a"), (GAMBLE, "gamble")] {
        let model = model(text);
        let trials = Trials::draw(&model, &sobol(2_048)).unwrap();
        let asked = study(&model, initiative).ask(&trials);
        let perfect = asked.perfect();
        let pilots = effect_information(&trials);
        let same = pilots.iter().find(|it| it.initiative == initiative);
        assert_eq!(same.unwrap().evppi, perfect);
        let errors = [1e3, 0.3, 0.1, 0.03, 0.01, 0.003, 1e-3, 1e-9];
        let values: Vec<f64> = asked.read_with(&errors).iter().map(|it| it.value).collect();
        assert!(values[0] < 1e-3 * perfect.value, "{values:?}");
        assert!(
            values
                .windows(2)
                .all(|pair| pair[0] <= pair[1] + 1e-3 * perfect.value),
            "{values:?}"
        );
        assert!(values.iter().all(|it| *it <= perfect.value), "{values:?}");
        assert!(values[7] > 0.99 * perfect.value, "{values:?} {perfect:?}");
    }
}

#[test]
fn what_pays_in_any_case_is_not_worth_a_pilot() {
    let model = model(&NORMAL.replace("25000", "10").replace("0.02", "0.001"));
    let trials = Trials::draw(&model, &sobol(512)).unwrap();
    let found = study(&model, "a").ask(&trials).read_with(&[0.01]);
    assert_eq!((found[0].value, found[0].mc_error), (0.0, 0.0));
}

#[test]
fn only_what_is_there_can_be_tried() {
    let twice = NORMAL.replace(
        "effects = [",
        "effects = [{ on = \"hazard\", size = 0.1 }, { on = \"price_premium\", size = 0.1 }, ",
    );
    let model = model(&twice);
    let refused = |initiative: &str, on: Lever| {
        let error = EffectStudy::new(&model, initiative, on).unwrap_err();
        error.to_string()
    };
    assert!(refused("b", Lever::Hazard).contains("give one of: a"));
    assert!(refused("a", Lever::Contacts).contains("it has: hazard"));
    assert!(refused("a", Lever::PricePremium).contains("2 effects"));
    let found = EffectStudy::new(&model, "a", Lever::Hazard).unwrap();
    assert_eq!(found.customers(), 1_000.0);
}
