//! What was asked beside a run.

use anyhow::{Context, anyhow};
use keepworth_sim::explain::{
    self, BreakEven, Choices, Deferral, Driver, Explanation, Goal, MOST_TRIALS, Portfolio, Setting,
    Trials, deferral, explain, frontier, likely_range,
};
use keepworth_sim::{HalfWidth, Input, Model, RunOptions, RunResult, Until};
use keepworth_verdict::break_even::sentence;
use serde::Serialize;

use super::watch::Watch;
use super::wording::input_name;
use super::{explanation, portfolio};
use crate::present::number::whole;

/// Months after which one asks what waiting would have been worth.
pub(super) const WAIT: u32 = 12;

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
            Ok(frontier(&Choices::evaluate(&trials)?, budget))
        };
        Ok(Answers {
            explanation,
            deferral: self.later.as_ref().map(wait).transpose()?,
            break_even,
            portfolio: self.budget.map(choose).transpose()?,
        })
    }
}

/// What is turned to meet which goal.
pub(super) struct Search {
    driver: Driver,
    range: [f64; 2],
    goal: Goal,
}

impl Search {
    /// A search for the value of an input, of "causal share", or of what is chosen.
    pub(super) fn new(model: &Model, name: &str, goal: Goal) -> anyhow::Result<Self> {
        if name == "causal share" {
            return Ok(Self {
                driver: Driver::CausalShare,
                range: [0.0, 1.0],
                goal,
            });
        }
        if let Some(setting) = Setting::ALL.into_iter().find(|it| it.name() == name) {
            let range = setting.range(model);
            let range = range.with_context(|| {
                format!("{name:?} is nothing that this scenario leaves to choose")
            })?;
            return Ok(Self {
                driver: Driver::Setting(setting),
                range,
                goal,
            });
        }
        let inputs = model.inputs();
        let known = || {
            let settings = Setting::ALL.iter().filter(|it| it.range(model).is_some());
            let settings = settings.map(|it| it.name());
            let names = settings.chain(inputs.iter().map(|input| input.name.as_str()));
            names.map(|name| format!("\n  {name}")).collect::<String>()
        };
        let called = |input: &Input| input.name == name || input_name(&input.name) == name;
        let index = inputs.iter().position(called);
        let index = index.ok_or_else(|| {
            anyhow!(
                "no input {name:?}; give \"causal share\" or one of:{}",
                known()
            )
        })?;
        let range = likely_range(&inputs[index].draw);
        let range = range.filter(|[low, high]| low < high);
        let range =
            range.with_context(|| format!("input {name:?} is yes or no, or never varies"))?;
        Ok(Self {
            driver: Driver::Input(index),
            range,
            goal,
        })
    }

    fn seek(&self, trials: &Trials<'_>) -> BreakEven {
        explain::break_even(trials, self.driver, self.range, self.goal)
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
    portfolio: Option<Vec<Portfolio>>,
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
        let chosen = chosen.map(|(it, budget)| portfolio::frontier(it, budget, currency));
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
