//! Exchange rates as they are quoted: exact.

use keepworth_contract::FaultCode;
use keepworth_contract::InvalidParam;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Rates are kept in this fraction.
pub const RATE_SCALE: i64 = 1_000_000_000;

/// A rate as billionths.
///
/// # Errors
/// The field at fault when it is not above zero, has more than nine decimals, or is too large.
pub fn billionths(value: Decimal) -> Result<i64, InvalidParam> {
    let wrong = |code, reason: &str| {
        Err(InvalidParam::new(
            "value",
            code,
            format!("{value} {reason}"),
        ))
    };
    if value <= Decimal::ZERO {
        return wrong(
            FaultCode::OutOfRange,
            "is not above zero; give units of quote per unit of base",
        );
    }
    let Some(scaled) = value.checked_mul(Decimal::from(RATE_SCALE)) else {
        return wrong(FaultCode::OutOfRange, "is too large; swap base and quote");
    };
    if !scaled.fract().is_zero() {
        return wrong(
            FaultCode::TooManyDecimals,
            "has more than 9 decimals; round it first",
        );
    }
    scaled.to_i64().map_or_else(
        || wrong(FaultCode::OutOfRange, "is too large; swap base and quote"),
        Ok,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_rate_is_refused() {
        for (value, code) in [
            ("0", "out_of_range"),
            ("-1.1", "out_of_range"),
            ("1.0000000001", "too_many_decimals"),
            ("10000000000", "out_of_range"),
        ] {
            let fault = billionths(value.parse().unwrap()).unwrap_err();
            assert_eq!(fault.code, code, "{value}");
        }
    }
}
