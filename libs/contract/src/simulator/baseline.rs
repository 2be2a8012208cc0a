//! The frozen picture of a company on one day, from which scenarios are simulated.
//!
//! Immutable and content-addressed: [`Baseline::hash`] is the SHA-256 of the document without its
//! `hash`, so that a result can name exactly what it was computed from.

use crate::Flag;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::finance::ConversionRate;
use crate::finance::avoidable::ConfirmedShare;
use crate::simulator::cost_behaviour::CostBehaviour;
use crate::simulator::curve::HazardChoice;
use crate::simulator::figure::{FigureKey, FigureName};
use crate::simulator::fit::HazardFit;
use crate::simulator::purchase::PurchaseBaseline;
use crate::simulator::scatter::MonthScatter;
use crate::simulator::trend::{CalendarTrend, LeavingTrend};
use crate::statistic::{Definition, Interval};
use crate::{Money, Month};

/// Version of the document's form.
pub const BASELINE_VERSION: u32 = 3;

/// The oldest version that is read. Flags of version 2 are texts.
pub const OLDEST_BASELINE_VERSION: u32 = 2;

/// The first version whose flags have fields.
const FLAGS_WITH_FIELDS: u32 = 3;

/// A company on one day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Baseline {
    /// Version of the document's form.
    pub version: u32,
    /// SHA-256 of everything else, in hexadecimal.
    pub hash: String,
    /// The last day whose facts count.
    pub as_of: NaiveDate,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// The rates by which amounts in other currencies were converted; left out where none were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rates: Vec<ConversionRate>,
    /// First day of the window over which costs and contacts per customer-month are taken.
    pub window_from: NaiveDate,
    /// The feeds it was made from.
    pub sources: Vec<FeedReference>,
    /// The company as a whole.
    pub company: SegmentBaseline,
    /// Each segment, in the order of their names.
    pub segments: Vec<SegmentBaseline>,
    /// Segments whose errors of a figure move together, because they have it from the same costs;
    /// others do not.
    #[serde(default)]
    #[schema(required = true)]
    pub correlations: Vec<SegmentCorrelation>,
    /// Customers who moved between segments within the window: each month counts in the segment in which they were. Left
    /// out where nobody moved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub moves: Vec<SegmentMoves>,
    /// Which of the company's costs are fixed, which move with volume and which step, by the months of the window.
    /// Nothing is simulated with it: what counts as avoidable is finance's to confirm. Left out where no month's costs are
    /// recorded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub cost_behaviours: Vec<CostBehaviour>,
    /// Whether leaving changes with the calendar; left out where the record cannot tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub leaving_trend: Option<LeavingTrend>,
    /// Whether contacts of a customer change with the calendar; left out where the record cannot tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub contacts_trend: Option<CalendarTrend>,
    /// Whether revenue of a customer changes with the calendar, past price changes among the reasons; left out where the
    /// record cannot tell, and where amounts of the four years were in more than the baseline's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub revenue_trend: Option<CalendarTrend>,
    /// How far single months of the company lie off their rates: what will be counted of a month scatters so too. Left out
    /// where fewer than three whole months are recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub month_scatter: Option<MonthScatter>,
    /// What a reader must know before using it.
    pub quality_flags: Vec<Flag>,
}

/// Moves from one segment into another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SegmentMoves {
    /// The segment's key.
    pub from: String,
    /// That of the other.
    pub to: String,
    /// How many; who moved there twice counts twice.
    #[schema(example = 12)]
    pub customers: u64,
}

/// How far the errors of a figure of two segments move together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SegmentCorrelation {
    /// The figure: its name, or that of a channel's as `cost_per_minute.phone`.
    #[schema(value_type = String)]
    pub figure: FigureKey,
    /// One segment.
    pub a: String,
    /// The other.
    pub b: String,
    /// Correlation of the errors, −1 to 1.
    pub correlation: f64,
}

/// A feed as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeedReference {
    /// The service that gave it.
    pub service: String,
    /// The feed's name.
    pub feed: String,
    /// Rows read.
    pub rows: u64,
    /// SHA-256 of the rows.
    pub sha256: String,
}

/// One segment (or the company).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SegmentBaseline {
    /// Its key.
    pub name: String,
    /// Figures by name: `customers`, `hazard`, `revenue`, `gross_margin`, …
    pub figures: BTreeMap<FigureName, Figure>,
    /// Customers on the day by completed months of tenure, index 0 first.
    pub customers_by_tenure: Vec<u64>,
    /// The hazard of leaving by band of tenure.
    pub hazard_bands: Vec<HazardBand>,
    /// The whole fit behind the bands, with its diagnostics: model, estimates, covariance on the
    /// fitting scale, data, input hash, flags, verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub hazard_fit: Option<HazardFit>,
    /// Which model of leaving is simulated with, and why. Baselines of earlier releases have bands and no choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub hazard_choice: Option<HazardChoice>,
    /// What a segment of kind `PURCHASES` is simulated with, in place of hazards by tenure; left out of others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub purchases: Option<PurchaseBaseline>,
    /// Leavers in the observation window by cause; `UNKNOWN` are those whose cause nobody recorded.
    pub left_by_cause: BTreeMap<String, u64>,
    /// Revenue of the last twelve months by kind, exactly; refunds are negative, and `TOTAL` is
    /// the sum of the others. That of customers who moved is in the segment of their last day.
    pub revenue_by_kind: BTreeMap<String, Money>,
    /// Contacts by channel.
    pub channels: Vec<ChannelBaseline>,
    /// Figures whose errors move together, because they come from the same customers; others do
    /// not.
    #[serde(default)]
    #[schema(required = true)]
    pub correlations: Vec<FigureCorrelation>,
    /// Which share of overhead would not be spent otherwise, as finance confirmed it; empty where
    /// nothing is confirmed.
    pub overhead_avoidable: Vec<AvoidableStep>,
}

/// How far the errors of two figures of a segment move together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FigureCorrelation {
    /// One figure: its name, or that of a channel's as `contacts.phone`, `minutes.phone`,
    /// `cost_per_minute.phone`.
    #[schema(value_type = String)]
    pub a: FigureKey,
    /// The other.
    #[schema(value_type = String)]
    pub b: FigureKey,
    /// Correlation of the errors of their logarithms, −1 to 1.
    pub correlation: f64,
}

/// From a month on, which share of a cost would not be spent otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AvoidableStep {
    /// The first month in which it holds; that of the baseline's day for what holds already.
    pub from: Month,
    /// The share, 0 to 1, of that part of the cost whose share is confirmed; where components
    /// differ, weighed by their cost.
    pub share: f64,
    /// The part of the cost whose share is confirmed, 0 to 1: below 1 where components have none.
    pub confirmed_part: f64,
    /// What finance confirmed, with reason and day.
    pub confirmed: Vec<ConfirmedShare>,
}

/// A figure with its basis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Figure {
    /// The figure; null when there is nothing to compute it from.
    pub value: Option<f64>,
    /// Its unit, such as `customers`, `per month`, `USD per customer-month`.
    pub unit: String,
    /// Observations behind it.
    pub n: u64,
    /// Where the truth probably lies.
    pub interval: Option<Interval>,
    /// Which definition was used.
    pub definition: Definition,
    /// The services and feeds it comes from, such as `customers/cohorts`.
    pub sources: Vec<String>,
    /// Rows of those feeds that it was computed from.
    pub rows: u64,
    /// What a reader must know before using it.
    pub quality_flags: Vec<Flag>,
}

/// The hazard of leaving within one band of tenure.
///
/// The hazard is the **cumulative hazard over one month**: occurrences over exposure. Its
/// logarithm is taken as normal with `log_mean` and `log_sd` when it is drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HazardBand {
    /// First completed month of tenure in the band.
    pub from_month: u32,
    /// First completed month of tenure after it; null when open.
    pub to_month: Option<u32>,
    /// Customer-months under observation.
    pub exposure_months: f64,
    /// Who left.
    pub left: u64,
    /// The hazard per month that is used.
    pub hazard: f64,
    /// Mean of its logarithm.
    pub log_mean: f64,
    /// Standard deviation of its logarithm.
    pub log_sd: f64,
    /// 95% interval of the hazard.
    pub interval: Interval,
    /// Share of the estimate's precision (inverse variance of its logarithm) that the band's own
    /// record does not give, between 0 and 1: segments are drawn towards the others as far as they
    /// are like them.
    pub pooled_share: f64,
}

/// Contacts of one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChannelBaseline {
    /// Its name.
    pub name: String,
    /// Contacts per customer-month.
    pub contacts: Figure,
    /// Minutes of an employee's time per contact.
    pub minutes: Figure,
    /// Cost of a minute.
    pub cost_per_minute: Figure,
    /// Which share of the contacts' cost would not be spent otherwise, as finance confirmed it; empty
    /// where nothing is confirmed.
    pub avoidable: Vec<AvoidableStep>,
    /// What its contacts are about; left out where nobody recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub about: Option<ChannelIssues>,
}

/// What the contacts of a channel are about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChannelIssues {
    /// Issues by name; none where there are too many to be a list.
    pub issues: Vec<IssueBaseline>,
    /// Contacts of which nobody recorded what they were about.
    pub unknown: u64,
    /// How many times shares vary as much as if contacts had been drawn by lots, in the mean over issues, at least 1: who calls
    /// about something calls about it again.
    #[schema(minimum = 1)]
    pub design_effect: f64,
    /// What a reader must know.
    pub flags: Vec<Flag>,
}

/// What some of the contacts of a channel are about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IssueBaseline {
    /// Its name, as contacts have it; `OTHER` are issues of fewer than five customers, together, and with the
    /// smallest other one where these are of fewer still.
    pub name: String,
    /// How many contacts in the window.
    pub contacts: u64,
    /// Their share among contacts of which it is known, 0 to 1.
    pub share: f64,
    /// Its interval of 95%.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub share_interval: Option<Interval>,
    /// Minutes of an employee's time per contact.
    pub minutes: f64,
    /// Its interval of 95%; left out of `OTHER`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub minutes_interval: Option<Interval>,
}

impl Baseline {
    /// The digest of the document without its `hash`, in the form of its version.
    ///
    /// # Errors
    /// When the document holds a number that JSON cannot carry.
    pub fn compute_hash(&self) -> Result<String, serde_json::Error> {
        let mut document = serde_json::to_value(self)?;
        if let Some(fields) = document.as_object_mut() {
            fields.remove("hash");
        }
        if self.version < FLAGS_WITH_FIELDS {
            with_flags_as_texts(&mut document);
        }
        crate::digest::of_json(&document)
    }

    /// Fills in the hash, of a document that can be read again.
    ///
    /// # Errors
    /// As [`compute_hash`](Self::compute_hash); a figure that is no number, of which JSON makes null.
    pub fn sealed(mut self) -> Result<Self, serde_json::Error> {
        self.hash = self.compute_hash()?;
        let read: Self = serde_json::from_value(serde_json::to_value(&self)?)?;
        if read != self {
            let fault = "a figure of the baseline is no number, and could not be read again";
            return Err(serde::ser::Error::custom(fault));
        }
        Ok(self)
    }
}

/// Puts the text of each flag in its place, as it was when the document was sealed.
fn with_flags_as_texts(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::Array(flags) if name == "quality_flags" => {
                        for flag in flags {
                            *flag = flag["detail"].take();
                        }
                    }
                    _ => with_flags_as_texts(field),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(with_flags_as_texts),
        _ => {}
    }
}
