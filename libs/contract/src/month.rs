//! A calendar month, `YYYY-MM`.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A calendar month of the proleptic Gregorian calendar; ordered by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// Months since year 0, so that arithmetic is addition.
    index: i32,
}

/// Not a month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a month from 1900 on; write YYYY-MM, such as 2025-11")]
pub struct MonthError(String);

impl Month {
    /// The month that a date falls in.
    #[must_use]
    pub fn of(date: NaiveDate) -> Self {
        Self {
            index: date.year() * 12 + date.month0().cast_signed(),
        }
    }

    /// The month `months` later (earlier when negative).
    #[must_use]
    pub fn plus(self, months: i32) -> Self {
        Self {
            index: self.index + months,
        }
    }

    /// Months since year 0: the form that is stored and compared.
    #[must_use]
    pub fn index(self) -> i32 {
        self.index
    }

    /// The month of an [`index`](Self::index).
    #[must_use]
    pub fn from_index(index: i32) -> Self {
        Self { index }
    }

    /// Its first day.
    #[must_use]
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(
            self.index.div_euclid(12),
            self.index.rem_euclid(12).cast_unsigned() + 1,
            1,
        )
        .unwrap_or(NaiveDate::MIN)
    }

    /// Its last day.
    #[must_use]
    pub fn last_day(self) -> NaiveDate {
        let next = self.plus(1).first_day();
        next.pred_opt().unwrap_or(next)
    }
}

impl FromStr for Month {
    type Err = MonthError;

    fn from_str(text: &str) -> Result<Self, MonthError> {
        let wrong = || MonthError(text.to_owned());
        if text.len() != 7 {
            return Err(wrong());
        }
        // Records have no earlier ones: such years are typing errors.
        NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d")
            .ok()
            .filter(|day| day.year() >= 1900)
            .map(Self::of)
            .ok_or_else(wrong)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}",
            self.index.div_euclid(12),
            self.index.rem_euclid(12) + 1
        )
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Month {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A calendar month, `YYYY-MM`."))
            .pattern(Some(r"^(19|[2-9]\d)\d{2}-(0[1-9]|1[0-2])$"))
            .examples(["2025-09"])
            .into()
    }
}

impl ToSchema for Month {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_months_are_months() {
        for text in [
            "1899-12", "2025-13", "2025-00", "2025-1", "25-01", "2025/01", "2025-011", "",
        ] {
            assert!(text.parse::<Month>().is_err(), "{text} was taken");
        }
    }

    proptest! {
        #[test]
        fn text_and_arithmetic_agree(year in 1900i32..9000, month in 1u32..=12, step in -1200i32..1200) {
            let start: Month = format!("{year:04}-{month:02}").parse().unwrap();
            prop_assert_eq!(start.plus(step).plus(-step), start);
            prop_assert_eq!(Month::of(start.first_day()), start);
        }
    }
}
