//! Texts with columns in braces, such as `{Contract} / {Internet Type}`.

use csv::StringRecord;

use crate::Refusal;
use crate::Written;
use crate::number::NumberFormat;
use crate::refusal::refuse;

/// Literal texts and columns in turn.
pub(super) struct Template(Vec<Part>);

enum Part {
    Literal(String),
    /// A cell.
    Column(usize),
    /// `+`, `-` or `0`: the sign of the number in a cell.
    SignOf(usize),
}

/// A column that a template names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ColumnName {
    pub(super) name: String,
    /// Whether the table may be without it; its text is then empty.
    pub(super) is_optional: bool,
}

impl Template {
    /// A text without columns.
    pub(super) fn literal(text: &str) -> Self {
        Self(vec![Part::Literal(text.to_owned())])
    }

    /// Whether it gives no text in any row.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads a template; `column` finds a column by name, `None` when it may be missing and is.
    pub(super) fn parse(
        text: &str,
        column: &mut impl FnMut(&ColumnName) -> Result<Option<usize>, Refusal>,
    ) -> Result<Self, Refusal> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else {
                refuse!("`{text}` opens a brace and does not close it");
            };
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            let (name, part): (_, fn(usize) -> Part) = match name.strip_prefix("sign of ") {
                Some(name) => (name, Part::SignOf),
                None => (name, Part::Column),
            };
            let name = match name.strip_suffix('?') {
                Some(name) => ColumnName {
                    name: name.to_owned(),
                    is_optional: true,
                },
                None => ColumnName {
                    name: name.to_owned(),
                    is_optional: false,
                },
            };
            parts.extend(column(&name)?.map(part));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// The text; empty when all its columns are, so that an empty cell leaves an optional field
    /// out.
    pub(super) fn fill(&self, row: &StringRecord, written: &Written) -> String {
        let text_of = |index: &usize| written.cell(row.get(*index).unwrap_or_default());
        let mut text = String::new();
        let (mut columns, mut filled) = (false, false);
        for part in &self.0 {
            let cell = match part {
                Part::Literal(literal) => {
                    text.push_str(literal);
                    continue;
                }
                Part::Column(index) => text_of(index),
                Part::SignOf(index) => sign(&written.numbers(), text_of(index)),
            };
            columns = true;
            filled |= !cell.is_empty();
            text.push_str(cell);
        }
        if columns && !filled {
            String::new()
        } else {
            text
        }
    }
}

/// The sign of a number as its file writes it; none of a text that is no number.
fn sign(format: &NumberFormat, text: &str) -> &'static str {
    let Ok(number) = format.plain(text) else {
        return "";
    };
    let is_zero = !number.contains(|it: char| ('1'..='9').contains(&it));
    match (is_zero, number.starts_with('-')) {
        (true, _) => "0",
        (false, true) => "-",
        (false, false) => "+",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(text: &str, cells: [&str; 2]) -> String {
        let mut column = |it: &ColumnName| match it.name.as_str() {
            "a" => Ok(Some(0)),
            "b" => Ok(Some(1)),
            _ if it.is_optional => Ok(None),
            name => refuse!("no column {name}"),
        };
        let template = Template::parse(text, &mut column).unwrap();
        template.fill(&cells.iter().collect(), &Written::default())
    }

    #[test]
    fn templates_are_filled() {
        assert_eq!(fill("{a} / {b}", ["x", " y "]), "x / y");
        assert_eq!(fill("{a} EUR", ["", "y"]), "", "no cell, no text");
        assert_eq!(fill("{missing?}{b}", ["x", "y"]), "y");
        assert_eq!(fill("fixed", ["", ""]), "fixed");
    }

    #[test]
    fn the_sign_of_a_number_is_a_text() {
        let sign = |number| fill("{sign of a}", [number, ""]);
        let numbers = ["12.50", "-0.01", "0", "-0.00", ""];
        assert_eq!(numbers.map(sign), ["+", "-", "0", "0", ""]);
        assert_eq!(sign("(12.50)"), "-", "as accountants write it");
        assert_eq!(sign("\u{2212}3"), "-");
    }
}
