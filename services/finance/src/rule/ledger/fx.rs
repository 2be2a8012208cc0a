//! Exchange rates: exact, named, never guessed.

use keepworth_contract::FaultCode;
use keepworth_contract::{Currency, InvalidParam};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use uuid::Uuid;

use crate::rule::metric::ratio::divide_half_even;

/// Rates are kept in this fraction.
pub const RATE_SCALE: i64 = 1_000_000_000;

/// A rate: one unit of `base` is worth `billionths`/10⁹ units of `quote`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Its identifier, which travels with every converted amount.
    pub id: Uuid,
    /// What is converted.
    pub base: Currency,
    /// What into.
    pub quote: Currency,
    /// The rate in billionths.
    pub billionths: i64,
}

impl Rate {
    /// An amount in minor units of `base`, in minor units of `quote`, half to even.
    ///
    /// None when it does not fit.
    #[must_use]
    pub fn convert(&self, minor: i64) -> Option<i64> {
        let power = |currency: Currency| 10_i128.pow(currency.decimals());
        let numerator =
            (i128::from(minor) * i128::from(self.billionths)).checked_mul(power(self.quote))?;
        divide_half_even(numerator, i128::from(RATE_SCALE) * power(self.base))
    }
}

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

    fn rate(base: &str, quote: &str, value: &str) -> Rate {
        Rate {
            id: Uuid::nil(),
            base: base.parse().unwrap(),
            quote: quote.parse().unwrap(),
            billionths: billionths(value.parse().unwrap()).unwrap(),
        }
    }

    #[test]
    fn minor_units_of_both_currencies_count() {
        assert_eq!(rate("USD", "EUR", "0.9").convert(1_000), Some(900));
        assert_eq!(rate("JPY", "EUR", "0.0061").convert(1_000), Some(610));
        assert_eq!(rate("EUR", "KWD", "0.335").convert(100), Some(335));
        assert_eq!(
            rate("USD", "EUR", "0.5").convert(1),
            Some(0),
            "half to even"
        );
        assert_eq!(
            rate("USD", "EUR", "0.5").convert(3),
            Some(2),
            "half to even"
        );
        assert_eq!(rate("USD", "EUR", "0.9").convert(-1_000), Some(-900));
        assert_eq!(rate("EUR", "KWD", "2").convert(i64::MAX), None);
        assert_eq!(rate("EUR", "KWD", "9000000000").convert(i64::MAX), None);
    }

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
