use serde::{Deserialize, Serialize};

/// How the linear predictor becomes a probability of leaving within a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// `p = 1 − exp(−exp(η))`: `exp(η)` is the cumulative hazard over the period.
    Cloglog,
    /// `p = 1/(1 + exp(−η))`.
    Logit,
}

/// What one cell adds to the likelihood and its derivatives in `η`.
pub(super) struct Contribution {
    pub loglik: f64,
    pub score: f64,
    /// Expected information.
    pub information: f64,
}

impl Link {
    /// Probability of leaving within the period.
    pub fn probability(self, eta: f64) -> f64 {
        match self {
            Self::Cloglog => -(-eta.exp()).exp_m1(),
            Self::Logit => 1.0 / (1.0 + (-eta).exp()),
        }
    }

    /// Cumulative hazard over the period, `−ln(1 − p)`.
    pub fn hazard(self, eta: f64) -> f64 {
        match self {
            Self::Cloglog => eta.exp(),
            Self::Logit => softplus(eta),
        }
    }

    /// Derivative of [`Link::hazard`] in `η`.
    pub(super) fn hazard_slope(self, eta: f64) -> f64 {
        match self {
            Self::Cloglog => eta.exp(),
            Self::Logit => self.probability(eta),
        }
    }

    /// The `η` of a probability strictly between 0 and 1.
    pub(super) fn predictor(self, p: f64) -> f64 {
        match self {
            Self::Cloglog => (-(-p).ln_1p()).ln(),
            Self::Logit => (p / (1.0 - p)).ln(),
        }
    }

    /// Binomial likelihood of `events` in `at_risk` trials, without the binomial coefficient.
    pub(super) fn contribution(self, eta: f64, at_risk: f64, events: f64) -> Contribution {
        match self {
            Self::Logit => {
                let p = self.probability(eta);
                Contribution {
                    loglik: events * eta - at_risk * softplus(eta),
                    score: events - at_risk * p,
                    information: at_risk * p * (1.0 - p),
                }
            }
            Self::Cloglog => {
                let h = eta.exp();
                // h/(e^h − 1), which tends to 1 for small h.
                let ratio = if h < 1e-12 { 1.0 } else { h / h.exp_m1() };
                let gain = if events > 0.0 {
                    events * (-(-h).exp_m1()).ln()
                } else {
                    0.0
                };
                Contribution {
                    loglik: gain - (at_risk - events) * h,
                    score: events * ratio - (at_risk - events) * h,
                    information: at_risk * h * ratio,
                }
            }
        }
    }
}

/// `ln(1 + e^η)` without overflow.
fn softplus(eta: f64) -> f64 {
    eta.max(0.0) + (-eta.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_agree_with_differences() {
        for link in [Link::Cloglog, Link::Logit] {
            for eta in [-8.0, -2.0, 0.3, 1.5] {
                let at = |e| link.contribution(e, 7.0, 2.0);
                let step = 1e-5;
                let slope = (at(eta + step).loglik - at(eta - step).loglik) / (2.0 * step);
                assert!((slope - at(eta).score).abs() < 1e-5, "{link:?} {eta}");
                // The expected information is the variance of the score: n·(dp/dη)²/(p(1 − p)).
                let dp =
                    (link.probability(eta + step) - link.probability(eta - step)) / (2.0 * step);
                let p = link.probability(eta);
                let expected = 7.0 * dp * dp / (p * (1.0 - p));
                assert!(
                    (expected / at(eta).information - 1.0).abs() < 1e-5,
                    "{link:?} {eta}"
                );
                assert!((link.predictor(p) - eta).abs() < 1e-9);
                assert!((link.hazard(eta) + (-p).ln_1p()).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn extremes_stay_finite() {
        for eta in [-745.0, -40.0, 6.0] {
            for link in [Link::Cloglog, Link::Logit] {
                let c = link.contribution(eta, 3.0, 1.0);
                assert!(
                    c.score.is_finite() && c.information >= 0.0,
                    "{link:?} {eta}"
                );
            }
        }
    }
}
