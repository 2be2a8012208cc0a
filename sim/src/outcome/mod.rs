//! One trial's figures.

mod irr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use pulp::{Arch, Simd};

use crate::flows::Flows;
use crate::kernel::{LANES, Lane};
use crate::kernel::{Vector, kernel, parts};

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
    /// Payback: the last month, counted from now, in which the cumulative flow turns from negative to
    /// non-negative. The horizon + 1, "never", where it is negative at the horizon, whatever came
    /// between; 0, "nothing to pay back", where it is never negative.
    PaybackMonth,
    /// Internal rate of return a year; −1 when there is none or several.
    IrrAnnual,
    /// Customers at the horizon with the programme.
    FinalCustomers,
    /// Mean cost of winning a customer over the yearly cost of keeping one, programme included.
    AcquisitionToMaintenance,
    /// The same of the cumulative discounted flow.
    DiscountedPaybackMonth,
    /// Most money out at any month's end, as a positive number.
    PeakFunding,
    /// Customers at the horizon more than without the programme.
    CustomersKept,
    /// Present value of the programme's cost.
    PvCosts,
    /// Modified internal rate of return a year, money borrowed and reinvested at the discount rate;
    /// −1 where flows have one sign only.
    MirrAnnual,
    /// Present value of the flows after month 0 over the outlay of month 0; 0 without an outlay.
    ProfitabilityIndex,
    /// Part of the NPV that lies beyond the horizon.
    TerminalValue,
    /// Months until the cumulative flow is zero for the last time, interpolated within the payback
    /// month as if its flow came evenly; "never" and "nothing to pay back" as there.
    PaybackInterpolated,
    /// The same of the cumulative discounted flow, within its payback month.
    DiscountedPaybackInterpolated,
    /// Customer lifetime value: present value, at the moment of winning and within as many months as
    /// the horizon has, of what a customer won brings after the cost of serving it and before the cost
    /// of winning it, as things are; the mean over those won, 0 where nobody is.
    Clv,
}

impl Outcome {
    /// Every outcome, in the order of its index.
    pub const ALL: [Self; 16] = [
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
        Self::MirrAnnual,
        Self::ProfitabilityIndex,
        Self::TerminalValue,
        Self::PaybackInterpolated,
        Self::DiscountedPaybackInterpolated,
        Self::Clv,
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
            Self::MirrAnnual => "mirr_annual",
            Self::ProfitabilityIndex => "profitability_index",
            Self::TerminalValue => "terminal_value",
            Self::PaybackInterpolated => "payback_interpolated",
            Self::DiscountedPaybackInterpolated => "discounted_payback_interpolated",
            Self::Clv => "clv",
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
pub(crate) fn outcomes(arch: Arch, flows: &Flows) -> Outcomes {
    let verdict = judge(arch, &flows.net, &flows.discount, &flows.cost);
    let (rates, several_irr) = irr::annual_irr(arch, &flows.net);
    let trial = Trial {
        flows,
        verdict: &verdict,
    };
    let mut figures = figures(arch, trial);
    figures[Outcome::IrrAnnual as usize] = rates;
    Outcomes {
        figures,
        several_irr,
    }
}

/// What the figures of a batch of trials are made of.
#[derive(Clone, Copy)]
struct Trial<'a> {
    flows: &'a Flows,
    verdict: &'a Verdict,
}

kernel! {
    /// Every figure but the internal rate of return.
    fn figures<'a>(trial: Trial<'a>) -> [Lane; OUTCOMES] {
        let Verdict { npv, inflow, pv_costs, costs, lowest, payback, discounted_payback } = *trial.verdict;
        let Flows { net, discount, totals, rate, .. } = trial.flows;
        let (first, rate, totals, terminal) = (net[0], *rate, *totals, trial.flows.beyond);
        let years = (net.len() - 1) as f64 / 12.0;
        let back = payback.interpolated(net.len(), |month, l| net[month][l]);
        let discounted_back = discounted_payback
            .interpolated(net.len(), |month, l| net[month][l] * discount[month][l]);
        let mut figures = [[0.0; LANES]; OUTCOMES];
        for l in 0..LANES {
            let mut set = |outcome: Outcome, figure: f64| figures[outcome as usize][l] = figure;
            let value = npv[l] + terminal[l];
            let keep = ratio(totals.serving_cost[l] + costs[l], totals.customer_months[l]);
            let acquire = ratio(totals.acquisition_cost[l], totals.won[l]);
            let kept = totals.final_programme[l] - totals.final_baseline[l];
            let outlay = -first[l];
            set(Outcome::Npv, value);
            set(Outcome::Roi, ratio(value, pv_costs[l]));
            set(Outcome::PaybackMonth, payback.month[l]);
            set(Outcome::FinalCustomers, totals.final_programme[l]);
            set(Outcome::AcquisitionToMaintenance, ratio(acquire, 12.0 * keep));
            set(Outcome::DiscountedPaybackMonth, discounted_payback.month[l]);
            set(Outcome::PeakFunding, -lowest[l]);
            set(Outcome::CustomersKept, kept);
            set(Outcome::PvCosts, pv_costs[l]);
            set(Outcome::MirrAnnual, modified_irr(inflow[l], inflow[l] - npv[l], rate[l], years));
            set(Outcome::ProfitabilityIndex, ratio(npv[l] + outlay, outlay));
            set(Outcome::TerminalValue, terminal[l]);
            set(Outcome::PaybackInterpolated, back[l]);
            set(Outcome::DiscountedPaybackInterpolated, discounted_back[l]);
            set(Outcome::Clv, ratio(totals.lifetime_value[l], totals.won[l]));
        }
        figures
    }
}

/// A ratio that is 0 where there is nothing to divide by: no customer won, or no cost.
#[inline(always)]
fn ratio(over: f64, under: f64) -> f64 {
    let ratio = over / under;
    if under > 0.0 { ratio } else { 0.0 }
}

/// What the months add up to.
#[derive(Clone, Copy)]
struct Verdict {
    npv: Lane,
    /// Present value of the positive flows alone.
    inflow: Lane,
    pv_costs: Lane,
    costs: Lane,
    lowest: Lane,
    payback: Payback,
    discounted_payback: Payback,
}

/// When the money is back.
#[derive(Clone, Copy, Default)]
struct Payback {
    /// The month after the last one whose sum is negative: the horizon + 1 when that is the horizon,
    /// 0 when there is none.
    month: Lane,
    /// The sum before it.
    before: Lane,
}

impl Payback {
    /// The moment within the month, if its flow comes evenly.
    #[inline(always)]
    fn interpolated(&self, months: usize, flow: impl Fn(usize, usize) -> f64) -> Lane {
        let Self { mut month, before } = *self;
        for l in 0..LANES {
            let whole = month[l] as usize;
            if whole > 0 && whole < months {
                month[l] -= 1.0 + before[l] / flow(whole, l);
            }
        }
        month
    }
}

impl Verdict {
    fn new() -> Self {
        let zero = [0.0; LANES];
        Self {
            npv: zero,
            inflow: zero,
            pv_costs: zero,
            costs: zero,
            lowest: zero,
            payback: Payback::default(),
            discounted_payback: Payback::default(),
        }
    }
}

kernel! {
    fn judge<'a>(for S, simd; net: &'a [Lane], discount: &'a [Lane], cost: &'a [Lane]) -> Verdict {
        let mut verdict = Verdict::new();
        for part in 0..parts::<S>() {
            let load = |lane: &Lane| Vector::load(simd, lane, part);
            let zero = Vector::splat(simd, 0.0);
            let [mut cumulative, mut npv, mut inflow, mut pv_costs, mut costs, mut lowest] = [zero; 6];
            let [mut payback, mut discounted_payback] = [Watch::new(simd), Watch::new(simd)];
            for month in 0..net.len() {
                let (net, discount, cost) = (load(&net[month]), load(&discount[month]), load(&cost[month]));
                let (next, present) = (Vector::splat(simd, (month + 1) as f64), net * discount);
                cumulative = cumulative + net;
                npv = npv + present;
                inflow = inflow + present.max(zero);
                costs = costs + cost;
                pv_costs = cost.mul_add(discount, pv_costs);
                lowest = cumulative.min(lowest);
                payback.see(cumulative, next);
                discounted_payback.see(npv, next);
            }
            npv.store(&mut verdict.npv, part);
            inflow.store(&mut verdict.inflow, part);
            pv_costs.store(&mut verdict.pv_costs, part);
            costs.store(&mut verdict.costs, part);
            lowest.store(&mut verdict.lowest, part);
            payback.store(&mut verdict.payback, part);
            discounted_payback.store(&mut verdict.discounted_payback, part);
        }
        verdict
    }
}

/// Watches a sum, month by month, for the last time that it is negative.
#[derive(Clone, Copy)]
struct Watch<S: Simd> {
    zero: Vector<S>,
    month: Vector<S>,
    before: Vector<S>,
}

impl<S: Simd> Watch<S> {
    #[inline(always)]
    fn new(simd: S) -> Self {
        let zero = Vector::splat(simd, 0.0);
        Self {
            zero,
            month: zero,
            before: zero,
        }
    }

    /// Sees the sum after a month, `next` being the one that follows.
    #[inline(always)]
    fn see(&mut self, sum: Vector<S>, next: Vector<S>) {
        self.month = sum.if_less(self.zero, next, self.month);
        self.before = sum.if_less(self.zero, sum, self.before);
    }

    #[inline(always)]
    fn store(self, payback: &mut Payback, part: usize) {
        self.month.store(&mut payback.month, part);
        self.before.store(&mut payback.before, part);
    }
}

/// `(PV of inflows / PV of outflows)^(1/years)·(1 + rate) − 1`; −1 where flows have one sign only.
#[inline(always)]
fn modified_irr(inflow: f64, outflow: f64, rate: f64, years: f64) -> f64 {
    let defined = (inflow > 0.0) & (outflow > 0.0);
    let quotient = if defined { inflow / outflow } else { 1.0 };
    let growth = crate::math::exp(crate::math::ln(quotient) / years) * (1.0 + rate);
    if defined { growth - 1.0 } else { -1.0 }
}
