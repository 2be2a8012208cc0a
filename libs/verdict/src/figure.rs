//! Makes figures: a value with its unit, interval, definition, sources and flags.

use keepworth_contract::simulator::FigureName;
use keepworth_contract::simulator::baseline::Figure;
use keepworth_contract::statistic::Interval;
use keepworth_contract::{Flag, FlagCode};

/// Counts of customers by tenure.
pub const COHORTS: &str = "customers/cohorts";
/// Customers, one by one.
pub const EPISODES: &str = "customers/episodes";
/// What customers lived through.
pub const EXPOSURES: &str = "experience/exposures";
/// What customers were charged.
pub const REVENUES: &str = "finance/revenues";
/// What customers without a contract bought, day by day.
pub const PURCHASES: &str = "finance/purchases";
/// What was spent, and what of it can be avoided.
pub const ECONOMICS: &str = "finance/economics";

/// A figure of `n` observations; amounts are in `currency`.
pub fn figure(name: FigureName, currency: &str, value: Option<f64>, n: u64) -> Figure {
    Figure {
        value: value.filter(|value| value.is_finite()),
        unit: name.unit(currency),
        n,
        interval: None,
        definition: name.definition(),
        sources: Vec::new(),
        rows: 0,
        quality_flags: Vec::new(),
    }
}

/// Whether a cost is a part of what nobody in particular was spent on.
pub fn is_shared(cost: &Figure) -> bool {
    let is_spread = |flag: &Flag| {
        matches!(
            flag.code,
            FlagCode::SharedCostSpreadByCustomerMonths
                | FlagCode::SharedCostSpreadByCustomersWon
                | FlagCode::SharedCostSpreadByContactMinutes
        )
    };
    cost.quality_flags.iter().any(is_spread)
}

/// What is added to a figure.
pub trait Basis: Sized {
    /// Rows of a feed that it was computed from.
    fn over(self, source: &str, rows: u64) -> Self;
    /// Its interval, kept only beside a value.
    fn within(self, interval: Option<Interval>) -> Self;
    /// What a reader must know, when it holds.
    fn flag_if(self, holds: bool, flag: Flag) -> Self;
}

impl Basis for Figure {
    fn over(mut self, source: &str, rows: u64) -> Self {
        self.sources.push(source.to_owned());
        self.rows += rows;
        self
    }

    fn within(mut self, interval: Option<Interval>) -> Self {
        self.interval = interval.filter(|_| self.value.is_some());
        self
    }

    fn flag_if(mut self, holds: bool, flag: Flag) -> Self {
        if holds {
            self.quality_flags.push(flag);
        }
        self
    }
}
