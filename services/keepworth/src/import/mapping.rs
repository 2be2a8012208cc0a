//! Mapping files: how a row becomes a record.

use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use csv::StringRecord;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::kind::Kind;
use super::rule::{Part, ReadyField, RowFault, Rule, Template};

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

/// A mapping made ready for one table.
pub(crate) struct Mapping {
    filter: Vec<(usize, Vec<String>)>,
    fields: Vec<ReadyField>,
    columns: usize,
    /// Columns that no field uses.
    pub(crate) unused_columns: Vec<String>,
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
                FieldRule::Template(from) => Rule::of_template(from),
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
