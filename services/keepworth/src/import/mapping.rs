//! Mapping files: how a row becomes a record.

use std::collections::BTreeMap;

use anyhow::{Context, bail, ensure};
use chrono::{DateTime, Months, NaiveDate, NaiveDateTime};
use csv::StringRecord;
use keepworth_contract::{Money, Month};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::kind::{Field, Form, Kind};

/// A mapping file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MappingFile {
    /// The system that the rows come from; each record's `source`.
    source: String,
    /// Delimiter: `auto`, `tab` or a character.
    #[serde(default = "auto")]
    pub(crate) delimiter: String,
    /// Encoding: a label of the WHATWG Encoding Standard.
    #[serde(default = "utf8")]
    pub(crate) encoding: String,
    /// Register segments that are not known yet.
    #[serde(default)]
    pub(crate) create_segments: bool,
    /// Only rows in which these columns have one of these values.
    #[serde(default, rename = "where")]
    filter: BTreeMap<String, OneOrMany>,
    /// The record's fields.
    fields: BTreeMap<String, FieldRule>,
}

fn auto() -> String {
    "auto".to_owned()
}

fn utf8() -> String {
    "utf-8".to_owned()
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// A field: a template, or a template and what to do with its text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum FieldRule {
    Template(String),
    Rule(Box<Rule>),
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    /// Text with columns in braces, such as `{Contract} / {Internet Type}`.
    from: String,
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

/// A mapping made ready for one table.
pub(crate) struct Mapping {
    filter: Vec<(usize, Vec<String>)>,
    fields: Vec<ReadyField>,
    columns: usize,
    /// Columns that no field uses.
    pub(crate) unused_columns: Vec<String>,
}

struct ReadyField {
    field: &'static Field,
    template: Template,
    rule: Rule,
}

/// Literal texts and columns in turn.
struct Template(Vec<Part>);

enum Part {
    Literal(String),
    Column(usize),
}

/// A row that cannot become a record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RowFault {
    pub(crate) code: String,
    pub(crate) detail: String,
}

impl MappingFile {
    /// Reads a mapping file.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        Ok(toml::from_str(text)?)
    }

    /// Ties the mapping to a kind of record and a table's columns.
    pub(crate) fn prepare(self, kind: &Kind, header: &StringRecord) -> anyhow::Result<Mapping> {
        let mut used = vec![false; header.len()];
        let mut column = |name: &str| -> anyhow::Result<usize> {
            let index = header
                .iter()
                .position(|it| it.eq_ignore_ascii_case(name))
                .with_context(|| {
                    let columns = header.iter().collect::<Vec<_>>().join(", ");
                    format!("the file has no column `{name}`; its columns are: {columns}")
                })?;
            used[index] = true;
            Ok(index)
        };
        let mut fields = Vec::new();
        for (name, rule) in self.fields {
            let field = kind.field(&name).with_context(|| {
                let known = kind
                    .fields
                    .iter()
                    .map(|field| field.name)
                    .collect::<Vec<_>>()
                    .join(", ");
                format!(
                    "{} have no field `{name}`; their fields are: {known}",
                    kind.name
                )
            })?;
            let rule = match rule {
                FieldRule::Template(from) => Rule {
                    from,
                    ..Rule::default()
                },
                FieldRule::Rule(rule) => *rule,
            };
            let template = Template::parse(&rule.from, &mut column)
                .with_context(|| format!("field `{name}`"))?;
            fields.push(ReadyField {
                field,
                template,
                rule,
            });
        }
        if let Some(source) = kind
            .field("source")
            .filter(|_| !fields.iter().any(|it| it.field.name == "source"))
        {
            let rule = Rule::default();
            fields.push(ReadyField {
                field: source,
                template: Template(vec![Part::Literal(self.source)]),
                rule,
            });
        }
        for field in kind.fields.iter().filter(|field| field.required) {
            ensure!(
                fields.iter().any(|it| it.field.name == field.name),
                "[fields] says nothing of `{}`, which every record of {} needs",
                field.name,
                kind.name
            );
        }
        let mut filter = Vec::new();
        for (name, values) in self.filter {
            let values = match values {
                OneOrMany::One(value) => vec![value],
                OneOrMany::Many(values) => values,
            };
            filter.push((column(&name).context("[where]")?, values));
        }
        let unused_columns = header
            .iter()
            .zip(&used)
            .filter(|(_, used)| !**used)
            .map(|(name, _)| name.to_owned())
            .collect();
        Ok(Mapping {
            filter,
            fields,
            columns: header.len(),
            unused_columns,
        })
    }
}

impl Mapping {
    /// How many columns a whole row has.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// Whether the row is wanted at all.
    pub(crate) fn wants(&self, row: &StringRecord) -> bool {
        self.filter.iter().all(|(column, values)| {
            row.get(*column)
                .is_some_and(|cell| values.iter().any(|value| value == cell.trim()))
        })
    }

    /// The row's record.
    pub(crate) fn record(&self, row: &StringRecord) -> Result<Map<String, Value>, RowFault> {
        let mut record = Map::with_capacity(self.fields.len());
        for ready in &self.fields {
            match ready.value(row)? {
                Some(value) => {
                    record.insert(ready.field.name.to_owned(), value);
                }
                None if ready.field.required => {
                    return Err(RowFault {
                        code: "missing".to_owned(),
                        detail: format!("{} is empty; every record needs one", ready.field.name),
                    });
                }
                None => {}
            }
        }
        Ok(record)
    }
}

impl ReadyField {
    fn value(&self, row: &StringRecord) -> Result<Option<Value>, RowFault> {
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
    fn parse(
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

#[cfg(test)]
mod tests {
    use super::*;

    const MAPPING: &str = r#"
        source = "crm"
        [where]
        Status = ["Active", "Gone"]
        [fields]
        external_id = "{Id}"
        segment = "{Plan} / {Region}"
        acquired_on = { from = "{Tenure}", months_before = "2025-10-01" }
        observed_from = { from = "{Tenure}", months_before = "2025-10-01", not_before = "2025-07-01" }
        left_on = { from = "{Left}", date_format = "%d.%m.%Y" }
        leaving_cause = { from = "{Why}", values = { "too dear" = "PRICE", "" = "" }, otherwise = "OTHER" }
    "#;
    const HEADER: [&str; 8] = [
        "Id", "Plan", "Region", "Tenure", "Left", "Why", "Status", "Age",
    ];

    fn mapping(text: &str) -> anyhow::Result<Mapping> {
        let kind = Kind::find("customers").unwrap();
        MappingFile::parse(text)?.prepare(kind, &HEADER.iter().collect())
    }

    fn record(cells: [&str; 8]) -> Result<Value, RowFault> {
        mapping(MAPPING)
            .unwrap()
            .record(&cells.iter().collect())
            .map(Value::Object)
    }

    #[test]
    fn a_row_becomes_a_record() {
        let record = record([
            "7",
            "pro",
            "north",
            "30",
            "05.08.2025",
            "too dear",
            "Gone",
            "41",
        ])
        .unwrap();
        assert_eq!(
            record,
            serde_json::json!({
                "source": "crm", "external_id": "7", "segment": "pro / north",
                "acquired_on": "2023-04-01", "observed_from": "2025-07-01",
                "left_on": "2025-08-05", "leaving_cause": "PRICE",
            })
        );
        assert_eq!(mapping(MAPPING).unwrap().unused_columns, ["Age"]);
    }

    #[test]
    fn empty_optional_cells_are_left_out() {
        let record = record(["7", "pro", "north", "1", "", "", "Active", ""]).unwrap();
        assert_eq!(record["observed_from"], "2025-09-01");
        assert!(record.get("left_on").is_none() && record.get("leaving_cause").is_none());
    }

    #[test]
    fn a_bad_cell_names_field_value_and_fix() {
        let fault = record(["7", "pro", "north", "many", "", "", "Active", ""]).unwrap_err();
        assert_eq!(fault.code, "malformed_value");
        assert!(
            fault.detail.contains("acquired_on") && fault.detail.contains("many"),
            "{}",
            fault.detail
        );
        assert_eq!(
            record(["", "pro", "north", "1", "", "", "", ""])
                .unwrap_err()
                .code,
            "missing"
        );
    }

    #[test]
    fn a_bad_mapping_is_refused_before_any_row() {
        for (from, to, needle) in [
            ("{Id}", "{Nr}", "no column `Nr`"),
            ("external_id", "extern_id", "no field `extern_id`"),
            (
                "acquired_on =",
                "acquisition_channel =",
                "says nothing of `acquired_on`",
            ),
            ("{Region}", "{Region", "does not close"),
            ("Status =", "State =", "no column `State`"),
            ("source =", "sauce =", "sauce"),
        ] {
            let error = mapping(&MAPPING.replacen(from, to, 1))
                .err()
                .map(|it| format!("{it:#}"));
            assert!(
                error.as_ref().is_some_and(|it| it.contains(needle)),
                "{needle}: {error:?}"
            );
        }
    }
}
