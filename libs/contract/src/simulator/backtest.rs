//! Backtests: what was forecast from what was known on a day, held against what happened.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::baseline::FeedReference;
use crate::feed::recorded_day;
use crate::statistic::Interval;
use crate::{Currency, Flag, Month};

/// What to hold against what.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BacktestInput {
    /// The day of the baseline that forecasts: the last day of a month.
    #[serde(deserialize_with = "recorded_day")]
    pub as_of: NaiveDate,
    /// The last day that is forecast: the last day of a month, one to twelve months later, which has come.
    #[serde(deserialize_with = "recorded_day")]
    pub until: NaiveDate,
    /// The currency of every amount: revenue and costs in others are converted by finance's rates. Left out, it is
    /// the only one there is; amounts in two are refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "EUR")]
    pub currency: Option<Currency>,
    /// How many futures to draw.
    #[serde(default = "usual_trials")]
    #[schema(minimum = 100, maximum = 20_000, default = 4_000)]
    pub trials: u32,
    /// The same seed gives the same figures.
    #[serde(default = "usual_seed")]
    #[schema(default = 1)]
    pub seed: u64,
}

impl BacktestInput {
    /// With as many futures as is usual.
    #[must_use]
    pub fn new(as_of: NaiveDate, until: NaiveDate) -> Self {
        Self {
            as_of,
            until,
            currency: None,
            trials: usual_trials(),
            seed: usual_seed(),
        }
    }
}

fn usual_trials() -> u32 {
    4_000
}

fn usual_seed() -> u64 {
    1
}

/// A figure that records count by segment and month.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CountedFigure {
    /// Customers at the month's end.
    Customers,
    /// Customers won in the month.
    Won,
    /// Customers who left in it.
    Leavers,
    /// Revenue of the days under observation.
    Revenue,
    /// Contacts, of one channel or of all.
    Contacts,
    /// Cost of contacts.
    ServiceCost,
    /// Cost of what was sold, of serving and of winning customers; without programmes.
    Cost,
}

impl CountedFigure {
    /// Its unit, where amounts are in `currency`.
    #[must_use]
    pub fn unit(self, currency: &str) -> &str {
        match self {
            Self::Customers | Self::Won | Self::Leavers => "customers",
            Self::Contacts => "contacts",
            Self::Revenue | Self::ServiceCost | Self::Cost => currency,
        }
    }
}

/// By which day records were cut to what was known then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum KnownBy {
    /// By the day for which they hold: what came in late helps the forecast.
    EffectiveDay,
}

/// How many of the actuals lay within bands of a level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Coverage {
    /// What the bands promise: 0.5, 0.8 or 0.95.
    pub level: f64,
    /// Actuals within.
    pub held: u64,
    /// Actuals.
    pub n: u64,
    /// Their share, `held` over `n`.
    pub share: f64,
    /// Where the share of other years probably lies (95%). Months and figures of a segment share its errors, so
    /// that they count less than as many segments would: of fewer than ten segments each counts once.
    pub interval: Option<Interval>,
}

/// How a figure was forecast, over segments and months.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FigureScore {
    /// The figure.
    pub figure: CountedFigure,
    /// The channel, of contacts through one.
    pub channel: Option<String>,
    /// Unit of the figure, and of its scores.
    pub unit: String,
    /// Coverage of bands of 50, 80 and 95%.
    pub coverage: Vec<Coverage>,
    /// Mean continuous ranked probability score of the forecast (Gneiting and Raftery, JASA 102, 2007):
    /// how far off it was, in the figure's unit; of a forecast that is one number, the distance.
    pub crps: f64,
    /// The same of "as in the last month", over the same actuals.
    pub crps_last_value: Option<f64>,
    /// The same of "as in the same month a year before", over the actuals of which that month is recorded.
    pub crps_last_year: Option<f64>,
    /// That of the forecast over the actuals of which the month a year before is recorded.
    pub crps_where_last_year: Option<f64>,
    /// What happened over what was expected, minus 1, of the sums.
    pub bias: Option<f64>,
    /// The factor on the width of each band about its median with which 80% of the bands of 80% would have
    /// held: above 1 they were too narrow.
    pub width_factor: Option<f64>,
}

/// By how much a segment's actuals lay off the forecast's mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SegmentBias {
    /// The segment.
    pub segment: String,
    /// The figure.
    pub figure: CountedFigure,
    /// Mean over the months of what happened over what was expected, minus 1.
    pub bias: f64,
    /// Its interval (95%), of as many months as are worth one that does not depend on the one before; none
    /// of fewer than three months.
    pub interval: Option<Interval>,
    /// Months.
    pub n: u64,
}

/// What a factor that nobody foresaw acts on.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ShockOn {
    /// The hazard of leaving.
    Leaving,
    /// Customers won.
    Won,
    /// Revenue per customer-month.
    Revenue,
    /// Contacts per customer-month.
    Contacts,
    /// Service cost per customer-month.
    ServiceCost,
    /// All costs per customer-month.
    Cost,
}

/// How large a part of a shock was.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ShockSize {
    /// Estimated standard deviation of the factor's logarithm, 0 or more.
    pub sd: f64,
    /// How often it was seen, less what it was told from: once of what is common, and of each segment but one.
    pub freedom: f64,
}

/// The widening that would have held, as a factor common to all segments and one of each, which lasts through
/// all months.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelError {
    /// What it acts on.
    pub on: ShockOn,
    /// Common to all segments.
    pub common: ShockSize,
    /// Of each segment alone; of a single segment none can be told from the common one.
    pub own: ShockSize,
    /// Segments that it was estimated from.
    pub n: u64,
}

/// A band of a forecast.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ForecastBand {
    /// Its level.
    pub level: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// What was forecast of a figure in a segment and month, and what came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BacktestCell {
    /// The segment.
    pub segment: String,
    /// The month.
    pub month: Month,
    /// The figure.
    pub figure: CountedFigure,
    /// The channel, of contacts through one.
    pub channel: Option<String>,
    /// What happened.
    pub actual: f64,
    /// Mean of the forecast.
    pub mean: f64,
    /// Its median.
    pub median: f64,
    /// Its bands of 50, 80 and 95%.
    pub bands: Vec<ForecastBand>,
    /// Continuous ranked probability score of the forecast, in the figure's unit.
    pub crps: f64,
    /// The figure in the last month before the forecast.
    pub last_value: Option<f64>,
    /// The figure in the same month a year before, where it is recorded.
    pub last_year: Option<f64>,
}

/// What a backtest found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BacktestReport {
    /// In a sentence.
    pub words: String,
    /// The baseline that forecast.
    pub baseline_hash: String,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// Months that were forecast.
    pub months: u32,
    /// Segments that were.
    pub segments: u32,
    /// How records were cut to what was known then.
    pub known_by: KnownBy,
    /// Coverage over figures, segments and months; contacts of one channel count with those of all alone.
    pub coverage: Vec<Coverage>,
    /// By figure.
    pub figures: Vec<FigureScore>,
    /// By segment and figure.
    pub biases: Vec<SegmentBias>,
    /// The widening that would have held.
    pub model_error: Vec<ModelError>,
    /// Each actual with its forecast.
    pub cells: Vec<BacktestCell>,
    /// The feeds that the actuals were read from.
    pub sources: Vec<FeedReference>,
    /// What a reader must know before using it.
    pub quality_flags: Vec<Flag>,
}

/// A backtest without its figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BacktestSummary {
    /// Identifier.
    pub id: Uuid,
    /// The day of the baseline that forecast.
    pub as_of: NaiveDate,
    /// The last day that was forecast.
    pub until: NaiveDate,
    /// The baseline that forecast.
    pub baseline_hash: String,
    /// Hash of the baseline, the feeds of the actuals, the engine's version, futures and seed: the same inputs
    /// give the same figures.
    pub input_hash: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A backtest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Backtest {
    /// Which.
    pub summary: BacktestSummary,
    /// What it found.
    pub report: BacktestReport,
}

crate::page::list_query! {
    /// Which backtests.
    BacktestQuery {
        /// Only backtests of the baseline of this hash.
        baseline_hash: Option<String>,
        /// Only what was made at or after this time (RFC 3339).
        #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
        created_since: Option<DateTime<Utc>>,
    }
}
