//! What goes wrong below the handlers, as they answer it.

use crate::rule::ledger::month_allocation::Overflow;
use crate::rule::revenue::recurring::RecurringError;
use crate::rule::revenue::revenue_total::RevenueTotalError;
use crate::store::avoidable_share::ImpossibleShare;
use crate::store::economics::SumTooLarge;
use keepworth_contract::ProblemCode;
use keepworth_intake::Failure;

/// What cannot happen to a value that the rules took, and is our fault when it does.
pub fn internal(reason: impl std::fmt::Display) -> Failure {
    Failure::internal(reason)
}

impl From<ImpossibleShare> for Failure {
    fn from(error: ImpossibleShare) -> Self {
        internal(error)
    }
}

impl From<Overflow> for Failure {
    fn from(error: Overflow) -> Self {
        Self::conflict(ProblemCode::TooLarge, error.to_string())
    }
}

impl From<RecurringError> for Failure {
    fn from(error: RecurringError) -> Self {
        Self::conflict(ProblemCode::TooLarge, error.to_string())
    }
}

impl From<SumTooLarge> for Failure {
    fn from(error: SumTooLarge) -> Self {
        Self::conflict(ProblemCode::TooLarge, error.to_string())
    }
}

impl From<RevenueTotalError> for Failure {
    fn from(error: RevenueTotalError) -> Self {
        let code = match error {
            RevenueTotalError::MixedCurrencies { .. } => ProblemCode::MixedCurrencies,
            RevenueTotalError::TooLarge(_) => ProblemCode::TooLarge,
        };
        Self::conflict(code, error.to_string())
    }
}
