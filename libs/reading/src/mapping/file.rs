//! Mapping files: how a row becomes a record.

use std::collections::{BTreeMap, BTreeSet};

use csv::StringRecord;
use serde::Deserialize;

use super::discount::DiscountRule;
use super::join::{JoinRule, Joined, has_column};
use super::rule::{OneOrMany, Rule};
use super::template::{ColumnName, Template};
use super::told::TellRule;
use crate::Refusal;
use crate::Written;
use crate::date::Zone;
use crate::number::NumberFormat;
use crate::table::Table;

/// A mapping file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappingFile {
    /// The system that the rows come from; each record's `source`.
    pub(super) source: String,
    /// What the rows are, when the command does not say it.
    pub kind: Option<String>,
    /// Delimiter: `auto`, `tab` or a character.
    #[serde(default = "auto")]
    delimiter: String,
    /// Encoding: a label of the WHATWG Encoding Standard.
    #[serde(default = "utf8")]
    encoding: String,
    /// A number as the file writes it, such as `1.234,56`; without it decimals follow a point and
    /// nothing marks thousands.
    number_format: Option<NumberFormat>,
    /// What cells hold where nothing is known, besides nothing at all, such as `NA`.
    #[serde(default)]
    missing: Vec<String>,
    /// Whose days and clocks are meant; UTC where nothing is said.
    #[serde(default)]
    pub(super) time_zone: Zone,
    /// Register segments that are not known yet.
    #[serde(default)]
    pub create_segments: bool,
    /// Another file that the rows belong to.
    pub join: Option<JoinRule>,
    /// Only rows in which these columns have one of these values.
    #[serde(default, rename = "where")]
    pub(super) filter: BTreeMap<String, OneOrMany>,
    /// What is told of some rows, and which of these are left out.
    #[serde(default)]
    pub(super) tell: Vec<TellRule>,
    /// The record's fields.
    pub(super) fields: BTreeMap<String, FieldRule>,
}

fn auto() -> String {
    "auto".to_owned()
}

fn utf8() -> String {
    "utf-8".to_owned()
}

/// A field: a template, a template and what to do with its text, or several of which the first
/// that gives a text counts.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum FieldRule {
    Template(String),
    Rule(Box<Rule>),
    FirstOf(Vec<Self>),
}

impl FieldRule {
    pub(super) fn rules(self) -> Vec<Rule> {
        match self {
            Self::Template(from) => vec![Rule::of_template(from)],
            Self::Rule(rule) => vec![*rule],
            Self::FirstOf(rules) => rules.into_iter().flat_map(Self::rules).collect(),
        }
    }

    fn templates(&self) -> Vec<&str> {
        match self {
            Self::Template(from) => vec![from],
            Self::Rule(rule) => {
                let more = [&rule.until, &rule.less].into_iter().flatten();
                let discount = rule.discount.iter().flat_map(DiscountRule::templates);
                std::iter::once(&rule.from)
                    .chain(more)
                    .map(String::as_str)
                    .chain(discount)
                    .collect()
            }
            Self::FirstOf(rules) => rules.iter().flat_map(Self::templates).collect(),
        }
    }
}

impl FieldRule {
    fn has_discount(&self) -> bool {
        match self {
            Self::Template(_) => false,
            Self::Rule(rule) => rule.discount.is_some(),
            Self::FirstOf(rules) => rules.iter().any(Self::has_discount),
        }
    }
}

impl MappingFile {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// What is no mapping, with its line.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        toml::from_str(text).map_err(|why| Refusal::new(why.to_string()))
    }

    /// Whether its rows may have to be read twice, as discounts are.
    pub fn may_have_discounts(&self) -> bool {
        self.fields.values().any(FieldRule::has_discount)
    }

    /// How its rows are written.
    pub fn written(&self) -> Written {
        Written {
            encoding: self.encoding.clone(),
            delimiter: self.delimiter.clone(),
            number_format: self.number_format,
            missing: self.missing.clone(),
        }
    }

    /// How the rows of the file that it joins are written.
    pub fn written_beside(&self) -> Written {
        Written {
            delimiter: auto(),
            ..self.written()
        }
    }

    /// Takes `source` for the system that knows the customers, where the mapping names none.
    pub fn set_customer_source(&mut self, source: &str) {
        let fields = &mut self.fields;
        let rule = || FieldRule::Template(source.to_owned());
        fields
            .entry("customer_source".to_owned())
            .or_insert_with(rule);
    }

    /// Every text with columns in it.
    fn templates(&self) -> impl Iterator<Item = &str> {
        let told = self.tell.iter().map(|rule| rule.from.as_str());
        let fields = self.fields.values().flat_map(FieldRule::templates);
        fields.chain(told)
    }

    /// The columns that it cannot do without, of its own file and of the one it joins.
    pub fn needed_columns(&self) -> BTreeSet<String> {
        let mut names: BTreeSet<String> = self.filter.keys().cloned().collect();
        names.extend(self.join.as_ref().map(|join| join.on.clone()));
        let mut note = |column: &ColumnName| {
            if !column.is_optional {
                names.insert(column.name.clone());
            }
            Ok(None)
        };
        for text in self.templates() {
            // What cannot be read is reported when the mapping is made ready.
            let _ = Template::parse(text, &mut note);
        }
        names
    }

    /// Whether a column is one of the file that is joined.
    pub fn is_joined(&self, column: &str) -> bool {
        self.join.as_ref().is_some_and(|join| {
            let rest = column.strip_prefix(join.name.as_str());
            rest.is_some_and(|rest| rest.starts_with('.'))
        })
    }

    /// Reads the file that the rows belong to.
    ///
    /// # Errors
    /// A file without the columns, or with two rows of one key.
    pub fn read_join(&self, rule: &JoinRule, table: Table) -> Result<Joined, Refusal> {
        let used = self.used_columns();
        Joined::read(rule, table, |name| {
            let name: StringRecord = [name].as_slice().into();
            used.iter().any(|used| has_column(&name, used))
        })
    }

    /// Every column that it names, whether it needs it or not.
    fn used_columns(&self) -> BTreeSet<String> {
        let mut names: BTreeSet<String> = self.filter.keys().cloned().collect();
        let mut note = |column: &ColumnName| {
            names.insert(column.name.clone());
            Ok(None)
        };
        for text in self.templates() {
            let _ = Template::parse(text, &mut note);
        }
        names
    }
}
