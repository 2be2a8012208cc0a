//! One field of a record: which text it is made from, and how that text becomes a value.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, Months, NaiveDate};
use csv::StringRecord;
use keepworth_contract::{Money, Month, Period};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::discount::{DiscountRule, InvoiceLine, ReadyDiscount, Stated};
use super::kind::{Field, Form};
use super::money::{self, Minor};
use super::template::Template;
use crate::Written;
use crate::date::{self, DateFormat, Zone, epoch_hint, plausible};
use crate::number::ambiguous;

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
    /// The form of dates or times, as `strftime` has it, or `rfc3339`, `epoch_seconds`, `epoch_millis`; the
    /// first that fits.
    #[serde(default, deserialize_with = "one_or_many")]
    date_format: Vec<DateFormat>,
    /// `from` begins a period that ends here: months are those it covers, a month is its last.
    pub(super) until: Option<String>,
    /// So many days after the day that is written, such as 1 where a period ends on its last day.
    #[serde(default)]
    days_later: u64,
    /// Money is written in its minor unit: 1999 is 19.99 EUR, or 1999 JPY.
    minor_units: Option<Minor>,
    /// What is not part of the money, written like it, such as the taxes in it.
    pub(super) less: Option<String>,
    /// What the row's invoice takes off the money of all its rows.
    pub(super) discount: Option<DiscountRule>,
    /// Money without its sign.
    #[serde(default)]
    magnitude: bool,
    /// Multiplies whole numbers, such as 60 for minutes that become seconds.
    times: Option<i64>,
}

impl Rule {
    /// A rule that takes a template's text as it is.
    pub(crate) fn of_template(from: String) -> Self {
        Self {
            from,
            ..Self::default()
        }
    }
}

fn one_or_many<'de, D>(deserializer: D) -> Result<Vec<DateFormat>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    let texts = Vec::from(OneOrMany::deserialize(deserializer)?);
    Ok(texts.into_iter().map(DateFormat::from).collect())
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

/// How the texts of a file become values.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    pub(super) written: Written,
    /// Whose days and clocks are meant.
    pub(super) zone: Zone,
}

/// A rule and its templates, tied to columns.
pub(super) struct ReadyRule {
    pub(super) rule: Rule,
    pub(super) reading: Reading,
    pub(super) from: Template,
    pub(super) until: Option<Template>,
    pub(super) less: Option<Template>,
    pub(super) discount: Option<ReadyDiscount>,
}

/// A row that cannot become a record.
#[derive(Debug, PartialEq, Eq)]
pub struct RowFault {
    /// Names what is wrong, for machines.
    pub code: String,
    /// What is wrong, and the fix.
    pub detail: String,
}

impl ReadyField {
    /// Whether it is taken as it is written, and not made of a period.
    pub(crate) fn is_plain(&self) -> bool {
        self.rules.iter().all(|ready| ready.until.is_none())
    }

    /// The field's value in a row, `off` less where it is money with a discount; `None` when the texts
    /// of all its rules are empty.
    pub(crate) fn value(
        &self,
        row: &StringRecord,
        off: Decimal,
    ) -> Result<Option<Value>, RowFault> {
        for ready in &self.rules {
            let text = ready.from.fill(row, &ready.reading.written);
            let text = ready.rule.replaced(text.trim());
            if text.is_empty() {
                continue;
            }
            let value = if self.field.name.ends_with("external_id") && is_shortened(text) {
                Err(format!(
                    "`{text}` is what a spreadsheet makes of a long number: the id's last digits are lost; \
                     export the file again and open it with that column as text"
                ))
            } else {
                ready.convert(self.field.form, text, row, off)
            };
            return value.map(Some).map_err(|reason| RowFault {
                code: "malformed_value".to_owned(),
                detail: format!("{}: {reason}", self.field.name),
            });
        }
        Ok(None)
    }
}

impl ReadyRule {
    fn convert(
        &self,
        form: Form,
        text: &str,
        row: &StringRecord,
        off: Decimal,
    ) -> Result<Value, String> {
        match form {
            Form::Text => Ok(text.into()),
            Form::Date => self.date(text).map(|date| {
                let date = date + Days::new(self.rule.days_later);
                date.to_string().into()
            }),
            Form::Time => self.time(text).map(Value::from),
            Form::Month => self.month(text, row).map(|it| it.to_string().into()),
            Form::Integer => match self.months(text, row)? {
                Some(months) => Ok(months.into()),
                None => self.integer(text).map(Value::from),
            },
            Form::Money => {
                let mut money = self.money(text, row)?;
                if self.discount.is_some() {
                    money.amount -= off;
                }
                money::value(money, self.rule.magnitude)
            }
            Form::Flag => flag(text),
        }
    }

    /// How its amounts are written.
    fn form(&self) -> money::Form<'_> {
        (
            self.rule.minor_units.as_ref(),
            self.reading.written.numbers(),
        )
    }

    /// The money in a row, with its sign.
    fn money(&self, text: &str, row: &StringRecord) -> Result<Money, String> {
        let written = &self.reading.written;
        let less = self.less.as_ref().map(|less| less.fill(row, written));
        money::read(text, less.as_deref(), self.form())
    }

    /// What a row says of its invoice's discount; `None` where nothing is said or can be read.
    pub(crate) fn invoice_line(
        &self,
        row: &StringRecord,
        line: u64,
    ) -> Option<(Stated, InvoiceLine)> {
        let discount = self.discount.as_ref()?;
        let text = |template: &Template| template.fill(row, &self.reading.written);
        let mine = self.money(text(&self.from).trim(), row).ok()?;
        let read = |text: &str| money::decimal(text, mine.currency, self.form()).ok();
        let (total, amount) = (text(&discount.total), text(&discount.amount));
        let stated = if total.is_empty() {
            Stated::Amount(read(&amount)?)
        } else {
            let less = text(&discount.less);
            let less = if less.is_empty() {
                Some(Decimal::ZERO)
            } else {
                read(&less)
            };
            Stated::Total(read(&total)? - less?)
        };
        let line = InvoiceLine {
            line,
            amount: mine.amount,
            is_discountable: !text(&discount.on).eq_ignore_ascii_case("false"),
        };
        Some((stated, line))
    }

    /// A month as it is written, that of a day, or the last one of a period.
    fn month(&self, text: &str, row: &StringRecord) -> Result<Month, String> {
        if self.until.is_none() && self.rule.date_format.is_empty() {
            return text
                .parse()
                .map_err(|error: keepworth_contract::MonthError| error.to_string());
        }
        let first = Month::of(self.date(text)?);
        let months = self.months(text, row)?.unwrap_or(1);
        Ok(first.plus(months - 1))
    }

    /// The months that the period covers, when there is one.
    fn months(&self, text: &str, row: &StringRecord) -> Result<Option<i32>, String> {
        let Some(until) = &self.until else {
            return Ok(None);
        };
        let until = until.fill(row, &self.reading.written);
        let (start, end) = (self.date(text)?, self.date(until.trim())?);
        let period = Period::new(start, end).map_err(|error| error.to_string())?;
        Ok(Some(period.nearest_months()))
    }

    fn date(&self, text: &str) -> Result<NaiveDate, String> {
        let rule = &self.rule;
        let date = match rule.months_before {
            Some(day) => {
                let months: u32 = text
                    .parse()
                    .map_err(|_| format!("`{text}` is not a number of months"))?;
                day.checked_sub_months(Months::new(months)).ok_or_else(|| {
                    format!("`{text}` months before {day} are before all calendars")
                })?
            }
            None if rule.date_format.is_empty() => {
                let date = text.parse().map_err(|_| {
                    let hint = epoch_hint(text).unwrap_or_default();
                    format!(
                        "`{text}` is not a date; write YYYY-MM-DD, or set date_format in the mapping{hint}"
                    )
                })?;
                plausible(text, date)?
            }
            None => date::day(text, &rule.date_format, self.reading.zone)?,
        };
        Ok(rule.not_before.map_or(date, |earliest| date.max(earliest)))
    }

    fn time(&self, text: &str) -> Result<String, String> {
        let formats = &self.rule.date_format;
        if !formats.is_empty() {
            let moment = date::moment(text, formats, self.reading.zone)?;
            return Ok(moment.to_rfc3339());
        }
        DateTime::parse_from_rfc3339(text).map(|_| text.to_owned()).map_err(|_| {
            format!("`{text}` is not a time; write RFC 3339 such as 2025-09-30T14:05:00Z, or set date_format")
        })
    }

    fn integer(&self, text: &str) -> Result<i64, String> {
        let format = self.reading.written.numbers();
        if let Some(why) = ambiguous(format, text, 0) {
            return Err(why);
        }
        let plain = format.plain(text)?;
        let whole = match plain.split_once('.') {
            Some((whole, zeros)) if zeros.bytes().all(|it| it == b'0') => whole,
            _ => &plain,
        };
        let number: i64 = whole
            .parse()
            .map_err(|_| format!("`{text}` is not a whole number"))?;
        number
            .checked_mul(self.rule.times.unwrap_or(1))
            .ok_or_else(|| format!("`{text}` is too large"))
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
}

/// A number as spreadsheets shorten it, such as 1.23457E+11.
fn is_shortened(text: &str) -> bool {
    let Some((digits, power)) = text.split_once("E+") else {
        return false;
    };
    let is_number = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
    let (first, rest) = digits.split_once(['.', ',']).unwrap_or((digits, "0"));
    first.len() == 1 && [first, rest, power].into_iter().all(is_number)
}

fn flag(text: &str) -> Result<Value, String> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" | "1" => Ok(true.into()),
        "no" | "false" | "0" => Ok(false.into()),
        _ => Err(format!("`{text}` is not yes or no")),
    }
}
