//! What the programme costs.

use std::ops::Range;

use pulp::Arch;

use super::Flows;
use super::courses::Courses;
use super::line::{self, Line, Lines};
use crate::kernel::kernel;
use crate::kernel::{LANES, Lane, product};
use crate::model::{CostLine, Initiative, InitiativeId, Model, MoneyCalendar};
use crate::world::Strengths;

/// Costs that are the same in every trial, by month, and what is added to those that are not.
pub(super) struct CertainCosts {
    operating: Vec<f64>,
    capital: Vec<f64>,
    /// Whether no cost differs between trials.
    complete: bool,
    /// Factor of the risk adjustment.
    factor: f64,
    /// Whether a cost depends on its month.
    moves: bool,
}

impl CertainCosts {
    pub(super) fn new(model: &Model) -> Self {
        let months = vec![0.0; model.horizon + 1];
        let mut costs = Self {
            operating: months.clone(),
            capital: months,
            complete: true,
            factor: 1.0 + model.risk_adjustment.costs,
            moves: model.money.iter().any(MoneyCalendar::moves_costs),
        };
        for initiative in model.initiatives.iter().filter(|i| i.active) {
            for line in &initiative.costs {
                costs.add(initiative, line);
            }
        }
        costs
    }

    fn add(&mut self, initiative: &Initiative, line: &CostLine) {
        let Some(amount) = self.certain(initiative, line) else {
            self.complete = false;
            return;
        };
        let book = if line.capex {
            &mut self.capital
        } else {
            &mut self.operating
        };
        let amount = amount * self.factor;
        let months = line.months(book.len());
        book[months].iter_mut().for_each(|month| *month += amount);
    }

    /// The amount of a line that is the same in every trial and month.
    fn certain(&self, initiative: &Initiative, line: &CostLine) -> Option<f64> {
        let is_decided = initiative.gate.is_some() || initiative.stop.is_some();
        let moves = self.moves || line.currency.is_some();
        line.amount.fixed().filter(|_| !is_decided && !moves)
    }

    /// Books them.
    pub(super) fn book(&self, flows: &mut Flows) {
        spread(&self.operating, &mut flows.operating_cost);
        spread(&self.capital, &mut flows.capital_cost);
        total(flows);
    }
}

/// Costs of a batch of trials.
#[derive(Clone, Copy)]
pub(super) struct Spending<'a> {
    pub(super) arch: Arch,
    pub(super) model: &'a Model,
    pub(super) values: &'a [Lane],
    pub(super) strengths: &'a Strengths,
    pub(super) courses: Option<&'a Courses>,
}

impl Spending<'_> {
    /// Books the cost lines of every initiative that is done; certain ones are booked already where
    /// there are no others.
    pub(super) fn book(&self, costs: &CertainCosts, flows: &mut Flows) {
        if costs.complete {
            return;
        }
        costs.book(flows);
        for (initiative, index) in self.active() {
            let uncertain = |line: &&CostLine| costs.certain(initiative, line).is_none();
            for line in initiative.costs.iter().filter(uncertain) {
                let book = if line.capex {
                    &mut flows.capital_cost
                } else {
                    &mut flows.operating_cost
                };
                self.spend(initiative, index, line, book);
            }
        }
        total(flows);
    }

    /// Initiatives that are done, with their places.
    pub(super) fn active(&self) -> impl Iterator<Item = (&Initiative, InitiativeId)> {
        let all = self.model.initiatives.iter().zip((0..).map(InitiativeId));
        all.filter(|(initiative, _)| initiative.active)
    }

    /// Adds what a line comes to, by month.
    fn spend(
        &self,
        initiative: &Initiative,
        index: InitiativeId,
        line: &CostLine,
        book: &mut [Lane],
    ) {
        let amount = self.amount(line);
        let last = initiative.stop.as_ref().map_or(usize::MAX, |stop| stop.at);
        let (until, after) = split(line.months(book.len()), last);
        let spent = self.strengths.spent[index];
        let later = product(&spent, &self.strengths.goes_on[index]);
        for (months, spent) in [(until, spent), (after, later)] {
            if self.courses.is_none() && line.currency.is_none() {
                add(self.arch, &amount, &spent, &mut book[months]);
                continue;
            }
            for month in months {
                let amount = self.in_month(line, &amount, month);
                line::add(&mut book[month], &product(&amount, &spent));
            }
        }
    }

    /// The amount of a line at the prices of the date.
    fn amount(&self, line: &CostLine) -> Lane {
        let haircut = 1.0 + self.model.risk_adjustment.costs;
        line.amount.lane(self.values).map(|amount| amount * haircut)
    }

    /// An amount at the prices and the rate of exchange of a month.
    pub(super) fn in_month(&self, line: &CostLine, amount: &Lane, month: usize) -> Lane {
        let courses = self.courses.map(|it| it.cost(line.kind)[month]);
        let currency = line.currency.map(|it| &self.model.currencies[it]);
        let worth = currency.map(|it| it.worth(month, self.values));
        let factors = courses.into_iter().chain(worth);
        factors.fold(*amount, |amount, factor| product(&amount, &factor))
    }

    /// The operating costs of a month that have no end.
    pub(super) fn endless(&self, month: usize) -> Lane {
        let mut sum = [0.0; LANES];
        for (initiative, index) in self.active() {
            let is_past = initiative.stop.as_ref().is_some_and(|stop| stop.at < month);
            let endless =
                |line: &&CostLine| line.is_endless() && !line.capex && line.first <= month;
            for line in initiative.costs.iter().filter(endless) {
                let mut amount = product(&self.amount(line), &self.strengths.spent[index]);
                if is_past {
                    amount = product(&amount, &self.strengths.goes_on[index]);
                }
                amount = self.in_month(line, &amount, month);
                if let Some(courses) = self.courses {
                    amount = product(&amount, &courses.deflator[month]);
                }
                line::add(&mut sum, &amount);
            }
        }
        sum
    }

    /// Adds every line to the ledger, by its type.
    pub(super) fn by_type(&self, lines: &mut Lines) {
        for (initiative, index) in self.active() {
            for line in &initiative.costs {
                let mut book = vec![[0.0; LANES]; self.model.horizon + 1];
                self.spend(initiative, index, line, &mut book);
                let place = if line.capex {
                    Line::Capital
                } else {
                    Line::of(line.kind)
                };
                for (month, amount) in book.iter().enumerate() {
                    lines.add(place, month, &amount.map(|it| -it));
                }
            }
        }
    }
}

/// Months up to a last one, and those after.
fn split(months: Range<usize>, last: usize) -> (Range<usize>, Range<usize>) {
    let cut = last.saturating_add(1).clamp(months.start, months.end);
    (months.start..cut, cut..months.end)
}

fn total(flows: &mut Flows) {
    let parts = flows.operating_cost.iter().zip(&*flows.capital_cost);
    for (cost, (operating, capital)) in flows.cost.iter_mut().zip(parts) {
        for l in 0..LANES {
            cost[l] = operating[l] + capital[l];
        }
    }
}

fn spread(amounts: &[f64], months: &mut [Lane]) {
    for (month, &amount) in months.iter_mut().zip(amounts) {
        *month = [amount; LANES];
    }
}

kernel! {
    fn add<'a>(amount: &'a Lane, spent: &'a Lane, months: &'a mut [Lane]) {
        let (amount, spent) = (*amount, *spent);
        for month in months {
            let mut sum = *month;
            for l in 0..LANES {
                sum[l] += amount[l] * spent[l];
            }
            *month = sum;
        }
    }
}
