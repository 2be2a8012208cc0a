//! Money month by month: what the programme adds to contribution, and what it costs.

mod case_cost;
mod cost;
mod courses;
mod economics;
mod handled;
mod lifetime;
mod line;
mod margin;
mod seats;
mod tax;
mod terminal;
mod workspace;

pub use case_cost::CaseCost;
pub(crate) use handled::Handled;
pub use line::Line;
pub(crate) use line::Lines;
pub(crate) use seats::Seats;
pub(crate) use workspace::{DemographyDraws, Workspace};

use pulp::Arch;

use crate::kernel::{LANES, Lane};
use crate::kernel::{Months, Vector, kernel, parts};
use crate::model::{Model, Term};
use crate::scenario::Timing;
use crate::world::Discount;
use courses::Courses;

/// The money of a batch of trials, by month from 0 to the horizon.
pub(crate) struct Flows {
    /// Difference in contribution, maintenance and acquisition.
    pub(crate) benefit: Months,
    /// Programme cost that is not capital expenditure.
    pub(crate) operating_cost: Months,
    /// Capital expenditure.
    pub(crate) capital_cost: Months,
    /// Both together.
    pub(crate) cost: Months,
    /// Tax on the difference.
    pub(crate) tax: Months,
    /// After-tax difference: what NPV discounts.
    pub(crate) net: Months,
    /// Factor to present value.
    pub(crate) discount: Months,
    /// Discount rate a year.
    pub(crate) rate: Lane,
    /// Present value of what lies beyond the horizon, where it is asked for.
    pub(crate) beyond: Lane,
    /// Customers and their cost over all segments.
    pub(crate) totals: Totals,
    /// Customers of all segments by month, when asked for.
    pub(crate) customers: Option<Customers>,
    /// Revenue that is more than as things are, where customers owe some of it.
    revenue: Option<Months>,
    /// The ledger by line, when asked for.
    pub(crate) lines: Option<Lines>,
    /// Contacts and minutes, when asked for.
    pub(crate) handled: Option<Handled>,
    /// What the programme adds to the lifetime value of all who are won, when asked for.
    pub(crate) lifetime_gain: Option<Lane>,
    /// Pools of seats, in the model's order.
    pub(crate) seats: Vec<Seats>,
}

/// Totals over segments and months, with the programme unless said otherwise.
#[derive(Clone, Copy)]
pub(crate) struct Totals {
    /// Customers at the horizon as things are.
    pub(crate) final_baseline: Lane,
    /// Customers at the horizon.
    pub(crate) final_programme: Lane,
    /// Customer-months.
    pub(crate) customer_months: Lane,
    /// Cost of serving them.
    pub(crate) serving_cost: Lane,
    /// Customers won through acquisition.
    pub(crate) won: Lane,
    /// Cost of winning them.
    pub(crate) acquisition_cost: Lane,
    /// Present value, when they are won, of what they bring as things are.
    pub(crate) lifetime_value: Lane,
}

/// Customers of all segments by month.
pub(crate) struct Customers {
    /// At the month's end, as things are and with the programme.
    pub(crate) active: [Months; 2],
    /// Won each month in either world.
    pub(crate) won: Lane,
    /// Recruited by customers, with the programme.
    pub(crate) recruited: Months,
    /// Who left before and came back, as things are and with the programme.
    pub(crate) returned: [Months; 2],
}

impl Customers {
    fn new(horizon: usize) -> Self {
        Self {
            active: [Months::new(horizon), Months::new(horizon)],
            won: [0.0; LANES],
            recruited: Months::new(horizon),
            returned: [Months::new(horizon), Months::new(horizon)],
        }
    }

    /// Who comes in a month with the programme, in one trial: won, recruited, won back.
    pub(crate) fn entering(&self, month: usize, last_entry: usize, lane: usize) -> f64 {
        let [_, back] = &self.returned;
        let won = if month <= last_entry {
            self.won[lane]
        } else {
            0.0
        };
        won + self.recruited[month][lane] + back[month][lane]
    }

    fn reset(&mut self) {
        self.won = [0.0; LANES];
        let active = self.active.iter_mut().chain(&mut self.returned);
        for months in active.chain([&mut self.recruited]) {
            months.fill([0.0; LANES]);
        }
    }
}

impl Flows {
    fn new(model: &Model) -> Self {
        let horizon = model.horizon;
        let owed = model.receivables.map(|_| Months::new(horizon));
        Self {
            revenue: owed,
            lines: None,
            handled: None,
            lifetime_gain: None,
            seats: model.seats.iter().map(|_| Seats::new(horizon)).collect(),
            tax: Months::new(horizon),
            benefit: Months::new(horizon),
            operating_cost: Months::new(horizon),
            capital_cost: Months::new(horizon),
            cost: Months::new(horizon),
            net: Months::new(horizon),
            discount: Months::new(horizon),
            rate: [0.0; LANES],
            beyond: [0.0; LANES],
            totals: Totals::zero(),
            customers: None,
        }
    }

    /// Draws the discount rate; returns the factor of a month, where it is the same in every month.
    fn discount(&mut self, arch: Arch, model: &Model, values: &[Lane]) -> Option<Lane> {
        let drawn = discount(arch, model.timing, model.rate, values, &mut self.discount);
        self.rate = drawn.annual;
        (model.timing != Timing::Tei).then_some(drawn.monthly)
    }

    fn discounting<'a>(&'a self, monthly: &'a Option<Lane>) -> Discount<'a> {
        Discount {
            factors: &self.discount,
            monthly: monthly.as_ref(),
        }
    }

    fn reset(&mut self) {
        self.benefit.as_flattened_mut().fill(0.0);
        self.totals = Totals::zero();
        if let Some(customers) = &mut self.customers {
            customers.reset();
        }
        if let Some(revenue) = &mut self.revenue {
            revenue.as_flattened_mut().fill(0.0);
        }
        if let Some(lines) = &mut self.lines {
            lines.reset();
        }
        if let Some(handled) = &mut self.handled {
            handled.reset();
        }
        if let Some(gain) = &mut self.lifetime_gain {
            *gain = [0.0; LANES];
        }
        self.seats.iter_mut().for_each(Seats::reset);
    }

    /// Books what a line brings more than as things are.
    fn gain(&mut self, line: Line, month: usize, amount: &Lane) {
        line::add(&mut self.benefit[month], amount);
        if let Some(revenue) = self.revenue.as_mut().filter(|_| line == Line::Revenue) {
            line::add(&mut revenue[month], amount);
        }
        if let Some(lines) = &mut self.lines {
            lines.add(line, month, amount);
        }
    }

    /// Counts a cost of serving customers, with the programme.
    fn serve(&mut self, courses: Option<&Courses>, month: usize, cost: &Lane) {
        let cost = margin::deflated(courses, month, cost);
        line::add(&mut self.totals.serving_cost, &cost);
    }
}

impl Totals {
    fn zero() -> Self {
        let zero = [0.0; LANES];
        Self {
            final_baseline: zero,
            final_programme: zero,
            customer_months: zero,
            serving_cost: zero,
            won: zero,
            acquisition_cost: zero,
            lifetime_value: zero,
        }
    }
}

/// Discounting in each trial.
struct Discounting {
    /// Rate a year.
    annual: Lane,
    /// Factor of a month.
    monthly: Lane,
}

kernel! {
    /// Factors to present value, by the timing convention.
    fn discount<'a>(
        timing: Timing,
        rate: Term,
        values: &'a [Lane],
        discount: &'a mut [Lane],
    ) -> Discounting {
        let rate = rate.lane(values);
        let mut monthly = [0.0; LANES];
        let mut lead = [0.0; LANES];
        for l in 0..LANES {
            let log_rate = crate::math::ln_1p(rate[l]);
            monthly[l] = crate::math::exp(-log_rate / 12.0);
            lead[l] = match timing {
                Timing::End => 1.0,
                Timing::Mid => crate::math::exp(log_rate / 24.0),
                Timing::Tei => crate::math::exp(-log_rate),
            };
        }
        let mut factor = [1.0; LANES];
        discount[0] = factor;
        for (month, discount) in (1..).zip(&mut discount[1..]) {
            if timing != Timing::Tei {
                for l in 0..LANES {
                    factor[l] *= monthly[l];
                }
            } else if month % 12 == 1 {
                for l in 0..LANES {
                    factor[l] *= lead[l];
                }
            }
            *discount = factor;
            if timing == Timing::Mid {
                for l in 0..LANES {
                    discount[l] *= lead[l];
                }
            }
        }
        Discounting { annual: rate, monthly }
    }
}

/// What is left after cost and tax, and after what customers owe.
fn net(arch: Arch, model: &Model, values: &[Lane], courses: Option<&Courses>, flows: &mut Flows) {
    let less = 1.0 - model.risk_adjustment.benefits;
    if less != 1.0 {
        let revenue = flows.revenue.as_deref_mut().unwrap_or_default();
        let months = [&mut *flows.benefit, revenue];
        for value in months.into_iter().flat_map(<[Lane]>::as_flattened_mut) {
            *value *= less;
        }
        if let Some(lines) = &mut flows.lines {
            lines.scale_difference(less);
        }
    }
    subtract(arch, &flows.benefit, &flows.cost, &mut flows.net);
    if model.tax_rate > 0.0 {
        tax::tax(model, flows);
        for (net, tax) in flows.net.iter_mut().zip(&*flows.tax) {
            line::add(net, &tax.map(|it| -it));
        }
    }
    receivables(model, values, flows);
    if let Some(courses) = courses.filter(|it| it.is_real) {
        for months in [
            &mut flows.benefit,
            &mut flows.operating_cost,
            &mut flows.capital_cost,
            &mut flows.cost,
            &mut flows.net,
        ] {
            line::scale(months, &courses.deflator);
        }
    }
}

/// What customers owe more than in the month before is money out, until the horizon.
fn receivables(model: &Model, values: &[Lane], flows: &mut Flows) {
    let (Some(owed), Some(revenue)) = (model.receivables, &flows.revenue) else {
        return;
    };
    let (months, mut before) = (owed.lane(values), [0.0; LANES]);
    for month in 1..flows.net.len() {
        let is_last = month == model.horizon;
        let mut flow = [0.0; LANES];
        for l in 0..LANES {
            let owed = if is_last {
                0.0
            } else {
                months[l] * revenue[month][l]
            };
            flow[l] = before[l] - owed;
            before[l] = owed;
        }
        line::add(&mut flows.net[month], &flow);
        if let Some(lines) = &mut flows.lines {
            lines.add(Line::Receivables, month, &flow);
        }
    }
}

kernel! {
    fn subtract<'a>(for S, simd; benefit: &'a [Lane], cost: &'a [Lane], net: &'a mut [Lane]) {
        for ((benefit, cost), net) in benefit.iter().zip(cost).zip(net) {
            for part in 0..parts::<S>() {
                let load = |lane: &Lane| Vector::load(simd, lane, part);
                (load(benefit) - load(cost)).store(net, part);
            }
        }
    }
}
