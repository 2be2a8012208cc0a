//! A mapping tied to a table: rows become records.

use std::collections::BTreeSet;

use anyhow::{Context, ensure};
use csv::StringRecord;
use serde_json::{Map, Value};

use super::MappingFile;
use crate::import::join::{Joined, column, has_column};
use crate::import::kind::{Field, Kind};
use crate::import::rule::{Reading, ReadyField, ReadyRule, RowFault, Rule};
use crate::import::template::{ColumnName, Template};

/// A mapping made ready for one table.
pub(crate) struct Mapping {
    filter: Vec<(usize, Vec<String>)>,
    fields: Vec<ReadyField>,
    columns: usize,
    /// The column that names a row of the other file, and that file.
    join: Option<(usize, Joined)>,
    /// Columns that no field uses.
    pub(crate) unused_columns: Vec<String>,
}

/// A table's columns, and which of them are used.
struct Columns<'a> {
    header: &'a StringRecord,
    used: BTreeSet<usize>,
}

impl Columns<'_> {
    fn find(&mut self, column: &ColumnName) -> anyhow::Result<Option<usize>> {
        if column.is_optional && !has_column(self.header, &column.name) {
            return Ok(None);
        }
        self.need(&column.name).map(Some)
    }

    fn need(&mut self, name: &str) -> anyhow::Result<usize> {
        let index = column(self.header, name)?;
        self.used.insert(index);
        Ok(index)
    }

    fn template(&mut self, text: &str) -> anyhow::Result<Template> {
        Template::parse(text, &mut |name| self.find(name))
    }

    fn ready(&mut self, rule: Rule, reading: &Reading) -> anyhow::Result<ReadyRule> {
        Ok(ReadyRule {
            reading: reading.clone(),
            from: self.template(&rule.from)?,
            until: rule
                .until
                .as_deref()
                .map(|it| self.template(it))
                .transpose()?,
            less: rule
                .less
                .as_deref()
                .map(|it| self.template(it))
                .transpose()?,
            rule,
        })
    }
}

impl MappingFile {
    /// Ties the mapping to a kind of record, a table's columns and the file it joins.
    pub(crate) fn prepare(
        self,
        kind: &Kind,
        header: &StringRecord,
        joined: Option<Joined>,
    ) -> anyhow::Result<Mapping> {
        let whole = joined
            .as_ref()
            .map_or_else(|| header.clone(), |it| it.header(header));
        let mut columns = Columns {
            header: &whole,
            used: BTreeSet::new(),
        };
        let reading = Reading {
            written: self.written(),
            zone: self.time_zone,
        };
        let mut fields = Vec::new();
        for (name, rule) in self.fields {
            let field = known(kind, &name)?;
            let rules = rule
                .rules()
                .into_iter()
                .map(|rule| columns.ready(rule, &reading));
            let rules = rules.collect::<anyhow::Result<_>>();
            let rules = rules.with_context(|| format!("field `{name}`"))?;
            fields.push(ReadyField { field, rules });
        }
        add_source(kind, &mut fields, &self.source);
        check_complete(kind, &fields)?;
        let mut filter = Vec::new();
        for (name, values) in self.filter {
            filter.push((columns.need(&name).context("[where]")?, values.into()));
        }
        let join = match (self.join, joined) {
            (Some(rule), Some(joined)) => Some((columns.need(&rule.on).context("[join]")?, joined)),
            _ => None,
        };
        let unused = (0..header.len()).filter(|index| !columns.used.contains(index));
        Ok(Mapping {
            filter,
            fields,
            columns: header.len(),
            join,
            unused_columns: unused.map(|index| header[index].to_owned()).collect(),
        })
    }
}

fn known(kind: &Kind, name: &str) -> anyhow::Result<&'static Field> {
    kind.field(name).with_context(|| {
        let known: Vec<&str> = kind.fields.iter().map(|field| field.name).collect();
        format!(
            "{} have no field `{name}`; their fields are: {}",
            kind.name,
            known.join(", ")
        )
    })
}

fn add_source(kind: &Kind, fields: &mut Vec<ReadyField>, source: &str) {
    let is_there = fields.iter().any(|it| it.field.name == "source");
    if let Some(field) = kind.field("source").filter(|_| !is_there) {
        let rule = ReadyRule {
            rule: Rule::default(),
            reading: Reading::default(),
            from: Template::literal(source),
            until: None,
            less: None,
        };
        fields.push(ReadyField {
            field,
            rules: vec![rule],
        });
    }
}

fn check_complete(kind: &Kind, fields: &[ReadyField]) -> anyhow::Result<()> {
    for field in kind.fields.iter().filter(|field| field.required) {
        ensure!(
            fields.iter().any(|it| it.field.name == field.name),
            "[fields] says nothing of `{}`, which every record of {} needs",
            field.name,
            kind.name
        );
    }
    Ok(())
}

impl Mapping {
    /// How many columns a whole row has.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// The row's record; `None` when the row is not wanted at all.
    pub(crate) fn record(
        &self,
        row: &StringRecord,
    ) -> Result<Option<Map<String, Value>>, RowFault> {
        match &self.join {
            Some((on, joined)) => self.record_of(&joined.row(*on, row)?),
            None => self.record_of(row),
        }
    }

    fn record_of(&self, row: &StringRecord) -> Result<Option<Map<String, Value>>, RowFault> {
        let has = |(column, values): &(usize, Vec<String>)| {
            row.get(*column)
                .is_some_and(|cell| values.iter().any(|value| value == cell.trim()))
        };
        if !self.filter.iter().all(has) {
            return Ok(None);
        }
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
        Ok(Some(record))
    }
}
