//! The parts of an explanation that evaluate the model: whoever does without one does not wait for it.

use super::scatter::{by_group, gather, mean};
use super::{
    BreakEven, Choices, Contribution, Driver, EffectInformation, ExplainError, Goal,
    LifetimeEffect, SettingSwing, SobolIndex, Swing, Trials, attribution, break_even,
    effect_information, lifetime_effect, likely_range, overlap, sobol_indices,
};
use crate::model::Model;
use crate::outcome::Outcome;
use crate::run::{Control, RunError};
use crate::summary::Estimate;
use crate::trials::RunOptions;

/// Inputs whose break-even is sought: those with the widest swings.
const SOUGHT: usize = 5;

/// A part that evaluates the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The trials themselves, of which all else is told.
    Draws,
    /// Every choice of initiatives.
    Choices,
    /// How the variance divides.
    Indices,
    /// Where it pays on average and no more.
    BreakEvens,
    /// The programme without each initiative.
    Pilots,
    /// What the programme does to lifetime values.
    Lifetime,
}

impl Part {
    /// All, in the order in which an explanation has them.
    pub(super) const ALL: [Self; 6] = [
        Self::Draws,
        Self::Choices,
        Self::Indices,
        Self::BreakEvens,
        Self::Pilots,
        Self::Lifetime,
    ];

    /// How often it evaluates every trial, by and large.
    fn evaluations(self, model: &Model) -> u64 {
        /// Values tried for one break-even: the ends of its intervals, and some more to close in.
        const TRIED: usize = 25;
        let (inputs, initiatives) = (model.inputs.len(), model.initiatives.len());
        let times = match self {
            Self::Draws | Self::Lifetime => 1,
            Self::Choices => 1 << initiatives.min(10),
            Self::Indices => inputs + 2,
            // Of what is chosen there are three at most, each tried at both ends first.
            Self::BreakEvens => TRIED * (4 + SOUGHT.min(inputs)) + 6,
            Self::Pilots => initiatives,
        };
        times as u64
    }
}

/// An explanation in the making: trials that are drawn, and how far it has come.
pub(super) struct Parts<'a> {
    trials: Trials<'a>,
    npv: Vec<f64>,
    progress: Progress<'a>,
}

impl<'a> Parts<'a> {
    /// Draws the trials for the parts that will be asked for.
    pub(super) fn draw(
        model: &'a Model,
        options: &RunOptions,
        asked: &[Part],
        control: &'a Control<'a>,
    ) -> Result<Self, ExplainError> {
        let mut progress = Progress::new(model, options.trials, asked, control);
        let trials = Trials::draw(model, options)?;
        progress.done(Part::Draws)?;
        let npv = trials.outcome(Outcome::Npv);
        Ok(Self {
            trials,
            npv,
            progress,
        })
    }

    pub(super) fn trials(&self) -> &Trials<'a> {
        &self.trials
    }

    pub(super) fn expected_npv(&self) -> Estimate {
        self.figure(mean)
    }

    pub(super) fn npv_negative(&self) -> Estimate {
        self.figure(|npv| npv.iter().filter(|npv| **npv < 0.0).count() as f64 / npv.len() as f64)
    }

    fn figure(&self, of: fn(&[f64]) -> f64) -> Estimate {
        by_group(self.trials.count(), self.trials.groups(), |rows| {
            of(&gather(&self.npv, rows))
        })
    }

    /// Which initiative earns it, and how far they overlap; none with too many of them.
    pub(super) fn attribution(
        &mut self,
    ) -> Result<Option<(Vec<Contribution>, Estimate)>, ExplainError> {
        let attribution = match Choices::evaluate(&self.trials) {
            Ok(choices) => Some((attribution(&choices), overlap(&choices))),
            Err(ExplainError::TooManyInitiatives { .. }) => None,
            Err(error) => return Err(error),
        };
        self.progress.done(Part::Choices)?;
        Ok(attribution)
    }

    pub(super) fn sobol_indices(&mut self) -> Result<Vec<SobolIndex>, ExplainError> {
        let (model, options) = (self.trials.model(), self.trials.options());
        let indices = sobol_indices(model, options, Outcome::Npv)?;
        self.progress.done(Part::Indices)?;
        Ok(indices)
    }

    pub(super) fn break_evens(
        &mut self,
        tornado: &[Swing],
        settings: &[SettingSwing],
    ) -> Result<Vec<BreakEven>, ExplainError> {
        let found = break_evens(&self.trials, tornado, settings);
        self.progress.done(Part::BreakEvens)?;
        Ok(found)
    }

    pub(super) fn pilots(&mut self) -> Result<Vec<EffectInformation>, ExplainError> {
        let pilots = effect_information(&self.trials);
        self.progress.done(Part::Pilots)?;
        Ok(pilots)
    }

    pub(super) fn lifetime(&mut self) -> Result<Option<LifetimeEffect>, ExplainError> {
        let lifetime = lifetime_effect(&self.trials);
        self.progress.done(Part::Lifetime)?;
        Ok(lifetime)
    }
}

/// How far an explanation has come, in trials evaluated.
struct Progress<'a> {
    control: &'a Control<'a>,
    /// What was asked for, with the trials that each part evaluates, by and large.
    parts: Vec<(Part, u64)>,
    done: u64,
}

impl<'a> Progress<'a> {
    fn new(model: &Model, trials: u64, asked: &[Part], control: &'a Control<'a>) -> Self {
        let asked = asked.iter();
        Self {
            control,
            parts: asked
                .map(|part| (*part, part.evaluations(model) * trials))
                .collect(),
            done: 0,
        }
    }

    fn done(&mut self, part: Part) -> Result<(), RunError> {
        let of_part = self.parts.iter().find(|(asked, _)| *asked == part);
        self.done += of_part.map_or(0, |(_, trials)| *trials);
        let all = self.parts.iter().map(|(_, trials)| trials).sum();
        self.control.report(self.done, all);
        self.control.check(self.done, all)
    }
}

fn break_evens(
    trials: &Trials<'_>,
    tornado: &[Swing],
    settings: &[SettingSwing],
) -> Vec<BreakEven> {
    let mut found = Vec::new();
    let effects = &trials.model().effects;
    // The common causal share of a single effect is its own.
    let said = match &effects[..] {
        [only] => only.causal_share.input(),
        _ => None,
    };
    if !effects.is_empty() {
        found.push(break_even(
            trials,
            Driver::CausalShare,
            [0.0, 1.0],
            Goal::BREAK_EVEN,
        ));
    }
    for it in settings {
        let driver = Driver::Setting(it.setting);
        found.push(break_even(
            trials,
            driver,
            [it.low, it.high],
            Goal::BREAK_EVEN,
        ));
    }
    let inputs = trials.model().inputs();
    let widest = tornado
        .iter()
        .take(SOUGHT)
        .filter(|swing| swing.width() != 0.0);
    let index = |swing: &Swing| inputs.iter().position(|it| it.name == swing.input);
    for index in widest
        .filter_map(index)
        .filter(|index| said.is_none_or(|said| said.0 != *index))
    {
        let range = likely_range(&inputs[index].draw).filter(|[low, high]| low < high);
        if let Some(range) = range {
            found.push(break_even(
                trials,
                Driver::Input(index),
                range,
                Goal::BREAK_EVEN,
            ));
        }
    }
    found
}
