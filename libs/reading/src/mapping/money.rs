//! Money as exports write it, made exact: decimals or minor units, with taxes to be taken off.

use std::collections::BTreeMap;

use keepworth_contract::{Currency, Money, MoneyError};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use crate::number::{NumberFormat, ambiguous};

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

/// How the amounts of a file are written: in minor units, and in which format.
pub(super) type Form<'a> = (Option<&'a Minor>, NumberFormat);

/// The money in `text` (`1999 eur`), less what is in `less`; codes may be lower case.
pub(super) fn read(text: &str, less: Option<&str>, form: Form<'_>) -> Result<Money, String> {
    let (number, code) = text.rsplit_once(' ').ok_or_else(|| {
        format!("`{text}` is not money; an amount and a currency are needed, such as 12.50 EUR")
    })?;
    let currency: Currency = code
        .to_uppercase()
        .parse()
        .map_err(|error: MoneyError| error.to_string())?;
    let mut amount = decimal(number, currency, form)?;
    if let Some(less) = less.map(str::trim).filter(|less| !less.is_empty()) {
        amount -= decimal(less, currency, form)?;
    }
    Ok(Money { amount, currency })
}

/// Money as a record has it; without its sign where only its size is meant.
pub(super) fn value(mut money: Money, magnitude: bool) -> Result<Value, String> {
    if magnitude {
        money.amount = money.amount.abs();
    }
    money.minor_units().map_err(|error| error.to_string())?;
    serde_json::to_value(money).map_err(|error| error.to_string())
}

/// A number without the sign or code of its currency.
fn without_sign(number: &str, currency: Currency) -> Result<String, String> {
    let own = currency.sign();
    // People leave out whose dollar it is.
    let dollar = own.ends_with('$').then_some("$");
    let own = [Some(own.as_str()), dollar, Some(currency.code())];
    let known = own.into_iter().flatten().find(|it| number.contains(it));
    let size = known.map_or_else(|| number.to_owned(), |it| number.replacen(it, "", 1));
    let is_sign = |it: char| matches!(it, '$' | '\u{a2}'..='\u{a5}' | '\u{20a0}'..='\u{20cf}');
    match size.chars().find(|it| is_sign(*it)) {
        Some(sign) => Err(format!(
            "`{}` is in {sign}, and the mapping says {}",
            number.trim(),
            currency.code()
        )),
        None => Ok(size.trim().to_owned()),
    }
}

/// A number of that currency.
pub(super) fn decimal(
    number: &str,
    currency: Currency,
    (minor, format): Form<'_>,
) -> Result<Decimal, String> {
    let size = without_sign(number, currency)?;
    if minor.is_none()
        && let Some(why) = ambiguous(format, &size, currency.decimals())
    {
        return Err(why);
    }
    let plain = format.plain(&size)?;
    let amount = Decimal::from_str_exact(&plain)
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
        let money = read(text, less, (minor, NumberFormat::default()))?;
        let value = value(money, true)?;
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
    fn amounts_are_read_as_their_file_writes_them() {
        let german: NumberFormat = "1.234,56".parse().unwrap();
        let read = |text: &str| {
            let value = value(read(text, None, (None, german))?, false)?;
            Ok::<_, String>(value["amount"].clone())
        };
        assert_eq!(read("1.355,90 EUR").unwrap(), "1355.90");
        assert_eq!(read("12,5 € EUR").unwrap(), "12.5");
        assert_eq!(read("€ 12,50 EUR").unwrap(), "12.50");
        assert_eq!(read("-€12,50 EUR").unwrap(), "-12.50");
        assert_eq!(read("EUR 12,50 EUR").unwrap(), "12.50");
        assert_eq!(read("$12,50 CAD").unwrap(), "12.50");
        assert_eq!(read("S$12,50 SGD").unwrap(), "12.50");
        assert_eq!(read("(120,00) EUR").unwrap(), "-120.00");
        assert!(
            read("12,50 € USD")
                .unwrap_err()
                .contains("the mapping says USD")
        );
        let plain = |text: &str| amount(text, None, None).unwrap_err();
        for both in [plain("1.000 EUR"), plain("1,000 JPY"), plain("-2.500 EUR")] {
            assert!(both.contains("where numbers look like 1.234,56"), "{both}");
            assert!(both.contains("where numbers look like 1,234.56"), "{both}");
        }
        assert_eq!(amount("1.234 KWD", None, None).unwrap(), "1.234 KWD");
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
