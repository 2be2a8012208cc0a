//! Whether customers left as a fitted model says that they do.

use super::{BetaWeibull, Model, SurvivorTable};
use crate::fit::Flag;
use crate::goodness::{ChiSquareTest, FALSE_ALARMS, FEWEST, NEGLIGIBLE, upper_tail};

/// A period as it was and as the model has it.
struct Period {
    tenure: f64,
    observed: f64,
    expected: f64,
    /// By how many standard deviations more left.
    off: f64,
}

/// What to say of a model that does not fit: Pearson's chi-square of the leavers of each period, of
/// those who were there.
pub(super) fn misfit(
    model: Model,
    parameters: &BetaWeibull,
    table: &SurvivorTable,
) -> Option<Flag> {
    let periods = periods(parameters, table);
    let estimated = match model {
        Model::Sbg => 2,
        Model::Bdw => 3,
    };
    let df = periods.len().checked_sub(estimated).filter(|it| *it > 0)?;
    let chi2: f64 = periods.iter().map(|it| it.off * it.off).sum();
    let p = upper_tail(chi2, df);
    let test = ChiSquareTest { chi2, df, p };
    let gap = |it: &Period| (it.observed - it.expected).abs();
    let worst = periods.iter().max_by(|a, b| gap(a).total_cmp(&gap(b)))?;
    if p >= FALSE_ALARMS || gap(worst) < NEGLIGIBLE {
        return None;
    }
    let mean = periods.iter().map(|it| it.tenure).sum::<f64>() / periods.len() as f64;
    let rises = periods
        .iter()
        .map(|it| (it.tenure - mean) * it.off)
        .sum::<f64>()
        > 0.0;
    let fix = match model {
        Model::Sbg if rises => "leaving becomes likelier with age, which sBG cannot say: fit bdw",
        Model::Sbg => "fit bdw, or take the curve that was observed",
        Model::Bdw => "take the curve that was observed",
    };
    let detail = format!(
        "the model does not fit: in period {:.0} {:.1}% of those there left, it says {:.1}% ({test}); \
         {fix}",
        worst.tenure,
        100.0 * worst.observed,
        100.0 * worst.expected
    );
    Some(Flag::new("misfit", detail))
}

fn periods(parameters: &BetaWeibull, table: &SurvivorTable) -> Vec<Period> {
    let (mut at_risk, mut found) = (0.0, Vec::new());
    for (tenure, entered, left, remained) in table.rows() {
        if at_risk > 0.0 {
            let expected = -(-parameters.hazard(tenure - 1.0)).exp_m1();
            let (leaving, staying) = (at_risk * expected, at_risk * (1.0 - expected));
            if leaving >= FEWEST && staying >= FEWEST {
                found.push(Period {
                    tenure,
                    observed: left / at_risk,
                    expected,
                    off: (left - leaving) / (leaving * (1.0 - expected)).sqrt(),
                });
            }
        }
        at_risk += entered - left - remained;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::fit;
    use super::*;

    fn flagged(model: Model, survivors: &[f64]) -> Option<String> {
        let table = SurvivorTable::from_survivors(survivors).unwrap();
        let fitted = fit(model, &table).unwrap();
        let flags = &fitted.hand_over().flags;
        flags
            .iter()
            .find(|flag| flag.code == "misfit")
            .map(|flag| flag.detail.clone())
    }

    #[test]
    fn leaving_that_rises_is_no_sbg() {
        let rising = [1000.0, 950.0, 800.0, 500.0, 200.0];
        let detail = flagged(Model::Sbg, &rising).unwrap();
        assert!(
            detail.contains("likelier with age") && detail.contains("bdw"),
            "{detail}"
        );
    }

    #[test]
    fn published_cohorts_fit() {
        // Fader & Hardie (2007), table 1: regular and high-end customers.
        let regular = [1000.0, 631.0, 468.0, 382.0, 326.0, 289.0, 262.0, 241.0];
        let high_end = [1000.0, 869.0, 743.0, 653.0, 593.0, 551.0, 517.0, 491.0];
        assert_eq!(flagged(Model::Sbg, &regular), None);
        assert_eq!(flagged(Model::Bdw, &regular), None);
        assert_eq!(flagged(Model::Bdw, &high_end), None);
    }

    /// Of cohorts that the model drew itself about one in a hundred is called a misfit.
    #[test]
    fn a_model_that_is_true_fits() {
        use rand::{RngExt, SeedableRng};
        let mut rng = rand::rngs::ChaCha8Rng::seed_from_u64(4);
        let truth = BetaWeibull {
            alpha: 1.5,
            beta: 6.0,
            c: 1.0,
        };
        let mut false_alarms = 0;
        for _ in 0..200 {
            let mut survivors = vec![800.0_f64];
            for age in 0..8 {
                let stay = (-truth.hazard(f64::from(age))).exp();
                let before = survivors[survivors.len() - 1] as usize;
                let left = (0..before).filter(|_| rng.random::<f64>() < stay).count();
                survivors.push(left as f64);
            }
            false_alarms += u32::from(flagged(Model::Sbg, &survivors).is_some());
        }
        assert!(false_alarms <= 8, "{false_alarms} of 200");
    }
}
