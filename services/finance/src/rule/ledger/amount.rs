//! When an amount of money can be taken.

use keepworth_contract::FaultCode;
use keepworth_contract::{InvalidParam, Money, MoneyError};

/// What is wrong with an amount: only whole minor units that every reader carries exactly are
/// stored.
#[must_use]
pub fn fault(name: &str, amount: Money) -> Option<InvalidParam> {
    let error = amount.minor_units().err()?;
    let code = match error {
        MoneyError::TooManyDecimals { .. } => FaultCode::TooManyDecimals,
        _ => FaultCode::TooLarge,
    };
    Some(InvalidParam::new(
        format!("{name}/amount"),
        code,
        error.to_string(),
    ))
}
