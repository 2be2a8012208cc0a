//! The engine's result and options in the contract's words.
//!
//! Both have the same form on the wire: a field that only one of them knows is a fault of ours, and a
//! test holds them together.

use keepworth_contract::{finance, simulator as wire};
use keepworth_sim::explain::Swing;
use keepworth_sim::inputs::Grade;
use keepworth_sim::{Case, CaseInput, Estimate, RunOptions, RunResult, Statistics};

/// A result as the contract has it.
///
/// # Errors
/// A figure that JSON cannot carry, or that the contract does not know.
pub fn told(result: &RunResult) -> Result<wire::RunResult, serde_json::Error> {
    serde_json::from_value(serde_json::to_value(result)?)
}

/// Statistics of a figure as the contract has them.
///
/// # Errors
/// As [`told`].
pub fn told_statistics(it: &Statistics) -> Result<wire::Statistics, serde_json::Error> {
    serde_json::from_value(serde_json::to_value(it)?)
}

/// A figure with its error as the contract has it.
#[must_use]
pub fn told_estimate(it: Estimate) -> wire::Estimate {
    wire::Estimate {
        value: it.value,
        mc_error: it.mc_error,
    }
}

/// The case at the inputs' medians as the contract has it.
///
/// # Errors
/// As [`told`].
pub fn told_case(case: &Case) -> Result<wire::Case, serde_json::Error> {
    serde_json::from_value(serde_json::to_value(case)?)
}

/// An uncertain input on its own as the contract has it.
pub(crate) fn told_input(it: CaseInput) -> wire::CaseInput {
    wire::CaseInput {
        name: it.name,
        unit: it.unit,
        shape: it.shape.to_owned(),
        p10: it.p10,
        p50: it.p50,
        p90: it.p90,
        grade: it.grade.map(told_grade),
        note: it.note,
    }
}

/// A grade as the contract has it.
pub(crate) fn told_grade(grade: Grade) -> finance::Grade {
    match grade {
        Grade::A => finance::Grade::A,
        Grade::B => finance::Grade::B,
        Grade::C => finance::Grade::C,
        Grade::D => finance::Grade::D,
    }
}

/// Swings of NPV as the contract has them.
///
/// # Errors
/// As [`told`].
pub fn told_swings(swings: &[Swing]) -> Result<Vec<wire::InputSwing>, serde_json::Error> {
    serde_json::from_value(serde_json::to_value(swings)?)
}

/// Options as the contract has them.
#[must_use]
pub fn told_options(options: &RunOptions) -> wire::RunOptions {
    wire::RunOptions {
        trials: options.trials,
        seed: options.seed,
        threads: options.threads,
        sampling: match options.sampling {
            keepworth_sim::Sampling::Random => wire::Sampling::Random,
            keepworth_sim::Sampling::LatinHypercube => wire::Sampling::LatinHypercube,
            keepworth_sim::Sampling::Sobol => wire::Sampling::Sobol,
        },
        randomisations: options.randomisations,
        most_kept: options.most_kept,
    }
}

/// The engine's options of those that the contract has.
#[must_use]
pub fn options_of(told: &wire::RunOptions) -> RunOptions {
    RunOptions {
        trials: told.trials,
        seed: told.seed,
        threads: told.threads,
        sampling: sampling(told.sampling),
        randomisations: told.randomisations,
        most_kept: told.most_kept,
    }
}

/// The engine's word for how futures are drawn.
#[must_use]
pub fn sampling(sampling: wire::Sampling) -> keepworth_sim::Sampling {
    match sampling {
        wire::Sampling::Random => keepworth_sim::Sampling::Random,
        wire::Sampling::LatinHypercube => keepworth_sim::Sampling::LatinHypercube,
        wire::Sampling::Sobol => keepworth_sim::Sampling::Sobol,
    }
}

#[cfg(test)]
mod tests {
    use keepworth_contract::simulator::OutcomeName;
    use keepworth_contract::{FlagCode, Word};
    use keepworth_sim::explain::{Trials, tornado};
    use keepworth_sim::{Control, Evaluator, Outcome, Sampling, Scenario, ledger, run};

    use super::*;

    const SCENARIO: &str = r#"
        name = "Fewer leave"
        horizon_months = 24
        discount_rate = 0.1
        [[seats]]
        name = "desk"
        channels = ["phone"]
        minutes_per_seat = 100
        [[initiatives]]
        name = "Onboarding"
        reach = { home = 1.0 }
        [[initiatives.effects]]
        on = "hazard"
        size = { pert = [0.02, 0.06, 0.12] }
        [[initiatives.costs]]
        type = "people"
        amount = 1000
    "#;

    #[test]
    fn the_contract_says_all_that_the_engine_says() {
        let scenario = Scenario::from_toml(SCENARIO).unwrap();
        let baseline = crate::sample();
        let model = crate::prepare(&scenario, &baseline).unwrap();
        for sampling in [Sampling::Random, Sampling::Sobol] {
            let options = RunOptions {
                trials: 4_096,
                sampling,
                ..RunOptions::default()
            };
            let mut result = run(&model, &options, &Control::default()).unwrap();
            result.ledger = Some(ledger(&model, &options, &Control::default()).unwrap());
            assert_eq!(result.monthly.seats.len(), 1);
            let told = told(&result).unwrap();
            let both = [serde_json::to_value(&told), serde_json::to_value(&result)];
            let [told, result] = both.map(Result::unwrap);
            assert_eq!(told, result);
            let told = told_options(&options);
            assert_eq!(options_of(&told), options);
            let told = serde_json::to_value(told).unwrap();
            assert_eq!(told, serde_json::to_value(&options).unwrap());
        }
    }

    #[test]
    fn the_contract_says_all_of_the_case() {
        let scenario = Scenario::from_toml(SCENARIO).unwrap();
        let model = crate::prepare(&scenario, &crate::sample()).unwrap();
        let case = Evaluator::new(&model).middle();
        let told = told_case(&case).unwrap();
        assert_eq!(
            serde_json::to_value(told).unwrap(),
            serde_json::to_value(&case).unwrap()
        );
        let trials = Trials::draw(&model, &RunOptions::default()).unwrap();
        let swings = tornado(&trials, Outcome::Npv);
        assert_eq!(swings.len(), model.inputs().len());
        let told = told_swings(&swings).unwrap();
        assert_eq!(
            serde_json::to_value(told).unwrap(),
            serde_json::to_value(&swings).unwrap()
        );
    }

    #[test]
    fn the_contract_knows_what_the_engine_flags() {
        for code in keepworth_sim::FlagCode::ALL {
            assert!(FlagCode::find(code.name()).is_some(), "{code:?}");
        }
    }

    #[test]
    fn outcomes_have_the_engines_names() {
        assert!(
            OutcomeName::all()
                .map(Word::name)
                .eq(Outcome::ALL.map(Outcome::name))
        );
    }
}
