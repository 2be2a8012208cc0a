//! Figures and facts of a run in the memo's words.

use keepworth_contract::finance::Grade;
use keepworth_contract::simulator::{Estimate, Level, NoLevel, Sampling, Statistics};
use keepworth_verdict::number::{self, percent, places};
use keepworth_verdict::words::within_error;

use crate::Contents;

impl Contents<'_> {
    /// An amount without the digits that its error makes meaningless.
    pub(crate) fn money(&self, amount: f64, error: f64) -> String {
        let amount = within_error(amount, error);
        self.unbroken(&self.round_money(amount))
    }

    /// An amount as it is; nothing has no unit.
    pub(crate) fn round_money(&self, amount: f64) -> String {
        match amount {
            0.0 => format!("{} 0", self.case.currency),
            _ => self.unit.money(amount, &self.case.currency),
        }
    }

    /// A text in which no line ends between a currency and its amount.
    pub(crate) fn unbroken(&self, text: &str) -> String {
        let currency = &self.case.currency;
        text.replace(&format!("{currency} "), &format!("{currency}\u{a0}"))
    }

    /// An estimate with its error.
    pub(crate) fn estimate(&self, it: Estimate) -> String {
        let error = number::error(it.mc_error);
        format!("{} (±\u{a0}{error})", self.money(it.value, it.mc_error))
    }

    /// Months that are simulated.
    pub(crate) fn horizon(&self) -> usize {
        let months = self.result.monthly.cumulative_discounted_flow.p50.len();
        months.saturating_sub(1)
    }
}

/// A month of payback, or why there is none.
pub(crate) fn payback(level: Level, horizon: usize) -> String {
    match level {
        Level::Number(month) => format!("month {:.0}", month.ceil()),
        Level::Word(NoLevel::NothingToPayBack) => "nothing to pay back".to_owned(),
        Level::Word(NoLevel::Never | NoLevel::None) => format!("not by month {horizon}"),
    }
}

/// A return in percent, without the digits that its error makes meaningless.
pub(crate) fn rate(level: Level, error: Option<f64>) -> String {
    match level {
        Level::Number(rate) => percent(within_error(rate, error.unwrap_or(0.0)), 0),
        Level::Word(_) => "none".to_owned(),
    }
}

/// A number of a percentile; of a word there is none.
pub(crate) fn number(level: Level) -> Option<f64> {
    match level {
        Level::Number(number) => Some(number),
        Level::Word(_) => None,
    }
}

/// Both ends of what 90 in 100 futures lie between.
pub(crate) fn ends(it: &Statistics) -> [Level; 2] {
    [it.p5, it.p95]
}

/// The error of a chance.
pub(crate) fn hundredths(share: f64) -> String {
    format!("{} in 100", places(100.0 * share, 1))
}

/// A grade of evidence.
pub(crate) fn grade(grade: Option<Grade>) -> &'static str {
    match grade {
        Some(Grade::A) => "A",
        Some(Grade::B) => "B",
        Some(Grade::C) => "C",
        Some(Grade::D) => "D",
        None => "\u{2013}",
    }
}

/// How futures were drawn.
pub(crate) fn sampling(sampling: Sampling) -> &'static str {
    match sampling {
        Sampling::Random => "independently",
        Sampling::LatinHypercube => "evenly over each input",
        Sampling::Sobol => "evenly over all inputs",
    }
}
