//! What a run found, in a question and its answer.

use std::fmt;

use keepworth_sim::{Outcome, RunResult};

use crate::number::Unit;
use crate::words::{chance, no_verdict, verdict, within_error};

/// What was found: the same words in the terminal, the workbook and the memo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was asked.
    pub question: String,
    /// What the futures say to it.
    pub answer: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.question, self.answer)
    }
}

/// The unit in which the amounts of a run are read most easily.
#[must_use]
pub fn unit_of(result: &RunResult) -> Unit {
    let sizes = result.npv_percentiles.iter().map(|npv| npv.abs());
    Unit::of(sizes.fold(0.0, f64::max))
}

/// What a run of so many months found; none of a run without an NPV.
#[must_use]
pub fn finding(result: &RunResult, currency: &str, horizon_months: usize) -> Option<Finding> {
    let npv = result.outcomes.get(&Outcome::Npv)?;
    let question = format!("Will \u{201c}{}\u{201d} pay?", result.scenario);
    let unit = unit_of(result);
    let loss = result.probabilities.npv_negative;
    let [low, middle, high] = [npv.p5, npv.p50, npv.p95].map(|it| it.number().unwrap_or(0.0));
    let within = |value: f64, error: Option<f64>| {
        unit.money(within_error(value, error.unwrap_or(0.0)), currency)
    };
    let answer = if let Some(why) = no_verdict(&result.no_verdict) {
        why
    } else if (low, high) == (0.0, 0.0) {
        format!(
            "It changes nothing: it is worth {} in every future, and costs nothing.",
            unit.money(0.0, currency)
        )
    } else {
        format!(
            "{}: the middle future is worth {} over {horizon_months} months, 90 in 100 lie between {} and {}, and {} \
             lose money.",
            verdict(loss, result.trials),
            within(middle, npv.mc_error.p50),
            within(low, npv.mc_error.p5),
            within(high, npv.mc_error.p95),
            chance(loss.value, result.trials),
        )
    };
    Some(Finding { question, answer })
}
