//! Pilots: how large they must be, what they did, and whether that may be believed.
//!
//! A pilot is looked at every week. An interval made for one look then excludes "no effect" far
//! too often: at 26 looks in about a quarter of the pilots that do nothing. So each
//! [`Reading`] has two intervals: the **always-valid** one, which may be looked at at any time and
//! acted on, and beside it the one for a **single look** at the planned end.
//!
//! Always valid are asymptotic confidence sequences (Waudby-Smith, Arbour, Sinha, Kennedy &
//! Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences", Annals of
//! Statistics 52(6), 2024): they need an estimate and its standard error only, and hence are one
//! method for rates, means and hazards alike. The mixture SPRT (Johari, Koomen, Pekelis & Walsh,
//! Operations Research 70(3), 2022) has the same form for normal data, but asks for a prior
//! variance of the effect; here the one tuning parameter follows from the planned sample.
//!
//! The order of questions, and the types that answer them:
//!
//! | question | type |
//! |---|---|
//! | how many, or what could be found with those there are? | [`Target`] |
//! | were customers put into arms as planned, and are the arms alike? | [`SampleRatio`], [`Balance`] |
//! | what is the effect so far? | [`Arms::read`]; of minutes per contact and other ratios of sums, [`Ratio`] |
//! | nobody drew lots, but others can be compared over time | [`CustomerPanel`]; treated in waves, [`Staggered`]; of groups [`Panel`], [`DifferenceInDifferences`] |
//! | the arm was picked for bad scores | [`rise_beyond_matched`], [`rise_beyond_expected`] |
//! | how far may it be believed? | [`Judgement`] |
//!
//! ```
//! use keepworth_retention::fit::Level;
//! use keepworth_retention::pilot::{Arms, Counts, Plan, Two};
//!
//! let left = Two { control: Counts::new(520, 5_000)?, treated: Counts::new(430, 5_000)? };
//! let plan = Plan::new(10_000.0, 10_000.0)?;
//! let reading = Arms::Rates(left).read(plan, Level::USUAL)?;
//! // For one look this is an effect; half-way, with further looks to come, it is not one yet.
//! assert!(reading.single_look.excludes_none());
//! assert!(!reading.excludes_none());
//! # Ok::<(), keepworth_retention::pilot::PilotError>(())
//! ```

mod arms;
mod balance;
mod boundary;
mod crossing;
mod difference;
mod error;
mod judgement;
mod panel;
mod power;
mod ratio;
mod reading;
mod regression_to_mean;
mod single_look;
#[cfg(test)]
mod tests;

pub use arms::{Arms, Counts, Exposure, Plan, Sums, Two};
pub use balance::{Balance, BalanceVerdict, SampleRatio, SampleRatioVerdict};
pub use difference::{DifferenceInDifferences, Rate};
pub use error::PilotError;
pub use judgement::{Judgement, Reason, Study};
pub use panel::{
    BeforeAfter, Course, CustomerPanel, ErrorBasis, Group, Panel, PanelEffect, PreTrend,
    PreTrendVerdict, Staggered,
};
pub use power::{PerArm, Power, Target};
pub use ratio::{Fall, Part, Ratio};
pub use reading::{Always, Interval, Method, Reading, Wanting};
pub use regression_to_mean::{
    Correction, Matched, expected_rise, rise_beyond_expected, rise_beyond_matched,
};
