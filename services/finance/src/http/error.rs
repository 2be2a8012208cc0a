//! What goes wrong below the handlers, as they answer it.

use keepworth_platform::ApiError;
use keepworth_platform::feed::FeedError;

use crate::month_allocation::Overflow;
use crate::recurring::RecurringError;
use crate::revenue_total::RevenueTotalError;
use crate::store::UnknownValue;

/// What cannot happen to a value that the rules took, and is our fault when it does.
pub fn internal(reason: impl std::fmt::Display) -> ApiError {
    ApiError::internal(&reason)
}

impl From<UnknownValue> for ApiError {
    fn from(error: UnknownValue) -> Self {
        internal(error)
    }
}

impl From<Overflow> for ApiError {
    fn from(error: Overflow) -> Self {
        Self::conflict("too_large", error.to_string())
    }
}

impl From<RecurringError> for ApiError {
    fn from(error: RecurringError) -> Self {
        Self::conflict("too_large", error.to_string())
    }
}

// A feed whose first byte is out cannot answer a problem any more: it breaks off.

impl From<UnknownValue> for FeedError {
    fn from(error: UnknownValue) -> Self {
        broken(error)
    }
}

impl From<Overflow> for FeedError {
    fn from(error: Overflow) -> Self {
        broken(error)
    }
}

impl From<RevenueTotalError> for FeedError {
    fn from(error: RevenueTotalError) -> Self {
        broken(error)
    }
}

fn broken(reason: impl std::fmt::Display) -> FeedError {
    FeedError::Row(serde::ser::Error::custom(reason))
}
