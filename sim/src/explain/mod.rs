//! Why a result is what it is, and what to do next.
//!
//! Everything stands on [`Trials`], the draws of a run, kept: an explanation is of the figures that
//! it stands beside, and whatever is asked again is asked on the same draws.
//!
//! [`explain`] answers them all at once, as an [`Explanation`]; [`gist`] those for which paper has room, as a [`Gist`].
//!
//! | question | answer |
//! |---|---|
//! | what does it come to now, and what does it hang on? | [`what_if`](what_if()) |
//! | what moves with it? | [`rank_correlations`] |
//! | how far does it swing? | [`tornado`], and with what is chosen [`setting_swings`] |
//! | what must be true for it to pay, or to reach another [`Goal`]? | [`break_even`] |
//! | what divides the uncertainty? | [`sobol_indices`] |
//! | what is it worth to know more first? | [`perfect_information`], [`input_information`], [`group_information`], [`effect_information`] |
//! | what is a pilot of so many customers worth? | [`EffectStudy`] |
//! | what is waiting worth? | [`deferral`] |
//! | which initiative earns it? | [`attribution`], and what they do together [`overlap`] |
//! | what does it do to what a customer who is won brings? | [`lifetime_effect`] |
//! | which initiatives under a budget? | [`frontier`] |

mod attribution;
mod break_even;
mod deferral;
mod explanation;
mod goal;
mod information;
mod lifetime;
mod part;
mod portfolio;
mod rank;
mod regression;
mod scatter;
mod setting;
mod sobol;
mod study;
mod subset;
mod tornado;
mod trials;
mod what_if;

use crate::run::RunError;

pub use attribution::{Contribution, attribution, overlap};
pub use break_even::{BreakEven, Driver, break_even, likely_range};
pub use deferral::{Deferral, deferral};
pub use explanation::{Explanation, Gist, MOST_TRIALS, explain, gist};
pub use goal::{Goal, GoalError};
pub use information::{
    EffectInformation, InputInformation, effect_information, group_information, input_information,
    perfect_information,
};
pub use lifetime::{LifetimeEffect, lifetime_effect};
pub use portfolio::{Portfolio, frontier};
pub use rank::{RankCorrelation, rank_correlation, rank_correlations};
pub use setting::{Setting, SettingSwing, setting_swings};
pub use sobol::{SobolIndex, jansen, sobol_indices};
pub use study::{AskedStudy, EffectStudy, StudyError};
pub use subset::Choices;
pub use tornado::{Swing, tornado};
pub use trials::Trials;
pub use what_if::{WhatIf, what_if};

/// Why a result cannot be explained.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ExplainError {
    /// The trials cannot be drawn.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Too few trials to tell the error of any figure.
    #[error("{trials} trials are too few to explain a result; give at least {fewest}")]
    TooFewTrials {
        /// Trials asked for.
        trials: u64,
        /// Fewest trials.
        fewest: u64,
    },
    /// Every choice among so many would take too long.
    #[error(
        "{initiatives} initiatives have too many choices to try; explain at most {most} at a time"
    )]
    TooManyInitiatives {
        /// Initiatives of the scenario.
        initiatives: usize,
        /// Most initiatives.
        most: usize,
    },
}

#[cfg(test)]
mod tests;
