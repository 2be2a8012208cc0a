//! Stopping when a figure is known well enough.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Control, RunError, run};
use crate::model::Model;
use crate::outcome::Outcome;
use crate::sampling::Sampling;
use crate::summary::RunResult;
use crate::trials::RunOptions;

/// When a run may stop: when the 95% interval of a figure is narrow enough.
///
/// Written `npv.p5 ± 1%` or `npv.mean +- 2000`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Until {
    /// The outcome.
    pub outcome: Outcome,
    /// Which figure of it.
    pub figure: Figure,
    /// Half the width of the interval.
    pub half_width: HalfWidth,
}

/// A figure whose Monte Carlo error is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the statistic that it is named after")]
pub enum Figure {
    Mean,
    P5,
    P50,
    P95,
}

/// Half the width of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HalfWidth {
    /// In the figure's unit.
    Absolute(f64),
    /// As a share of the figure.
    Relative(f64),
}

/// A text that is no stopping rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is no stopping rule; write OUTCOME.FIGURE ± WIDTH as in \"npv.p5 ± 1%\", with the figure mean, p5, p50 or p95"
)]
pub struct UntilError(String);

impl FromStr for Until {
    type Err = UntilError;

    fn from_str(text: &str) -> Result<Self, UntilError> {
        parse(text).ok_or_else(|| UntilError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Until> {
    let (figure, width) = text.split_once('±').or_else(|| text.split_once("+-"))?;
    let (outcome, figure) = figure.trim().split_once('.')?;
    let outcome = Outcome::ALL
        .into_iter()
        .find(|known| known.name() == outcome)?;
    let figure = [Figure::Mean, Figure::P5, Figure::P50, Figure::P95]
        .into_iter()
        .find(|known| known.name() == figure)?;
    let width = width.trim();
    let (digits, percent) = width
        .strip_suffix('%')
        .map_or((width, false), |d| (d, true));
    let number: f64 = digits
        .trim()
        .parse()
        .ok()
        .filter(|n: &f64| *n > 0.0 && n.is_finite())?;
    let half_width = if percent {
        HalfWidth::Relative(number / 100.0)
    } else {
        HalfWidth::Absolute(number)
    };
    Some(Until {
        outcome,
        figure,
        half_width,
    })
}

impl fmt::Display for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = self.outcome.name();
        write!(f, "{outcome}.{} ± {}", self.figure.name(), self.half_width)
    }
}

impl Figure {
    fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::P5 => "p5",
            Self::P50 => "p50",
            Self::P95 => "p95",
        }
    }
}

impl fmt::Display for HalfWidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Three digits: a width is no exact figure.
        match self {
            Self::Absolute(width) => write!(f, "{}", three_digits(*width)),
            Self::Relative(share) => write!(f, "{}%", three_digits(100.0 * share)),
        }
    }
}

fn three_digits(number: f64) -> f64 {
    format!("{number:.2e}").parse().unwrap_or(number)
}

impl Until {
    /// Whether the result is good enough.
    pub fn is_met(&self, result: &RunResult) -> bool {
        let half = |width: HalfWidth| match width {
            HalfWidth::Absolute(width) | HalfWidth::Relative(width) => width,
        };
        half(self.half_width_of(result)) <= half(self.half_width)
    }

    /// Half the width of the figure's 95% interval, in the terms of this rule.
    pub fn half_width_of(&self, result: &RunResult) -> HalfWidth {
        let statistics = &result.outcomes[&self.outcome];
        let errors = &statistics.mc_error;
        let (value, error) = match self.figure {
            Figure::Mean => (statistics.mean, errors.mean),
            Figure::P5 => (statistics.p5.number(), errors.p5),
            Figure::P50 => (statistics.p50.number(), errors.p50),
            Figure::P95 => (statistics.p95.number(), errors.p95),
        };
        // What is a word, such as "never", has no error: more trials make it no more exact.
        let (value, error) = (value.unwrap_or(0.0), error.unwrap_or(0.0));
        let width = result.half_width() * error;
        match self.half_width {
            HalfWidth::Absolute(_) => HalfWidth::Absolute(width),
            HalfWidth::Relative(_) if width == 0.0 => HalfWidth::Relative(0.0),
            HalfWidth::Relative(_) => HalfWidth::Relative(width / value.abs()),
        }
    }
}

/// Fewest trials of a run that stops early.
const FIRST_LOOK: u64 = 4096;

/// Runs a model with 4,096 trials, then twice as many, and so on, until `until` is met or
/// `options.trials` are done. The result is that of a plain run with as many trials as it names.
///
/// # Errors
/// As [`run`], and for `latin_hypercube`, whose longer runs do not contain the shorter ones.
pub fn run_until(
    model: &Model,
    options: &RunOptions,
    until: &Until,
    control: &Control<'_>,
) -> Result<RunResult, RunError> {
    if options.sampling == Sampling::LatinHypercube {
        return Err(RunError::CannotStopEarly);
    }
    let mut trials = FIRST_LOOK.min(options.trials);
    loop {
        // Doubling computes at most as many trials again as the last look needs.
        let result = run(
            model,
            &RunOptions {
                trials,
                ..options.clone()
            },
            control,
        )?;
        if trials == options.trials || until.is_met(&result) {
            return Ok(result);
        }
        trials = (2 * trials).min(options.trials);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_in_both_spellings() {
        let rule: Until = "npv.p5 ± 1%".parse().unwrap();
        assert_eq!(rule.half_width, HalfWidth::Relative(0.01));
        assert_eq!(rule, "npv.p5 +- 1%".parse().unwrap());
        assert_eq!(rule.to_string(), "npv.p5 ± 1%");
        let rule: Until = "payback_month.mean ± 0.5".parse().unwrap();
        assert_eq!(
            (rule.outcome, rule.figure),
            (Outcome::PaybackMonth, Figure::Mean)
        );
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "npv ± 1%",
            "npv.p7 ± 1%",
            "profit.p5 ± 1%",
            "npv.p5 ± 0",
            "npv.p5 ± -1%",
            "",
        ] {
            assert!(
                text.parse::<Until>()
                    .unwrap_err()
                    .to_string()
                    .contains("npv.p5 ± 1%")
            );
        }
    }
}
