//! What can be wrong with a scenario, and where.

use std::fmt;

/// A fault of a scenario: the place, the value and the fix.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub struct ScenarioError {
    /// Path of the key, such as `initiatives[0].effects[1].size`; empty for the whole file.
    pub path: String,
    /// Line of the scenario file, from 1, when it was read from text.
    pub line: Option<usize>,
    /// What is wrong.
    pub problem: Problem,
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{}", self.problem)
    }
}

/// What is wrong with a figure or a name.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Problem {
    /// Not TOML, an unknown key, or a value of the wrong type.
    #[error("{0}")]
    Syntax(String),
    /// A number outside its range.
    #[error("{value} is outside {low} to {high}; {fix}")]
    OutOfRange {
        /// The number.
        value: f64,
        /// Least value allowed.
        low: f64,
        /// Greatest value allowed.
        high: f64,
        /// What to write instead.
        fix: &'static str,
    },
    /// A distribution that cannot be.
    #[error("{0}")]
    Distribution(String),
    /// A name that nothing has.
    #[error("unknown {what} \"{name}\"; known: {}", known.join(", "))]
    Unknown {
        /// What was looked for.
        what: &'static str,
        /// The name.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A name used twice.
    #[error("{what} \"{name}\" is given twice; names must differ")]
    Duplicate {
        /// What was named.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A figure that neither the scenario nor a baseline gives.
    #[error("segment \"{segment}\" has no {field}; give it here, or run on a baseline that has it")]
    Missing {
        /// The segment.
        segment: String,
        /// The field.
        field: &'static str,
    },
    /// Two settings that exclude each other.
    #[error("{0}")]
    Conflict(String),
    /// A reference to what is not there, or is of something else.
    #[error("{0}")]
    Reference(String),
    /// A reference that nobody has put figures in place of.
    #[error(
        "the {what} \"{key}\" is in a library that the engine does not read; run the scenario where that library is \
         kept (POST /v1/runs), hand it over (`keepworth simulate --evidence FILE`), or write the figures here"
    )]
    Unresolved {
        /// What is referred to.
        what: &'static str,
        /// Its key.
        key: String,
    },
    /// Correlations that are no correlation matrix.
    #[error("{0}")]
    Correlation(String),
}

impl Problem {
    /// The problem at a path.
    pub(crate) fn at(self, path: impl Into<String>) -> ScenarioError {
        ScenarioError {
            path: path.into(),
            line: None,
            problem: self,
        }
    }

    /// Refuses a number that is not between `low` and `high`; NaN is not.
    pub(crate) fn unless_within(
        value: f64,
        low: f64,
        high: f64,
        fix: &'static str,
    ) -> Result<(), Self> {
        if (low..=high).contains(&value) {
            Ok(())
        } else {
            let short = short(value);
            let is_told = !(low..=high).contains(&short);
            Err(Self::OutOfRange {
                value: if is_told { short } else { value },
                low,
                high,
                fix,
            })
        }
    }
}

/// A number to twelve digits: the ends of an interval that was fitted have more, which nobody wrote.
fn short(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}
