//! What the difference between the worlds is worth, month by month.

use keepworth_sim::Scenario;
use keepworth_sim::scenario::{Avoidable, Channel, Lever, Recurrence, Segment, Training};

use super::draws::Draws;
use super::effect::{Deed, Programme};
use super::world::{Pair, Worlds};

/// Money of every month from 0 to the horizon, before tax unless said otherwise.
pub struct Ledger {
    pub benefits: Vec<f64>,
    /// Costs of the programme, capital expenditure left out.
    pub operating: Vec<f64>,
    pub capital: Vec<f64>,
    /// All money that the benefits are differences of.
    pub turnover: Vec<f64>,
    /// After tax.
    pub flows: Vec<f64>,
    /// Cost of serving customers, with the programme.
    pub serving: f64,
    /// Cost of winning customers, with the programme.
    pub winning: f64,
    /// What a customer won brings in a month, by segment, as things are.
    pub unit: Vec<f64>,
}

impl Ledger {
    pub fn new(
        scenario: &Scenario,
        draws: &Draws<'_>,
        programme: &Programme<'_>,
        worlds: &Worlds,
    ) -> Self {
        let months = scenario.horizon_months as usize + 1;
        let mut ledger = Self {
            benefits: vec![0.0; months],
            operating: vec![0.0; months],
            capital: vec![0.0; months],
            turnover: vec![0.0; months],
            flows: vec![0.0; months],
            serving: 0.0,
            winning: 0.0,
            unit: Vec::new(),
        };
        for (segment, pair) in scenario.segments.iter().zip(&worlds.segments) {
            ledger.book_segment(draws, programme, segment, pair);
        }
        if let Some(training) = &scenario.training {
            ledger.book_training(draws, programme, training);
        }
        for deed in programme.done() {
            ledger.book_costs(draws, deed);
        }
        let (benefits, costs) = match &scenario.risk_adjustment {
            Some(risk) => (1.0 - risk.benefits, 1.0 + risk.costs),
            None => (1.0, 1.0),
        };
        ledger
            .benefits
            .iter_mut()
            .for_each(|benefit| *benefit *= benefits);
        ledger.operating.iter_mut().for_each(|cost| *cost *= costs);
        ledger.capital.iter_mut().for_each(|cost| *cost *= costs);
        ledger.tax(scenario);
        ledger
    }

    /// Margins, contacts and acquisition of one segment.
    fn book_segment(
        &mut self,
        draws: &Draws<'_>,
        programme: &Programme<'_>,
        segment: &Segment,
        pair: &Pair,
    ) {
        let name = &segment.name;
        let money = Money::new(draws, segment);
        self.unit
            .push(money.revenue * money.margin - money.overhead - money.contact_cost());
        for month in 1..self.benefits.len() {
            let t = month as u32;
            let (as_is, with) = (pair.as_is[month], pair.with[month]);
            let used = programme.grown(Lever::Arpu, name, t);
            let price = programme.grown(Lever::PricePremium, name, t);
            let contribution =
                |used: f64, price: f64| money.revenue * used * (money.margin + (price - 1.0));
            let mut benefit = with * contribution(used, price) - as_is * contribution(1.0, 1.0);
            let more = with - as_is;
            let share = confirmed(segment.overhead_avoidable.as_ref(), t);
            benefit += saved(money.overhead, more, with, 0.0, share);
            self.serving += with * money.overhead;
            for (channel, cost) in &money.channels {
                let fewer = programme.left(Lever::Contacts, Some(&channel.name), name, t);
                let shorter = programme.left(Lever::Minutes, Some(&channel.name), name, t);
                let less = 1.0 - fewer * shorter;
                let share = confirmed(channel.avoidable.as_ref(), t);
                benefit += saved(*cost, more, with, less, share);
                self.serving += with * cost - saved(*cost, 0.0, with, less, share);
            }
            let cheaper = 1.0 - programme.left(Lever::Cac, None, name, t);
            benefit += pair.won * money.acquisition * cheaper;
            self.winning += pair.won * money.acquisition * (1.0 - cheaper);
            self.benefits[month] += benefit;
            let gross = money.revenue + money.overhead + money.contact_cost();
            self.turnover[month] += (with + as_is) * gross + pair.won * money.acquisition;
        }
    }

    fn book_training(&mut self, draws: &Draws<'_>, programme: &Programme<'_>, training: &Training) {
        let cost = draws.figure(&training.hires_per_month, "training.hires_per_month")
            * draws.figure(&training.hours_per_hire, "training.hours_per_hire")
            * draws.figure(&training.loaded_rate, "training.loaded_rate");
        for month in 1..self.benefits.len() {
            let less = 1.0 - programme.training_left(month as u32);
            let share = confirmed(training.avoidable.as_ref(), month as u32);
            self.benefits[month] += saved(cost, 0.0, 1.0, less, share);
        }
    }

    fn book_costs(&mut self, draws: &Draws<'_>, deed: &Deed<'_>) {
        let initiative = deed.initiative;
        for line in &initiative.costs {
            let kind = format!("{:?}", line.kind).to_lowercase();
            let name = format!("initiatives.{}.{kind} cost", initiative.name);
            let amount = draws.figure(&line.amount, &name);
            let (first, times) = match line.recurrence {
                Recurrence::Once => (line.start.unwrap_or(0), 1),
                Recurrence::Monthly => (line.start.unwrap_or(1), line.months.unwrap_or(u32::MAX)),
            };
            let first = initiative.start_month + first;
            let book = if line.capex {
                &mut self.capital
            } else {
                &mut self.operating
            };
            for (month, spent) in book.iter_mut().enumerate() {
                let t = month as u32;
                if t >= first && t - first < times {
                    *spent += amount;
                    self.turnover[month] += amount.abs();
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
        for month in 0..=last {
            let earned = self.benefits[month] - self.operating[month];
            let tax = scenario.tax_rate * (earned - depreciation[month]);
            self.flows[month] = earned - self.capital[month] - tax;
        }
    }
}

/// What serving costs less than as things are, at `cost` a customer of whom there are `more`, when
/// customers `with` the programme need a share `less`. One minute has one price once finance has
/// confirmed a share; until then what is avoided counts nothing, and what is added in full.
fn saved(cost: f64, more: f64, with: f64, less: f64, confirmed: Option<f64>) -> f64 {
    let counted = |saving: f64| match confirmed {
        Some(share) => saving * share,
        None => saving.min(0.0),
    };
    counted(-more * cost) + counted(with * cost * less)
}

/// The share that finance has confirmed for a month, if any: read from how it is written.
fn confirmed(avoidable: Option<&Avoidable>, month: u32) -> Option<f64> {
    let written = serde_json::to_value(avoidable?).unwrap();
    let Some(steps) = written.as_array() else {
        return written.as_f64();
    };
    let begun = steps
        .iter()
        .filter(|step| step["from"].as_u64().unwrap() <= u64::from(month));
    Some(
        begun
            .last()
            .map_or(0.0, |step| step["share"].as_f64().unwrap()),
    )
}

/// A segment's figures of money in one future.
struct Money<'a> {
    revenue: f64,
    margin: f64,
    overhead: f64,
    acquisition: f64,
    channels: Vec<(&'a Channel, f64)>,
}

impl<'a> Money<'a> {
    fn new(draws: &Draws<'_>, segment: &'a Segment) -> Self {
        let name = |part: &str| format!("segments.{}.{part}", segment.name);
        let channel = |channel: &'a Channel| {
            let of = |part: &str| name(&format!("{}.{part}", channel.name));
            let cost = draws.figure(&channel.contacts, &of("contacts"))
                * draws.figure(&channel.minutes, &of("minutes"))
                * draws.figure(&channel.cost_per_minute, &of("cost_per_minute"));
            (channel, cost)
        };
        Self {
            revenue: draws.or(segment.revenue.as_ref(), &name("revenue"), 0.0),
            margin: draws.or(segment.gross_margin.as_ref(), &name("gross_margin"), 1.0),
            overhead: draws.or(segment.overhead.as_ref(), &name("overhead"), 0.0),
            acquisition: draws.or(
                segment.acquisition_cost.as_ref(),
                &name("acquisition_cost"),
                0.0,
            ),
            channels: segment.channels.iter().flatten().map(channel).collect(),
        }
    }

    fn contact_cost(&self) -> f64 {
        self.channels.iter().map(|(_, cost)| cost).sum()
    }
}
