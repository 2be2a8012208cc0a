//! A scenario resolved against its baseline: every name an index, every figure checked.

mod adoption;
mod alike;
mod belief;
mod builder;
mod cause;
mod currency;
mod division;
mod effect;
mod gate;
mod hazard;
mod id;
mod initiative;
mod input;
mod issue;
mod money;
mod outlook;
mod overlap;
mod place;
mod raise;
mod range;
mod readiness;
mod record;
mod resolve;
mod seats;
mod segment;
mod settings;
mod source;
mod stop;
mod success;
mod term;
mod terminal;
mod training;
mod unforeseen;
mod variant;
mod win_back;

use std::sync::Arc;

use crate::baseline::Heads;
use crate::flag::Flag;
use crate::scenario::{Demography, Idle, Losses, RiskAdjustment, Timing};

pub(crate) use adoption::{Curve, Shape};
pub(crate) use currency::OtherCurrency;
pub(crate) use division::Division;
pub(crate) use effect::{Effect, EffectGroup, EffectGroups};
pub(crate) use gate::{Decided, Decision, undecided};
pub(crate) use hazard::{Hazard, Parameters};
pub(crate) use id::{CurveId, EffectId, InitiativeId, InputId};
pub(crate) use initiative::{CostLine, Initiative};
pub(crate) use input::{CorrelatedInputs, Prepared};
pub use input::{Draw, Input};
pub(crate) use money::{Course, MoneyCalendar, PriceStep};
pub(crate) use outlook::{Outlook, YEAR, monthly_growth};
pub(crate) use raise::Ready;
pub(crate) use record::Calendar;
pub(crate) use seats::SeatPool;
pub(crate) use segment::{Channel, Confirmed, Segment};
pub(crate) use success::Success;
pub(crate) use term::Term;
pub(crate) use terminal::Terminal;
pub(crate) use training::Training;
pub(crate) use unforeseen::Unforeseen;
pub(crate) use win_back::WinBack;

/// A scenario that can be run: names resolved, figures checked, inputs numbered.
///
/// Made by [`Scenario::resolve`](crate::Scenario::resolve).
#[derive(Debug, Clone)]
pub struct Model {
    pub(crate) name: String,
    pub(crate) currency: String,
    /// Others, in which costs are paid.
    pub(crate) currencies: Vec<OtherCurrency>,
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
    /// What is foreseen of money and contacts.
    pub(crate) money: Option<MoneyCalendar>,
    pub(crate) seats: Vec<SeatPool>,
    /// Months of revenue that customers owe; none where they pay at once.
    pub(crate) receivables: Option<Term>,
    pub(crate) losses: Losses,
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
    pub(crate) decided: Vec<Decided>,
    pub(crate) initiatives: Vec<Initiative>,
    pub(crate) flags: Vec<Flag>,
    /// Why there can be no verdict: of every initiative that is said to change something, nothing can
    /// come.
    pub(crate) no_verdict: Vec<Idle>,
}

impl Model {
    /// The uncertain inputs, in the order of their uniforms.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// Whether customers are drawn one by one, so that a future has luck of its own.
    pub fn counts_people(&self) -> bool {
        self.demography == Demography::Binomial
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
