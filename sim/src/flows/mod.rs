//! Money month by month: what the programme adds to contribution, and what it costs.

mod cost;
mod margin;
mod terminal;
mod workspace;

pub(crate) use workspace::{DemographyDraws, Workspace};

use pulp::Arch;

use crate::kernel::{LANES, Lane};
use crate::kernel::{Months, Vector, kernel, parts};
use crate::model::{Model, Term};
use crate::scenario::Timing;
use crate::world::Discount;

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
}

impl Customers {
    fn new(horizon: usize) -> Self {
        Self {
            active: [Months::new(horizon), Months::new(horizon)],
            won: [0.0; LANES],
            recruited: Months::new(horizon),
        }
    }

    fn reset(&mut self) {
        self.won = [0.0; LANES];
        for months in self.active.iter_mut().chain([&mut self.recruited]) {
            months.fill([0.0; LANES]);
        }
    }
}

impl Flows {
    fn new(horizon: usize) -> Self {
        Self {
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

/// What is left after cost and tax.
fn net(arch: Arch, model: &Model, flows: &mut Flows) {
    let less = 1.0 - model.risk_adjustment.benefits;
    if less != 1.0 {
        for value in flows.benefit.as_flattened_mut() {
            *value *= less;
        }
    }
    subtract(arch, &flows.benefit, &flows.cost, &mut flows.net);
    if model.tax_rate > 0.0 {
        cost::tax(model, flows);
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
