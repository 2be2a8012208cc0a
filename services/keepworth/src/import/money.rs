//! Money as exports write it, made exact: decimals or minor units, with taxes to be taken off.

use std::collections::BTreeMap;

use keepworth_contract::{Currency, Money, MoneyError};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

/// Amounts are whole numbers of the minor unit.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Minor {
    /// With as many decimals as ISO 4217 says: 2 for EUR, 0 for JPY.
    Iso(bool),
    /// The same, but for these currencies.
    Except(BTreeMap<String, u32>),
}

impl Minor {
    fn decimals(&self, currency: Currency) -> u32 {
        match self {
            Self::Iso(false) => 0,
            Self::Iso(true) => currency.decimals(),
            Self::Except(decimals) => {
                let stated = decimals.get(currency.code()).copied();
                stated.unwrap_or_else(|| currency.decimals())
            }
        }
    }
}

/// The money in `text` (`1999 eur`), less what is in `less`; codes may be lower case.
pub(super) fn value(
    text: &str,
    less: Option<&str>,
    minor: Option<&Minor>,
    magnitude: bool,
) -> Result<Value, String> {
    let (number, code) = text.rsplit_once(' ').ok_or_else(|| {
        format!("`{text}` is not money; an amount and a currency are needed, such as 12.50 EUR")
    })?;
    let wrong = |error: MoneyError| error.to_string();
    let currency: Currency = code.to_uppercase().parse().map_err(wrong)?;
    let mut amount = decimal(number, currency, minor)?;
    if let Some(less) = less.map(str::trim).filter(|less| !less.is_empty()) {
        amount -= decimal(less, currency, minor)?;
    }
    if magnitude {
        amount = amount.abs();
    }
    let money = Money { amount, currency };
    money.minor_units().map_err(wrong)?;
    serde_json::to_value(money).map_err(|error| error.to_string())
}

fn decimal(number: &str, currency: Currency, minor: Option<&Minor>) -> Result<Decimal, String> {
    let amount = Decimal::from_str_exact(number.trim())
        .map_err(|_| MoneyError::Amount(number.to_owned()).to_string())?;
    let Some(minor) = minor else {
        return Ok(amount);
    };
    if !amount.fract().is_zero() {
        return Err(format!("`{number}` is not a whole number of minor units"));
    }
    let major = amount * Decimal::new(1, minor.decimals(currency));
    // As many decimals as the currency has, where nothing is lost by it.
    let rounded = major.round_dp(currency.decimals());
    Ok(if rounded == major { rounded } else { major })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str, less: Option<&str>, minor: Option<&Minor>) -> Result<String, String> {
        let value = value(text, less, minor, true)?;
        Ok(format!(
            "{} {}",
            value["amount"].as_str().unwrap(),
            value["currency"].as_str().unwrap()
        ))
    }

    #[test]
    fn minor_units_follow_the_currency() {
        let minor = Some(&Minor::Iso(true));
        assert_eq!(amount("1999 usd", None, minor).unwrap(), "19.99 USD");
        assert_eq!(amount("3000 jpy", None, minor).unwrap(), "3000 JPY");
        assert_eq!(amount("1234 kwd", None, minor).unwrap(), "1.234 KWD");
        assert_eq!(amount("-2500 EUR", None, minor).unwrap(), "25.00 EUR");
        assert!(
            amount("19.99 usd", None, minor)
                .unwrap_err()
                .contains("minor units")
        );
    }

    #[test]
    fn a_vendor_may_count_decimals_in_its_own_way() {
        let minor = Minor::Except([("ISK".to_owned(), 2), ("MGA".to_owned(), 0)].into());
        assert_eq!(
            amount("150000 isk", None, Some(&minor)).unwrap(),
            "1500 ISK"
        );
        assert!(
            amount("150050 isk", None, Some(&minor))
                .unwrap_err()
                .contains("decimals")
        );
        assert_eq!(amount("500 mga", None, Some(&minor)).unwrap(), "500 MGA");
        assert_eq!(amount("500 eur", None, Some(&minor)).unwrap(), "5.00 EUR");
    }

    #[test]
    fn taxes_are_taken_off() {
        let minor = Some(&Minor::Iso(true));
        assert_eq!(
            amount("11900 eur", Some("1900"), minor).unwrap(),
            "100.00 EUR"
        );
        assert_eq!(
            amount("119.00 EUR", Some("19.00"), None).unwrap(),
            "100.00 EUR"
        );
        assert_eq!(amount("119.00 EUR", Some(""), None).unwrap(), "119.00 EUR");
        assert!(
            amount("119.00", None, None)
                .unwrap_err()
                .contains("currency")
        );
        assert!(
            amount("5.00 EURO", None, None)
                .unwrap_err()
                .contains("EURO")
        );
    }
}
