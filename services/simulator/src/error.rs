//! Why a baseline cannot be built.

use keepworth_contract::client::ClientError;
use keepworth_contract::join::JoinError;
use keepworth_contract::simulator::curve::HazardModel;
use keepworth_contract::{FaultCode, InvalidParam, ProblemCode};
use keepworth_contract::{MoneyError, Month, MonthError};
use keepworth_intake::Failure;
use keepworth_retention::bands::BandError;
use keepworth_retention::tenure::TenureError;

use crate::rule::purchase::UnusablePurchases;

/// Why a baseline cannot be built.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildError {
    /// Another service is missing, or refuses.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A month that is none.
    #[error("a feed holds a month that is none: {0}")]
    Month(#[from] MonthError),
    /// Feeds that cannot be joined.
    #[error(transparent)]
    Join(JoinError),
    /// Nobody was under observation.
    #[error("no customer was under observation until {0}; import customers, or take a later day")]
    NoCustomers(chrono::NaiveDate),
    /// No record says which currency the company counts in.
    #[error(
        "neither revenue nor cost is recorded in the last twelve months; import revenues and ledger entries first"
    )]
    NoMoney,
    /// Two currencies.
    #[error(
        "money is in {0} and {1}, which cannot be added; name the currency to convert into, for example currency={0} (`--currency {0}`)"
    )]
    MixedCurrencies(String, String),
    /// A share above one.
    #[error(
        "finance confirms that {share} of {component} is avoidable from {from} on; a share lies between 0 and 1, correct it there"
    )]
    AvoidableShare {
        /// Of which cost.
        component: String,
        /// The first month.
        from: Month,
        /// The share.
        share: f64,
    },
    /// Not a currency.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// Revenue of another form.
    #[error(
        "finance gives revenue of {0} months, not of 12; run finance and simulator of one release"
    )]
    RevenueMonths(usize),
    /// Records came in between two feeds.
    #[error("customer records changed while the baseline was being built; build it again")]
    Changed,
    /// Rates came in while amounts were converted by them.
    #[error("exchange rates changed while revenue was converted by them; read the pilot again")]
    RatesChanged,
    /// Hazards cannot be estimated.
    #[error("hazards cannot be estimated: {0}")]
    Hazard(#[from] BandError),
    /// A model of leaving was asked for of a segment that is none.
    #[error("no customer belongs to the segment `{name}`; known: {}", known.join(", "))]
    UnknownSegment {
        /// The name.
        name: String,
        /// Segments there are.
        known: Vec<String>,
    },
    /// A model of leaving was asked for that has no estimate.
    #[error("{model} has no estimate in segment `{segment}`: {why}; ask for BANDS, or for none")]
    NoCurve {
        /// The segment.
        segment: String,
        /// The model.
        model: HazardModel,
        /// Why there is none.
        why: String,
    },
    /// Counts by tenure that cannot be.
    #[error("leaving by tenure cannot be counted: {0}")]
    Tenure(#[from] TenureError),
    /// Purchases of a segment without a contract cannot be modelled.
    #[error("segment `{segment}`: {why}")]
    Purchases {
        /// The segment.
        segment: String,
        /// Why not.
        why: UnusablePurchases,
    },
    /// A model of purchases was asked for of a segment that is none of those without a contract.
    #[error(
        "no customer without a contract belongs to the segment `{name}`; of kind PURCHASES are: {}",
        known.join(", ")
    )]
    NoPurchases {
        /// The name.
        name: String,
        /// Segments there are.
        known: Vec<String>,
    },
    /// The document cannot be written.
    #[error("the baseline cannot be written: {0}")]
    Document(#[from] serde_json::Error),
}

impl BuildError {
    pub(crate) fn mixed(one: &str, other: &str) -> Self {
        Self::MixedCurrencies(one.to_owned(), other.to_owned())
    }

    pub(crate) fn purchases(segment: &str, why: UnusablePurchases) -> Self {
        let segment = segment.to_owned();
        Self::Purchases { segment, why }
    }
}

impl From<JoinError> for BuildError {
    fn from(error: JoinError) -> Self {
        match error {
            JoinError::Client(error) => Self::Client(error),
            error @ JoinError::OutOfOrder { .. } => Self::Join(error),
        }
    }
}

/// That a model of leaving was asked for of a segment, and cannot be had.
fn asked_of(segment: &str, code: FaultCode, reason: String) -> Failure {
    let name = format!("hazard_models/{segment}");
    Failure::invalid(vec![InvalidParam::new(name, code, reason)])
}

/// That a model of purchases was asked for of a segment, and cannot be had.
fn purchases_of(segment: &str, code: FaultCode, reason: String) -> Failure {
    let name = format!("purchase_models/{segment}");
    Failure::invalid(vec![InvalidParam::new(name, code, reason)])
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        let detail = error.to_string();
        match error {
            // What only the records can mend is not a service that is missing.
            BuildError::Client(ClientError::Problem { problem, .. }) => match &*problem.code {
                "mixed_currencies" => Self::conflict(ProblemCode::MixedCurrencies, detail),
                // The rates that are missing, each with pair and month.
                "validation_failed" => Self::invalid(problem.invalid_params.clone()),
                "too_large" => Self::conflict(ProblemCode::TooLarge, detail),
                _ => Self::upstream(detail),
            },
            BuildError::Client(_)
            | BuildError::Month(_)
            | BuildError::Join(_)
            | BuildError::AvoidableShare { .. }
            | BuildError::RevenueMonths(_) => Self::upstream(detail),
            BuildError::NoCustomers(_) => Self::conflict(ProblemCode::NoCustomers, detail),
            BuildError::NoMoney => Self::conflict(ProblemCode::NoMoney, detail),
            BuildError::MixedCurrencies(..) => Self::conflict(ProblemCode::MixedCurrencies, detail),
            BuildError::Changed | BuildError::RatesChanged => {
                Self::conflict(ProblemCode::RecordsChanged, detail)
            }
            BuildError::Hazard(_) | BuildError::Tenure(_) => {
                Self::conflict(ProblemCode::NoHazard, detail)
            }
            BuildError::UnknownSegment { name, .. } => {
                asked_of(&name, FaultCode::UnknownSegment, detail)
            }
            BuildError::NoCurve { segment, .. } => {
                asked_of(&segment, FaultCode::InvalidValue, detail)
            }
            BuildError::Purchases {
                segment,
                why: UnusablePurchases::Asked { .. },
            } => purchases_of(&segment, FaultCode::InvalidValue, detail),
            BuildError::Purchases {
                segment,
                why: UnusablePurchases::Unseen { .. },
            } => asked_of(&segment, FaultCode::InvalidValue, detail),
            BuildError::Purchases {
                why: UnusablePurchases::OtherCurrency { .. },
                ..
            } => Self::conflict(ProblemCode::MixedCurrencies, detail),
            BuildError::Purchases { .. } => Self::conflict(ProblemCode::NoHazard, detail),
            BuildError::NoPurchases { name, .. } => {
                purchases_of(&name, FaultCode::UnknownSegment, detail)
            }
            BuildError::Money(_) => Self::upstream(detail),
            BuildError::Document(_) => Self::internal(&detail),
        }
    }
}
