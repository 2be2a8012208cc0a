//! Retention, lifetime and the experience link, estimated from records with their uncertainty.
//!
//! **For:** turning observed time, purchases and experience into estimates that a simulation may
//! be fed with: each with its standard error, its covariance and what must be minded about it.
//! **Must not know:** files, databases, the clock, or where its random numbers come from; and
//! nothing of the other crates.
//!
//! # Which model when
//!
//! | question | records | model |
//! |---|---|---|
//! | how many stay, and for how long? | one customer a row, or counts | [`survival::KaplanMeier`]; [`survival::LogRank`] between groups; [`survival::CumulativeIncidence`] by cause |
//! | what hazard does a baseline start from? | at risk and left by tenure month and segment | [`bands::estimate`], small segments pooled |
//! | which curve of leaving by tenure, and does it foretell a year it has not seen? | months at risk and leavers by month of tenure | [`tenure::fit`] and [`tenure::choose`] |
//! | does leaving change with the calendar? | months at risk and leavers by calendar month, in groups of customers who are alike | [`calendar::fit`]: trend and season |
//! | what goes with leaving? | customers with covariates | [`hazard::HazardModel`]; [`cox::CoxModel`] as its check |
//! | how does contractual retention go on? | survivors by period | [`contractual::fit`]: sBG, or BdW when churn changes with tenure |
//! | who still buys, and what is it worth? | repeat purchases, recency, age, in any time or by period | [`purchase::fit`] and [`purchase::fit_spend`] |
//! | how do customers differ? | any of the fits of purchases and contracts | [`mixture::Mixture`] |
//! | does experience keep customers? | an exposure known before the time at risk | [`link::LinkModel`] |
//! | how large must a pilot be, what can it find? | the outcome before it starts | [`pilot::Target`] |
//! | were the lots of a pilot drawn as planned? | sizes of its arms, what was known of customers before | [`pilot::SampleRatio`], [`pilot::Balance`] |
//! | what does a pilot do, looked at any time? | counts, running sums, or events over months of two arms | [`pilot::Arms::read`] |
//! | what did it do where nobody drew lots? | means by group and period, or rates before and after | [`pilot::Panel`] with its test of trends before; [`pilot::DifferenceInDifferences`] |
//! | what of it is regression to the mean? | scores of customers picked for bad ones | [`pilot::rise_beyond_matched`] |
//! | how far may that be believed? | the answers above | [`pilot::Judgement`] |
//!
//! Each module's page has a compiled example. Every fit ends in the same form, [`fit::Fit`], which
//! is stored, shown and drawn from:
//!
//! ```
//! use keepworth_retention::survival::{KaplanMeier, Observation};
//!
//! // Watched from tenure 9 to 14, then left: delayed entry is part of every observation.
//! let observations = [Observation::new(9.0, 14.0, true)?, Observation::new(0.0, 20.0, false)?];
//! let fit = KaplanMeier::new(&observations)?.hand_over();
//! assert_eq!((fit.n, fit.events), (2.0, 1.0));
//! # Ok::<(), keepworth_retention::survival::SurvivalError>(())
//! ```
//!
//! # What is checked
//!
//! Published fits to their printed digits (flies, recidivism, subscriptions, record buyers), peers'
//! errors, properties that hold for any input, and recovery of simulated truths: over 400 data
//! sets, 95% intervals of the hazard and Cox regressions hold the truth in 93 to 96%
//! (`cargo test -p keepworth-retention --features slow-tests --test it recovery -- --nocapture`).
//!
//! Pilots that do nothing, 2,000 of each kind and looked at every week for half a year:
//! the always-valid interval excludes no effect at some look in 0 to 3% of them, the one for a single
//! look in 12 to 34% (`cargo test -p keepworth-retention --lib pilot::tests -- --nocapture`).

mod ascent;
pub mod bands;
pub mod calendar;
pub mod contractual;
pub mod covariate;
pub mod cox;
mod expansion;
pub mod fit;
pub mod goodness;
pub mod hazard;
mod hypergeometric;
mod linear;
pub mod link;
pub mod mixture;
mod number;
pub mod optimise;
pub mod pilot;
pub mod purchase;
mod quadrature;
pub mod separation;
pub mod survival;
pub mod tenure;

#[cfg(test)]
mod property;
