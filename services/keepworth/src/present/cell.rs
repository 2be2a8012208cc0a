//! One value of a row, as people, spreadsheets and data frames read it.
//!
//! Amounts are decimals from the wire to the screen; they never pass through floats.

use chrono::NaiveDate;
use keepworth_contract::{Currency, Month};
use rust_decimal::Decimal;

use super::number;

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// Words.
    Text(String),
    /// Money or another decimal; its unit stands beside it.
    Amount(Decimal),
    /// A fraction, shown as a percentage.
    Share(f64),
    /// A whole number.
    Count(i64),
    /// A figure, and how people read it.
    Figure(f64, String),
    /// Nothing to show.
    Nothing,
}

impl Cell {
    /// A whole number of what was counted by weight.
    pub(crate) fn whole(value: f64) -> Self {
        Self::Figure(value, number::whole(value))
    }

    /// A figure with so many decimals.
    pub(crate) fn places(value: f64, places: usize) -> Self {
        Self::Figure(value, number::places(value, places))
    }

    /// A figure with five significant digits.
    pub(crate) fn digits(value: f64) -> Self {
        Self::Figure(value, number::digits(value))
    }

    /// A fraction in percent with so many decimals.
    pub(crate) fn percent(fraction: f64, places: usize) -> Self {
        Self::Figure(fraction, number::percent(fraction, places))
    }

    pub(super) fn is_number(&self) -> bool {
        !matches!(self, Self::Text(_) | Self::Nothing)
    }

    /// As people read it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Text(text) | Self::Figure(_, text) => text.clone(),
            Self::Amount(amount) => number::grouped(&amount.to_string()),
            Self::Share(share) => number::percent(*share, 2),
            Self::Count(count) => number::grouped(&count.to_string()),
            Self::Nothing => "–".to_owned(),
        }
    }

    /// As spreadsheets read it: a text that would be taken for a formula is quoted.
    pub(super) fn written(&self) -> String {
        match self {
            Self::Text(text) if text.starts_with(['=', '+', '-', '@']) => format!("'{text}"),
            Self::Text(text) => text.clone(),
            Self::Amount(amount) => amount.to_string(),
            Self::Share(value) | Self::Figure(value, _) => value.to_string(),
            Self::Count(count) => count.to_string(),
            Self::Nothing => String::new(),
        }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        if text.is_empty() {
            Self::Nothing
        } else {
            Self::Text(text)
        }
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Into::into)
    }
}

impl From<Decimal> for Cell {
    fn from(amount: Decimal) -> Self {
        Self::Amount(amount)
    }
}

impl From<u64> for Cell {
    fn from(count: u64) -> Self {
        i64::try_from(count).map_or_else(|_| Self::Text(count.to_string()), Self::Count)
    }
}

macro_rules! cell_from {
    ($($kind:ty: $value:ident => $cell:expr),* $(,)?) => {
        $(impl From<$kind> for Cell {
            fn from($value: $kind) -> Self {
                $cell
            }
        })*
    };
}

cell_from! {
    &str: text => text.to_owned().into(),
    &String: text => text.clone().into(),
    &Option<String>: text => text.clone().into(),
    i64: count => Self::Count(count),
    i32: count => Self::Count(count.into()),
    u32: count => Self::Count(count.into()),
    usize: count => (count as u64).into(),
    Month: month => Self::Text(month.to_string()),
    NaiveDate: day => Self::Text(day.to_string()),
    Currency: currency => currency.code().into(),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_spreadsheets_read_the_same_figures() {
        let amount = |text: &str| Cell::Amount(text.parse().unwrap());
        let cells = [
            (
                amount("-1234567.50"),
                "\u{2212}1\u{202f}234\u{202f}567.50",
                "-1234567.50",
            ),
            (amount("0.10"), "0.10", "0.10"),
            (Cell::Share(-0.0125), "\u{2212}1.25%", "-0.0125"),
            (Cell::Count(12_000), "12\u{202f}000", "12000"),
            (Cell::whole(-1_234.4), "\u{2212}1\u{202f}234", "-1234.4"),
            (Cell::Nothing, "–", ""),
            ("=1+1".into(), "=1+1", "'=1+1"),
        ];
        for (cell, shown, written) in cells {
            assert_eq!(
                (cell.shown(), cell.written()),
                (shown.into(), written.into())
            );
        }
    }
}
