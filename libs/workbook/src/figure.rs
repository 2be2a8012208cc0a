//! Figures that may be words.

use std::fmt;

use keepworth_contract::simulator::{Level, NoLevel, OutcomeName};

use crate::style::Look;

/// A number, or the word that stands for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Figure {
    /// A number.
    Number(f64),
    /// Why there is none.
    Word(&'static str),
}

/// A payback that is not within the horizon.
pub(crate) const NEVER: &str = "never";
/// A payback of flows that were never negative.
pub(crate) const NOTHING: &str = "nothing to pay back";
/// A rate of return that does not exist.
pub(crate) const NONE: &str = "none";
/// More rates of return than one.
pub(crate) const SEVERAL: &str = "several";

impl Figure {
    /// An outcome of one future, in which the engine writes a number for what is none; `several` where it found more
    /// than one rate of return.
    pub(crate) fn of(outcome: OutcomeName, value: f64, horizon: usize, several: bool) -> Self {
        match outcome {
            OutcomeName::PaybackMonth
            | OutcomeName::DiscountedPaybackMonth
            | OutcomeName::PaybackInterpolated
            | OutcomeName::DiscountedPaybackInterpolated => match value {
                0.0 => Self::Word(NOTHING),
                month if month > horizon as f64 => Self::Word(NEVER),
                month => Self::Number(month),
            },
            OutcomeName::IrrAnnual if several => Self::Word(SEVERAL),
            OutcomeName::IrrAnnual | OutcomeName::MirrAnnual if value <= -1.0 => Self::Word(NONE),
            _ => Self::Number(value),
        }
    }
}

impl From<Level> for Figure {
    fn from(level: Level) -> Self {
        match level {
            Level::Number(number) => Self::Number(number),
            Level::Word(NoLevel::Never) => Self::Word(NEVER),
            Level::Word(NoLevel::NothingToPayBack) => Self::Word(NOTHING),
            Level::Word(NoLevel::None) => Self::Word(NONE),
        }
    }
}

/// As a formula's result is written.
impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Word(word) => f.write_str(word),
        }
    }
}

/// What an outcome is called.
pub(crate) fn title(outcome: OutcomeName) -> &'static str {
    match outcome {
        OutcomeName::Npv => "NPV",
        OutcomeName::Roi => "ROI",
        OutcomeName::PaybackMonth => "Payback, month",
        OutcomeName::IrrAnnual => "IRR a year",
        OutcomeName::FinalCustomers => "Customers at the horizon",
        OutcomeName::AcquisitionToMaintenance => "Acquisition to maintenance",
        OutcomeName::DiscountedPaybackMonth => "Discounted payback, month",
        OutcomeName::PeakFunding => "Peak funding",
        OutcomeName::CustomersKept => "Customers kept",
        OutcomeName::PvCosts => "Present value of the cost",
        OutcomeName::MirrAnnual => "MIRR a year",
        OutcomeName::ProfitabilityIndex => "Profitability index",
        OutcomeName::TerminalValue => "Value beyond the horizon",
        OutcomeName::PaybackInterpolated => "Payback, interpolated",
        OutcomeName::DiscountedPaybackInterpolated => "Discounted payback, interpolated",
        OutcomeName::Clv => "CLV",
    }
}

/// How an outcome is shown.
pub(crate) fn look(outcome: OutcomeName) -> Look {
    match outcome {
        OutcomeName::Npv
        | OutcomeName::PeakFunding
        | OutcomeName::PvCosts
        | OutcomeName::TerminalValue => Look::Money,
        OutcomeName::Clv => Look::Cents,
        OutcomeName::Roi | OutcomeName::IrrAnnual | OutcomeName::MirrAnnual => Look::Percent,
        OutcomeName::PaybackMonth | OutcomeName::DiscountedPaybackMonth => Look::Whole,
        OutcomeName::FinalCustomers
        | OutcomeName::CustomersKept
        | OutcomeName::AcquisitionToMaintenance
        | OutcomeName::ProfitabilityIndex
        | OutcomeName::PaybackInterpolated
        | OutcomeName::DiscountedPaybackInterpolated => Look::Count,
    }
}
