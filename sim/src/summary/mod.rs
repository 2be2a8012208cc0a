//! Many trials, in figures: each with its Monte Carlo error.

mod beside;
mod convention;
mod digest;
mod ledger;
mod level;
mod ranked;
mod sketch;
mod statistic;
mod values;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::flag::{Flag, FlagCode};
use crate::math::student_bound;
use crate::model::Model;
use crate::outcome::Outcome;
use crate::sampling::Sampling;
use crate::scenario::Idle;
use crate::trials::{Block, MONTHLY_TRIALS, Monthly, RunOptions};
pub(crate) use digest::Digest;
pub(crate) use ledger::LedgerTile;
pub(crate) use ranked::Ranks;
pub(crate) use ranked::quantiles;
use rayon::prelude::*;
use statistic::{Kind, Sample};
pub(crate) use values::Values;

pub use beside::{AtHorizon, Beside, GateValue, Money, StopValue, Unconfirmed};
pub use ledger::{ByMonth, LedgerLine, MonthlyLedger};
pub use level::Level;
pub use statistic::{Estimate, MonteCarloError, Shares, Statistics};

/// The result of a run, as it is printed and stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunResult {
    /// Name of the scenario.
    pub scenario: String,
    /// Hash of the baseline it stands on, if any.
    pub baseline_hash: Option<String>,
    /// Hash of scenario, baseline and engine version: the same hash, seed and trials, the same bytes.
    pub input_hash: String,
    /// Version of the engine.
    pub engine_version: String,
    /// Seed.
    pub seed: u64,
    /// Number of trials.
    pub trials: u64,
    /// How the trials were sampled.
    pub sampling: Sampling,
    /// Independent randomisations of `latin_hypercube` and `sobol`: their scatter is the Monte Carlo
    /// error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub randomisations: Option<u32>,
    /// Statistics of every outcome.
    pub outcomes: BTreeMap<Outcome, Statistics>,
    /// Shares of trials.
    pub probabilities: Probabilities,
    /// Mean NPV of the worst 5% of trials.
    pub cvar5: Estimate,
    /// Percentiles 1 to 99 of NPV, for a histogram or a dot plot.
    pub npv_percentiles: Vec<f64>,
    /// Bands by month.
    pub monthly: MonthlyBands,
    /// The ledger by line and month, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger: Option<MonthlyLedger>,
    /// What lies beyond the horizon, is not confirmed, or can be stopped.
    pub beside: Beside,
    /// What the figures mean, in words: timing, currency, payback and so on.
    pub conventions: BTreeMap<String, String>,
    /// What a reader must know: grades of effects, ceilings, quality of the records.
    pub flags: Vec<Flag>,
    /// Why there is no verdict: of every initiative that is said to change something, nothing can come.
    /// Empty where something can.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub no_verdict: Vec<Idle>,
}

impl RunResult {
    /// Half the width of a 95% interval, in Monte Carlo errors: the normal distribution's 1.96 for
    /// independent trials, Student's for the scatter of a few randomisations.
    pub fn half_width(&self) -> f64 {
        match self.randomisations {
            None => 1.96,
            Some(count) => student_bound(f64::from(count) - 1.0, 0.05),
        }
    }
}

/// Shares of trials in which something holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Probabilities {
    /// NPV below 0.
    pub npv_negative: Estimate,
    /// Not paid back within the horizon.
    pub no_payback: Estimate,
    /// Never any money out, so that nothing is to be paid back.
    pub nothing_to_pay_back: Estimate,
    /// No internal rate of return.
    pub no_irr: Estimate,
    /// More than one internal rate of return.
    pub several_irr: Estimate,
}

/// Bands over trials, month by month from month 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MonthlyBands {
    /// Trials behind the bands: the run's first ones.
    pub trials: u64,
    /// Cumulative discounted flow.
    pub cumulative_discounted_flow: Bands,
    /// Customers as things are.
    pub customers_baseline: Bands,
    /// Customers with the programme.
    pub customers_programme: Bands,
    /// Share of the customers of the month before who stayed, as things are.
    pub retention_baseline: Bands,
    /// Share of the customers of the month before who stayed, with the programme.
    pub retention_programme: Bands,
    /// Pools of seats.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seats: Vec<SeatBands>,
}

/// Seats of a pool by month from month 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeatBands {
    /// Name of the pool.
    pub pool: String,
    /// Seats that are paid as things are.
    pub as_is: Bands,
    /// Seats that are paid with the programme.
    pub programme: Bands,
    /// Minutes a month that are paid and not needed, as things are.
    pub slack_as_is: Bands,
    /// Minutes a month that are paid and not needed, with the programme.
    pub slack_programme: Bands,
}

/// Percentiles by month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "each field is the percentile that it is named after"
)]
pub struct Bands {
    pub p5: Vec<f64>,
    pub p25: Vec<f64>,
    pub p50: Vec<f64>,
    pub p75: Vec<f64>,
    pub p95: Vec<f64>,
}

/// Summarises the blocks of a run, in their order.
pub(crate) fn summarise(
    model: &Model,
    options: &RunOptions,
    blocks: &[Block],
    beside: Beside,
) -> RunResult {
    let sample = Sample::new(options);
    let of = |outcome| Values::new(blocks.iter().flat_map(move |block| block.outcome(outcome)));
    let several_irr = blocks.iter().map(Block::several_irr).sum::<u64>() as f64;
    let several_irr =
        statistic::independent_share(several_irr / options.trials as f64, options.trials as f64);
    let outcomes: Vec<(Outcome, Statistics)> = Outcome::ALL
        .into_par_iter()
        .map(|outcome| {
            let (values, kind) = (of(outcome), Kind::of(outcome, model.horizon));
            let share = |holds: &dyn Fn(f64) -> bool| sample.share(&values, holds);
            let shares = shares(outcome, kind, several_irr, share);
            (
                outcome,
                sample.numbers(&values).into_statistics(kind, shares),
            )
        })
        .collect();
    let npv = of(Outcome::Npv);
    let figures = Figures {
        outcomes: outcomes.into_iter().collect(),
        npv_negative: sample.share(&npv, |npv| npv < 0.0),
        cvar5: sample.cvar5(&npv),
        npv_percentiles: quantiles(&npv, percentiles()).to_vec(),
        // Only the first block has months, because a block holds more trials than are kept.
        monthly: monthly_bands(model, &blocks[0].monthly().collect::<Vec<_>>()),
        quantiles: "linear between order statistics",
    };
    figures.into_result(model, options, beside)
}

/// Summarises a run whose outcomes were too many to keep.
pub(crate) fn summarise_digest(
    model: &Model,
    options: &RunOptions,
    digest: &Digest,
    beside: Beside,
) -> RunResult {
    let trials = options.trials as f64;
    let several_irr = statistic::independent_share(digest.several_irr() as f64 / trials, trials);
    let outcomes: Vec<(Outcome, Statistics)> = Outcome::ALL
        .into_par_iter()
        .map(|outcome| {
            let (figure, kind) = (digest.figure(outcome), Kind::of(outcome, model.horizon));
            let share = |holds: &dyn Fn(f64) -> bool| figure.share(holds);
            let shares = shares(outcome, kind, several_irr, share);
            (outcome, figure.numbers().into_statistics(kind, shares))
        })
        .collect();
    let npv = digest.figure(Outcome::Npv);
    let figures = Figures {
        outcomes: outcomes.into_iter().collect(),
        npv_negative: npv.share(|npv| npv < 0.0),
        cvar5: npv.cvar5(),
        npv_percentiles: npv.percentiles(),
        monthly: monthly_bands(model, &digest.monthly.iter().collect::<Vec<_>>()),
        quantiles: "of values rounded to 12 binary digits, so within 0.025%, because there are too many to keep",
    };
    figures.into_result(model, options, beside)
}

/// Shares of trials with and without a value, of an outcome that not every trial has.
fn shares(
    outcome: Outcome,
    kind: Kind,
    several_irr: Estimate,
    share: impl Fn(&dyn Fn(f64) -> bool) -> Estimate,
) -> Option<Shares> {
    match kind {
        Kind::Number => None,
        Kind::Payback { never } => Some(Shares {
            value: share(&|month| month != never && month != 0.0),
            never: Some(share(&|month| month == never)),
            nothing_to_pay_back: Some(share(&|month| month == 0.0)),
            none: None,
            several: None,
        }),
        Kind::Rate => {
            let without = share(&|rate| rate == -1.0);
            let several = (outcome == Outcome::IrrAnnual).then_some(several_irr);
            Some(Shares {
                value: share(&|rate| rate != -1.0),
                never: None,
                nothing_to_pay_back: None,
                none: Some(Estimate {
                    value: without.value - several.map_or(0.0, |several| several.value),
                    ..without
                }),
                several,
            })
        }
    }
}

/// Probabilities of the percentiles 1 to 99.
fn percentiles() -> [f64; 99] {
    std::array::from_fn(|i| (i + 1) as f64 / 100.0)
}

/// What a result says of its trials.
struct Figures {
    outcomes: BTreeMap<Outcome, Statistics>,
    npv_negative: Estimate,
    cvar5: Estimate,
    npv_percentiles: Vec<f64>,
    monthly: MonthlyBands,
    /// How quantiles were taken.
    quantiles: &'static str,
}

impl Figures {
    fn into_result(self, model: &Model, options: &RunOptions, beside: Beside) -> RunResult {
        let mut flags = model.flags.clone();
        let costs = self.outcomes.get(&Outcome::PvCosts);
        let costs = costs.and_then(|it| it.mean).unwrap_or_default();
        // What moves less than a hundredth of the cost is beside the point.
        let moves = beside
            .unconfirmed
            .as_ref()
            .filter(|it| it.npv.value.abs() > 0.01 * costs);
        flags.extend(moves.map(|it| unconfirmed(model, it)));
        let shares = |outcome| {
            self.outcomes
                .get(&outcome)
                .and_then(|it: &Statistics| it.shares.as_ref())
        };
        let none = Estimate {
            value: 0.0,
            mc_error: 0.0,
        };
        let of = |share: Option<Estimate>| share.unwrap_or(none);
        let (payback, irr) = (shares(Outcome::PaybackMonth), shares(Outcome::IrrAnnual));
        let probabilities = Probabilities {
            npv_negative: self.npv_negative,
            no_payback: of(payback.and_then(|it| it.never)),
            nothing_to_pay_back: of(payback.and_then(|it| it.nothing_to_pay_back)),
            no_irr: of(irr.and_then(|it| it.none)),
            several_irr: of(irr.and_then(|it| it.several)),
        };
        RunResult {
            scenario: model.name.clone(),
            baseline_hash: model.baseline_hash.clone(),
            input_hash: model.input_hash.clone(),
            engine_version: env!("CARGO_PKG_VERSION").to_owned(),
            seed: options.seed,
            trials: options.trials,
            sampling: options.sampling,
            randomisations: (options.sampling != Sampling::Random)
                .then_some(options.randomisations),
            outcomes: self.outcomes,
            probabilities,
            cvar5: self.cvar5,
            npv_percentiles: self.npv_percentiles,
            monthly: self.monthly,
            ledger: None,
            beside,
            conventions: convention::conventions(model, self.quantiles),
            flags,
            no_verdict: model.no_verdict.clone(),
        }
    }
}

/// Statistics of a difference trial by trial, and the share of trials in which it is positive.
pub(crate) fn difference(options: &RunOptions, values: &[f64]) -> (Statistics, Estimate) {
    let (sample, values) = (Sample::new(options), Values::from(values));
    (
        sample.statistics(&values),
        sample.share(&values, |value| value > 0.0),
    )
}

/// What finance has not confirmed.
fn unconfirmed(model: &Model, it: &Unconfirmed) -> Flag {
    let (currency, a_year, npv) = (&model.currency, it.a_year.value, it.npv.value);
    let detail = format!(
        "unconfirmed: {currency} {a_year:.0} a year of cost that the programme avoids counts 0, because \
         finance has not confirmed that it is avoidable; all of it would add {currency} {npv:.0} to the \
         net present value"
    );
    Flag::of_all(FlagCode::Unconfirmed, detail)
}

/// Share of values below 0.
pub(crate) fn share_below_zero(options: &RunOptions, values: &[f64]) -> Estimate {
    Sample::new(options).share(&Values::from(values), |value| value < 0.0)
}

fn monthly_bands(model: &Model, tiles: &[&Monthly]) -> MonthlyBands {
    const { assert!(MONTHLY_TRIALS <= crate::trials::BLOCK_TRIALS) };
    let months = tiles.first().map_or(0, |tile| tile.months());
    let bands = |series: usize| {
        let bands: Vec<[f64; 5]> = (0..months)
            .into_par_iter()
            .map(|month| {
                let slices = tiles.iter().flat_map(|tile| tile.values(month, series));
                quantiles(&Values::new(slices), [0.05, 0.25, 0.5, 0.75, 0.95])
            })
            .collect();
        let band = |i: usize| bands.iter().map(|month| month[i]).collect();
        Bands {
            p5: band(0),
            p25: band(1),
            p50: band(2),
            p75: band(3),
            p95: band(4),
        }
    };
    let seats = model.seats.iter().enumerate().map(|(place, pool)| {
        let [as_is, programme, slack_as_is, slack_programme] = Monthly::of_seats(place).map(bands);
        SeatBands {
            pool: pool.name.clone(),
            as_is,
            programme,
            slack_as_is,
            slack_programme,
        }
    });
    MonthlyBands {
        trials: tiles.iter().map(|tile| tile.trials() as u64).sum(),
        cumulative_discounted_flow: bands(0),
        customers_baseline: bands(1),
        customers_programme: bands(2),
        retention_baseline: bands(3),
        retention_programme: bands(4),
        seats: seats.collect(),
    }
}
