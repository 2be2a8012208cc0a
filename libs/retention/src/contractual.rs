//! Retention under contract: when a customer leaves, it is seen.
//!
//! Two models of the period in which a customer fails to renew, both for customers who differ:
//!
//! | model | says | survival |
//! |---|---|---|
//! | sBG, shifted beta-geometric | everyone has an own churn probability θ ~ Beta(α, β), constant over time | `S(t) = B(α, β+t)/B(α, β)` |
//! | BdW, beta-discrete-Weibull | the same, and it rises (c > 1) or falls (c < 1) with tenure | `S(t) = B(α, β+tᶜ)/B(α, β)` |
//!
//! sBG: Fader & Hardie (2007), "How to project customer retention", *Journal of Interactive
//! Marketing* 21(1). BdW: Fader, Hardie, Liu, Davin & Steenburgh (2018), *Journal of Interactive
//! Marketing* 43.
//!
//! In 400 simulated cohorts of 1,000 customers sBG's 95% intervals held the truth in 95.0% (β) and
//! 95.3% (α) of the cases (`--features slow-tests --lib cover -- --nocapture`).
//!
//! A fit is checked: where customers did not leave as it says (Pearson's chi-square by period, p below 0.01,
//! by two points of a period's leavers or more), a flag says so and what would fit.
//!
//! With α·c ≤ 1 the expected lifetime is **infinite**: see [`ExpectedLifetime`]. A horizon or a
//! discount rate is then mandatory.
//!
//! ```
//! use keepworth_retention::contractual::{self, Model, SurvivorTable};
//!
//! // Fader & Hardie (2007), table 1: 1,000 regular customers and who is left after each year.
//! let survivors = [1000.0, 631.0, 468.0, 382.0, 326.0, 289.0, 262.0, 241.0];
//! let table = SurvivorTable::from_survivors(&survivors)?;
//! let lifetime = contractual::fit(Model::Sbg, &table)?;
//! let twelve = lifetime.survival(12);
//! assert!((1000.0 * twelve.value - 170.0).abs() < 1.0);
//! assert!(twelve.low < twelve.value && twelve.value < twelve.high);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod lifetime;
mod misfit;
mod model;
mod series;
mod table;

pub use lifetime::{ContractualFit, ExpectedLifetime, Projection, fit};
pub use model::{BetaWeibull, Model};
pub use table::{Cohort, SurvivorTable, TableError};

/// Why a contractual model could not be fitted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ContractualError {
    /// The survivor table cannot be used.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The likelihood has no maximum.
    #[error(transparent)]
    Optimise(#[from] crate::optimise::OptimiseError),
    /// The fit cannot be handed over.
    #[error(transparent)]
    Fit(#[from] crate::fit::FitError),
    /// A discount rate that does not discount.
    #[error("discount rate is {rate} per period: it must be finite and greater than 0")]
    Rate {
        /// The rate given.
        rate: f64,
    },
}

#[cfg(test)]
mod published;
