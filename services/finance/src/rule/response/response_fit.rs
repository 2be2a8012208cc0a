//! Response curves from a history of spending and answers.
//!
//! `p(x) = C(1 − e^(−kx))` (Blattberg and Deighton, 1996) is fitted by maximum likelihood: each
//! row says how many people a spend per head reached and how many of them answered. Fisher
//! scoring runs on `(logit C, ln k)`, where neither parameter can leave its range; the inverse
//! information is their covariance. The curve bends down from the first cent. Where the data
//! do not, a plain logistic regression fits better, and its AIC beside the curve's says so.

use keepworth_cashflow::response::Response;
use keepworth_contract::statistic::Interval;
use serde::Serialize;

use crate::rule::response::response_data::{Data, checked};
pub use crate::rule::response::response_data::{Observed, ResponseFitError};
use crate::rule::response::scoring::{
    Curve, Estimate, Logistic, Model, log_likelihood, logistic_function, logit, maximise,
};

/// A fitted curve, per minor unit of spend.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResponseFit {
    /// The curve.
    pub response: Response,
    /// Covariance of `(logit C, ln k)`.
    pub covariance: [[f64; 2]; 2],
    /// Standard error of the ceiling (delta method); none when it was stated or is at 1.
    pub ceiling_se: Option<f64>,
    /// Interval of the ceiling; none when it was stated or is at 1.
    pub ceiling_interval: Option<Interval>,
    /// Standard error of `k` (delta method).
    pub k_se: f64,
    /// Interval of `k`.
    pub k_interval: Interval,
    /// A plain logistic regression on the same data.
    pub logistic: LogisticFit,
    /// People behind the fit, those without spend left out.
    pub people: u64,
    /// Akaike's criterion of the curve, of a logistic regression on spend, and of a constant
    /// share; lower is better.
    pub aic: Aic,
}

/// A plain logistic regression on spend, `p(x) = 1/(1 + e^−(a + bx))`: what the curve is held
/// against. It can follow an S, but promises answers without spend, and all of them with enough.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LogisticFit {
    /// `a`.
    pub intercept: f64,
    /// `b`, per minor unit.
    pub slope: f64,
}

impl LogisticFit {
    /// The share that answers to `spend` per head.
    #[must_use]
    pub fn share(&self, spend: f64) -> f64 {
        logistic_function(self.intercept + self.slope * spend)
    }

    /// What the next customer costs at this spend, `1/p′(x) = 1/(b·p·(1−p))`.
    #[must_use]
    pub fn marginal_cost(&self, spend: f64) -> f64 {
        let share = self.share(spend);
        (self.slope * share * (1.0 - share)).recip()
    }
}

/// Akaike's information criterion, `2·parameters − 2·log-likelihood`, of three models.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Aic {
    /// The response curve.
    pub curve: f64,
    /// Plain logistic regression on spend.
    pub logistic: f64,
    /// The same share at every spend.
    pub constant: f64,
}

impl Aic {
    /// Whether the data speak against the curve: the plain regression is better by more than 10.
    #[must_use]
    pub fn contradicts_curve(&self) -> bool {
        self.curve - self.logistic > 10.0
    }
}

/// The 97.5% point of the normal distribution.
const Z_95: f64 = 1.959_963_984_540_054;

/// A 95% interval that is symmetric on the scale of `(logit C, ln k)`.
fn wald(low: f64, high: f64) -> Interval {
    Interval {
        low,
        high,
        level: 0.95,
        method: "wald_on_logit_and_log".to_owned(),
        freedom: None,
    }
}

/// The ceiling above which it is taken to be 1: `logit⁻¹(9) = 0.9999`.
const LOGIT_AT_ONE: f64 = 9.0;

/// The loss of log-likelihood below which a ceiling of 1 is as good as one free to be just less.
const NO_WORSE: f64 = 1e-3;

/// Half the 95% point of chi-squared with one degree of freedom: the fall of the log-likelihood at
/// the ends of a profile interval.
const PROFILE_95: f64 = 1.92;

/// The correlation of `logit C` and `ln k` above which the two are one parameter.
const INSEPARABLE: f64 = 0.999;

/// Where the ceiling comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ceiling {
    /// From the data.
    Estimated,
    /// From a person's judgement, in (0, 1]: what the data need when they show no bend.
    Stated(f64),
}

/// Fits the curve; see the module's documentation.
///
/// # Errors
/// When counts contradict themselves or the curve, or the data cannot settle it.
pub fn fit_response(
    observed: &[Observed],
    ceiling: Ceiling,
) -> Result<ResponseFit, ResponseFitError> {
    let data = checked(observed)?;
    let logistic = maximise(
        &Logistic,
        [logit(data.share()), 0.0],
        &data.rows,
        [true, true],
    );
    if logistic.at[1] <= 0.0 {
        return Err(ResponseFitError::NotRising);
    }
    let (curve, ceiling) = match ceiling {
        Ceiling::Estimated => {
            let curve = fit_curve(&data)?;
            let ceiling = logistic_function(curve.at[0]);
            (curve, ceiling)
        }
        Ceiling::Stated(ceiling) => (fit_below(&data, ceiling)?, ceiling),
    };
    let k = curve.at[1].exp() / data.mean_spend;
    let response = Response::new(ceiling, k).map_err(|_| ResponseFitError::NoCeiling)?;
    let [logit_c_se, ln_k_se] = [0, 1].map(|i| curve.covariance[i][i].sqrt());
    let estimated = logit_c_se > 0.0;
    let at_logit = |z: f64| logistic_function(curve.at[0] + z * logit_c_se);
    Ok(ResponseFit {
        response,
        covariance: curve.covariance,
        ceiling_se: estimated.then_some(ceiling * (1.0 - ceiling) * logit_c_se),
        ceiling_interval: estimated.then(|| wald(at_logit(-Z_95), at_logit(Z_95))),
        k_interval: wald(k * (-Z_95 * ln_k_se).exp(), k * (Z_95 * ln_k_se).exp()),
        k_se: k * ln_k_se,
        logistic: LogisticFit {
            intercept: logistic.at[0],
            slope: logistic.at[1] / data.mean_spend,
        },
        people: data.people,
        aic: Aic {
            curve: 2.0 * (if estimated { 2.0 } else { 1.0 } - curve.log_likelihood),
            logistic: 2.0 * (2.0 - logistic.log_likelihood),
            constant: 2.0 * (1.0 - constant_log_likelihood(&data)),
        },
    })
}

/// The log-likelihood of the same share at every spend.
fn constant_log_likelihood(data: &Data) -> f64 {
    let share = data.share();
    data.rows.iter().map(|row| log_likelihood(row, share)).sum()
}

/// Both parameters; the speed alone, below a ceiling of 1, when the ceiling runs there.
fn fit_curve(data: &Data) -> Result<Estimate, ResponseFitError> {
    let share = data.share();
    let ceiling = f64::midpoint(share, 1.0);
    let start = [logit(ceiling), (-(-share / ceiling).ln_1p()).ln()];
    let free = maximise(&Curve, start, &data.rows, [true, true]);
    let [[a, b], [_, d]] = free.covariance;
    if free.converged && free.at[0] < LOGIT_AT_ONE {
        let inseparable = b.abs() > INSEPARABLE * (a * d).sqrt();
        return if inseparable {
            Err(ResponseFitError::NoCeiling)
        } else {
            Ok(free)
        };
    }
    fit_below_one(data)
        .filter(|one| one.log_likelihood >= free.log_likelihood - NO_WORSE)
        .ok_or(ResponseFitError::NoCeiling)
}

/// The speed below a ceiling of 1; none when the data would as well have a ceiling halfway down
/// to the highest share that was reached.
fn fit_below_one(data: &Data) -> Option<Estimate> {
    let one = fit_below(data, 1.0).ok()?;
    let most_spent = data.rows.iter().map(|row| row.spend).fold(0.0, f64::max);
    let (highest, _) = Curve.share(one.at, most_spent);
    let halfway = fit_below(data, f64::midpoint(highest, 1.0)).ok()?;
    (one.log_likelihood - halfway.log_likelihood > PROFILE_95).then_some(one)
}

/// The speed below a given ceiling.
fn fit_below(data: &Data, ceiling: f64) -> Result<Estimate, ResponseFitError> {
    let share = data.share();
    let refused = ResponseFitError::Ceiling { ceiling, share };
    if !(share < ceiling && ceiling <= 1.0) {
        return Err(refused);
    }
    let start = [logit(ceiling), (-(-share / ceiling).ln_1p()).ln()];
    let found = maximise(&Curve, start, &data.rows, [false, true]);
    if found.converged {
        Ok(found)
    } else {
        Err(refused)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::rngs::ChaCha8Rng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    /// Answers drawn from a curve, at ten levels of spend.
    fn drawn(truth: Response, people: u64, seed: u64) -> Vec<Observed> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let levels = (1..=10).map(|level| level * 1_000);
        levels
            .map(|spend| {
                let share = truth.share(spend as f64);
                let answered = (0..people).filter(|_| rng.random_bool(share)).count() as u64;
                Observed {
                    spend,
                    people,
                    answered,
                }
            })
            .collect()
    }

    #[test]
    fn truth_is_recovered_and_covered() {
        let truth = Response::new(0.6, 0.000_4).unwrap();
        let (mut ceilings, mut speeds, repetitions) = (0, 0, 400);
        for seed in 0..repetitions {
            let fit = fit_response(&drawn(truth, 500, seed), Ceiling::Estimated).unwrap();
            let covers = |of: &Interval, truth: f64| usize::from(of.low < truth && truth < of.high);
            ceilings += covers(fit.ceiling_interval.as_ref().unwrap(), 0.6);
            speeds += covers(&fit.k_interval, 0.000_4);
            assert!(!fit.aic.contradicts_curve(), "{:?}", fit.aic);
        }
        // Nominal 95%; the binomial standard error of 400 repetitions is 1.1 points.
        for covered in [ceilings, speeds] {
            let share = covered as f64 / repetitions as f64;
            assert!((0.915..0.985).contains(&share), "{share}");
        }
    }

    #[test]
    fn exact_shares_give_the_exact_curve() {
        // A million people at each level answer exactly as 0.5(1 − e^(−x/100)) says, to rounding.
        let truth = Response::new(0.5, 0.01).unwrap();
        let rows = [50, 100, 200, 400].map(|spend| Observed {
            spend,
            people: 1_000_000_000,
            answered: (truth.share(spend as f64) * 1e9).round() as u64,
        });
        let fit = fit_response(&rows, Ceiling::Estimated).unwrap();
        assert!((fit.response.ceiling() - 0.5).abs() < 1e-7, "{fit:?}");
        assert!((fit.response.k() - 0.01).abs() < 1e-9, "{fit:?}");
    }

    #[test]
    fn the_plain_regression_is_recovered() {
        let truth = LogisticFit {
            intercept: -1.0,
            slope: 0.002,
        };
        let rows = [100, 400, 800, 1_200].map(|spend| Observed {
            spend,
            people: 1_000_000_000,
            answered: (truth.share(spend as f64) * 1e9).round() as u64,
        });
        let found = fit_response(&rows, Ceiling::Stated(1.0)).unwrap().logistic;
        assert!((found.intercept + 1.0).abs() < 1e-6, "{found:?}");
        assert!((found.slope - 0.002).abs() < 1e-8, "{found:?}");
        // At its middle, x = 500, the share is a half and rises by b/4.
        assert!((truth.marginal_cost(500.0) - 2_000.0).abs() < 1e-9);
    }

    #[test]
    fn a_ceiling_of_one_is_pinned() {
        let truth = Response::new(1.0, 0.02).unwrap();
        let rows = [10, 50, 100, 200, 400].map(|spend| Observed {
            spend,
            people: 1_000_000,
            answered: (truth.share(spend as f64) * 1e6).round() as u64,
        });
        let fit = fit_response(&rows, Ceiling::Estimated).unwrap();
        assert_eq!(
            (fit.response.ceiling(), fit.ceiling_se),
            (1.0, None),
            "{fit:?}"
        );
        assert!((fit.response.k() - 0.02).abs() < 1e-4, "{fit:?}");
    }

    #[test]
    fn data_that_bend_the_other_way_speak_against_the_curve() {
        let counts = [2, 3, 4, 8, 20, 60, 85, 95, 98, 99];
        let rows: Vec<_> = (1..)
            .zip(counts)
            .map(|(spend, answered)| Observed {
                spend,
                people: 100,
                answered,
            })
            .collect();
        let fit = fit_response(&rows, Ceiling::Estimated);
        assert!(fit.is_err() || fit.unwrap().aic.contradicts_curve());
    }

    #[test]
    fn what_cannot_be_fitted_is_refused_in_words() {
        let row = |spend, people, answered| Observed {
            spend,
            people,
            answered,
        };
        let refused = |rows: &[Observed]| {
            fit_response(rows, Ceiling::Estimated)
                .unwrap_err()
                .to_string()
        };
        let more = refused(&[row(1, 5, 2), row(2, 5, 6)]);
        assert_eq!(more, "row 2: 6 of 5 people answered; correct the counts");
        assert!(refused(&[row(0, 5, 2)]).starts_with("row 1: 2 answered without any spend"));
        assert!(refused(&[]).starts_with("nobody was reached"));
        assert!(refused(&[row(3, 5, 5), row(4, 5, 5)]).starts_with("everybody answered"));
        assert!(refused(&[row(3, 5, 0), row(4, 5, 0)]).starts_with("nobody answered"));
        assert!(refused(&[row(3, 5, 1), row(3, 5, 2)]).starts_with("all spends are the same"));
        let falling = refused(&[row(3, 50, 20), row(4, 50, 10), row(9, 50, 5)]);
        assert!(falling.starts_with("the share that answered does not rise"));
        let straight = [
            row(10, 1_000, 10),
            row(20, 1_000, 20),
            row(40, 1_000, 40),
            row(80, 1_000, 85),
        ];
        assert!(refused(&straight).starts_with("the answers still rise in proportion"));
        // A person may state the ceiling that the data do not show, above what they do show.
        let stated = fit_response(&straight, Ceiling::Stated(0.3)).unwrap();
        assert_eq!(stated.response.ceiling(), 0.3);
        assert_eq!(stated.ceiling_se, None);
        assert!((stated.response.share(40.0) - 0.04).abs() < 0.005);
        let low = fit_response(&straight, Ceiling::Stated(0.03))
            .unwrap_err()
            .to_string();
        assert_eq!(
            low,
            "ceiling is 0.03; it must be above the share 0.039 that answered, and at most 1"
        );
    }

    proptest! {
        #[test]
        fn no_data_make_it_panic(
            rows in prop::collection::vec((0u64..1_000, 0u64..50, 0u64..50), 0..12),
        ) {
            let rows: Vec<_> = rows
                .into_iter()
                .map(|(spend, people, answered)| Observed { spend, people, answered })
                .collect();
            if let Ok(fit) = fit_response(&rows, Ceiling::Estimated) {
                prop_assert!(fit.k_se.is_finite() && fit.aic.curve.is_finite());
            }
        }
    }
}
