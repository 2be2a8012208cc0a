//! One trial's figures.

mod irr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::flows::Flows;
use crate::model::{LANES, Lane, Model};

/// A figure that every trial has.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Net present value of the programme, after tax.
    Npv,
    /// NPV over the present value of the programme's cost.
    Roi,
    /// First whole month with a non-negative cumulative flow; the horizon + 1 when there is none.
    PaybackMonth,
    /// Internal rate of return a year; −1 when there is none or several.
    IrrAnnual,
    /// Customers at the horizon with the programme.
    FinalCustomers,
    /// Mean cost of winning a customer over the yearly cost of keeping one, programme included.
    AcquisitionToMaintenance,
    /// First whole month with a non-negative cumulative discounted flow; the horizon + 1 when none.
    DiscountedPaybackMonth,
    /// Most money out at any month's end, as a positive number.
    PeakFunding,
    /// Customers at the horizon more than without the programme.
    CustomersKept,
    /// Present value of the programme's cost.
    PvCosts,
    /// Part of the NPV that lies beyond the horizon.
    TerminalValue,
}

impl Outcome {
    /// Every outcome, in the order of its index.
    pub const ALL: [Self; 11] = [
        Self::Npv,
        Self::Roi,
        Self::PaybackMonth,
        Self::IrrAnnual,
        Self::FinalCustomers,
        Self::AcquisitionToMaintenance,
        Self::DiscountedPaybackMonth,
        Self::PeakFunding,
        Self::CustomersKept,
        Self::PvCosts,
        Self::TerminalValue,
    ];

    /// Its name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Npv => "npv",
            Self::Roi => "roi",
            Self::PaybackMonth => "payback_month",
            Self::IrrAnnual => "irr_annual",
            Self::FinalCustomers => "final_customers",
            Self::AcquisitionToMaintenance => "acquisition_to_maintenance",
            Self::DiscountedPaybackMonth => "discounted_payback_month",
            Self::PeakFunding => "peak_funding",
            Self::CustomersKept => "customers_kept",
            Self::PvCosts => "pv_costs",
            Self::TerminalValue => "terminal_value",
        }
    }
}

/// Number of outcomes.
pub(crate) const OUTCOMES: usize = Outcome::ALL.len();

/// The outcomes of a batch of trials.
pub(crate) struct Outcomes {
    /// By [`Outcome`] index.
    pub(crate) figures: [Lane; OUTCOMES],
    /// Whether a trial has several internal rates of return.
    pub(crate) several_irr: [bool; LANES],
}

/// The figures of a batch of trials, from their flows.
#[inline(always)]
pub(crate) fn outcomes(model: &Model, flows: &Flows) -> Outcomes {
    let horizon = model.horizon;
    let mut out = Totals::new(horizon);
    for month in 0..=horizon {
        out.add(month, flows);
    }
    let terminal = terminal_value(model, flows);
    let last = horizon;
    let (rates, several_irr) = irr::annual_irr(&flows.net);
    let mut figures = [[0.0; LANES]; OUTCOMES];
    for l in 0..LANES {
        let npv = out.npv[l] + terminal[l];
        let cost = out.pv_costs[l];
        figures[Outcome::Npv as usize][l] = npv;
        figures[Outcome::Roi as usize][l] = if cost > 0.0 { npv / cost } else { 0.0 };
        figures[Outcome::PaybackMonth as usize][l] = out.payback[l];
        figures[Outcome::IrrAnnual as usize][l] = rates[l];
        figures[Outcome::FinalCustomers as usize][l] = flows.programme[last][l];
        let kept = flows.programme[last][l] - flows.baseline[last][l];
        figures[Outcome::CustomersKept as usize][l] = kept;
        let win = flows.acquisition_cost[l] / flows.won[l];
        let keep = 12.0 * (flows.serving_cost[l] + out.costs[l]) / flows.customer_months[l];
        let defined = flows.won[l] > 0.0 && flows.customer_months[l] > 0.0 && keep > 0.0;
        let ratio = if defined { win / keep } else { 0.0 };
        figures[Outcome::AcquisitionToMaintenance as usize][l] = ratio;
        figures[Outcome::DiscountedPaybackMonth as usize][l] = out.discounted_payback[l];
        figures[Outcome::PeakFunding as usize][l] = -out.lowest[l];
        figures[Outcome::PvCosts as usize][l] = cost;
        figures[Outcome::TerminalValue as usize][l] = terminal[l];
    }
    Outcomes {
        figures,
        several_irr,
    }
}

/// Running totals over the months.
struct Totals {
    cumulative: Lane,
    npv: Lane,
    pv_costs: Lane,
    costs: Lane,
    lowest: Lane,
    payback: Lane,
    discounted_payback: Lane,
}

impl Totals {
    #[inline(always)]
    fn new(horizon: usize) -> Self {
        let (zero, never) = ([0.0; LANES], [(horizon + 1) as f64; LANES]);
        Self {
            cumulative: zero,
            npv: zero,
            pv_costs: zero,
            costs: zero,
            lowest: zero,
            payback: never,
            discounted_payback: never,
        }
    }

    #[inline(always)]
    fn add(&mut self, month: usize, flows: &Flows) {
        let (net, discount) = (&flows.net[month], &flows.discount[month]);
        let (operating, capital) = (&flows.operating_cost[month], &flows.capital_cost[month]);
        let at = month as f64;
        for l in 0..LANES {
            let cost = operating[l] + capital[l];
            self.cumulative[l] += net[l];
            self.npv[l] += net[l] * discount[l];
            self.costs[l] += cost;
            self.pv_costs[l] += cost * discount[l];
            self.lowest[l] = self.lowest[l].min(self.cumulative[l]);
            let paid = if self.cumulative[l] >= 0.0 {
                at
            } else {
                f64::INFINITY
            };
            self.payback[l] = self.payback[l].min(paid);
            let paid = if self.npv[l] >= 0.0 {
                at
            } else {
                f64::INFINITY
            };
            self.discounted_payback[l] = self.discounted_payback[l].min(paid);
        }
    }
}

/// The last month's benefit continued for ever: `F·(1+g)/(r−g)` on monthly rates, discounted.
#[inline(always)]
fn terminal_value(model: &Model, flows: &Flows) -> Lane {
    let mut value = [0.0; LANES];
    let Some(growth) = model.terminal_growth else {
        return value;
    };
    let monthly = |annual: f64| crate::math::exp(crate::math::ln_1p(annual) / 12.0) - 1.0;
    let growth = if growth > -1.0 { monthly(growth) } else { -1.0 };
    for l in 0..LANES {
        let last = flows.net[model.horizon][l];
        let rate = monthly(flows.rate[l]);
        // The scenario was refused if the rate could likely be below the growth.
        let spread = (rate - growth).max(1e-6);
        value[l] = last * (1.0 + growth) / spread * flows.discount[model.horizon][l];
    }
    value
}
