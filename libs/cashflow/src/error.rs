//! Why an input was refused.

use chrono::NaiveDate;

/// An input outside the domain of the formula it was given to.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A number outside its range, or not a number at all.
    #[error("{name} is {value}; it must be {rule}")]
    OutOfRange {
        /// The argument.
        name: &'static str,
        /// What it was.
        value: f64,
        /// What it must be.
        rule: &'static str,
    },
    /// A series without a single flow.
    #[error("{0} is empty; give at least one value")]
    Empty(&'static str),
    /// Two series that must run over the same periods do not.
    #[error("{name} has {found} values where {expected} are needed; give one for each period")]
    Length {
        /// The series.
        name: &'static str,
        /// How many values it has.
        found: usize,
        /// How many it needs.
        expected: usize,
    },
    /// A dated flow earlier than the one before it.
    #[error("{on} comes after {previous} in the list but before it in time; sort by date")]
    DateOrder {
        /// The date out of order.
        on: NaiveDate,
        /// The date before it in the list.
        previous: NaiveDate,
    },
    /// A line of a TEI table has another number of year columns than the first line.
    #[error(
        "line {line:?} has {found} years where the first line has {expected}; give every line the same years"
    )]
    Years {
        /// The line's name.
        line: String,
        /// How many years it has.
        found: usize,
        /// How many the first line has.
        expected: usize,
    },
}

/// `value`, if `holds`; else the error that names it and the rule.
pub(crate) fn checked(
    name: &'static str,
    value: f64,
    holds: bool,
    rule: &'static str,
) -> Result<f64, Error> {
    if holds && value.is_finite() {
        Ok(value)
    } else {
        Err(Error::OutOfRange { name, value, rule })
    }
}

/// The first value of `values` that is not finite, as an error.
pub(crate) fn all_finite(name: &'static str, values: &[f64]) -> Result<(), Error> {
    for &value in values {
        checked(name, value, true, "finite")?;
    }
    Ok(())
}
