//! The books of the programme: what it brings and costs, month by month.

use keepworth_sim::Scenario;
use keepworth_sim::scenario::{CostLine, Initiative, Lever, Recurrence, Training};

use super::draws::Draws;
use super::effect::{Deed, Programme};
use super::money::{Money, confirmed, saved};
use super::world::{Pair, Worlds};

/// Money of every month from 0 to the horizon, before tax unless said otherwise.
pub struct Ledger<'a> {
    pub benefits: Vec<f64>,
    /// Costs of the programme, capital expenditure left out.
    pub operating: Vec<f64>,
    pub capital: Vec<f64>,
    /// After tax.
    pub flows: Vec<f64>,
    /// All money that the benefits are differences of, and all costs.
    pub turnover: Vec<f64>,
    /// Operating costs of the last month that have no last month.
    pub recurring: f64,
    /// Costs by month after the horizon, capital too, where they go on beyond it.
    pub later: Vec<f64>,
    /// Cost of serving customers, with the programme.
    pub serving: f64,
    /// Cost of winning customers, with the programme.
    pub winning: f64,
    /// Each segment's figures.
    pub money: Vec<Money<'a>>,
    /// Factors of the TEI convention on benefits and on costs.
    pub haircuts: (f64, f64),
}

impl<'a> Ledger<'a> {
    pub fn new(
        scenario: &'a Scenario,
        draws: &Draws<'_>,
        programme: &Programme<'_>,
        worlds: &Worlds,
    ) -> Self {
        let months = scenario.horizon_months as usize + 1;
        let nothing = || vec![0.0; months];
        let haircuts = match &scenario.risk_adjustment {
            Some(risk) => (1.0 - risk.benefits, 1.0 + risk.costs),
            None => (1.0, 1.0),
        };
        let mut ledger = Self {
            benefits: nothing(),
            operating: nothing(),
            capital: nothing(),
            flows: nothing(),
            turnover: nothing(),
            recurring: 0.0,
            later: vec![0.0; programme.months_beyond()],
            serving: 0.0,
            winning: 0.0,
            money: Vec::new(),
            haircuts,
        };
        for (segment, pair) in scenario.segments.iter().zip(&worlds.segments) {
            ledger.money.push(Money::new(draws, segment));
            ledger.book_segment(programme, &segment.name, pair);
        }
        if let Some(training) = &scenario.training {
            ledger.book_training(draws, programme, training);
        }
        for deed in programme.deeds() {
            ledger.book_costs(draws, programme, deed);
        }
        ledger.benefits.iter_mut().for_each(|it| *it *= haircuts.0);
        ledger.operating.iter_mut().for_each(|it| *it *= haircuts.1);
        ledger.capital.iter_mut().for_each(|it| *it *= haircuts.1);
        ledger.later.iter_mut().for_each(|it| *it *= haircuts.1);
        ledger.recurring *= haircuts.1;
        ledger.tax(scenario);
        ledger
    }

    /// Margins, contacts and acquisition of the segment whose figures came last.
    fn book_segment(&mut self, programme: &Programme<'_>, name: &str, pair: &Pair) {
        let money = self.money.last().unwrap();
        let winning = pair.won * money.acquisition;
        for t in 1..self.benefits.len() {
            let month = t as u32;
            let (as_is, with) = pair.heads(t);
            let it = money.month(programme, month, as_is, with);
            let cheaper = 1.0 - programme.left(Lever::Cac, None, name, month);
            self.benefits[t] += it.benefit + winning * cheaper;
            self.serving += it.serving;
            self.winning += winning * (1.0 - cheaper);
            self.turnover[t] += it.turnover + winning;
        }
    }

    fn book_training(&mut self, draws: &Draws<'_>, programme: &Programme<'_>, training: &Training) {
        let cost = draws.figure(&training.hires_per_month, "training.hires_per_month")
            * draws.figure(&training.hours_per_hire, "training.hours_per_hire")
            * draws.figure(&training.loaded_rate, "training.loaded_rate");
        for t in 1..self.benefits.len() {
            let less = 1.0 - programme.training_left(t as u32);
            let share = confirmed(training.avoidable.as_ref(), t as u32);
            self.benefits[t] += saved(cost, 0.0, 1.0, less, share);
            self.turnover[t] += cost;
        }
    }

    fn book_costs(&mut self, draws: &Draws<'_>, programme: &Programme<'_>, deed: &Deed<'_>) {
        let initiative = deed.initiative;
        let horizon = self.flows.len() - 1;
        for line in &initiative.costs {
            let kind = format!("{:?}", line.kind).to_lowercase();
            let name = format!("initiatives.{}.{kind} cost", initiative.name);
            let amount = draws.figure(&line.amount, &name);
            if !deed.done {
                continue;
            }
            let is_spent = |month: u32| is_spent(initiative, line, month) && !deed.is_over(month);
            for t in (0..=horizon).filter(|t| is_spent(*t as u32)) {
                let book = if line.capex {
                    &mut self.capital
                } else {
                    &mut self.operating
                };
                book[t] += amount;
                self.turnover[t] += amount.abs();
            }
            let recurs = line.recurrence == Recurrence::Monthly && !line.capex;
            if recurs && line.months.is_none() && is_spent(horizon as u32) {
                self.recurring += amount;
            }
            if programme.costs_go_on() {
                for (index, cost) in self.later.iter_mut().enumerate() {
                    if is_spent((horizon + 1 + index) as u32) {
                        *cost += amount;
                    }
                }
            }
        }
    }

    /// Tax on the difference; capital expenditure is depreciated from the month after, and what is
    /// left of it at the horizon is written off there.
    fn tax(&mut self, scenario: &Scenario) {
        let last = self.flows.len() - 1;
        let life = scenario.depreciation_months as usize;
        let mut depreciation = vec![0.0; self.flows.len()];
        for (bought, spent) in self.capital.iter().enumerate() {
            for age in 1..=life {
                depreciation[(bought + age).min(last)] += spent / life as f64;
            }
        }
        for (month, relief) in depreciation.into_iter().enumerate() {
            let earned = self.benefits[month] - self.operating[month];
            let tax = scenario.tax_rate * (earned - relief);
            self.flows[month] = earned - self.capital[month] - tax;
        }
    }
}

/// Whether a line of an initiative's cost is spent in a month.
pub fn is_spent(initiative: &Initiative, line: &CostLine, month: u32) -> bool {
    let (first, times) = match line.recurrence {
        Recurrence::Once => (line.start.unwrap_or(0), 1),
        Recurrence::Monthly => (line.start.unwrap_or(1), line.months.unwrap_or(u32::MAX)),
    };
    let first = initiative.start_month + first;
    month >= first && month - first < times
}
