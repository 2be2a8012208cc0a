//! The books of the programme: what it brings and costs, month by month.

use std::collections::BTreeMap;

use keepworth_sim::Scenario;
use keepworth_sim::scenario::{
    CostLine, CostType, Initiative, Lever, Losses, Recurrence, Training,
};

use super::calendar::Calendar;
use super::currency::Exchange;
use super::draws::Draws;
use super::effect::{Deed, Programme};
use super::money::{Money, Month, confirmed, month_of_all, saved};
use super::seats::Pool;
use super::world::{Pair, Worlds};

/// Profit and loss by line and by month from 0: as things are, and the difference that the programme makes. What is
/// paid is negative.
pub type Lines = BTreeMap<&'static str, Vec<[f64; 2]>>;

const BENEFITS: [&str; 6] = [
    "revenue",
    "cost_of_revenue",
    "contacts",
    "overhead",
    "training",
    "acquisition",
];

const PROGRAMME: [&str; 6] = [
    "programme_people",
    "programme_process",
    "programme_politics",
    "programme_technology",
    "programme_training",
    "programme_treatment",
];

/// Money of every month from 0 to the horizon, before tax unless said otherwise.
pub struct Ledger<'a> {
    pub lines: Lines,
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
    /// Pools of seats, so far.
    pub pools: Vec<Pool<'a>>,
    pub calendar: &'a Calendar,
    /// Factors of the TEI convention on benefits and on costs.
    pub haircuts: (f64, f64),
}

impl<'a> Ledger<'a> {
    pub fn new(
        scenario: &'a Scenario,
        calendar: &'a Calendar,
        draws: &Draws<'_>,
        programme: &Programme<'_>,
        worlds: &Worlds,
    ) -> Self {
        let months = scenario.horizon_months as usize + 1;
        let nothing = || vec![0.0; months];
        let names = BENEFITS.iter().chain(&PROGRAMME);
        let names = names.chain(&["capital", "receivables", "tax"]);
        let segments = scenario.segments.iter();
        let money: Vec<Money<'_>> = segments
            .map(|segment| Money::new(draws, calendar, &scenario.seats, segment))
            .collect();
        let mut ledger = Self {
            lines: names.map(|name| (*name, vec![[0.0; 2]; months])).collect(),
            benefits: nothing(),
            operating: nothing(),
            capital: nothing(),
            flows: nothing(),
            turnover: nothing(),
            recurring: 0.0,
            later: vec![0.0; programme.months_beyond()],
            serving: 0.0,
            winning: 0.0,
            pools: Pool::all(scenario, draws, &money, &worlds.heads(0)),
            money,
            calendar,
            haircuts: match &scenario.risk_adjustment {
                Some(risk) => (1.0 - risk.benefits, 1.0 + risk.costs),
                None => (1.0, 1.0),
            },
        };
        ledger.book_customers(programme, worlds);
        for (index, pair) in worlds.segments.iter().enumerate() {
            ledger.book_acquisition(programme, &scenario.segments[index].name, index, pair);
        }
        if let Some(training) = &scenario.training {
            ledger.book_training(draws, programme, training);
        }
        for deed in programme.deeds() {
            ledger.book_costs(scenario, draws, programme, deed);
        }
        ledger.cut_hair();
        ledger.book_receivables(scenario, draws);
        ledger.close(scenario);
        ledger.deflate();
        ledger.assert_lines_add_up();
        ledger
    }

    fn months(&self) -> std::ops::Range<usize> {
        1..self.flows.len()
    }

    fn book(&mut self, line: &str, month: usize, as_is: f64, difference: f64) {
        let booked = &mut self.lines.get_mut(line).unwrap()[month];
        booked[0] += as_is;
        booked[1] += difference;
    }

    /// Margins and the cost of serving. Nobody is served for money in month 0, but seats are needed.
    fn book_customers(&mut self, programme: &Programme<'_>, worlds: &Worlds) {
        for pool in &mut self.pools {
            pool.pass(&self.money, programme, &worlds.heads(0));
        }
        for t in self.months() {
            let month = t as u32;
            let it = self.month(programme, month, &worlds.heads(t));
            for (line, [as_is, difference]) in it.lines {
                self.book(line, t, as_is, difference);
            }
            self.serving += it.serving / self.calendar.deflator(month);
            self.turnover[t] += it.turnover;
        }
    }

    /// The next month of all segments and pools.
    pub fn month(&mut self, programme: &Programme<'_>, month: u32, heads: &[(f64, f64)]) -> Month {
        let (calendar, pools) = (self.calendar, &mut self.pools);
        month_of_all(calendar, &self.money, pools, programme, month, heads)
    }

    fn book_acquisition(
        &mut self,
        programme: &Programme<'_>,
        name: &str,
        segment: usize,
        pair: &Pair,
    ) {
        for t in self.months() {
            let month = t as u32;
            let cost = pair.won * self.money[segment].acquisition * self.calendar.prices(month);
            let left = programme.left(Lever::Cac, None, name, month);
            self.book("acquisition", t, -cost, cost * (1.0 - left));
            self.winning += cost * left / self.calendar.deflator(month);
            self.turnover[t] += cost;
            self.book_returning(t, pair);
        }
    }

    /// Winning back is no winning: neither does what makes winning cheaper act on it, nor does it enter the cost of
    /// winning one.
    fn book_returning(&mut self, t: usize, pair: &Pair) {
        let each = pair.win_back.cost * self.calendar.prices(t as u32);
        let [as_is, with] = pair.returned[t].map(|returned| returned * each);
        self.book("acquisition", t, -as_is, as_is - with);
        self.turnover[t] += as_is + with;
    }

    fn book_training(&mut self, draws: &Draws<'_>, programme: &Programme<'_>, training: &Training) {
        let at_first = draws.figure(&training.hires_per_month, "training.hires_per_month")
            * draws.figure(&training.hours_per_hire, "training.hours_per_hire")
            * draws.figure(&training.loaded_rate, "training.loaded_rate");
        for t in self.months() {
            let cost = at_first * self.calendar.wages(t as u32);
            let less = 1.0 - programme.training_left(t as u32);
            let share = confirmed(training.avoidable.as_ref(), t as u32);
            self.book("training", t, -cost, saved(cost, 0.0, 1.0, less, share));
            self.turnover[t] += cost;
        }
    }

    fn book_costs(
        &mut self,
        scenario: &Scenario,
        draws: &Draws<'_>,
        programme: &Programme<'_>,
        deed: &Deed<'_>,
    ) {
        let initiative = deed.initiative;
        let horizon = self.flows.len() - 1;
        for line in &initiative.costs {
            let kind = format!("{:?}", line.kind).to_lowercase();
            let name = format!("initiatives.{}.{kind} cost", initiative.name);
            let at_first = draws.figure(&line.amount, &name);
            if !deed.done {
                continue;
            }
            let calendar = self.calendar;
            let exchange = Exchange::new(scenario, draws, line);
            let amount = |month: u32| {
                let grown = match line.kind {
                    CostType::People => calendar.wages(month),
                    _ => calendar.prices(month),
                };
                at_first * grown * exchange.at(month)
            };
            let is_spent = |month: u32| is_spent(initiative, line, month) && !deed.is_over(month);
            let book = if line.capex {
                "capital".to_owned()
            } else {
                format!("programme_{kind}")
            };
            for t in (0..=horizon).filter(|t| is_spent(*t as u32)) {
                self.book(&book, t, 0.0, -amount(t as u32));
                self.turnover[t] += amount(t as u32).abs();
            }
            let recurs = line.recurrence == Recurrence::Monthly && !line.capex;
            if recurs && line.months.is_none() && is_spent(horizon as u32) {
                self.recurring += amount(horizon as u32);
            }
            if programme.costs_go_on() {
                for (index, cost) in self.later.iter_mut().enumerate() {
                    let month = (horizon + 1 + index) as u32;
                    if is_spent(month) {
                        *cost += amount(month);
                    }
                }
            }
        }
    }

    /// The haircuts of the TEI convention on what the programme changes.
    fn cut_hair(&mut self) {
        for (name, months) in &mut self.lines {
            let is_benefit = BENEFITS.contains(name);
            let factor = if is_benefit {
                self.haircuts.0
            } else {
                self.haircuts.1
            };
            months.iter_mut().for_each(|line| line[1] *= factor);
        }
        self.later.iter_mut().for_each(|it| *it *= self.haircuts.1);
        self.recurring *= self.haircuts.1;
    }

    /// What customers owe more than as things are is out until the horizon.
    fn book_receivables(&mut self, scenario: &Scenario, draws: &Draws<'_>) {
        let days = draws.or(scenario.receivable_days.as_ref(), "receivable_days", 0.0);
        let last = self.flows.len() - 1;
        let mut owed = 0.0;
        for t in self.months() {
            let more = self.lines["revenue"][t][1] * days / 30.4;
            self.book("receivables", t, 0.0, owed - more);
            self.turnover[t] += owed.abs() + more.abs();
            owed = more;
        }
        self.book("receivables", last, 0.0, owed);
    }

    /// The difference that some lines make in a month.
    fn difference(&self, names: &[&str], month: usize) -> f64 {
        names.iter().map(|name| self.lines[name][month][1]).sum()
    }

    /// Tax, and what is left of every month.
    fn close(&mut self, scenario: &Scenario) {
        for t in 0..self.flows.len() {
            self.benefits[t] = self.difference(&BENEFITS, t);
            self.operating[t] = -self.difference(&PROGRAMME, t);
            self.capital[t] = -self.difference(&["capital"], t);
        }
        let profits = self.taxable(scenario);
        for (t, tax) in taxes(scenario, &profits).into_iter().enumerate() {
            let as_is: f64 = BENEFITS.iter().map(|name| self.lines[name][t][0]).sum();
            self.book("tax", t, -scenario.tax_rate * as_is, -tax);
            let before_tax = self.benefits[t] - self.operating[t] - self.capital[t];
            self.flows[t] = before_tax + self.difference(&["receivables"], t) - tax;
        }
    }

    /// Taxable profits: capital expenditure is depreciated from the month after, and what is left of it at the
    /// horizon is written off there.
    fn taxable(&self, scenario: &Scenario) -> Vec<f64> {
        let last = self.flows.len() - 1;
        let life = scenario.depreciation_months as usize;
        let earned = self.benefits.iter().zip(&self.operating);
        let mut profits: Vec<f64> = earned.map(|(benefit, cost)| benefit - cost).collect();
        for (bought, spent) in self.capital.iter().enumerate() {
            for age in 1..=life {
                profits[(bought + age).min(last)] -= spent / life as f64;
            }
        }
        profits
    }

    /// From money of each month to that of results.
    fn deflate(&mut self) {
        let calendar = self.calendar;
        let last = self.flows.len() - 1;
        let deflators = |from: usize| (from as u32..).map(|month| calendar.deflator(month));
        for books in [
            &mut self.benefits,
            &mut self.operating,
            &mut self.capital,
            &mut self.flows,
            &mut self.turnover,
        ] {
            books
                .iter_mut()
                .zip(deflators(0))
                .for_each(|(it, by)| *it /= by);
        }
        for line in self.lines.values_mut() {
            let months = line.iter_mut().zip(deflators(0));
            months.for_each(|(it, by)| *it = it.map(|money| money / by));
        }
        let later = self.later.iter_mut().zip(deflators(last + 1));
        later.for_each(|(it, by)| *it /= by);
        self.recurring /= calendar.deflator(last as u32);
    }

    fn assert_lines_add_up(&self) {
        for (t, flow) in self.flows.iter().enumerate() {
            let sum: f64 = self.lines.values().map(|line| line[t][1]).sum();
            let scale = self.turnover.iter().sum::<f64>();
            assert!(
                (sum - flow).abs() <= 1e-12 * scale,
                "lines of month {t} come to {sum}, and its flow is {flow}"
            );
        }
    }
}

/// Tax by month on profits by month.
fn taxes(scenario: &Scenario, profits: &[f64]) -> Vec<f64> {
    match scenario.losses {
        Losses::RelievedAtOnce => profits.iter().map(|it| scenario.tax_rate * it).collect(),
        Losses::CarriedForward => carried_forward(scenario.tax_rate, profits),
    }
}

/// Tax where losses wait for profits of later years: a month pays the change of what is due on the year to date.
fn carried_forward(rate: f64, profits: &[f64]) -> Vec<f64> {
    let (mut losses, mut year, mut paid) = (0.0_f64, 0.0, 0.0);
    let mut taxes = Vec::new();
    for (month, profit) in profits.iter().enumerate() {
        year += profit;
        let due = rate * (year - losses).max(0.0);
        taxes.push(due - paid);
        paid = due;
        if month > 0 && month % 12 == 0 {
            losses = (losses - year).max(0.0);
            (year, paid) = (0.0, 0.0);
        }
    }
    taxes
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
