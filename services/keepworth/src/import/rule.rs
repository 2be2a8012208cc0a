//! One field of a record: which text it is made from, and how that text becomes a value.

use std::collections::BTreeMap;

use chrono::{DateTime, Months, NaiveDate, NaiveDateTime};
use csv::StringRecord;
use keepworth_contract::Month;
use serde::Deserialize;
use serde_json::Value;

use super::kind::{Field, Form};
use super::money::{self, Minor};
use super::period;
use super::template::Template;

/// What a mapping file says of a field.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    /// Text with columns in braces, such as `{Contract} / {Internet Type}`.
    pub(super) from: String,
    /// Replaces whole values.
    #[serde(default)]
    values: BTreeMap<String, String>,
    /// Replaces what `values` does not list; an empty cell stays empty.
    otherwise: Option<String>,
    /// The text is a number of months before this day.
    months_before: Option<NaiveDate>,
    /// No day before this one.
    not_before: Option<NaiveDate>,
    /// The form of dates or times, as `strftime` has it; the first that fits.
    #[serde(default, deserialize_with = "one_or_many")]
    date_format: Vec<String>,
    /// `from` begins a period that ends here: months are those it covers, a month is its last.
    pub(super) until: Option<String>,
    /// Money is written in its minor unit: 1999 is 19.99 EUR, or 1999 JPY.
    minor_units: Option<Minor>,
    /// What is not part of the money, written like it, such as the taxes in it.
    pub(super) less: Option<String>,
    /// Money without its sign.
    #[serde(default)]
    magnitude: bool,
    /// Multiplies whole numbers, such as 60 for minutes that become seconds.
    times: Option<i64>,
}

impl Rule {
    /// A rule that takes a template's text as it is.
    pub(super) fn of_template(from: String) -> Self {
        Self {
            from,
            ..Self::default()
        }
    }
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    OneOrMany::deserialize(deserializer).map(Vec::from)
}

/// One text or a list of them.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl From<OneOrMany> for Vec<String> {
    fn from(texts: OneOrMany) -> Self {
        match texts {
            OneOrMany::One(text) => vec![text],
            OneOrMany::Many(texts) => texts,
        }
    }
}

/// A field made ready for a table: the first rule whose text is not empty makes its value.
pub(super) struct ReadyField {
    pub(super) field: &'static Field,
    pub(super) rules: Vec<ReadyRule>,
}

/// A rule and its templates, tied to columns.
pub(super) struct ReadyRule {
    pub(super) rule: Rule,
    pub(super) from: Template,
    pub(super) until: Option<Template>,
    pub(super) less: Option<Template>,
}

/// A row that cannot become a record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RowFault {
    pub(crate) code: String,
    pub(crate) detail: String,
}

impl ReadyField {
    /// The field's value in a row; `None` when the texts of all its rules are empty.
    pub(super) fn value(&self, row: &StringRecord) -> Result<Option<Value>, RowFault> {
        for ready in &self.rules {
            let text = ready.from.fill(row);
            let text = ready.rule.replaced(text.trim());
            if text.is_empty() {
                continue;
            }
            let value = ready.convert(self.field.form, text, row);
            return value.map(Some).map_err(|reason| RowFault {
                code: "malformed_value".to_owned(),
                detail: format!("{}: {reason}", self.field.name),
            });
        }
        Ok(None)
    }
}

impl ReadyRule {
    fn convert(&self, form: Form, text: &str, row: &StringRecord) -> Result<Value, String> {
        let rule = &self.rule;
        match form {
            Form::Text => Ok(text.into()),
            Form::Date => rule.date(text).map(|date| date.to_string().into()),
            Form::Time => rule.time(text).map(Value::from),
            Form::Month => self.month(text, row).map(|it| it.to_string().into()),
            Form::Integer => match self.months(text, row)? {
                Some(months) => Ok(months.into()),
                None => rule.integer(text).map(Value::from),
            },
            Form::Money => {
                let less = self.less.as_ref().map(|less| less.fill(row));
                let minor = rule.minor_units.as_ref();
                money::value(text, less.as_deref(), minor, rule.magnitude)
            }
            Form::Flag => flag(text),
        }
    }

    /// A month as it is written, that of a day, or the last one of a period.
    fn month(&self, text: &str, row: &StringRecord) -> Result<Month, String> {
        if self.until.is_none() && self.rule.date_format.is_empty() {
            return text
                .parse()
                .map_err(|error: keepworth_contract::MonthError| error.to_string());
        }
        let first = Month::of(self.rule.date(text)?);
        let months = self.months(text, row)?.unwrap_or(1);
        Ok(first.plus(months - 1))
    }

    /// The months that the period covers, when there is one.
    fn months(&self, text: &str, row: &StringRecord) -> Result<Option<i32>, String> {
        let Some(until) = &self.until else {
            return Ok(None);
        };
        let (start, end) = (
            self.rule.date(text)?,
            self.rule.date(until.fill(row).trim())?,
        );
        period::months(start, end).map(Some)
    }
}

impl Rule {
    fn replaced<'a>(&'a self, text: &'a str) -> &'a str {
        match self.values.get(text) {
            Some(value) => value,
            // Nothing was recorded: that is no value to be replaced, unless `values` lists it.
            None if self.values.is_empty() || text.is_empty() => text,
            None => self.otherwise.as_deref().unwrap_or(text),
        }
    }

    fn date(&self, text: &str) -> Result<NaiveDate, String> {
        let date = match self.months_before {
            Some(day) => {
                let months: u32 = text
                    .parse()
                    .map_err(|_| format!("`{text}` is not a number of months"))?;
                day - Months::new(months)
            }
            None if self.date_format.is_empty() => text.parse().map_err(|_| {
                format!(
                    "`{text}` is not a date; write YYYY-MM-DD, or set date_format in the mapping"
                )
            })?,
            None => self.formatted(text, "date")?.date(),
        };
        Ok(self.not_before.map_or(date, |earliest| date.max(earliest)))
    }

    fn time(&self, text: &str) -> Result<String, String> {
        if !self.date_format.is_empty() {
            let time = self.formatted(text, "time")?;
            return Ok(time.and_utc().to_rfc3339());
        }
        DateTime::parse_from_rfc3339(text).map(|_| text.to_owned()).map_err(|_| {
            format!("`{text}` is not a time; write RFC 3339 such as 2025-09-30T14:05:00Z, or set date_format")
        })
    }

    /// A time or day of one of the forms; a day begins at midnight.
    fn formatted(&self, text: &str, what: &str) -> Result<NaiveDateTime, String> {
        let parse = |format: &String| {
            if format == "rfc3339" {
                let time = DateTime::parse_from_rfc3339(text);
                return time.ok().map(|time| time.naive_utc());
            }
            NaiveDateTime::parse_from_str(text, format)
                .or_else(|_| {
                    NaiveDate::parse_from_str(text, format)
                        .map(|date| date.and_time(chrono::NaiveTime::MIN))
                })
                .ok()
        };
        self.date_format.iter().find_map(parse).ok_or_else(|| {
            let forms = self.date_format.join(" or ");
            format!("`{text}` is not a {what} of the form {forms}")
        })
    }

    fn integer(&self, text: &str) -> Result<i64, String> {
        let number: i64 = text
            .strip_suffix(".0")
            .unwrap_or(text)
            .parse()
            .map_err(|_| format!("`{text}` is not a whole number"))?;
        number
            .checked_mul(self.times.unwrap_or(1))
            .ok_or_else(|| format!("`{text}` is too large"))
    }
}

fn flag(text: &str) -> Result<Value, String> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" | "1" => Ok(true.into()),
        "no" | "false" | "0" => Ok(false.into()),
        _ => Err(format!("`{text}` is not yes or no")),
    }
}
