//! What the programme does to what a customer who is won brings.

use serde::{Deserialize, Serialize};

use super::scatter::{by_group, gather, mean};
use super::trials::Trials;
use crate::outcome::Outcome;
use crate::summary::Estimate;

/// Lifetime value of a customer won at the decision, as things are and with the programme, in the same futures.
///
/// Within the horizon, at the figures and prices of the date, after serving the customer and before winning them, discounted to
/// then (S. Gupta and D. Lehmann, "Customers as Assets", 2003, with a horizon). With the programme each month has its effects of
/// that month on leaving, revenue, contacts and minutes; what the programme costs is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LifetimeEffect {
    /// As things are.
    pub as_is: Estimate,
    /// With the programme.
    pub with_programme: Estimate,
    /// What the programme adds, future by future: its error is that of the difference. Exactly 0 where it has no effect.
    pub difference: Estimate,
    /// What it adds at least in 95 of 100 futures.
    pub difference_p5: f64,
    /// What it adds at most in 95 of 100 futures.
    pub difference_p95: f64,
}

/// What the programme does to the lifetime value of a customer who is won; none where nobody ever is.
pub fn lifetime_effect(trials: &Trials<'_>) -> Option<LifetimeEffect> {
    let as_is = trials.outcome(Outcome::Clv);
    if as_is.iter().all(|it| *it == 0.0) {
        return None;
    }
    let difference = trials.lifetime_gains();
    let with: Vec<f64> = as_is.iter().zip(&difference).map(|(a, b)| a + b).collect();
    let figure = |values: &[f64]| {
        by_group(trials.count(), trials.groups(), |rows| {
            mean(&gather(values, rows))
        })
    };
    let mut sorted = difference.clone();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted[((share * sorted.len() as f64) as usize).min(sorted.len() - 1)];
    Some(LifetimeEffect {
        as_is: figure(&as_is),
        with_programme: figure(&with),
        difference: figure(&difference),
        difference_p5: at(0.05),
        difference_p95: at(0.95),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::tests::sobol;
    use crate::model::Model;
    use crate::scenario::Scenario;

    /// Winning customers of a segment with one channel, over three years at 10%; overhead 3, and 2 contacts of 5 minutes at 0.4.
    fn company(hazard: &str, effects: &str) -> Model {
        let text = format!(
            r#"
name = "Known"
currency = "EUR"
horizon_months = 36
discount_rate = 0.1
[[segments]]
name = "one"
customers = 1000
hazard = {hazard}
won_per_month = 10
revenue = 50
gross_margin = 0.6
overhead = 3
acquisition_cost = 70
channels = [{{ name = "phone", contacts = 2, minutes = 5, cost_per_minute = 0.4 }}]
[[initiatives]]
name = "a"
reach = {{ one = 0.5 }}
effects = [{effects}]
costs = [{{ type = "people", amount = 100 }}]
"#
        );
        Scenario::from_toml(&text).unwrap().resolve(None).unwrap()
    }

    fn found(model: &Model) -> LifetimeEffect {
        lifetime_effect(&Trials::draw(model, &sobol(160)).unwrap()).unwrap()
    }

    fn close(found: f64, truth: f64) {
        assert!((found / truth - 1.0).abs() < 1e-9, "{found}, not {truth}");
    }

    const CONSTANT: &str = "{ constant = { hazard = 0.02 } }";

    /// `Σ q^t = q(1 − q³⁶)/(1 − q)` with `q = e^(−h)·v`, times what one brings in a month.
    fn geometric(hazard: f64, unit: f64) -> f64 {
        let q = (-hazard).exp() * 1.1_f64.powf(-1.0 / 12.0);
        unit * q * (1.0 - q.powi(36)) / (1.0 - q)
    }

    #[test]
    fn a_constant_hazard_has_its_closed_form() {
        let as_is = geometric(0.02, 50.0 * 0.6 - 3.0 - 4.0);
        // Half are reached, of whom 40% of leaving is removed.
        let it = found(&company(
            CONSTANT,
            r#"{ on = "hazard", size = 0.4, grade = "A" }"#,
        ));
        close(it.as_is.value, as_is);
        close(it.with_programme.value, geometric(0.02 * 0.8, 23.0));
        close(it.difference.value, geometric(0.016, 23.0) - as_is);
        // Half pay 10% more, all of it contribution, and half use 20% more at the margin: `50·((1.1·0.6 + 1.1·0.05) − 0.6)`.
        let effects = r#"{ on = "price_premium", size = 0.1, grade = "A" }, { on = "arpu", size = 0.2, grade = "A" }"#;
        let it = found(&company(CONSTANT, effects));
        let more = 50.0 * (1.1 * 0.6 + 1.1 * 0.05 - 0.6);
        close(it.difference.value, geometric(0.02, more));
        // Half have 30% fewer contacts and half 20% shorter ones: `4·(1 − 0.85·0.9)`.
        let effects = r#"{ on = "contacts", size = 0.3, grade = "A" }, { on = "minutes", size = 0.2, grade = "A" }"#;
        let it = found(&company(CONSTANT, effects));
        close(
            it.difference.value,
            geometric(0.02, 4.0 * (1.0 - 0.85 * 0.9)),
        );
    }

    /// Customers who differ: `S(t) = B(α, β + (1 − x)t)/B(α, β)`, by the products that a beta function of whole steps is, for
    /// `x = ½` and twice as many months.
    #[test]
    fn customers_who_differ_have_their_closed_form() {
        let (alpha, beta) = (0.8, 12.0);
        let effects = r#"{ on = "hazard", size = 1, grade = "A" }"#;
        let hazard = format!("{{ sbg = {{ alpha = {alpha}, beta = {beta} }} }}");
        let it = found(&company(&hazard, effects));
        let ln_beta = |b: f64| crate::math::ln_gamma(b) - crate::math::ln_gamma(alpha + b);
        let left = |t: f64| (ln_beta(beta + t) - ln_beta(beta)).exp();
        let value = |share: f64| -> f64 {
            let month = |t: i32| left(share * f64::from(t)) * 1.1_f64.powf(-f64::from(t) / 12.0);
            (1..=36).map(|t| 23.0 * month(t)).sum()
        };
        close(it.as_is.value, value(1.0));
        close(it.difference.value, value(0.5) - value(1.0));
    }

    /// Whatever does not work, or works on others, moves it by exactly nothing.
    #[test]
    fn no_effect_moves_it_by_exactly_nothing() {
        for hazard in [
            CONSTANT,
            "{ bands = { bands = [{ from = 0, to = 5, hazard = 0.05 }, { from = 6, hazard = 0.02 }] } }",
            "{ sbg = { alpha = 0.8, beta = 12 } }",
        ] {
            for effects in [
                "",
                r#"{ on = "hazard", size = 0, grade = "A" }"#,
                r#"{ on = "cac", size = 0.3, grade = "A" }, { on = "referrals", size = 0.01, grade = "A" }"#,
            ] {
                let it = found(&company(hazard, effects));
                let moved = [it.difference.value, it.difference_p5, it.difference_p95];
                assert_eq!(moved, [0.0; 3], "{hazard} {effects}");
                assert_eq!(it.as_is, it.with_programme);
            }
        }
    }

    #[test]
    fn where_nobody_is_won_nobody_has_a_lifetime() {
        let model = crate::explain::tests::linear();
        assert_eq!(
            lifetime_effect(&Trials::draw(&model, &sobol(160)).unwrap()),
            None
        );
    }
}
