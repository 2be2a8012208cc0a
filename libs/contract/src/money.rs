//! Exact money: a decimal with its currency, never a float.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A currency of ISO 4217.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

/// An amount in a currency. On the wire the amount is a decimal **string**: numbers in JSON are
/// floats to most readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Money {
    /// A decimal number with a point, at most as many decimals as the currency's minor unit has.
    #[serde(with = "decimal_string")]
    #[schema(value_type = String, pattern = r"^-?\d{1,15}(\.\d{1,4})?$", example = "1234.50")]
    pub amount: Decimal,
    /// ISO 4217 code, upper case.
    pub currency: Currency,
}

/// Why an amount cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a code of ISO 4217.
    #[error("`{0}` is not a currency of ISO 4217; write three capital letters such as EUR")]
    Currency(String),
    /// Not a decimal number.
    #[error("`{0}` is not a decimal number; write digits with a point, such as 1234.50")]
    Amount(String),
    /// More decimals than the currency has.
    #[error("{amount} has more decimals than {currency} has ({decimals}); round it first")]
    TooManyDecimals {
        /// The amount as given.
        amount: String,
        /// The currency's code.
        currency: &'static str,
        /// Decimals of its minor unit.
        decimals: u32,
    },
    /// Beyond ±9·10¹⁵ minor units, the largest that every JSON reader carries exactly.
    #[error("{0} is larger than can be carried exactly")]
    TooLarge(String),
    /// Two currencies met.
    #[error("{0} and {1} cannot be added; convert one with a named rate first")]
    Mixed(&'static str, &'static str),
}

/// The largest integer that every JSON reader carries exactly is 2⁵³; stay below.
const LARGEST: i64 = 9_000_000_000_000_000;

impl Currency {
    /// The three-letter code.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// The sign that is written beside amounts: € for EUR, $ for USD.
    #[must_use]
    pub fn sign(self) -> String {
        self.0.symbol().symbol
    }

    /// Decimals of the minor unit: 2 for EUR, 0 for JPY, 3 for KWD.
    #[must_use]
    pub fn decimals(self) -> u32 {
        self.0.exponent().map_or(2, u32::from)
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        iso_currency::Currency::from_code(code)
            .map(Self)
            .ok_or_else(|| MoneyError::Currency(code.to_owned()))
    }
}

impl From<Currency> for &'static str {
    fn from(currency: Currency) -> Self {
        currency.code()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = std::borrow::Cow::<str>::deserialize(deserializer)?;
        code.parse().map_err(serde::de::Error::custom)
    }
}

impl Money {
    /// Money from minor units (cents).
    #[must_use]
    pub fn from_minor(minor: i64, currency: Currency) -> Self {
        Self {
            amount: Decimal::new(minor, currency.decimals()),
            currency,
        }
    }

    /// The amount in minor units (cents), exactly.
    ///
    /// # Errors
    /// [`MoneyError::TooManyDecimals`] when it is no whole number of them,
    /// [`MoneyError::TooLarge`] beyond what JSON readers carry exactly.
    pub fn minor_units(self) -> Result<i64, MoneyError> {
        let decimals = self.currency.decimals();
        let scaled = self
            .amount
            .checked_mul(Decimal::from(10_i64.pow(decimals)))
            .ok_or_else(|| MoneyError::TooLarge(self.amount.to_string()))?;
        if !scaled.fract().is_zero() {
            return Err(MoneyError::TooManyDecimals {
                amount: self.amount.to_string(),
                currency: self.currency.code(),
                decimals,
            });
        }
        scaled
            .to_i64()
            .filter(|minor| minor.abs() <= LARGEST)
            .ok_or_else(|| MoneyError::TooLarge(self.amount.to_string()))
    }

    /// The sum of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::Mixed`] for two currencies, [`MoneyError::TooLarge`] on overflow.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Mixed(
                self.currency.code(),
                other.currency.code(),
            ));
        }
        let amount = self
            .amount
            .checked_add(other.amount)
            .ok_or_else(|| MoneyError::TooLarge(self.amount.to_string()))?;
        Ok(Self {
            amount,
            currency: self.currency,
        })
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let (amount, code) = text
            .split_once(' ')
            .ok_or_else(|| MoneyError::Currency(String::new()))?;
        let money = Self {
            amount: parse_amount(amount)?,
            currency: code.parse()?,
        };
        money.minor_units()?;
        Ok(money)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

fn parse_amount(text: &str) -> Result<Decimal, MoneyError> {
    Decimal::from_str_exact(text).map_err(|_| MoneyError::Amount(text.to_owned()))
}

mod decimal_string {
    use super::{Decimal, Deserialize, Deserializer, Serializer, parse_amount};

    pub fn serialize<S: Serializer>(amount: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(amount)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        parse_amount(&text).map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Currency {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A currency by its ISO 4217 code."))
            .pattern(Some("^[A-Z]{3}$"))
            .examples(["EUR"])
            .into()
    }
}

impl ToSchema for Currency {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn minor_units_follow_the_currency() {
        assert_eq!(
            "70.35 EUR".parse::<Money>().unwrap().minor_units(),
            Ok(7_035)
        );
        assert_eq!("70 JPY".parse::<Money>().unwrap().minor_units(), Ok(70));
        assert_eq!(
            "1.234 KWD".parse::<Money>().unwrap().minor_units(),
            Ok(1_234)
        );
    }

    #[test]
    fn what_is_not_exact_money_is_refused() {
        for text in [
            "70.355 EUR",
            "1.5 JPY",
            "1e3 EUR",
            "ten EUR",
            "10 XYZ",
            "10",
            "99999999999999999 EUR",
        ] {
            assert!(text.parse::<Money>().is_err(), "{text} was taken");
        }
        assert!(serde_json::from_str::<Money>(r#"{"amount": 70.35, "currency": "EUR"}"#).is_err());
    }

    #[test]
    fn currencies_do_not_mix() {
        let euro: Money = "1 EUR".parse().unwrap();
        let dollar: Money = "1 USD".parse().unwrap();
        assert_eq!(euro.plus(dollar), Err(MoneyError::Mixed("EUR", "USD")));
    }

    proptest! {
        #[test]
        fn minor_units_survive_the_wire(minor in -LARGEST..=LARGEST) {
            let money = Money::from_minor(minor, "EUR".parse().unwrap());
            let wire = serde_json::to_string(&money).unwrap();
            let back: Money = serde_json::from_str(&wire).unwrap();
            prop_assert_eq!(back.minor_units(), Ok(minor));
        }
    }
}
