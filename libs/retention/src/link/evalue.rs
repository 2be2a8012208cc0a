use serde::{Deserialize, Serialize};

use crate::fit::Estimate;

/// How strong an unmeasured confounder would have to be to explain an association away.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EValue {
    /// For the estimate.
    pub estimate: f64,
    /// For the limit of the interval nearer to no effect; 1 when the interval includes it.
    pub limit: f64,
}

impl EValue {
    /// From a log hazard ratio. When more than 15% leave, the hazard ratio is first turned into
    /// an approximate risk ratio (VanderWeele 2017).
    pub fn of_log_hazard_ratio(association: &Estimate, share_leaving: f64) -> Self {
        let ratio = |log: f64| {
            let hr = log.exp();
            if share_leaving > 0.15 {
                (1.0 - 0.5_f64.powf(hr.sqrt())) / (1.0 - 0.5_f64.powf((1.0 / hr).sqrt()))
            } else {
                hr
            }
        };
        let nearer = if association.low > 0.0 {
            association.low
        } else if association.high < 0.0 {
            association.high
        } else {
            0.0
        };
        Self {
            estimate: e_value(ratio(association.value)),
            limit: e_value(ratio(nearer)),
        }
    }
}

/// `RR + √(RR·(RR − 1))`, for `RR < 1` of its inverse (VanderWeele & Ding 2017): the risk ratio
/// that a confounder must have with both exposure and outcome.
pub fn e_value(risk_ratio: f64) -> f64 {
    let rr = if risk_ratio < 1.0 {
        1.0 / risk_ratio
    } else {
        risk_ratio
    };
    rr + (rr * (rr - 1.0)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::{Level, Scale};

    /// The paper's example: risk ratio 3.9 with lower limit 1.8 gives 7.26 and 3.0.
    #[test]
    fn published_example() {
        assert!((e_value(3.9) - 7.26).abs() < 0.005);
        assert!((e_value(1.8) - 3.0).abs() < 0.005);
        assert!((e_value(1.0 / 3.9) - e_value(3.9)).abs() < 1e-12);
        assert_eq!(e_value(1.0), 1.0);
    }

    #[test]
    fn an_interval_with_no_effect_needs_no_confounder() {
        let null = Estimate::wald(Scale::Identity, -0.1, 0.2, Level::USUAL);
        assert_eq!(EValue::of_log_hazard_ratio(&null, 0.05).limit, 1.0);
        let clear = Estimate::wald(Scale::Identity, -0.5, 0.1, Level::USUAL);
        let common = EValue::of_log_hazard_ratio(&clear, 0.5);
        let rare = EValue::of_log_hazard_ratio(&clear, 0.05);
        assert!(common.estimate < rare.estimate && common.limit > 1.0);
    }
}
