//! The two models as functions of time.

use crate::number::{Number, ln_beta, ln_gamma_ratio, ln_sub_exp};
use crate::optimise::{ALIKE, Likelihood, NONE};

use super::SurvivorTable;

/// Which of the two models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// Shifted beta-geometric: heterogeneous, no duration dependence.
    Sbg,
    /// Beta-discrete-Weibull: heterogeneous, changing with tenure.
    Bdw,
}

impl Model {
    /// The name in the hand-over form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sbg => "sbg",
            Self::Bdw => "bdw",
        }
    }
}

/// Parameters of `S(t) = B(α, β + tᶜ)/B(α, β)`; `c = 1` is sBG.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BetaWeibull<D = f64> {
    /// First shape of the churn probability's Beta distribution, > 0.
    pub alpha: D,
    /// Second shape, > 0; the mean churn probability of the first period is `α/(α+β)`.
    pub beta: D,
    /// Duration dependence, > 0: above 1 churn rises with tenure, below it falls.
    pub c: D,
}

impl<D: Number> BetaWeibull<D> {
    pub(super) fn from_array([alpha, beta, c]: [D; 3]) -> Self {
        Self { alpha, beta, c }
    }

    /// `ln S(t)` after `t` periods, `t ≥ 0` and not necessarily whole.
    pub fn ln_survival(&self, t: f64) -> D {
        self.ln_operational_survival(D::from(0.0), self.operational_time(t))
    }

    /// Operational time `tᶜ`, in which every customer's hazard is constant.
    pub(super) fn operational_time(&self, t: f64) -> D {
        if t > 0.0 {
            (self.c * t.ln()).exp()
        } else {
            D::from(0.0)
        }
    }

    /// `ln [B(α, β + u + Λ)/B(α, β + u)]`: survival through `elapsed` operational time Λ of those
    /// who have already survived `start`.
    pub(super) fn ln_operational_survival(&self, start: D, elapsed: D) -> D {
        if elapsed.re() == 0.0 {
            return D::from(0.0);
        }
        let from = self.beta + start;
        // Both forms are the same ratio of four gammas; each pairs those that do not cancel.
        if elapsed.re() <= from.re() {
            ln_gamma_ratio(self.alpha + from, elapsed) - ln_gamma_ratio(from, elapsed)
        } else {
            ln_beta(self.alpha, from + elapsed) - ln_beta(self.alpha, from)
        }
    }
}

impl BetaWeibull {
    /// Survival month by month of a cohort of age `age` when a programme multiplies **each
    /// customer's** hazard by `multipliers[u − 1]` in the `u`-th period from now (MODEL.md,
    /// section 2): `B(α, β + aᶜ + Λ)/B(α, β + aᶜ)`, `Λ = Σ m(u)·((a+u)ᶜ − (a+u−1)ᶜ)`.
    ///
    /// Exact for a mixture: those most likely to leave leave first, with or without a programme.
    pub fn survival_under(&self, age: f64, multipliers: &[f64]) -> Vec<f64> {
        let start = self.operational_time(age);
        let mut elapsed = 0.0;
        let mut reached = start;
        let months = multipliers.iter().enumerate().map(|(u, m)| {
            let next = self.operational_time(age + u as f64 + 1.0);
            elapsed += m * (next - reached);
            reached = next;
            self.ln_operational_survival(start, elapsed).exp()
        });
        months.collect()
    }

    /// Cumulative hazard of the period that starts at tenure `age`: `ln S(age) − ln S(age + 1)`.
    pub fn hazard(&self, age: f64) -> f64 {
        self.ln_survival(age) - self.ln_survival(age + 1.0)
    }
}

/// `Σ left·ln(S(t−1) − S(t)) + Σ remained·ln S(t) − Σ entered·ln S(t)`.
fn ln_likelihood<D: Number>(model: &BetaWeibull<D>, table: &SurvivorTable) -> D {
    let mut total = D::from(0.0);
    let mut before = D::from(0.0);
    for (t, entered, left, remained) in table.rows() {
        let now = model.ln_survival(t);
        total += now * (remained - entered);
        if left > 0.0 {
            total += ln_sub_exp(before, now) * left;
        }
        before = now;
    }
    total
}

fn edge(alpha: f64, beta: f64) -> Option<&'static str> {
    if alpha > ALIKE {
        Some(
            "customers do not differ in how likely they leave: the share that leaves tells as much",
        )
    } else if alpha + beta < NONE {
        Some("some customers leave at once and the others never do")
    } else {
        (alpha / (alpha + beta) < NONE).then_some("nobody leaves")
    }
}

/// sBG's likelihood of a table.
pub(super) struct SbgLikelihood<'a>(pub &'a SurvivorTable);

impl Likelihood<2> for SbgLikelihood<'_> {
    const NAMES: [&'static str; 2] = ["alpha", "beta"];

    fn ln_likelihood<D: Number>(&self, [alpha, beta]: [D; 2]) -> D {
        let c = D::from(1.0);
        ln_likelihood(&BetaWeibull { alpha, beta, c }, self.0)
    }

    fn edge([alpha, beta]: [f64; 2]) -> Option<&'static str> {
        edge(alpha, beta)
    }
}

/// BdW's likelihood of a table.
pub(super) struct BdwLikelihood<'a>(pub &'a SurvivorTable);

impl Likelihood<3> for BdwLikelihood<'_> {
    const NAMES: [&'static str; 3] = ["alpha", "beta", "c"];

    fn ln_likelihood<D: Number>(&self, parameters: [D; 3]) -> D {
        ln_likelihood(&BetaWeibull::from_array(parameters), self.0)
    }

    fn edge([alpha, beta, _]: [f64; 3]) -> Option<&'static str> {
        edge(alpha, beta)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(actual: f64, expected: f64, tolerance: f64) {
        assert!(
            (actual - expected).abs() <= tolerance * expected.abs(),
            "{actual} is not {expected}"
        );
    }

    #[test]
    fn operational_time_without_a_programme_is_plain_survival() {
        let model: BetaWeibull = BetaWeibull {
            alpha: 0.4556,
            beta: 0.7793,
            c: 1.2835,
        };
        let path = model.survival_under(5.0, &[1.0; 20]);
        let direct = (model.ln_survival(25.0) - model.ln_survival(5.0)).exp();
        close(path[19], direct, 1e-12);
    }

    #[test]
    fn a_programme_without_heterogeneity_scales_the_hazard() {
        // α, β → ∞ with α/(α+β) = 5%: everyone alike, so Λ scales −ln S.
        let model: BetaWeibull = BetaWeibull {
            alpha: 5e7,
            beta: 95e7,
            c: 1.0,
        };
        let halved = model.survival_under(0.0, &[0.5; 12]);
        close(halved[11].ln(), 0.5 * model.ln_survival(12.0), 1e-6);
    }

    /// A tenth leaves every period, whoever they are.
    #[test]
    fn customers_who_do_not_differ_are_told_in_words() {
        use crate::contractual::{Model, fit};
        let survivors = [1000.0, 900.0, 810.0, 729.0, 656.0, 590.0];
        let table = SurvivorTable::from_survivors(&survivors).unwrap();
        for model in [Model::Sbg, Model::Bdw] {
            let told = match fit(model, &table) {
                Err(error) => vec![error.to_string()],
                Ok(fitted) => (fitted.hand_over().flags.iter())
                    .map(|flag| flag.detail.clone())
                    .collect(),
            };
            assert!(
                told[0].contains("do not differ in how likely they leave"),
                "{told:?}"
            );
            assert!(!told.iter().any(|it| it.contains("factor")), "{told:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn sbg_is_bdw_at_one(alpha in 1e-2..50.0, beta in 1e-2..50.0, t in 1_u32..60) {
            // The recursion of Fader & Hardie (2007), equation 7: P(t) = P(t−1)·(β+t−2)/(α+β+t−1).
            let model: BetaWeibull = BetaWeibull { alpha, beta, c: 1.0 };
            let (mut mass, mut survival) = (alpha / (alpha + beta), 1.0);
            for step in 1..=t {
                if step > 1 {
                    mass *= (beta + f64::from(step) - 2.0) / (alpha + beta + f64::from(step) - 1.0);
                }
                survival -= mass;
            }
            prop_assert!((model.ln_survival(f64::from(t)).exp() - survival).abs() < 1e-12);
        }

        #[test]
        fn survival_falls_and_multipliers_order_it(
            alpha in 0.05..20.0, beta in 0.05..20.0, c in 0.3..2.5, m in 0.0..1.0,
        ) {
            let model: BetaWeibull = BetaWeibull { alpha, beta, c };
            let (base, kept) = (model.survival_under(3.0, &[1.0; 24]), model.survival_under(3.0, &[m; 24]));
            prop_assert!(base.windows(2).all(|w| w[1] <= w[0]));
            prop_assert!(base.iter().zip(&kept).all(|(b, k)| *k >= b - 1e-12));
        }
    }
}
