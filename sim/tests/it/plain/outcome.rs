//! What the flows of one future come to.

use keepworth_sim::scenario::Timing;
use keepworth_sim::{Outcome, Scenario};

use super::ledger::{Ledger, Lines};
use super::seats::Pool;
use super::world::Worlds;

/// The figures of one future.
pub struct Verdict {
    figures: Vec<(Outcome, f64)>,
    /// All money that moves, discounted: what rounding errors are in proportion to.
    pub turnover: f64,
    /// What flows out, or what flows in if that is less, at its present value.
    pub smaller_side: f64,
    /// Cumulative flows, undiscounted and discounted.
    pub cumulative: [Vec<f64>; 2],
    pub flows: Vec<f64>,
    /// Profit and loss by line and month: as things are, and the difference.
    pub lines: Lines,
    /// By pool and month: seats as things are and with the programme, and slack minutes of both.
    pub seats: Vec<(String, Vec<[f64; 4]>)>,
}

impl Verdict {
    /// `rate` is the discount rate, `terminal` the value beyond the horizon.
    pub fn new(
        scenario: &Scenario,
        worlds: &Worlds,
        ledger: &Ledger<'_>,
        rate: f64,
        terminal: f64,
    ) -> Self {
        let factor = |month: usize| discount(scenario.timing, rate, month);
        let months = ledger.flows.len();
        let horizon = (months - 1) as f64;
        let present =
            |flows: &[f64]| -> f64 { flows.iter().enumerate().map(|(t, f)| f * factor(t)).sum() };
        let discounted: Vec<f64> = ledger
            .flows
            .iter()
            .enumerate()
            .map(|(t, f)| f * factor(t))
            .collect();
        let npv = present(&ledger.flows) + terminal;
        let costs = present(&ledger.operating) + present(&ledger.capital);
        let (as_is, with) = worlds.at_the_end();
        let cumulative = [sums(&ledger.flows), sums(&discounted)];
        let simple = payback(&cumulative[0], horizon);
        let later = payback(&cumulative[1], horizon);
        let lowest = cumulative[0].iter().copied().fold(0.0, f64::min);
        let outlay = -ledger.flows[0];
        let index = if outlay > 0.0 {
            (npv - terminal + outlay) / outlay
        } else {
            0.0
        };
        let figures = vec![
            (Outcome::Npv, npv),
            (Outcome::Roi, if costs == 0.0 { 0.0 } else { npv / costs }),
            (Outcome::PaybackMonth, simple.0),
            (Outcome::IrrAnnual, irr(&ledger.flows)),
            (Outcome::FinalCustomers, with),
            (
                Outcome::AcquisitionToMaintenance,
                keep_or_win(worlds, ledger),
            ),
            (Outcome::DiscountedPaybackMonth, later.0),
            (Outcome::PeakFunding, -lowest),
            (Outcome::CustomersKept, with - as_is),
            (Outcome::PvCosts, costs),
            (Outcome::MirrAnnual, mirr(&discounted, rate)),
            (Outcome::ProfitabilityIndex, index),
            (Outcome::TerminalValue, terminal),
            (Outcome::PaybackInterpolated, simple.1),
            (Outcome::DiscountedPaybackInterpolated, later.1),
            (
                Outcome::Clv,
                lifetime_value(scenario, worlds, ledger, &factor),
            ),
        ];
        let turnover = present(&ledger.turnover);
        let (out, inward) = sides(&discounted);
        Self {
            figures,
            turnover,
            smaller_side: out.min(inward),
            cumulative,
            flows: ledger.flows.clone(),
            lines: ledger.lines.clone(),
            seats: seats(scenario, ledger),
        }
    }

    /// Whether rounding decides how many rates of return are found: two of them near each other, or
    /// one near the end of the search.
    pub fn rates_are_close(&self) -> bool {
        let begun = self.flows.iter().position(|flow| *flow != 0.0).unwrap_or(0);
        let roots = roots(&|x| value_at(&self.flows[begun..], x), 1.26);
        let end = roots.iter().any(|x| (x - 1.25).abs() < 1e-3 || *x < 1e-3);
        end || roots.windows(2).any(|it| it[1] - it[0] < 0.006) || self.has_a_valley()
    }

    /// Whether a month's flow is a difference that is none, so that its sign is chance where it is rounded: in one engine
    /// it may be 0, in the other not.
    pub fn is_faint(&self) -> bool {
        let is_rounding = |flow: &f64| flow.abs() < 1e-12 * self.turnover;
        self.flows.iter().any(is_rounding)
    }

    /// Whether the value comes near zero without crossing it, where there may be two rates or none.
    fn has_a_valley(&self) -> bool {
        let gross: f64 = self.flows.iter().map(|flow| flow.abs()).sum();
        let at = |step: u32| value_at(&self.flows, 1.25 * f64::from(step) / 2_000.0);
        (1..2_000).any(|step| {
            let [before, here, after] = [step - 1, step, step + 1].map(at);
            let turns = here.abs() <= before.abs() && here.abs() <= after.abs();
            turns && here.abs() < 1e-4 * gross && before.signum() == after.signum()
        })
    }

    /// Whether a rate of return makes the flows worth nothing, but for rounding.
    pub fn is_rate(&self, rate: f64) -> bool {
        value_at(&self.flows, (1.0 + rate).powf(-1.0 / 12.0)).abs() <= 1e-13 * self.turnover
    }

    pub fn figure(&self, outcome: Outcome) -> f64 {
        self.figures
            .iter()
            .find(|(of, _)| *of == outcome)
            .unwrap()
            .1
    }
}

/// Seats within the horizon, by pool.
fn seats(scenario: &Scenario, ledger: &Ledger<'_>) -> Vec<(String, Vec<[f64; 4]>)> {
    let months = scenario.horizon_months as usize + 1;
    let within = |pool: &Pool<'_>| pool.table().into_iter().take(months).collect();
    let pools = ledger.pools.iter();
    pools.map(|it| (it.name().to_owned(), within(it))).collect()
}

/// What a flow of a month is worth at month 0.
pub fn discount(timing: Timing, rate: f64, month: usize) -> f64 {
    let years = match timing {
        Timing::End => month as f64 / 12.0,
        Timing::Mid if month == 0 => 0.0,
        Timing::Mid => (month as f64 - 0.5) / 12.0,
        Timing::Tei => month.div_ceil(12) as f64,
    };
    (1.0 + rate).powf(-years)
}

fn sums(flows: &[f64]) -> Vec<f64> {
    let mut sum = 0.0;
    let add = |flow: &f64| {
        sum += flow;
        sum
    };
    flows.iter().map(add).collect()
}

/// The last month whose cumulative flow is not negative while the month before it is: as a whole
/// month, and as the moment within it.
fn payback(cumulative: &[f64], horizon: f64) -> (f64, f64) {
    if cumulative.iter().all(|sum| *sum >= 0.0) {
        return (0.0, 0.0);
    }
    if *cumulative.last().unwrap() < 0.0 {
        return (horizon + 1.0, horizon + 1.0);
    }
    let turns = |t: &usize| cumulative[*t] >= 0.0 && cumulative[*t - 1] < 0.0;
    let month = (1..cumulative.len()).rev().find(turns).unwrap();
    let (before, after) = (cumulative[month - 1], cumulative[month]);
    (month as f64, (month - 1) as f64 + before / (before - after))
}

/// Flows whose month is worth `x` of the month before.
fn value_at(flows: &[f64], x: f64) -> f64 {
    flows.iter().rev().fold(0.0, |sum, flow| sum * x + flow)
}

/// Rate of return a year: −1 where there is none, or several.
fn irr(flows: &[f64]) -> f64 {
    let begun = flows.iter().position(|flow| *flow != 0.0).unwrap_or(0);
    let roots = roots(&|x| value_at(&flows[begun..], x), 1.25);
    match roots[..] {
        [only] => only.powi(-12) - 1.0,
        _ => -1.0,
    }
}

/// Where a function is zero between 0 and `end`: a fine grid, then halving.
pub fn roots(value: &dyn Fn(f64) -> f64, end: f64) -> Vec<f64> {
    const STEPS: u32 = 2_000;
    let at = |step: u32| end * f64::from(step) / f64::from(STEPS);
    let mut roots = Vec::new();
    for step in 0..STEPS {
        let (mut low, mut high) = (at(step), at(step + 1));
        let sign = value(low).signum();
        if value(low) == 0.0 || sign == value(high).signum() && value(high) != 0.0 {
            continue;
        }
        while high - low > 1e-15 * high {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                break;
            }
            if value(middle).signum() == sign {
                low = middle;
            } else {
                high = middle;
            }
        }
        roots.push(high);
    }
    roots
}

/// What flows out and what flows in, both at their present value.
fn sides(discounted: &[f64]) -> (f64, f64) {
    let out: f64 = discounted.iter().map(|flow| (-flow).max(0.0)).sum();
    let inward = discounted.iter().map(|flow| flow.max(0.0)).sum();
    (out, inward)
}

/// Money borrowed and money earned both at the discount rate.
fn mirr(discounted: &[f64], rate: f64) -> f64 {
    let years = (discounted.len() - 1) as f64 / 12.0;
    let (out, inward) = sides(discounted);
    if out == 0.0 || inward == 0.0 {
        return -1.0;
    }
    (inward / out).powf(1.0 / years) * (1.0 + rate) - 1.0
}

/// Mean cost of winning a customer over the yearly cost of keeping one.
fn keep_or_win(worlds: &Worlds, ledger: &Ledger<'_>) -> f64 {
    let won: f64 = worlds.segments.iter().map(|pair| pair.won).sum();
    let horizon = (ledger.flows.len() - 1) as f64;
    let months: f64 = worlds
        .segments
        .iter()
        .map(|pair| (1..pair.with.len()).map(|t| pair.heads(t).1).sum::<f64>())
        .sum();
    let programme: f64 = ledger.operating.iter().chain(&ledger.capital).sum();
    let keeping = 12.0 * (ledger.serving + programme) / months;
    if won == 0.0 || keeping == 0.0 {
        0.0
    } else {
        ledger.winning / (won * horizon) / keeping
    }
}

/// Present value, when it is won, of what a customer brings within as many months as are simulated.
fn lifetime_value(
    scenario: &Scenario,
    worlds: &Worlds,
    ledger: &Ledger<'_>,
    factor: &dyn Fn(usize) -> f64,
) -> f64 {
    let (mut value, mut won) = (0.0, 0.0);
    for (pair, money) in worlds.segments.iter().zip(&ledger.money) {
        for month in 1..=scenario.horizon_months as usize {
            let there = pair.counted(pair.survival[month - 1], pair.survival[month]);
            value += pair.won * money.unit() * there * factor(month);
        }
        won += pair.won;
    }
    if won == 0.0 { 0.0 } else { value / won }
}
