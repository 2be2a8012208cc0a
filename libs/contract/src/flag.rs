//! What a reader must know of a figure, a report or a result before using it.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::Word;

/// What a reader must know before using a figure.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct Flag {
    /// What programs tell it by.
    pub code: FlagCode,
    /// What it is about, where that is not what carries it: a segment, a channel, a category of cost, a
    /// month, an initiative, a feed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub subject: Option<String>,
    /// The sentence for people, with the figures behind it.
    pub detail: String,
}

impl Flag {
    /// A flag about what carries it.
    pub fn new(code: FlagCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            subject: None,
            detail: detail.into(),
        }
    }

    /// The same about something of its own.
    #[must_use]
    pub fn about(self, subject: impl Into<String>) -> Self {
        Self {
            subject: Some(subject.into()),
            ..self
        }
    }

    /// A flag of an earlier release, which was one text: a code, or a code and a sentence.
    fn of_text(text: &str) -> Self {
        let code = text.split_once(": ").map_or(text, |(code, _)| code);
        Self::new(FlagCode::find(code).unwrap_or(FlagCode::Other), text)
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl<'de> Deserialize<'de> for Flag {
    /// Baselines and results that an earlier release wrote have flags that are texts.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrFields)
    }
}

/// Reads a flag in either form.
struct TextOrFields;

impl<'de> Visitor<'de> for TextOrFields {
    type Value = Flag;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a flag with code and detail")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Flag, E> {
        Ok(Flag::of_text(text))
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Flag, A::Error> {
        #[derive(Deserialize)]
        struct Fields {
            code: FlagCode,
            #[serde(default)]
            subject: Option<String>,
            detail: String,
        }
        let fields = Fields::deserialize(MapAccessDeserializer::new(fields))?;
        Ok(Flag {
            code: fields.code,
            subject: fields.subject,
            detail: fields.detail,
        })
    }
}

/// What a flag says, for programs. Names stay; new ones may come.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FlagCode {
    /// Something that an earlier release said in a sentence alone.
    Other,

    /// Nothing was observed.
    NoObservations,
    /// So little was observed that an interval only roughly holds its level.
    SmallSample,
    /// There is no interval.
    NoInterval,
    /// So few answered that scores cannot be compared.
    FewAnswers,

    /// Amounts were converted at the rates that are told.
    Converted,
    /// Costs behind it are assumptions, not records.
    Assumed,
    /// There is nothing to divide by.
    NoDenominator,
    /// No charge begins in the month or later.
    NothingBegins,
    /// Shared costs without a rule are in no segment's figure.
    SharedCostsUnallocated,
    /// Campaigns are credited with more new customers than were counted.
    MoreCreditedThanCounted,
    /// Who came, and by which channel, is not known of some revenue.
    ChannelUnknown,
    /// Rows are about customers that the customers service does not know.
    UnknownCustomers,
    /// Customers were won before, and are not yet under observation.
    UnobservedCustomers,
    /// Customers were won before records of revenue begin.
    PaidBeforeRecords,
    /// More was given back than charged.
    NegativeRevenue,
    /// Revenue names no currency of its own, and is taken to be in the report's.
    RevenueCurrencyAssumed,
    /// Keeping and winning one more customer cost the same.
    MarginalCostsTie,
    /// One more customer is taken to cost what the average one did.
    AverageCostTakenAsMarginal,
    /// The data contradict the curve.
    ContradictsCurve,
    /// What unlimited spend would reach is judged, not estimated.
    CeilingNotEstimated,
    /// Before is held against after without a control group.
    BeforeAfterWithoutControl,
    /// What a programme does is somebody's word.
    EffectStated,
    /// Somebody's judgement, not evidence.
    Elicited,

    /// No contact is recorded.
    NoInteractions,
    /// No revenue is recorded.
    NoRevenue,
    /// Bands of tenure with few leavers were merged.
    TenureBandsMerged,
    /// There are less than twelve months of records.
    WindowShorterThanTwelveMonths,
    /// The records begin within a month.
    WindowBeginsWithinAMonth,
    /// Costs name a segment to which no customer belongs.
    CostOfUnknownSegment,
    /// A confirmed share names a segment or channel that no record has.
    AvoidableShareOfNothing,
    /// The ledger is empty.
    NoCosts,
    /// A segment has revenue and no costs.
    SegmentWithoutCosts,
    /// Months lie in the window in part only.
    MonthsCutByTheWindow,
    /// No month lies in the window as a whole.
    NoWholeMonth,

    /// Customers leave by a curve in place of bands.
    HazardByCurve,
    /// Nobody sees these customers leave: who is there is estimated from what they bought.
    LeavingEstimated,
    /// The engine counts customers by what they spend.
    CountedBySpend,
    /// Customers or purchases without which the estimate had to be made.
    PurchasesLeftOut,
    /// How much customers spend depends on how often they buy.
    SpendDependsOnFrequency,
    /// Few customers bought again.
    FewRepeatBuyers,
    /// Records have changed since the baseline was built of them.
    RecordsChanged,
    /// Customers will be older than any who was observed.
    TenureExtrapolated,
    /// Customers moved between segments, which in a run nobody does.
    SegmentMoves,
    /// Leaving grows or falls from year to year.
    LeavingTrend,
    /// Leaving has a season.
    LeavingSeason,
    /// Contacts of a customer grow or fall from year to year.
    ContactsTrend,
    /// Contacts have a season.
    ContactsSeason,
    /// Revenue of a customer grows or falls from year to year.
    RevenueTrend,
    /// Revenue has a season.
    RevenueSeason,
    /// Hazards are from the whole record.
    WholeRecord,
    /// Churn has changed: hazards are from the last twelve months.
    ChurnChanged,
    /// Churn has changed with other segments.
    ChurnChangedElsewhere,
    /// A segment is so unlike the others that it is not pooled with them.
    SegmentLetGo,
    /// Nobody left.
    NobodyLeft,
    /// Few left.
    FewLeavers,
    /// A small segment borrows from the others.
    SmallSegmentPooled,
    /// Of some contacts nobody recorded what they were about.
    IssuesUnknown,
    /// Contacts are about too many things to be a list.
    TooManyIssues,
    /// No leaver's cause is recorded.
    CausesNotRecorded,
    /// Some leavers' causes are not recorded.
    CausesUnknown,
    /// Months at either end have no revenue, and are left out.
    RevenueNotRecorded,
    /// Customers were never charged.
    NoRevenueRecorded,
    /// Customers were charged for months after they left.
    RevenueAfterLeaving,
    /// Customers were charged for months in which nobody would have seen them leave.
    RevenueOutsideObservation,
    /// The same recurring amount is there several times.
    RepeatedCharges,
    /// A few customers carry a mean.
    FewCarryTheMean,
    /// Nobody was won.
    NobodyWon,
    /// Costs of service name channels without contacts.
    ServiceCostWithoutContacts,
    /// What a programme costs that runs already is the scenario's to say.
    LeftToTheScenario,
    /// No cost of service is recorded of a channel with contacts.
    NoServiceCostRecorded,
    /// No cost of a category is recorded at all.
    NoCostsRecorded,
    /// A category is recorded of others only.
    NotRecorded,
    /// A segment has of a category only its part of what names no segment.
    SharedOnly,
    /// Books end before the window does.
    BooksLate,
    /// Books have holes.
    BooksIncomplete,
    /// Costs that name no segment are shared by customer-months.
    SharedCostSpreadByCustomerMonths,
    /// Costs that name no segment are shared by customers won.
    SharedCostSpreadByCustomersWon,
    /// Costs that name no segment are shared by minutes of contacts.
    SharedCostSpreadByContactMinutes,
    /// Costs are booked in sums of longer periods than months.
    BookedInFewMonthsAndSpreadOverTheWindow,

    /// The company's figure stands in for the segment's.
    TakenFromCompany,
    /// What is not recorded is taken as 0.
    TakenAsZero,
    /// A figure of one observation is taken to scatter as the company's do.
    OneObservation,
    /// No error of a figure is known.
    TakenAsCertain,
    /// Records are too short for the longest bands.
    RecordsTooShortForBands,
    /// More is confirmed as avoidable than moved with volume in the record.
    AvoidableAboveVariable,
    /// Finance confirmed the avoidable share of a part of a cost only.
    PartlyConfirmed,
    /// The avoidable share is confirmed for later only.
    ConfirmedLater,

    /// The optimiser did not come to its end.
    NotConverged,
    /// Nobody left, or everybody did.
    AllOrNoneLeft,
    /// A band has few departures.
    ThinBand,
    /// There are few departures.
    FewEvents,
    /// A segment is unlike the others, and estimated alone.
    LetGo,
    /// A segment borrows from the others.
    Pooled,
    /// The records contradict the model.
    Misfit,
    /// A parameter is hardly determined.
    WeaklyIdentified,
    /// Estimates lie at an edge of the model.
    AtTheEdge,

    /// The exposure tells leavers from stayers without error.
    Separation,
    /// The exposure, or a confounder, is the outcome by its name.
    Leakage,
    /// The exposure was recorded when the outcome was known.
    ReversedTime,
    /// One column all but knows the outcome.
    NearPerfectPrediction,
    /// Rows repeat a customer's time.
    Duplicates,
    /// Few customers or departures have some exposure.
    ThinCells,
    /// A confounder tells leavers from stayers without error.
    Separated,
    /// The exposure tells departures too that experience cannot have caused.
    NegativeControl,
    /// The association is against what is expected.
    SignAgainstPrior,
    /// The association hangs on one confounder.
    ConfounderSensitive,
    /// A confounder says nothing, or nothing beyond others, and is left out.
    ConfounderLeftOut,
    /// Answers that came in the month of leaving or later are left out.
    LateAnswers,
    /// Customer-months whose exposure is not known are left out.
    ExposureUnknown,
    /// An effect goes through a link that is not told from none, and moves nothing.
    LinkMovesNothing,
    /// Several effects go through one link, each with a draw of its own.
    LinkDrawnApart,

    /// The arms of a pilot were named after it had begun.
    NamedLate,
    /// Evidence was to be looked at again by a day that has passed.
    ReviewOverdue,
    /// What a grade of evidence means was changed.
    GradeRuleChanged,
    /// No effect of an initiative can do anything.
    NothingCanCome,
    /// An input is observed without a proven cause, or assumed.
    WeakInput,
    /// An effect is of less than a randomised pilot.
    WeakEffect,
    /// An effect above 100% is cut.
    CutAtAll,
    /// An effect on leaving is capped at what experience could remove.
    Capped,
    /// An effect on leaving acts on one cause of it.
    ActsOnCause,
    /// An effect on contacts acts on those about one issue.
    ActsOnIssue,
    /// A segment stays at its level where the records of others are followed.
    StaysAtItsLevel,
    /// The discount rate is so high that a percentage may have been typed for a fraction.
    HighRate,
    /// A cost begins, a stopping rule is read, or prices change, when the horizon is over.
    BeyondHorizon,
    /// What readiness makes of an initiative.
    Readiness,
    /// Two initiatives may mend the same dead end.
    SameDeadEnd,
    /// What is saved counts nothing until finance confirms it.
    SavingUnconfirmed,
    /// An initiative is still being taken up where the perpetuity begins.
    StillTakenUp,
    /// Capital expenditure without end is no part of the perpetuity.
    CapitalWithoutEnd,
    /// What finance has not confirmed would move the result.
    Unconfirmed,
    /// No correlations can be those that are given; the nearest were taken.
    CorrelationsMoved,
    /// Seats stand in place of what finance has confirmed of a channel.
    SeatsInPlace,
    /// More seats are committed than are needed today.
    CommittedSeatsIdle,
    /// Figures may lie off what the records forecast, as far as a backtest found them to.
    ModelErrorDrawn,
    /// A backtest found forecasts surer than they should have been, and the run counts nothing of it.
    ModelErrorLeftOut,

    /// What was known then is told by the day for which records hold, not by when they came in.
    CutByEffectiveDay,
    /// So few segments that coverage tells little.
    FewSegments,
    /// The months before are too few to tell how months scatter.
    ScatterUnknown,
    /// What came tells nothing of the scenario's inputs, and why.
    NotLearnt,
    /// What came is held against a forecast of another engine than works out what it tells.
    OtherEngine,
    /// Customers of segments that had none then, of which nothing was forecast.
    SegmentUnknownThen,
    /// Customers of a month's end are others in later records than in those of the time.
    CustomersChangedSince,
    /// Costs of some months are not booked, and are not scored.
    CostsNotBooked,
    /// A figure that the baseline does not know is not forecast.
    NotForecast,
}

#[cfg(test)]
mod tests;
