//! How results look: tables for people, JSON for programs.

use clap::ValueEnum;
use comfy_table::{CellAlignment, Table, TableComponent, presets};

/// The form of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs; its shape is documented and stable.
    Json,
}

/// A table with a header, numbers to the right.
pub(crate) fn table<'a>(header: impl IntoIterator<Item = &'a str>) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::UTF8_HORIZONTAL_ONLY)
        .remove_style(TableComponent::HorizontalLines)
        .remove_style(TableComponent::MiddleIntersections)
        .set_header(header);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// Prints a value as JSON.
pub(crate) fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// A whole number with thousands apart, such as `1 234 567`.
pub(crate) fn whole(number: f64) -> String {
    let rounded = number.round();
    // Minus zero is zero.
    grouped(&decimals(rounded + 0.0, 0))
}

/// From here on a float no longer holds every unit, and digits tell nothing.
const BEYOND_UNITS: f64 = 1e15;

/// A number with so many decimals; from 10¹⁵ on five digits and the power of ten.
pub(crate) fn decimals(number: f64, places: usize) -> String {
    if number.abs() < BEYOND_UNITS {
        format!("{number:.places$}")
    } else {
        format!("{number:.4e}")
    }
}

/// A decimal number's text with thousands apart and a real minus, such as `−1 234.50`.
pub(crate) fn grouped(number: &str) -> String {
    let (minus, size) = match number.strip_prefix('-') {
        Some(size) => ("\u{2212}", size),
        None => ("", number),
    };
    let (digits, fraction) = match size.find('.') {
        Some(point) => size.split_at(point),
        None => (size, ""),
    };
    let mut text = String::from(minus);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_that_tell_nothing_are_not_shown() {
        assert_eq!(decimals(1_234.5, 2), "1234.50");
        assert_eq!(decimals(999e12, 3), "999000000000000.000");
        assert_eq!(decimals(-1e79, 3), "-1.0000e79");
        assert_eq!(whole(3e20), "3.0000e20");
        assert_eq!(whole(-1_234_567.0), "\u{2212}1\u{202f}234\u{202f}567");
    }
}
