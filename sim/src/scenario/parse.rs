//! From the text of a scenario file to a scenario, and from the path of a key back to its line.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Problem, Scenario, ScenarioError};

impl Scenario {
    /// Reads a scenario from the text of its file.
    ///
    /// ```
    /// let error = keepworth_sim::Scenario::from_toml("name = \"x\"\nhorizon = 12").unwrap_err();
    /// assert_eq!(error.line, Some(2));
    /// assert!(error.to_string().contains("unknown field `horizon`"));
    /// ```
    ///
    /// # Errors
    /// The first fault found, with its line and the path of its key.
    pub fn from_toml(text: &str) -> Result<Self, ScenarioError> {
        let deserializer = toml::de::Deserializer::parse(text).map_err(|e| syntax(text, "", &e))?;
        let mut scenario: Self = serde_path_to_error::deserialize(deserializer)
            .map_err(|e| syntax(text, &e.path().to_string(), e.inner()))?;
        refuse_control(text)?;
        scenario.source = Some(text.to_owned());
        Ok(scenario)
    }

    /// Adds the line to an error of this scenario.
    #[must_use]
    pub fn located(&self, mut error: ScenarioError) -> ScenarioError {
        error.line = self
            .source
            .as_deref()
            .and_then(|text| find_line(text, &error.path));
        error
    }
}

fn syntax(text: &str, path: &str, error: &toml::de::Error) -> ScenarioError {
    ScenarioError {
        path: if path == "." {
            String::new()
        } else {
            path.to_owned()
        },
        line: error.span().map(|span| line_at(text, span.start)),
        problem: Problem::Syntax(error.message().to_owned()),
    }
}

/// Texts are printed: what could steer a terminal is refused, lines and tabs are not.
fn refuse_control(text: &str) -> Result<(), ScenarioError> {
    let Ok(root) = DeTable::parse(text) else {
        return Ok(());
    };
    let Some(span) = control_in_table(root.get_ref()) else {
        return Ok(());
    };
    Err(ScenarioError {
        path: String::new(),
        line: Some(line_at(text, span.start)),
        problem: Problem::Syntax("a text has control characters; remove them".to_owned()),
    })
}

fn control_in_table(table: &DeTable<'_>) -> Option<Range<usize>> {
    table.iter().find_map(|(key, value)| {
        let is_bad = has_control(key.get_ref());
        is_bad.then(|| key.span()).or_else(|| control_in(value))
    })
}

fn control_in(value: &Spanned<DeValue<'_>>) -> Option<Range<usize>> {
    match value.get_ref() {
        DeValue::String(text) if has_control(text) => Some(value.span()),
        DeValue::Array(items) => items.iter().find_map(control_in),
        DeValue::Table(table) => control_in_table(table),
        _ => None,
    }
}

fn has_control(text: &str) -> bool {
    text.chars()
        .any(|it| it.is_control() && !matches!(it, '\n' | '\r' | '\t'))
}

fn line_at(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())]
        .iter()
        .filter(|&&b| b == b'\n')
        .count()
        + 1
}

/// The line of the deepest part of `path` that the text has.
fn find_line(text: &str, path: &str) -> Option<usize> {
    let root = DeTable::parse(text).ok()?;
    let mut offset = None;
    let mut table = Some(root.get_ref());
    let mut value: Option<&DeValue<'_>> = None;
    for part in parts(path) {
        let found = match part {
            Part::Key(key) => {
                let holder = value.map_or(table, |v| v.as_table());
                holder.and_then(|t| t.iter().find(|(k, _)| k.get_ref() == key))
            }
            .map(|(k, v)| (k.span().start, v.get_ref())),
            Part::Index(i) => value
                .and_then(|v| v.as_array())
                .and_then(|a| a.get(i))
                .map(|v| (v.span().start, v.get_ref())),
        };
        let Some((start, next)) = found else { break };
        (offset, value, table) = (Some(start), Some(next), None);
    }
    offset.map(|offset| line_at(text, offset))
}

enum Part<'a> {
    Key(&'a str),
    Index(usize),
}

/// `a.b[2].c` as its parts; keys with dots in them are not split when written `["a.b"]`.
fn parts(path: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix("[\"") {
            let end = quoted.find("\"]").unwrap_or(quoted.len());
            parts.push(Part::Key(&quoted[..end]));
            rest = quoted.get(end + 2..).unwrap_or("");
        } else if let Some(index) = rest.strip_prefix('[') {
            let end = index.find(']').unwrap_or(index.len());
            parts.extend(index[..end].parse().ok().map(Part::Index));
            rest = index.get(end + 1..).unwrap_or("");
        } else {
            let rest_key = rest.strip_prefix('.').unwrap_or(rest);
            let end = rest_key.find(['.', '[']).unwrap_or(rest_key.len());
            if end > 0 {
                parts.push(Part::Key(&rest_key[..end]));
            }
            rest = &rest_key[end..];
        }
    }
    parts
}
