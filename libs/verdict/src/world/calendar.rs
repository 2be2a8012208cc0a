//! How leaving, contacts and revenue change with the calendar, from a baseline's records to the engine.

use chrono::{Datelike, NaiveDate};
use keepworth_contract::simulator::baseline::{Baseline, SegmentBaseline};
use keepworth_contract::simulator::curve::HazardModel;
use keepworth_contract::simulator::fit::FitEstimate;
use keepworth_contract::simulator::{CalendarTrend, LeavingTrend, ObservedByMonth};
use keepworth_contract::{Flag, FlagCode, Month};
use keepworth_sim::inputs::Distribution;
use keepworth_sim::scenario::{FromRecords, Quantity};
use keepworth_sim::{LeavingRecord, RecordMonth, RecordedCalendar, Scenario};

use crate::interval::Z;

const YEAR: i32 = 12;

/// What a scenario takes of the calendar from the records.
pub(super) struct Recorded<'a> {
    trend: &'a LeavingTrend,
    /// Factors of the months of a year, January's first, where records tell a season; their mean is 1.
    season: Option<Vec<f64>>,
    as_of: NaiveDate,
}

impl<'a> Recorded<'a> {
    /// None where the scenario asks for nothing, or the records cannot tell.
    pub(super) fn asked_for(baseline: &'a Baseline, scenario: &Scenario) -> Option<Self> {
        let outlook = scenario.outlook.as_ref()?;
        let FromRecords::Records = outlook.leaving?;
        let trend = baseline.leaving_trend.as_ref()?;
        (!trend.record.is_empty()).then(|| Self {
            trend,
            season: trend.told_season().map(of_mean_one),
            as_of: baseline.as_of,
        })
    }

    pub(super) fn calendar(&self) -> RecordedCalendar {
        calendar(
            &self.trend.growth_a_year,
            self.season.as_deref(),
            self.as_of,
        )
    }

    /// The months in which a segment's hazards were counted.
    pub(super) fn record(&self, segment: &str) -> Vec<LeavingRecord> {
        let own = self.trend.record.iter().filter(|it| it.segment == segment);
        own.map(|it| self.stretch(it)).collect()
    }

    /// That its hazards are those of bands of tenure, beside which the calendar was told, where a curve was chosen: a
    /// curve takes part of what the calendar does for a matter of tenure.
    pub(super) fn flag(own: &SegmentBaseline) -> Option<Flag> {
        let model = own.hazard_choice.as_ref().map(|it| it.model);
        let curve = model.filter(|it| *it != HazardModel::Bands)?;
        let detail = format!(
            "leaving by bands of tenure, not by {curve}: trend and season of the records are of customers alike in band"
        );
        Some(Flag::new(FlagCode::LeavingTrend, detail))
    }

    fn stretch(&self, observed: &ObservedByMonth) -> LeavingRecord {
        let (from, season) = (self.trend.from, self.season.as_deref());
        LeavingRecord {
            from: observed.tenure_from,
            months: months(from, &observed.customer_months, season, self.as_of),
        }
    }
}

/// What a scenario takes of contacts, or of revenue, from the records.
pub(super) struct RecordedCourse<'a> {
    trend: &'a CalendarTrend,
    season: Option<Vec<f64>>,
    as_of: NaiveDate,
}

impl<'a> RecordedCourse<'a> {
    /// None where nothing is asked for, or the records cannot tell.
    pub(super) fn asked_for(
        asked: Option<FromRecords>,
        trend: Option<&'a CalendarTrend>,
        as_of: NaiveDate,
    ) -> Option<Self> {
        let FromRecords::Records = asked?;
        let trend = trend?;
        Some(Self {
            trend,
            season: trend.told_season().map(of_mean_one),
            as_of,
        })
    }

    pub(super) fn calendar(&self) -> RecordedCalendar {
        calendar(
            &self.trend.growth_a_year,
            self.season.as_deref(),
            self.as_of,
        )
    }

    /// The months that a segment's figure is the mean of.
    pub(super) fn record(&self, segment: &str) -> Vec<RecordMonth> {
        let mut record = self.trend.record.iter();
        let own = record.find(|it| it.segment == segment);
        let (from, season) = (self.trend.from, self.season.as_deref());
        own.map_or(Vec::new(), |own| {
            months(from, &own.customer_months, season, self.as_of)
        })
    }
}

fn calendar(growth: &FitEstimate, season: Option<&[f64]>, as_of: NaiveDate) -> RecordedCalendar {
    RecordedCalendar {
        trend: quantity(growth),
        season: season.map(|season| from_next_month(season, as_of)),
    }
}

/// Months of a record, from its first on; those in which nobody counts are left out.
fn months(
    from: Month,
    customer_months: &[f64],
    season: Option<&[f64]>,
    as_of: NaiveDate,
) -> Vec<RecordMonth> {
    let passed = share_of_month(as_of);
    let now = Month::of(as_of).index();
    let counted = (from.index()..).zip(customer_months);
    let counted = counted.filter(|(_, customer_months)| **customer_months > 0.0);
    let month = |(index, customer_months): (i32, &f64)| RecordMonth {
        at: number(f64::from(now - index), passed),
        customer_months: *customer_months,
        season: season.map_or(1.0, |it| it[index.rem_euclid(YEAR) as usize]),
    };
    counted.map(month).collect()
}

/// Logarithms have the mean 0, and factors one that is a little above 1.
fn of_mean_one(season: &[FitEstimate]) -> Vec<f64> {
    let mean = season.iter().map(|it| it.value).sum::<f64>() / f64::from(YEAR);
    season.iter().map(|it| it.value / mean).collect()
}

/// Growth a year that a run can have: records of a few counts tell of more and of less.
const LEAST: f64 = -0.9;
const MOST: f64 = 10.0;

/// The estimate as a normal whose central 95% are as wide as its interval, which is Student's, within what can be.
fn quantity(growth: &FitEstimate) -> Quantity {
    let sd = (growth.high - growth.low) / (2.0 * Z);
    if sd <= 0.0 {
        return growth.value.clamp(LEAST, MOST).into();
    }
    Quantity::Own(Distribution::TruncatedNormal {
        mean: growth.value,
        sd,
        low: LEAST,
        high: MOST,
    })
}

/// The season of twelve months from the first to come: the calendar month in which its middle lies.
fn from_next_month(season: &[f64], as_of: NaiveDate) -> Vec<f64> {
    // The middle is half a month after the date: in the date's own month up to its middle.
    let first = as_of.month0() as usize + usize::from(share_of_month(as_of) > 0.5);
    let factors = season.iter().cycle().skip(first).take(season.len());
    factors.copied().collect()
}

/// The number of a month `back` before that of the date: month 1 is the one after the date, and as much lies between
/// the numbers of two months as between their middles. Of the date's month only what has passed counts.
fn number(back: f64, passed: f64) -> f64 {
    if back == 0.0 {
        (1.0 - passed) / 2.0
    } else {
        1.0 - passed - back
    }
}

/// The share of a date's month that has passed at its end.
fn share_of_month(date: NaiveDate) -> f64 {
    f64::from(date.day()) / f64::from(date.num_days_in_month())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn months_are_numbered_by_the_distance_of_their_middles() {
        // The last whole month's middle lies a month before that of the month to come.
        assert_eq!(
            [0.0, 1.0, 2.0].map(|back| number(back, 1.0)),
            [0.0, -1.0, -2.0]
        );
        // On the 15th of June: its half has the middle a quarter before the date, May's lies a month before.
        let half = share_of_month(day("2025-06-15"));
        assert_eq!([0.0, 1.0].map(|back| number(back, half)), [0.25, -0.5]);
    }

    #[test]
    fn a_trend_of_few_counts_and_a_certain_one_can_be_had() {
        let growth = |value: f64, low: f64, high: f64| {
            let quantity = quantity(&FitEstimate {
                value,
                se: 0.0,
                low,
                high,
            });
            let Quantity::Own(law) = quantity else {
                panic!("{quantity:?} is no law of its own");
            };
            law.validate().unwrap();
            [law.quantile(0.05), law.quantile(0.95)]
        };
        let few = growth(0.0, -0.68, 2.1);
        assert!(few[0] > LEAST && few[1] < MOST, "{few:?}");
        assert_eq!(growth(0.05, 0.05, 0.05), [0.05; 2]);
        let usual = growth(0.05, 0.01, 0.09);
        assert!(
            (usual[1] - 0.05 - 1.645 * 0.04 / 1.96).abs() < 1e-4,
            "{usual:?}"
        );
    }

    #[test]
    fn a_season_begins_with_the_month_to_come() {
        let season: Vec<f64> = (1..=12).map(f64::from).collect();
        let first = |date: &str| from_next_month(&season, day(date))[0];
        assert_eq!(first("2025-12-31"), 1.0);
        assert_eq!(first("2025-06-10"), 6.0);
        assert_eq!(first("2025-06-20"), 7.0);
    }
}
