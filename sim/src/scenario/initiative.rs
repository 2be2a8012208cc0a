//! Initiatives: what is done, what it changes, what it costs, and what may go wrong.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use super::{Problem, Quantity, Raise, Readiness, ScenarioError};
use crate::inputs::Grade;

/// One initiative of the programme.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Initiative {
    /// Name, unique in the scenario.
    pub name: String,
    /// What the company's books name it by: the `programme` of its budget and of what it costs. For whoever holds a plan
    /// against them; the engine does not use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Journey phases it touches, for the reader: the engine does not use them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<String>,
    /// Share of each segment that it reaches, 0 to 1; a segment not named is not reached.
    #[serde(default)]
    pub reach: BTreeMap<String, f64>,
    /// Month in which it starts: adoption and costs count from here.
    #[serde(default)]
    pub start_month: u32,
    /// What it changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<Effect>,
    /// How fast it takes hold; at once when absent.
    #[serde(default)]
    pub adoption: Adoption,
    /// What it costs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub costs: Vec<CostLine>,
    /// Probability that it works at all, 0 to 1; 1 when neither this nor `readiness` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success_probability: Option<f64>,
    /// Readiness of the organisation, instead of a success probability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readiness: Option<Readiness>,
    /// Who carries it: initiatives of one sponsor work or fail together more often than by chance, as far as
    /// `sponsor_correlation` of the scenario says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sponsor: Option<String>,
    /// Who owns the process that it changes, for the reader: the engine does not use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process_owner: Option<String>,
    /// The pilot whose reading decides whether this initiative is rolled out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<Gate>,
    /// When it is given up; when absent it spends to its end, whether it works or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<StoppingRule>,
    /// The readiness of other initiatives that it raises, where it works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raises: Option<Raise>,
}

/// Gives an initiative up where one of its effects does not show.
///
/// The reading is that of a gate: `size × causal share × success`, whatever reach and adoption, plus a normal error.
/// Where it lies below the threshold, costs and effects of the months after are none; capital that was spent goes on being
/// depreciated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StoppingRule {
    /// Months since its start at whose end it is read, at least 1.
    pub after_months: u32,
    /// Which of its effects is read.
    pub on: Lever,
    /// The reading, as a fraction, below which it ends.
    pub threshold: f64,
    /// Standard deviation of the reading's error; when absent what its customers can tell in these months, as of a
    /// gate's. Only effects on `hazard` and `contacts` have this default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading_sd: Option<f64>,
}

/// What an initiative changes.
///
/// `hazard`, `contacts`, `minutes`, `training_hours` and `cac` are reductions: 0.09 is 9% fewer.
/// `arpu` and `price_premium` are increases: 0.02 is 2% more. `referrals` is new customers per
/// customer reached and month.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Lever {
    /// Each customer's monthly hazard of leaving.
    Hazard,
    /// Contacts per customer-month.
    Contacts,
    /// Minutes per contact.
    Minutes,
    /// Hours of training per person hired.
    TrainingHours,
    /// Revenue per customer-month through more use: earns the gross margin.
    Arpu,
    /// New customers recruited by customers; they cost no acquisition.
    Referrals,
    /// Hazard of returning, of those who left.
    WinBack,
    /// Cost of winning one customer.
    Cac,
    /// Price paid for the same service: all of it is contribution.
    PricePremium,
}

/// One effect of an initiative, at full adoption, in the part of a segment that it reaches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// What changes.
    pub on: Lever,
    /// By how much, as a fraction; needed unless `evidence` says it, or `through` and `change`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Quantity>,
    /// Evidence; D, an assumption, when absent.
    #[serde(default, serialize_with = "or_assumption")]
    pub grade: Option<Grade>,
    /// Key of the evidence in the library that says size and grade, in place of both. Whoever keeps the
    /// library puts its figures here before the engine sees the scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// The experience link, `link/ID`, that turns a change of an experience into one of leaving, in place of size and
    /// grade; `change` or `change_by` says which change. Whoever keeps the link puts its figures here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
    /// By which fraction the link's exposure changes: `{ repeat_contacts = "-30% to -10%" }`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub change: BTreeMap<String, Quantity>,
    /// By how many points or contacts it changes: `{ csat = "0.2 to 0.5" }`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub change_by: BTreeMap<String, Quantity>,
    /// Causal share of the effect, 0 to 1, instead of the grade's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causal_share: Option<Quantity>,
    /// The cause of leaving that an effect on `hazard` acts on: its size is then a share of those who leave for it. All of
    /// leaving when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What the contacts are about that an effect on `contacts` or `minutes` acts on: its size is then a share of that issue's.
    /// All contacts when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// Segments it acts in, of those that the initiative reaches; all of them when absent. So an initiative differs by
    /// segment without being written twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<String>,
    /// The channel touched, for `contacts` and `minutes`; every channel when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Where the figure comes from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// An effect without a grade is written as what it is taken for, so that its hash is that of one that says so.
#[expect(clippy::ref_option, reason = "serde hands a reference to the field")]
fn or_assumption<S: Serializer>(grade: &Option<Grade>, serializer: S) -> Result<S::Ok, S::Error> {
    grade.unwrap_or(Grade::D).serialize(serializer)
}

impl Effect {
    /// The cause of leaving, or what contacts are about, that it acts on alone.
    pub(crate) fn part(&self) -> Option<&String> {
        self.cause.as_ref().or(self.issue.as_ref())
    }

    /// The segments it acts in, of those that the initiative reaches.
    pub(crate) fn acts_in<'a>(
        &'a self,
        initiative: &'a Initiative,
    ) -> impl Iterator<Item = &'a String> {
        let names = initiative.reach.keys();
        names.filter(|name| self.segments.is_empty() || self.segments.contains(name))
    }

    /// Size and grade, as whoever wrote them or the evidence they named has it.
    ///
    /// # Errors
    /// An effect that gives no size, or still names evidence: the engine knows no library.
    pub(crate) fn figures(&self, path: &str) -> Result<(&Quantity, Grade), ScenarioError> {
        if let Some(key) = &self.evidence {
            let problem = Problem::Unresolved {
                what: "evidence",
                key: key.clone(),
            };
            return Err(problem.at(format!("{path}.evidence")));
        }
        if let Some(through) = &self.through {
            let problem = Problem::Unresolved {
                what: "reference",
                key: through.clone(),
            };
            return Err(problem.at(format!("{path}.through")));
        }
        if !self.change.is_empty() || !self.change_by.is_empty() {
            let problem = "says how an experience changes, and not through which link that changes leaving; add \
                           through = \"link/ID\", as `keepworth link list` shows it";
            return Err(Problem::Conflict(problem.to_owned()).at(path));
        }
        let missing = || {
            let problem = "has no size; give size, such as \"4% to 13%\", or name the evidence that has it: \
                           evidence = \"KEY\"";
            Problem::Conflict(problem.to_owned()).at(path)
        };
        let size = self.size.as_ref().ok_or_else(missing)?;
        Ok((size, self.grade.unwrap_or(Grade::D)))
    }
}

/// How far an initiative has taken hold, 0 to `level`, by months since its start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Adoption {
    /// Nothing for `delay` months, then a straight line up over `ramp` months.
    Linear {
        /// Months without any effect.
        #[serde(default = "zero")]
        delay: Quantity,
        /// Months from nothing to full; 0 is at once.
        #[serde(default = "zero")]
        ramp: Quantity,
        /// Adoption in the end, 0 to 1.
        #[serde(default = "full")]
        level: Quantity,
        /// Loss of effect later on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        decay: Option<Decay>,
    },
    /// `1 / (1 + exp(-(t - midpoint) / steepness))`.
    Logistic {
        /// Month of half adoption.
        midpoint: Quantity,
        /// Months over which adoption grows by a factor e in its beginning, > 0.
        steepness: Quantity,
        /// Adoption in the end, 0 to 1.
        #[serde(default = "full")]
        level: Quantity,
        /// Loss of effect later on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        decay: Option<Decay>,
    },
}

impl Default for Adoption {
    fn default() -> Self {
        Self::Linear {
            delay: zero(),
            ramp: zero(),
            level: full(),
            decay: None,
        }
    }
}

fn zero() -> Quantity {
    0.0.into()
}

fn full() -> Quantity {
    1.0.into()
}

/// Loss of effect: after `after` months it halves every `half_life` months.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decay {
    /// Months since the start before the effect fades.
    pub after: f64,
    /// Months in which it halves, > 0.
    pub half_life: f64,
}

/// Where the money goes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CostType {
    /// Staff of the programme.
    People,
    /// Design of processes and journeys.
    Process,
    /// Change management: getting the organisation to move.
    Politics,
    /// Systems and licences.
    Technology,
    /// Training of staff.
    Training,
    /// What is done for single customers: calls, gifts, credits.
    Treatment,
}

/// How often a cost occurs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Recurrence {
    /// Once, in the start month (0 is the decision date).
    #[default]
    Once,
    /// Every month from the start month on.
    Monthly,
}

/// A line of an initiative's cost. It is spent whether or not the initiative works; behind a
/// closed gate it is not spent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CostLine {
    /// Where the money goes.
    #[serde(rename = "type")]
    pub kind: CostType,
    /// What it buys, for the reader.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Money, each time.
    pub amount: Quantity,
    /// The currency of the amount, one of the scenario's `currencies`; the scenario's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// How often; once when absent.
    #[serde(default)]
    pub recurrence: Recurrence,
    /// First month, counted from the initiative's start; when absent 0 for `once`, 1 for `monthly`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<u32>,
    /// Number of months of a monthly cost; to the horizon when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
    /// Capital expenditure: depreciated for tax instead of deducted at once.
    #[serde(default)]
    pub capex: bool,
}

/// A stage gate: this initiative is rolled out only where its pilot's reading clears a threshold.
///
/// The reading is the pilot's effect, `size × causal share × success`, whatever its reach and
/// adoption, plus a normal error. The initiative's own `start_month` should be after the pilot has
/// been read; from then on the roll-out replaces the pilot where both reach, if it is rolled out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// Name of the initiative that is the pilot.
    pub pilot: String,
    /// Which of the pilot's effects is read.
    pub on: Lever,
    /// The reading needed, as a fraction.
    pub threshold: f64,
    /// Standard deviation of the reading's error; when absent what the pilot's customers can tell in
    /// the months before the roll-out starts, beside as many others: `√(2/n)` with `n` the leavers or
    /// contacts expected among them. Only effects on `hazard` and `contacts` have this default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading_sd: Option<f64>,
    /// Whether this initiative works like its pilot.
    #[serde(default)]
    pub draws: GateDraws,
}

/// How the effects of a roll-out go with those of its pilot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GateDraws {
    /// The same thing tried twice: size, causal share and success of the effect that is read take
    /// the pilot's draws, each through its own distribution.
    #[default]
    Shared,
    /// Each its own draws, unless they name the same inputs: the pilot tells nothing of the roll-out.
    Own,
}
