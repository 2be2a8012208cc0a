//! Survival from observed time: what happened to whom while somebody was looking.
//!
//! Every [`Observation`] has an **entry** and an **exit** of observation. Entry is not the day a
//! person became a customer: it is the tenure at which the records begin to watch them (delayed
//! entry, left truncation). Reading tenure as follow-up counts months in which a departure could
//! not have been seen; on a quarter of a telecom's records that turns a monthly hazard of 9.5%
//! into 0.82%. Someone watched from their first day enters at 0.
//!
//! ```
//! use keepworth_retention::survival::{KaplanMeier, Observation};
//!
//! let observations = [
//!     Observation::new(0.0, 6.0, true)?,   // watched from the start, left at 6
//!     Observation::new(0.0, 9.0, false)?,  // still a customer at 9
//!     Observation::new(4.0, 7.0, true)?,   // seen only from tenure 4 on, left at 7
//! ];
//! let curve = KaplanMeier::new(&observations)?;
//! assert!((curve.at(6.5).value - 2.0 / 3.0).abs() < 1e-12);
//! assert_eq!(curve.median().value, Some(7.0));
//! # Ok::<(), keepworth_retention::survival::SurvivalError>(())
//! ```

mod incidence;
mod kaplan_meier;
mod log_rank;
mod nelson_aalen;
mod observation;
mod risk;
mod tie;

#[cfg(test)]
mod property;
#[cfg(test)]
mod published;

pub use incidence::{CumulativeIncidence, IncidencePoint};
pub use kaplan_meier::{KaplanMeier, Quantile, RestrictedMean, SurvivalPoint};
pub use log_rank::{GroupCount, LogRank};
pub use nelson_aalen::{HazardPoint, NelsonAalen};
pub use observation::{Observation, Outcome};
pub use risk::{RiskRow, RiskTable};
pub(crate) use tie::tie;

/// Why survival cannot be estimated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SurvivalError {
    /// A time or weight is NaN, negative, or beyond all measure.
    #[error("{field} is {value}: it must be 0 or lie between 1e-9 and 1e12")]
    Invalid {
        /// `entry`, `exit` or `weight`.
        field: &'static str,
        /// The value found.
        value: f64,
    },
    /// Nobody was watched between entry and exit.
    #[error("entry {entry} is not before exit {exit}: an observation needs time at risk")]
    NoTimeAtRisk {
        /// Time at which observation began.
        entry: f64,
        /// Time at which it ended.
        exit: f64,
    },
    /// Entry and exit differ by rounding alone.
    #[error(
        "entry {entry} and exit {exit} are one time: they lie nearer to each other than times are \
         told apart, and an observation needs time at risk"
    )]
    Instant {
        /// Time at which observation began.
        entry: f64,
        /// Time at which it ended.
        exit: f64,
    },
    /// More events than people at risk.
    #[error("{events} events among {at_risk} at risk: events cannot exceed those at risk")]
    TooManyEvents {
        /// Events given.
        events: f64,
        /// Number at risk given.
        at_risk: f64,
    },
    /// No observation carries weight.
    #[error("no observation has a weight above 0: give at least one")]
    Empty,
    /// A probability outside (0, 1).
    #[error("probability is {0}: it must lie between 0 and 1, both excluded")]
    Probability(f64),
    /// A comparison needs two groups.
    #[error("{0} group with observations: a comparison needs at least two")]
    TooFewGroups(usize),
    /// A comparison needs events.
    #[error("no event in any group: there is nothing to compare")]
    NoEvents,
}
