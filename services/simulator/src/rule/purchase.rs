//! Customers without a contract: who is still there, and how much they will buy, from the days on which they bought.
//!
//! | | |
//! |---|---|
//! | times | weeks of seven days since the first purchase; purchases of one day are one |
//! | holdout | a third of the time since the oldest customer came, in whole weeks, 52 at most; below eight weeks none |
//! | model | BG/NBD, unless others foretold the holdout better by 3 of log-likelihood and two standard errors: then the best of them |
//! | leaving | a day of leaving that is on record ends what is known of a customer, who is not there any more |
//!
//! Single customers are told of by the model of a baseline when somebody asks (`outlook`): nothing of them is kept.
//!
//! The models are those of [`keepworth_retention::purchase`]. The winner is fitted again to all records.

mod choice;
mod describe;
mod history;
mod outlook;

pub(crate) use choice::Requested;
pub(crate) use describe::{describe, flag};
pub(crate) use history::{Buyers, Split};
pub(crate) use outlook::{NotTold, Teller, Told};

use keepworth_retention::purchase::{PurchaseError, RfmError};

/// Days in the unit of time of all fits.
const WEEK: f64 = 7.0;
/// Weeks in a month.
const MONTH: f64 = 365.25 / 12.0 / WEEK;

/// Why purchases of a segment cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnusablePurchases {
    /// Customers bought before they came.
    #[error(
        "{customers} customers bought before the day on which they became customers (`acquired_on`), the earliest on \
         {earliest}: a first purchase cannot come before the customer; correct the day of the purchases, or send \
         the customers again with `acquired_on` on their first purchase"
    )]
    BeforeTheCustomer {
        /// How many.
        customers: u64,
        /// The earliest of those purchases.
        earliest: chrono::NaiveDate,
    },
    /// Nothing can be fitted.
    #[error(
        "no model of purchases has an estimate: {why}; import purchases (revenues of kind ONE_OFF or USAGE with \
         their day in `from`), or make the segment one of kind CONTRACT"
    )]
    NoModel {
        /// What the default answered.
        why: String,
    },
    /// The model that was asked for has no estimate.
    #[error("{model} has no estimate: {why}; ask for another, or for none")]
    Asked {
        /// Which.
        model: keepworth_contract::simulator::purchase::PurchaseModel,
        /// Why there is none.
        why: String,
    },
    /// A model of leaving by tenure was asked for.
    #[error(
        "nobody sees these customers leave, so that {model} has nothing to be fitted to; ask for a model of purchases \
         (`purchase_models`)"
    )]
    Unseen {
        /// Which.
        model: keepworth_contract::simulator::curve::HazardModel,
    },
    /// A baseline without the fit of its own model.
    #[error(
        "the baseline does not keep the fit of {model}, of which it was made; build one of the same day with          `keepworth baseline build`"
    )]
    NotKept {
        /// Which.
        model: keepworth_contract::simulator::purchase::PurchaseModel,
    },
    /// A purchase in a currency that the baseline does not know.
    #[error(
        "the baseline counts in {baseline}, and purchases in {found} came in since it was built; build one anew, with          the currency that all amounts are converted into (`currency`)"
    )]
    OtherCurrency {
        /// That of the baseline.
        baseline: String,
        /// That of a purchase.
        found: String,
    },
    /// A history that is none.
    #[error("a purchase cannot be counted: {0}")]
    History(#[from] PurchaseError),
    /// An amount that is none.
    #[error("a purchase cannot be counted: {0}")]
    Amount(#[from] RfmError),
}
