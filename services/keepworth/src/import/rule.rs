//! One field of a record: which text it is made from, and how that text becomes a value.

use std::collections::BTreeMap;

use anyhow::bail;
use chrono::{DateTime, Months, NaiveDate, NaiveDateTime};
use csv::StringRecord;
use keepworth_contract::{Money, Month};
use serde::Deserialize;
use serde_json::Value;

use super::kind::{Field, Form};

/// What a mapping file says of a field.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    /// Text with columns in braces, such as `{Contract} / {Internet Type}`.
    pub(super) from: String,
    /// Replaces whole values.
    #[serde(default)]
    values: BTreeMap<String, String>,
    /// Replaces what `values` does not list.
    otherwise: Option<String>,
    /// The text is a number of months before this day.
    months_before: Option<NaiveDate>,
    /// No day before this one.
    not_before: Option<NaiveDate>,
    /// The form of dates or times, as `strftime` has it.
    date_format: Option<String>,
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

/// A field made ready for a table.
pub(super) struct ReadyField {
    pub(super) field: &'static Field,
    pub(super) template: Template,
    pub(super) rule: Rule,
}

/// Literal texts and columns in turn.
pub(super) struct Template(pub(super) Vec<Part>);

pub(super) enum Part {
    Literal(String),
    Column(usize),
}

/// A row that cannot become a record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RowFault {
    pub(crate) code: String,
    pub(crate) detail: String,
}

impl ReadyField {
    /// The field's value in a row; `None` when its text is empty.
    pub(super) fn value(&self, row: &StringRecord) -> Result<Option<Value>, RowFault> {
        let text = self.template.fill(row);
        let text = self.replaced(text.trim());
        if text.is_empty() {
            return Ok(None);
        }
        self.convert(text).map(Some).map_err(|reason| RowFault {
            code: "malformed_value".to_owned(),
            detail: format!("{}: {reason}", self.field.name),
        })
    }

    fn replaced<'a>(&'a self, text: &'a str) -> &'a str {
        match self.rule.values.get(text) {
            Some(value) => value,
            None if self.rule.values.is_empty() => text,
            None => self.rule.otherwise.as_deref().unwrap_or(text),
        }
    }

    fn convert(&self, text: &str) -> Result<Value, String> {
        match self.field.form {
            Form::Text => Ok(text.into()),
            Form::Date => self.date(text).map(|date| date.to_string().into()),
            Form::Time => self.time(text).map(Value::from),
            Form::Month => text
                .parse::<Month>()
                .map(|it| it.to_string().into())
                .map_err(|e| e.to_string()),
            Form::Integer => self.integer(text).map(Value::from),
            Form::Money => money(text),
            Form::Flag => flag(text),
        }
    }

    fn date(&self, text: &str) -> Result<NaiveDate, String> {
        let date = match (self.rule.months_before, &self.rule.date_format) {
            (Some(day), _) => {
                let months: u32 = text
                    .parse()
                    .map_err(|_| format!("`{text}` is not a number of months"))?;
                day - Months::new(months)
            }
            (None, Some(format)) => NaiveDate::parse_from_str(text, format)
                .map_err(|_| format!("`{text}` is not a date of the form {format}"))?,
            (None, None) => text.parse().map_err(|_| {
                format!(
                    "`{text}` is not a date; write YYYY-MM-DD, or set date_format in the mapping"
                )
            })?,
        };
        Ok(self
            .rule
            .not_before
            .map_or(date, |earliest| date.max(earliest)))
    }

    fn time(&self, text: &str) -> Result<String, String> {
        if let Some(format) = &self.rule.date_format {
            return NaiveDateTime::parse_from_str(text, format)
                .or_else(|_| {
                    NaiveDate::parse_from_str(text, format)
                        .map(|date| date.and_time(chrono::NaiveTime::MIN))
                })
                .map(|time| time.and_utc().to_rfc3339())
                .map_err(|_| format!("`{text}` is not a time of the form {format}"));
        }
        DateTime::parse_from_rfc3339(text).map(|_| text.to_owned()).map_err(|_| {
            format!("`{text}` is not a time; write RFC 3339 such as 2025-09-30T14:05:00Z, or set date_format")
        })
    }

    fn integer(&self, text: &str) -> Result<i64, String> {
        let number: i64 = text
            .strip_suffix(".0")
            .unwrap_or(text)
            .parse()
            .map_err(|_| format!("`{text}` is not a whole number"))?;
        number
            .checked_mul(self.rule.times.unwrap_or(1))
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

fn money(text: &str) -> Result<Value, String> {
    let money: Money = text
        .parse()
        .map_err(|error: keepworth_contract::MoneyError| error.to_string())?;
    serde_json::to_value(money).map_err(|error| error.to_string())
}

impl Template {
    /// Reads a template; `column` finds a column by name.
    pub(super) fn parse(
        text: &str,
        column: &mut impl FnMut(&str) -> anyhow::Result<usize>,
    ) -> anyhow::Result<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else {
                bail!("`{text}` opens a brace and does not close it");
            };
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            parts.push(Part::Column(column(name)?));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// The text; empty when all its columns are, so that an empty cell leaves an optional field out.
    fn fill(&self, row: &StringRecord) -> String {
        let mut text = String::new();
        let (mut columns, mut filled) = (false, false);
        for part in &self.0 {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Column(index) => {
                    let cell = row.get(*index).unwrap_or_default().trim();
                    columns = true;
                    filled |= !cell.is_empty();
                    text.push_str(cell);
                }
            }
        }
        if columns && !filled {
            String::new()
        } else {
            text
        }
    }
}
