//! Figures in words: money with its unit, chances as "27 in 100".

use keepworth_sim::Level;
pub(super) use keepworth_verdict::words::{chance, input_name, no_verdict, verdict, within_error};

use crate::present::Cell;

/// A month of payback, or why there is none.
pub(super) fn month(level: Level, horizon: usize) -> String {
    match level {
        Level::Number(month) => format!("month {:.0}", month.ceil()),
        Level::NothingToPayBack => "nothing to pay back".to_owned(),
        Level::Never | Level::None => format!("not by month {horizon}"),
    }
}

/// A level that is a number as `number` shows it, else the word for what it is.
pub(super) fn level_cell(level: Level, number: impl Fn(f64) -> Cell) -> Cell {
    match level.number() {
        Some(value) => number(value),
        None => level.word().map(str::to_owned).into(),
    }
}

/// A name of the wire in plain words.
pub(super) fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name.replace('_', " "),
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payback_that_never_comes_says_so() {
        assert_eq!(month(Level::Number(30.0), 36), "month 30");
        assert_eq!(month(Level::Never, 36), "not by month 36");
        assert_eq!(month(Level::NothingToPayBack, 36), "nothing to pay back");
    }
}
