//! Questions to a run, answered on its first futures.

mod pilot;
mod search;
mod told;

use keepworth_contract::Word;
use keepworth_contract::simulator as wire;
use keepworth_contract::simulator::{AskedQuestion, QuestionAnswer, QuestionReport};
use keepworth_sim::explain::{
    Choices, Deferral, ExplainError, Explanation, Goal, GoalError, MOST_TRIALS, Portfolio, Trials,
    deferral, explain, frontier, group_information, perfect_information,
};
use keepworth_sim::{Control, Model, RunOptions, Scenario, version};

pub use pilot::PilotQuestionError;
pub use search::{Search, SearchError};
pub use told::frontier as told_frontier;

use crate::number::{Unit, whole};
use crate::told::told_estimate;
use crate::words::{chance, input_name, lifetime, no_verdict, overlap, within_error};

/// Months after which one asks what waiting would have been worth.
pub const WAIT: u32 = 12;

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum QuestionError {
    /// What is turned.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// What is wanted.
    #[error(transparent)]
    Goal(#[from] GoalError),
    /// A group names no input.
    #[error(
        "no input of the run is called {input:?}; a question of the kind EXPLANATION lists them (`keepworth run ask RUN`)"
    )]
    UnknownInput {
        /// Place of the group.
        group: usize,
        /// Place of the input within it.
        place: usize,
        /// What was given.
        input: String,
    },
    /// A pilot.
    #[error(transparent)]
    Pilot(#[from] PilotQuestionError),
    /// The futures.
    #[error(transparent)]
    Explain(#[from] ExplainError),
    /// A figure that JSON cannot carry, or that the contract does not know.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// The plan with everything a year later; none where something would start after the horizon: nothing could come of it, and
/// waiting would cost all that it is worth.
#[must_use]
pub fn later(scenario: &Scenario) -> Option<Scenario> {
    let in_time = |start: u32| start.saturating_add(WAIT) < scenario.horizon_months;
    let mut starts = scenario.initiatives.iter().map(|it| it.start_month);
    starts.all(in_time).then(|| scenario.deferred(WAIT))
}

/// A question that can be asked of a model.
pub struct Prepared<'m> {
    model: &'m Model,
    ask: Ask,
}

enum Ask {
    Explanation,
    Search(Search),
    Portfolio(f64),
    /// Names of groups, and their inputs by place.
    Groups(Vec<(String, Vec<usize>)>),
    Pilot(pilot::Pilot),
}

impl<'m> Prepared<'m> {
    /// Finds what a question names.
    ///
    /// # Errors
    /// A name of nothing; a goal that is none.
    pub fn new(model: &'m Model, question: &AskedQuestion) -> Result<Self, QuestionError> {
        let ask = match question {
            AskedQuestion::Explanation => Ask::Explanation,
            AskedQuestion::BreakEven(it) => {
                let goal = it.goal.as_deref().map(str::parse).transpose()?;
                let goal = goal.unwrap_or(Goal::BREAK_EVEN);
                Ask::Search(Search::new(model, &it.driver, goal)?)
            }
            AskedQuestion::Portfolio(it) => Ask::Portfolio(it.budget_per_year as f64),
            AskedQuestion::Information(it) => Ask::Groups(groups(model, &it.groups)?),
            AskedQuestion::Pilot(it) => Ask::Pilot(pilot::Pilot::new(model, it)?),
        };
        Ok(Self { model, ask })
    }

    /// Answers it. `later` is the same plan a year later, in case it is asked why.
    ///
    /// # Errors
    /// Futures that cannot be drawn or are too few; too many initiatives to try every choice; a question that was taken back.
    pub fn answer(
        &self,
        later: Option<&Model>,
        options: &RunOptions,
        control: &Control<'_>,
    ) -> Result<QuestionReport, QuestionError> {
        let options = RunOptions {
            trials: options.trials.min(MOST_TRIALS),
            ..options.clone()
        };
        let (words, answer) = match &self.ask {
            Ask::Explanation => self.explanation(later, &options, control)?,
            Ask::Search(search) => {
                let found = told::break_even(&search.seek(&self.trials(&options)?));
                (found.words.clone(), QuestionAnswer::BreakEven(found))
            }
            Ask::Portfolio(budget) => {
                let trials = self.trials(&options)?;
                let found = frontier(&Choices::evaluate(&trials)?, *budget);
                let words = self.of_choices(&found, *budget);
                (words, QuestionAnswer::Portfolio(told_frontier(&found)?))
            }
            Ask::Groups(groups) => self.information(groups, &self.trials(&options)?),
            Ask::Pilot(pilot) => {
                let found = pilot.ask(&self.trials(&options)?)?;
                (self.of_pilot(&found), QuestionAnswer::Pilot(found))
            }
        };
        Ok(QuestionReport {
            words,
            trials: options.trials,
            seed: options.seed,
            engine_version: version::current().to_owned(),
            currency: self.model.currency().to_owned(),
            answer,
        })
    }

    fn trials(&self, options: &RunOptions) -> Result<Trials<'m>, ExplainError> {
        Trials::draw(self.model, options)
    }

    fn explanation(
        &self,
        later: Option<&Model>,
        options: &RunOptions,
        control: &Control<'_>,
    ) -> Result<(String, QuestionAnswer), QuestionError> {
        let found = explain(self.model, options, control)?;
        let wait = |later: &Model| {
            Ok::<Deferral, ExplainError>(deferral(&self.trials(options)?, later, WAIT))
        };
        let waiting = later.map(wait).transpose()?;
        let told = told::explanation(&found, waiting.as_ref())?;
        let words = self.of_explanation(&found);
        Ok((words, QuestionAnswer::Explanation(Box::new(told))))
    }

    fn of_explanation(&self, it: &Explanation) -> String {
        if let Some(why) = no_verdict(&it.no_verdict) {
            return why;
        }
        let worth = format!(
            "\u{201c}{}\u{201d} is worth {} on average and loses money in {} futures",
            it.scenario,
            self.money(it.expected_npv.value, it.expected_npv.mc_error),
            chance(it.npv_negative.value, it.trials)
        );
        let moved = match it.tornado.iter().find(|swing| swing.width() != 0.0) {
            Some(widest) => format!("{worth}; {} moves it most.", input_name(&widest.input)),
            None => format!("{worth}; nothing is uncertain."),
        };
        let together = it.overlap.and_then(|it| overlap(it, self.model.currency()));
        let won = it
            .lifetime
            .as_ref()
            .map(|it| lifetime(it, self.model.currency()));
        [Some(moved), together, won]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn of_choices(&self, choices: &[Portfolio], budget: f64) -> String {
        let budget = self.money(budget, 0.0);
        let Some(best) = choices.first().filter(|it| !it.initiatives.is_empty()) else {
            return format!(
                "No initiative that {budget} a year pays for is worth more than nothing."
            );
        };
        let worth = self.money(best.npv.value, best.npv.mc_error);
        format!(
            "Of what {budget} a year pays for, {} is worth most: {worth} on average.",
            best.initiatives.join(" + ")
        )
    }

    fn information(
        &self,
        groups: &[(String, Vec<usize>)],
        trials: &Trials<'_>,
    ) -> (String, QuestionAnswer) {
        let evpi = perfect_information(trials);
        let value = |(name, inputs): &(String, Vec<usize>)| wire::GroupValue {
            name: name.clone(),
            inputs: inputs
                .iter()
                .map(|it| self.model.inputs()[*it].name.clone())
                .collect(),
            evppi: told_estimate(group_information(trials, inputs)),
        };
        let groups: Vec<_> = groups.iter().map(value).collect();
        let most = groups
            .iter()
            .max_by(|one, other| one.evppi.value.total_cmp(&other.evppi.value));
        let all = self.money(evpi.value, evpi.mc_error);
        let words = match most.filter(|it| is_told(it.evppi)) {
            Some(most) => format!(
                "To know \u{201c}{}\u{201d} before deciding is worth {} at most, of {all} for knowing all that is drawn.",
                most.name,
                self.money(most.evppi.value, most.evppi.mc_error)
            ),
            None => format!(
                "As far as these futures tell, to know any of it would not change the decision and is worth nothing; to know all \
                 that is drawn is worth {all}."
            ),
        };
        let evpi = told_estimate(evpi);
        (
            words,
            QuestionAnswer::Information(wire::GroupInformation { evpi, groups }),
        )
    }

    fn of_pilot(&self, it: &wire::PilotWorth) -> String {
        let what = it.outcome.name().to_lowercase();
        let tried = format!("\u{201c}{}\u{201d} for {what}", it.initiative);
        let Some(most) = pilot::most(&it.sizes).filter(|_| is_told(it.evppi)) else {
            return format!(
                "As far as these futures tell, no pilot of {tried} would change the decision, and none is worth anything."
            );
        };
        let shown = |it: wire::Estimate| within_error(it.value, it.mc_error);
        // Each figure is rounded by its own error, and still none is more than a perfect pilot's.
        let size = format!("on {} customers", whole(most.treated as f64));
        let worth = format!(
            "is worth {} and costs {}",
            self.money(shown(most.evsi).min(shown(it.evppi)), 0.0),
            self.money(most.cost, 0.0)
        );
        if it.best.is_some() {
            let [left, perfect] = [most.net, it.evppi].map(|it| self.money(it.value, it.mc_error));
            return format!(
                "To try {tried} {size} {worth}: of these sizes it leaves most, {left}. A perfect pilot would be worth {perfect}."
            );
        }
        match most.net.value < -1.96 * most.net.mc_error {
            true => {
                format!("No pilot of {tried} pays at these sizes: the nearest, {size}, {worth}.")
            }
            false => {
                format!(
                    "These futures do not tell whether a pilot of {tried} pays: one {size} {worth}."
                )
            }
        }
    }

    fn money(&self, amount: f64, error: f64) -> String {
        Unit::of(amount.abs()).money(within_error(amount, error), self.model.currency())
    }
}

/// Whether a figure that cannot be below nothing is told from it.
fn is_told(it: wire::Estimate) -> bool {
    it.value > 1.96 * it.mc_error
}

fn groups(
    model: &Model,
    asked: &[wire::InputGroup],
) -> Result<Vec<(String, Vec<usize>)>, QuestionError> {
    let mut found = Vec::new();
    for (group, it) in asked.iter().enumerate() {
        let mut inputs = Vec::new();
        for (place, input) in it.inputs.iter().enumerate() {
            let index = search::find_input(model, input);
            inputs.push(index.ok_or_else(|| QuestionError::UnknownInput {
                group,
                place,
                input: input.clone(),
            })?);
        }
        found.push((it.name.clone(), inputs));
    }
    Ok(found)
}
