//! What was asked beside a run.

use keepworth_contract::simulator::PortfolioChoice;
use keepworth_sim::explain::{
    BreakEven, Choices, Deferral, Explanation, MOST_TRIALS, Trials, deferral, explain, frontier,
};
use keepworth_sim::{HalfWidth, Model, RunOptions, RunResult, Until};
use keepworth_verdict::break_even::sentence;
use keepworth_verdict::question::{Search, WAIT, told_frontier};
use serde::Serialize;

use super::explanation;
use super::watch::Watch;
use crate::command::portfolio;
use crate::present::number::whole;

/// What to answer beside the run.
pub(super) struct Questions {
    pub(super) explain: bool,
    /// The plan with everything later, where waiting is asked about.
    pub(super) later: Option<Model>,
    pub(super) search: Option<Search>,
    pub(super) budget: Option<f64>,
}

impl Questions {
    /// Whether anything is asked.
    pub(super) fn any(&self) -> bool {
        self.explain || self.search.is_some() || self.budget.is_some()
    }

    pub(super) fn answer(
        &self,
        model: &Model,
        options: &RunOptions,
        watch: &Watch,
    ) -> anyhow::Result<Answers> {
        let explain = || watch.futures("explaining", |control| explain(model, options, control));
        let explanation = self.explain.then(explain).transpose()?;
        let wait = |later: &Model| -> anyhow::Result<_> {
            watch.stage("valuing a year's wait");
            let options = RunOptions {
                trials: options.trials.min(MOST_TRIALS),
                ..options.clone()
            };
            Ok(deferral(&Trials::draw(model, &options)?, later, WAIT))
        };
        let seek = |search: &Search| -> anyhow::Result<_> {
            watch.stage("searching");
            Ok(search.seek(&Trials::draw(model, options)?))
        };
        let break_even = self.search.as_ref().map(seek).transpose()?;
        let choose = |budget| -> anyhow::Result<_> {
            watch.stage("trying every choice of initiatives");
            let trials = Trials::draw(model, options)?;
            Ok(told_frontier(&frontier(&Choices::evaluate(&trials)?, budget))?.choices)
        };
        Ok(Answers {
            explanation,
            deferral: self.later.as_ref().map(wait).transpose()?,
            break_even,
            portfolio: self.budget.map(choose).transpose()?,
        })
    }
}

/// What was asked beside the run.
#[derive(Default, Serialize)]
pub(super) struct Answers {
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Explanation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deferral: Option<Deferral>,
    #[serde(skip_serializing_if = "Option::is_none")]
    break_even: Option<BreakEven>,
    #[serde(skip_serializing_if = "Option::is_none")]
    portfolio: Option<Vec<PortfolioChoice>>,
}

impl Answers {
    pub(super) fn among<'a>(
        &'a self,
        result: &'a RunResult,
        stop: Option<&'a Stop>,
    ) -> Document<'a> {
        Document {
            result,
            answers: self,
            stop,
        }
    }

    pub(super) fn to_text(
        &self,
        result: &RunResult,
        currency: &str,
        budget: Option<f64>,
    ) -> String {
        let explained = self
            .explanation
            .as_ref()
            .map(|it| explanation::explanation(it, self.deferral.as_ref(), result, currency));
        let sought = self.break_even.as_ref().map(|it| sentence(it) + "\n");
        let chosen = self.portfolio.as_ref().zip(budget);
        let chosen = chosen.map(|(it, budget)| {
            let title = format!("What to do with {currency} {} a year", whole(budget));
            portfolio::frontier(it, &title, currency).to_string()
        });
        [explained, sought, chosen]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// Why a run had as many trials as it had.
#[derive(Serialize)]
pub(super) struct Stop {
    /// The rule.
    until: Until,
    /// Half the width of the figure's 95% interval at the end.
    half_width: HalfWidth,
    /// Whether the rule was met.
    pub(super) met: bool,
    /// The most trials that were allowed.
    most_trials: u64,
}

impl Stop {
    pub(super) fn new(until: Until, most_trials: u64, result: &RunResult) -> Self {
        Self {
            half_width: until.half_width_of(result),
            met: until.is_met(result),
            until,
            most_trials,
        }
    }

    pub(super) fn to_text(&self, result: &RunResult) -> String {
        let Self {
            until, half_width, ..
        } = self;
        let trials = whole(result.trials as f64);
        if self.met {
            format!(
                "Stopped after {trials} futures: {until} was asked for, ± {half_width} is reached.\n"
            )
        } else {
            format!(
                "{until} is not reached after {trials} futures, only ± {half_width}; give more --trials.\n"
            )
        }
    }
}

/// A run with what was asked beside it: the answers stand among the run's own keys.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    #[serde(flatten)]
    result: &'a RunResult,
    #[serde(flatten)]
    answers: &'a Answers,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop: Option<&'a Stop>,
}
