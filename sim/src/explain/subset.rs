//! Every choice of initiatives, on the same draws.

use super::ExplainError;
use super::trials::Trials;
use crate::outcome::Outcome;

/// Most initiatives whose every choice is evaluated: 1,024 of them.
const MOST: usize = 10;

/// Net present values of every choice of initiatives, trial by trial.
///
/// A choice is a set of bits: bit `i` is whether initiative `i` is done.
#[derive(Debug, Clone)]
pub struct Choices<'t, 'm> {
    trials: &'t Trials<'m>,
    npv: Vec<Vec<f64>>,
}

impl<'t, 'm> Choices<'t, 'm> {
    /// Evaluates every choice on the same draws: the model `2ⁿ` times.
    ///
    /// # Errors
    /// If there are more than ten initiatives.
    pub fn evaluate(trials: &'t Trials<'m>) -> Result<Self, ExplainError> {
        let initiatives = trials.model().initiatives().len();
        if initiatives > MOST {
            return Err(ExplainError::TooManyInitiatives {
                initiatives,
                most: MOST,
            });
        }
        let npv = (0..1_usize << initiatives)
            .map(|choice| {
                let active: Vec<bool> = (0..initiatives).map(|i| choice >> i & 1 == 1).collect();
                trials.outcome_of(&trials.model().with_active(&active), Outcome::Npv)
            })
            .collect();
        Ok(Self { trials, npv })
    }

    /// The trials.
    pub(super) fn trials(&self) -> &'t Trials<'m> {
        self.trials
    }

    /// Number of choices, the empty one included.
    pub(super) fn count(&self) -> usize {
        self.npv.len()
    }

    /// Net present values of a choice, in the order of the trials.
    pub(super) fn npv(&self, choice: usize) -> &[f64] {
        &self.npv[choice]
    }

    /// Names of the initiatives of a choice.
    pub(super) fn names(&self, choice: usize) -> Vec<String> {
        let names = self.trials.model().initiatives().enumerate();
        names
            .filter(|(i, _)| choice >> i & 1 == 1)
            .map(|(_, name)| name.to_owned())
            .collect()
    }
}
