//! Many trials, in figures: each with its Monte Carlo error.

mod convention;
mod digest;
mod ranked;
mod sketch;
mod statistic;
mod values;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::math::student_bound;
use crate::model::Model;
use crate::outcome::Outcome;
use crate::run::{Block, MONTHLY_TRIALS, Monthly, RunOptions, SERIES};
use crate::sampling::Sampling;
pub(crate) use digest::Digest;
pub(crate) use ranked::Ranks;
use ranked::quantiles;
use rayon::prelude::*;
use statistic::Sample;
pub(crate) use values::Values;

pub use statistic::{Estimate, MonteCarloError, Statistics};

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
    /// What the figures mean, in words: timing, currency, payback and so on.
    pub conventions: BTreeMap<String, String>,
    /// What a reader must know: grades of effects, ceilings, quality of the records.
    pub flags: Vec<String>,
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
pub(crate) fn summarise(model: &Model, options: &RunOptions, blocks: &[Block]) -> RunResult {
    let sample = Sample::new(options);
    let of = |outcome| Values::new(blocks.iter().flat_map(move |block| block.outcome(outcome)));
    let outcomes: Vec<(Outcome, Statistics)> = Outcome::ALL
        .into_par_iter()
        .map(|o| (o, sample.statistics(&of(o))))
        .collect();
    let never = (model.horizon + 1) as f64;
    let npv = of(Outcome::Npv);
    let figures = Figures {
        outcomes: outcomes.into_iter().collect(),
        npv_negative: sample.share(&npv, |npv| npv < 0.0),
        no_payback: sample.share(&of(Outcome::PaybackMonth), |month| month == never),
        no_single_irr: sample.share(&of(Outcome::IrrAnnual), |rate| rate == -1.0),
        several_irr: blocks.iter().map(Block::several_irr).sum(),
        cvar5: sample.cvar5(&npv),
        npv_percentiles: quantiles(&npv, percentiles()).to_vec(),
        // Only the first block has months, because a block holds more trials than are kept.
        monthly: monthly_bands(&blocks[0].monthly().collect::<Vec<_>>()),
        quantiles: "linear between order statistics",
    };
    figures.into_result(model, options)
}

/// Summarises a run whose outcomes were too many to keep.
pub(crate) fn summarise_digest(model: &Model, options: &RunOptions, digest: &Digest) -> RunResult {
    let outcomes: Vec<(Outcome, Statistics)> = Outcome::ALL
        .into_par_iter()
        .map(|outcome| (outcome, digest.figure(outcome).statistics()))
        .collect();
    let never = (model.horizon + 1) as f64;
    let npv = digest.figure(Outcome::Npv);
    let share = |outcome, holds: fn(f64, f64) -> bool| {
        digest.figure(outcome).share(|value| holds(value, never))
    };
    let figures = Figures {
        outcomes: outcomes.into_iter().collect(),
        npv_negative: npv.share(|npv| npv < 0.0),
        no_payback: share(Outcome::PaybackMonth, |month, never| month == never),
        no_single_irr: share(Outcome::IrrAnnual, |rate, _| rate == -1.0),
        several_irr: digest.several_irr(),
        cvar5: npv.cvar5(),
        npv_percentiles: npv.percentiles(),
        monthly: monthly_bands(&digest.monthly.iter().collect::<Vec<_>>()),
        quantiles: "of values rounded to 12 binary digits, so within 0.025%, because there are too many to keep",
    };
    figures.into_result(model, options)
}

/// Probabilities of the percentiles 1 to 99.
fn percentiles() -> [f64; 99] {
    std::array::from_fn(|i| (i + 1) as f64 / 100.0)
}

/// What a result says of its trials.
struct Figures {
    outcomes: BTreeMap<Outcome, Statistics>,
    npv_negative: Estimate,
    no_payback: Estimate,
    /// None or several.
    no_single_irr: Estimate,
    /// Trials with several.
    several_irr: u64,
    cvar5: Estimate,
    npv_percentiles: Vec<f64>,
    monthly: MonthlyBands,
    /// How quantiles were taken.
    quantiles: &'static str,
}

impl Figures {
    fn into_result(self, model: &Model, options: &RunOptions) -> RunResult {
        let trials = options.trials as f64;
        let several = self.several_irr as f64 / trials;
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
            probabilities: Probabilities {
                npv_negative: self.npv_negative,
                no_payback: self.no_payback,
                no_irr: Estimate {
                    value: self.no_single_irr.value - several,
                    ..self.no_single_irr
                },
                several_irr: statistic::independent_share(several, trials),
            },
            cvar5: self.cvar5,
            npv_percentiles: self.npv_percentiles,
            monthly: self.monthly,
            conventions: convention::conventions(model, self.quantiles),
            flags: model.flags.clone(),
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

fn monthly_bands(tiles: &[&Monthly]) -> MonthlyBands {
    const { assert!(MONTHLY_TRIALS <= crate::run::BLOCK_TRIALS) };
    let months = tiles.first().map_or(0, |tile| tile.months());
    let bands: Vec<[[f64; 5]; SERIES]> = (0..months)
        .into_par_iter()
        .map(|month| {
            std::array::from_fn(|series| {
                let slices = tiles.iter().flat_map(|tile| tile.values(month, series));
                quantiles(&Values::new(slices), [0.05, 0.25, 0.5, 0.75, 0.95])
            })
        })
        .collect();
    let bands = |series: usize| {
        let band = |i: usize| bands.iter().map(|month| month[series][i]).collect();
        Bands {
            p5: band(0),
            p25: band(1),
            p50: band(2),
            p75: band(3),
            p95: band(4),
        }
    };
    MonthlyBands {
        trials: tiles.iter().map(|tile| tile.trials() as u64).sum(),
        cumulative_discounted_flow: bands(0),
        customers_baseline: bands(1),
        customers_programme: bands(2),
        retention_baseline: bands(3),
        retention_programme: bands(4),
    }
}
