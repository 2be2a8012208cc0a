//! A scenario resolved against its baseline: every name an index, every figure checked.

mod adoption;
mod belief;
mod builder;
mod effect;
mod gate;
mod hazard;
mod initiative;
mod overlap;
mod place;
mod readiness;
mod resolve;
mod segment;
mod source;
mod term;
mod terminal;
mod variant;

use std::ops::Range;
use std::sync::Arc;

use crate::baseline::Heads;
use crate::flag::Flag;
use crate::inputs::{Copula, Distribution, Grade, Posterior, Quantile};
use crate::scenario::{Avoidable, Demography, Idle, Lever, RiskAdjustment, Timing};

pub(crate) use term::Term;

/// A scenario that can be run: names resolved, figures checked, inputs numbered.
///
/// Made by [`Scenario::resolve`](crate::Scenario::resolve).
#[derive(Debug, Clone)]
pub struct Model {
    pub(crate) name: String,
    pub(crate) currency: String,
    pub(crate) baseline_hash: Option<String>,
    pub(crate) input_hash: String,
    pub(crate) horizon: usize,
    pub(crate) timing: Timing,
    pub(crate) demography: Demography,
    pub(crate) heads: Heads,
    pub(crate) rate: Term,
    pub(crate) tax_rate: f64,
    pub(crate) depreciation_months: usize,
    pub(crate) terminal: Terminal,
    pub(crate) outlook: Option<Outlook>,
    /// Last month in which anybody is won or recruited.
    pub(crate) last_entry: usize,
    pub(crate) risk_adjustment: RiskAdjustment,
    pub(crate) inputs: Vec<Input>,
    /// By input: shared by the variants of a model, because preparing takes longer than many runs.
    pub(crate) prepared: Arc<[Prepared]>,
    pub(crate) groups: Vec<CorrelatedInputs>,
    pub(crate) segments: Vec<Segment>,
    pub(crate) training: Option<Training>,
    pub(crate) curves: Vec<Curve>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) replaced: Vec<Replaced>,
    pub(crate) initiatives: Vec<Initiative>,
    pub(crate) flags: Vec<Flag>,
    /// Why there can be no verdict: of every initiative that is said to change something, nothing can
    /// come.
    pub(crate) no_verdict: Vec<Idle>,
}

/// What of the value beyond the horizon counts in NPV.
#[derive(Debug, Clone)]
pub(crate) enum Terminal {
    /// Nothing.
    None,
    /// The recurring flow of the last month for ever, growing by so much a year.
    Perpetuity(f64),
    /// What the customers of the last month live out, in this continuation of the model.
    RunOff(Arc<Model>),
}

/// What is foreseen of leaving whatever is done.
#[derive(Debug, Clone)]
pub(crate) struct Outlook {
    /// Factor on every hazard.
    pub(crate) hazard_factor: Term,
    /// Growth of every hazard a year.
    pub(crate) hazard_trend: Term,
}

/// One uncertain input of a model. Its index in [`Model::inputs`] is the index of its uniform.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// Name: of `[inputs]`, or the path of the figure it belongs to.
    pub name: String,
    /// Unit, for the reader.
    pub unit: String,
    /// Evidence behind it, where stated.
    pub grade: Option<Grade>,
    /// Where it comes from.
    pub note: String,
    /// How a uniform becomes its value.
    pub draw: Draw,
    /// Index of its uniforms in the sampling plan: equal names share it when models are compared.
    pub(crate) stream: usize,
}

/// How a uniform becomes the value of an input.
#[derive(Debug, Clone, PartialEq)]
pub enum Draw {
    /// The distribution's quantile at the uniform.
    Quantile(Distribution),
    /// 1 where the uniform is below the probability, else 0.
    Success(f64),
}

impl Draw {
    /// Made ready for millions of uniforms.
    pub(crate) fn prepare(&self) -> Prepared {
        match self {
            Self::Quantile(distribution) => Prepared::Quantile(distribution.prepare()),
            Self::Success(probability) => Prepared::Success(*probability),
        }
    }
}

/// A [`Draw`] made ready.
#[derive(Debug)]
pub(crate) enum Prepared {
    Quantile(Quantile),
    Success(f64),
}

/// Inputs that a copula ties together.
#[derive(Debug, Clone)]
pub(crate) struct CorrelatedInputs {
    pub(crate) members: Vec<usize>,
    pub(crate) copula: Copula,
}

#[derive(Debug, Clone)]
pub(crate) struct Segment {
    pub(crate) name: String,
    /// Customers at month 0 by completed months of tenure.
    pub(crate) customers: Vec<f64>,
    pub(crate) won: Term,
    pub(crate) hazard: Hazard,
    /// Mean monthly hazard of the customers at month 0, every parameter at its mean.
    pub(crate) typical_hazard: f64,
    /// Least monthly hazard at any age, every parameter at its mean; 0 where it falls for ever.
    pub(crate) lasting_hazard: f64,
    pub(crate) revenue: Term,
    pub(crate) margin: Term,
    pub(crate) overhead: Term,
    pub(crate) overhead_avoidable: Confirmed,
    pub(crate) channels: Vec<Channel>,
    pub(crate) acquisition_cost: Term,
    pub(crate) experience_share: Option<Term>,
    /// Effects that reach the segment, by lever, grouped by adoption curve.
    pub(crate) levers: Vec<(Lever, EffectGroups)>,
    /// Whether the programme may leave it with fewer customers in some future: an effect can harm.
    pub(crate) may_lose: bool,
}

impl Segment {
    /// The effects on one lever.
    pub(crate) fn effects_on(&self, lever: Lever) -> &[EffectGroup] {
        self.levers
            .iter()
            .find(|(l, _)| *l == lever)
            .map_or(&[], |(_, groups)| groups)
    }
}

/// Effects on one lever: each group shares an adoption curve.
pub(crate) type EffectGroups = Vec<EffectGroup>;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EffectGroup {
    /// Index of the adoption curve.
    pub(crate) curve: usize,
    /// Index of the effect (after those of the model come the replaced ones), and its reach: negative for levers that are increases.
    pub(crate) members: Vec<(usize, f64)>,
}

#[derive(Debug, Clone)]
pub(crate) enum Hazard {
    Constant(Parameters),
    /// First month of each band, and the hazards.
    Bands(Vec<usize>, Parameters),
    /// α, β and the shape c.
    Heterogeneous(Parameters),
}

impl Hazard {
    /// What is drawn of it.
    pub(crate) fn parameters(&self) -> &Parameters {
        match self {
            Self::Constant(parameters)
            | Self::Bands(_, parameters)
            | Self::Heterogeneous(parameters) => parameters,
        }
    }
}

/// Parameters of a hazard, drawn each trial.
#[derive(Debug, Clone)]
pub(crate) enum Parameters {
    Terms(Vec<Term>),
    /// The posterior of the logarithms, and the standard normal inputs that drive it.
    Posterior {
        posterior: Posterior,
        normals: Vec<usize>,
    },
    /// Hazards times one common factor.
    Scaled {
        hazards: Vec<f64>,
        log_sd: f64,
        normal: usize,
    },
}

/// The share φ of a cost that is avoidable, where finance has confirmed one.
///
/// One minute has one price once it is confirmed: φ of it is saved where it is avoided and spent
/// where it is added. Unconfirmed, the cautious reading holds: nothing is saved, all is spent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Confirmed(pub(crate) Option<Avoidable>);

impl Confirmed {
    /// Share of an avoided cost that is saved in a month.
    pub(crate) fn saved(&self, month: usize) -> f64 {
        self.at(month).unwrap_or(0.0)
    }

    /// Share of an added cost that is spent in a month.
    pub(crate) fn spent(&self, month: usize) -> f64 {
        self.at(month).unwrap_or(1.0)
    }

    fn at(&self, month: usize) -> Option<f64> {
        self.0.as_ref().map(|avoidable| avoidable.share(month))
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Channel {
    pub(crate) name: String,
    pub(crate) contacts: Term,
    pub(crate) minutes: Term,
    pub(crate) cost_per_minute: Term,
    pub(crate) avoidable: Confirmed,
    /// Effects on contacts and on minutes that touch this channel.
    pub(crate) effects: EffectGroups,
}

#[derive(Debug, Clone)]
pub(crate) struct Training {
    pub(crate) hires: Term,
    pub(crate) hours: Term,
    pub(crate) rate: Term,
    pub(crate) avoidable: Confirmed,
    pub(crate) effects: EffectGroups,
}

/// Adoption by month.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Curve {
    pub(crate) shape: Shape,
    /// Months added before anything happens: the start and the delay through readiness.
    pub(crate) shift: f64,
    pub(crate) level: Term,
    /// Months before the effect fades, and the months in which it halves.
    pub(crate) decay: Option<(f64, f64)>,
    /// Months in which it acts, the last exclusive; all when absent.
    pub(crate) window: Option<(usize, usize)>,
    /// Months in one of which it must lie as well, where its costs do not run for ever.
    pub(crate) lives: Option<Vec<Range<usize>>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    Linear { delay: Term, ramp: Term },
    Logistic { midpoint: Term, steepness: Term },
}

#[derive(Debug, Clone)]
pub(crate) struct Effect {
    pub(crate) lever: Lever,
    pub(crate) size: Term,
    /// Mean around which a grade spreads the size, and by how much.
    pub(crate) spread: Option<(f64, f64)>,
    pub(crate) causal_share: Term,
    pub(crate) realisation: f64,
    /// Whether it can be negative.
    pub(crate) may_harm: bool,
    pub(crate) initiative: usize,
}

/// A pilot's effect after its roll-out has started: that of the pilot where the roll-out was done, or
/// where it was not, else 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Replaced {
    /// Index of the pilot's effect.
    pub(crate) effect: usize,
    /// Index of the roll-out.
    pub(crate) rollout: usize,
    /// Where it acts: in the futures in which it was rolled out, or in the others.
    pub(crate) rolled_out: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Initiative {
    pub(crate) name: String,
    /// Whether it is done at all: switched off for attribution and portfolios.
    pub(crate) active: bool,
    /// Input that is 1 where it works.
    pub(crate) success: Option<usize>,
    pub(crate) gate: Option<Gate>,
    pub(crate) costs: Vec<CostLine>,
}

#[derive(Debug, Clone)]
pub(crate) struct Gate {
    /// Index of the pilot, which comes before every initiative that it gates.
    pub(crate) pilot: usize,
    /// Index of the effect that is read.
    pub(crate) effect: usize,
    pub(crate) threshold: f64,
    pub(crate) reading_sd: f64,
    /// Standard normal input: the reading's error.
    pub(crate) noise: usize,
    /// Whether the roll-out takes the pilot's draws.
    pub(crate) same: bool,
    /// First month of the roll-out.
    pub(crate) from: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct CostLine {
    pub(crate) amount: Term,
    /// First and last month, inclusive; they may lie beyond the horizon.
    pub(crate) first: usize,
    pub(crate) last: usize,
    /// Whether it is spent every month.
    pub(crate) monthly: bool,
    pub(crate) capex: bool,
}

impl Model {
    /// The uncertain inputs, in the order of their uniforms.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// Name of the scenario.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Hash of the scenario, the baseline and the engine's version that it was made of.
    pub fn input_hash(&self) -> &str {
        &self.input_hash
    }

    /// Names of the initiatives, in the order in which [`Model::with_active`] takes them.
    pub fn initiatives(&self) -> impl ExactSizeIterator<Item = &str> {
        self.initiatives
            .iter()
            .map(|initiative| initiative.name.as_str())
    }

    /// Names of the segments.
    pub fn segments(&self) -> impl ExactSizeIterator<Item = &str> {
        self.segments.iter().map(|segment| segment.name.as_str())
    }

    /// Months simulated.
    pub fn horizon_months(&self) -> usize {
        self.horizon
    }

    /// ISO 4217 code of every amount.
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// What a reader of results must know: grades of effects, ceilings, quality of the records.
    pub fn flags(&self) -> &[Flag] {
        &self.flags
    }
}

impl CostLine {
    /// Last month of a cost that is spent as long as anybody looks.
    pub(crate) const ENDLESS: u32 = u32::MAX;

    /// The months in which it is spent, of so many from 0.
    pub(crate) fn months(&self, of: usize) -> Range<usize> {
        let end = self.last.saturating_add(1).min(of);
        self.first.min(end)..end
    }

    /// Whether it has no end.
    pub(crate) fn is_endless(&self) -> bool {
        self.last == Self::ENDLESS as usize
    }
}

impl Curve {
    /// Whether adoption has not come near its level in a month, every parameter at its mean.
    fn is_ramping(&self, model: &Model, month: usize) -> bool {
        let mean = |term: Term| match term {
            Term::Fixed(value) => value,
            Term::Input { index, scale } => match &model.inputs[index].draw {
                Draw::Quantile(distribution) => scale * distribution.mean(),
                Draw::Success(probability) => scale * probability,
            },
        };
        let t = month as f64 - self.shift;
        match self.shape {
            Shape::Linear { delay, ramp } => t < mean(delay) + mean(ramp),
            // 95% of the level: three steepnesses after the midpoint.
            Shape::Logistic {
                midpoint,
                steepness,
            } => t < mean(midpoint) + 3.0 * mean(steepness),
        }
    }
}
