//! Cash-flow mathematics: what a series of costs and benefits is worth, when it pays back, and
//! what one more customer costs to keep or to win.
//!
//! Pure functions of numbers. The crate knows no service, no file, no clock and no currency: an
//! amount is an `f64` in whatever money the caller counts in, a [`Rate`] is a fraction **per
//! period**, and a period is whatever rate and flows share. Bad input is an [`Error`] that names
//! the value and the rule, never a panic; what does not exist (no IRR, no payback, nothing to pay
//! back) is a value.
//!
//! ```
//! use keepworth_cashflow::{Flows, Rate, Timing, appraisal};
//!
//! // A programme: 400 now, then three years of net benefits, in thousands, at 10% a year.
//! let flows = Flows::periodic(vec![-400.0, 130.0, 340.0, 390.0], Timing::End)?;
//! let figures = appraisal::appraise_net(&flows, Rate::new(0.10)?);
//!
//! assert!((figures.npv - 292.186).abs() < 0.001);
//! assert!((figures.irr.unique().unwrap() - 0.41389).abs() < 0.00001);
//! assert!(figures.payback.periods().is_some_and(|periods| (periods - 1.794).abs() < 0.001));
//! assert!(figures.cautions.is_empty());
//! # Ok::<(), keepworth_cashflow::Error>(())
//! ```
//!
//! | subject | module |
//! |---|---|
//! | rates per period, inflation, compounding | [`rate`] |
//! | series, timing, NPV and XNPV | [`flows`] |
//! | IRR, XIRR (all of them), MIRR | [`irr`] |
//! | payback, discounted payback, peak funding | [`payback`] |
//! | all figures at once, profitability index, ROI, cautions | [`appraisal`] |
//! | Forrester's Total Economic Impact table | [`tei`] |
//! | economic value added | [`eva`] |
//! | depreciation schedules and tax shield | [`depreciation`] |
//! | annuities and equivalent annual cost | [`annuity`] |
//! | customer lifetime value, payback with churn | [`clv`] |
//! | Blattberg–Deighton response curves and their optimum | [`response`] |
//! | keep or acquire, break-even churn | [`keep_or_acquire`] |
//! | fewer and shorter contacts, less training | [`saving`] |

pub mod annuity;
pub mod appraisal;
pub mod clv;
pub mod depreciation;
mod error;
pub mod eva;
pub mod flows;
pub mod irr;
pub mod keep_or_acquire;
pub mod payback;
pub mod rate;
pub mod response;
mod root;
pub mod saving;
pub mod tei;

pub use error::Error;
pub use flows::{Flows, Timing};
pub use irr::Irr;
pub use rate::Rate;
