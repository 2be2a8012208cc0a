//! What a cost line comes to in one trial, so that it can be followed by hand.

use serde::Serialize;

use super::Line;
use super::cost::Spending;
use crate::kernel::LANES;
use crate::model::{CostLine, Initiative, InitiativeId};

/// A cost line: in each month in which it is spent, its amount times the month's factor.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseCost {
    /// The initiative.
    pub initiative: String,
    /// Its line as an operating cost.
    pub line: Line,
    /// Amount at the prices of the date, in the line's own currency.
    pub amount: f64,
    /// ISO 4217 code of another currency; none of the scenario's own.
    pub currency: Option<String>,
    /// First month in which it is spent; it may lie beyond the horizon.
    pub first_month: usize,
    /// Months within the horizon in which it is spent.
    pub months: usize,
    /// Whether it is capital expenditure.
    pub capital: bool,
    /// Prices, rate of exchange, risk adjustment, and whether a gate or a stopping rule lets it be spent: by month from
    /// 0, also where it is not spent.
    pub factors: Vec<f64>,
    /// The uncertain input that it is tied to, if any.
    pub input: Option<String>,
}

impl Spending<'_> {
    /// Every line in the first trial: its amount, and what one unit of it comes to in each month.
    pub(super) fn of_first_trial(&self) -> Vec<CaseCost> {
        let lines = self.active().flat_map(|(initiative, index)| {
            let of = initiative.costs.iter();
            of.map(move |line| self.case_of(initiative, index, line))
        });
        lines.collect()
    }

    fn case_of(&self, initiative: &Initiative, index: InitiativeId, line: &CostLine) -> CaseCost {
        let months = self.model.horizon + 1;
        let one = [1.0 + self.model.risk_adjustment.costs; LANES];
        let last = initiative.stop.as_ref().map_or(usize::MAX, |stop| stop.at);
        let factor = |month| {
            let spent = self.strengths.spent[index][0];
            let goes_on = if month > last {
                self.strengths.goes_on[index][0]
            } else {
                1.0
            };
            self.in_month(line, &one, month)[0] * spent * goes_on
        };
        let input = line.amount.input();
        let currency = line.currency.map(|it| &self.model.currencies[it]);
        CaseCost {
            initiative: initiative.name.clone(),
            line: Line::of(line.kind),
            amount: line.amount.lane(self.values)[0],
            currency: currency.map(|it| it.code().to_owned()),
            first_month: line.first,
            months: line.months(months).len(),
            capital: line.capex,
            factors: (0..months).map(factor).collect(),
            input: input.map(|it| self.model.inputs[it.0].name.clone()),
        }
    }
}
