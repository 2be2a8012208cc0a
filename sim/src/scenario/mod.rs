//! What the user writes: a scenario, and the baseline it stands on.

mod avoidable;
mod currency;
mod error;
mod idle;
mod initiative;
mod model_error;
mod outlook;
mod parse;
mod quantity;
mod readiness;
mod schema;
mod seats;
mod segment;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use avoidable::{Avoidable, AvoidableStep};
pub use currency::{ExchangeRate, MOST_VOLATILE};
pub use error::{Problem, ScenarioError};
pub use idle::Idle;
pub use initiative::{
    Adoption, CostLine, CostType, Decay, Effect, Gate, GateDraws, Initiative, Lever, Recurrence,
    StoppingRule,
};
pub use model_error::{FactorSize, ModelError, Unforeseen, WhichBacktest};
pub use outlook::{FromRecords, MoneyOf, Outlook, PriceChange};
pub use quantity::{Quantity, SharedInput};
pub use readiness::{Raise, Readiness, ReadinessMapping};
pub use seats::{CommittedSeats, Seats};
pub use segment::{Band, Cause, Channel, Hazard, Issue, Segment, Stretch, Training, WinBack};

use crate::inputs::{Distribution, Grade, GradeChange};

/// A scenario: what is assumed, what would be done, and how it is to be judged.
///
/// It either stands on a baseline, whose segments it may override, or defines its segments itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Name, printed with every result.
    pub name: String,
    /// What the scenario is about, for the reader.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// ISO 4217 code; the baseline's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Other currencies, in which cost lines are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub currencies: Vec<ExchangeRate>,
    /// Months simulated, 1 to 600.
    pub horizon_months: u32,
    /// When in a month its flow falls.
    #[serde(default)]
    pub timing: Timing,
    /// Discount rate a year.
    pub discount_rate: Quantity,
    /// Tax rate on the difference, 0 to 1.
    #[serde(default)]
    pub tax_rate: f64,
    /// Months of straight-line depreciation of capital expenditure, for tax.
    #[serde(default = "five_years")]
    pub depreciation_months: u32,
    /// What becomes of a year in which the programme loses money, for tax.
    #[serde(default)]
    pub losses: Losses,
    /// Days after which customers pay in the mean: what they owe more than as things are is money out until the
    /// horizon. 0 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receivable_days: Option<Quantity>,
    /// Value beyond the horizon; none when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal_value: Option<TerminalValue>,
    /// What is foreseen whatever is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlook: Option<Outlook>,
    /// How far off the records' forecasts may be, beyond what their figures say; not at all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_error: Option<ModelError>,
    /// Haircut of the published TEI convention; an error with any other timing, because a
    /// simulation counts risk already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk_adjustment: Option<RiskAdjustment>,
    /// Whether losses are expectations or drawn customer by customer.
    #[serde(default)]
    pub demography: Demography,
    /// Named inputs, which several figures may share.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, NamedInput>,
    /// Correlated groups of named inputs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub correlations: Vec<CorrelationGroup>,
    /// Segments: overrides of the baseline's, or complete ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segment>,
    /// Training of new staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training: Option<Training>,
    /// Channels that are staffed in seats.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seats: Vec<Seats>,
    /// What would be done.
    #[serde(default)]
    pub initiatives: Vec<Initiative>,
    /// What readiness scores mean.
    #[serde(default)]
    pub readiness_mapping: ReadinessMapping,
    /// How far initiatives of one sponsor work or fail together, 0 to 1: correlation of the normals behind them. 0.5
    /// when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sponsor_correlation: Option<f64>,
    /// Grades whose rule differs from the default, each with its reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grade_changes: Vec<GradeChange>,
    /// The text the scenario was read from, to name lines in errors.
    #[serde(skip)]
    pub(crate) source: Option<String>,
}

fn five_years() -> u32 {
    60
}

/// How a loss of the programme is relieved of tax.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Losses {
    /// At once, because the company earns elsewhere.
    #[default]
    RelievedAtOnce,
    /// Against what the programme earns in later years; what is left at the horizon is lost.
    CarriedForward,
}

/// When in its month (or year) a flow falls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    /// At the month's end: month `t` is discounted by `(1 + r)^(t/12)`.
    #[default]
    End,
    /// In the month's middle: half a month earlier.
    Mid,
    /// The published Forrester TEI convention: month 0 undiscounted, the flows of year `k` all
    /// discounted by `(1 + r)^k`.
    Tei,
}

/// Value beyond the horizon, in one of two forms. It counts in NPV and ROI, on a line of its own;
/// payback and IRR leave it out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TerminalValue {
    /// The recurring flow of the last month continued for ever, `F · (1+g) / (r − g)` on monthly
    /// rates: its growth a year, at least two points below the discount rate in every future;
    /// negative where the effect fades.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annual_growth: Option<f64>,
    /// The customers of both worlds live out their hazards, and nobody enters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_off: Option<RunOff>,
}

/// How the customers that are there at the horizon live on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RunOff {
    /// Whether recurring costs and the effects that live by them go on beyond the horizon, until the
    /// costs end; both stop there when absent. An effect of one-off costs alone stays either way.
    pub both_go_on: bool,
}

/// The TEI convention's haircuts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RiskAdjustment {
    /// Benefits are multiplied by one minus this.
    #[serde(default)]
    pub benefits: f64,
    /// Costs are multiplied by one plus this.
    #[serde(default)]
    pub costs: f64,
}

/// Whether losses of customers are expectations or counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Demography {
    /// Expected customers, a fraction allowed.
    #[default]
    Expected,
    /// Losses drawn from a binomial distribution: matters for a few hundred customers.
    Binomial,
}

impl Scenario {
    /// The same plan with every initiative so many months later; the horizon stays where it is.
    #[must_use]
    pub fn deferred(&self, months: u32) -> Self {
        let mut later = self.clone();
        for initiative in &mut later.initiatives {
            initiative.start_month = initiative.start_month.saturating_add(months);
        }
        later
    }
}

/// An uncertain input with a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedInput {
    /// Its distribution, or "low to high".
    pub distribution: Distribution,
    /// Unit, for the reader.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// Evidence behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Named inputs that move together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrelationGroup {
    /// Names of `[inputs]`, in the order of the matrix.
    pub inputs: Vec<String>,
    /// Correlation matrix: square, symmetric, ones on the diagonal.
    pub matrix: Vec<Vec<f64>>,
    /// What the coefficients are: rank correlations when absent.
    #[serde(default)]
    pub scale: crate::inputs::CorrelationScale,
}
