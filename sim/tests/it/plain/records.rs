//! How contacts and revenue went in the months that a baseline's figures are from.

use std::collections::BTreeMap;

use keepworth_sim::scenario::{Scenario, Segment};
use keepworth_sim::{Baseline, BaselineSegment, RecordMonth, RecordedCalendar};

/// What is recorded of contacts and of revenue; nothing where there is no baseline.
#[derive(Default)]
pub struct Records {
    pub contacts: Option<Recorded>,
    pub revenue: Option<Recorded>,
}

/// One of them: how it changes, and what the figure of each segment is.
pub struct Recorded {
    pub calendar: RecordedCalendar,
    pub figures: BTreeMap<String, Figure>,
}

/// When a segment's figure is from.
#[derive(Clone)]
pub enum Figure {
    /// The scenario writes it.
    OfTheDate,
    MeanOf(Vec<RecordMonth>),
    /// Nobody knows.
    Untold,
}

impl Records {
    /// `written` is the scenario as it was before it had the baseline's figures.
    pub fn new(baseline: &Baseline, written: &Scenario) -> Self {
        let recorded = |calendar: &Option<RecordedCalendar>,
                        months: fn(&BaselineSegment) -> &Vec<RecordMonth>,
                        is_written: fn(&Segment) -> bool| {
            let figure = |known: &BaselineSegment| {
                let mut said = written.segments.iter();
                if said.any(|it| it.name == known.name && is_written(it)) {
                    Figure::OfTheDate
                } else if months(known).is_empty() {
                    Figure::Untold
                } else {
                    Figure::MeanOf(months(known).clone())
                }
            };
            let segments = baseline.segments.iter();
            let figures = segments.map(|it| (it.name.clone(), figure(it))).collect();
            let calendar = calendar.clone()?;
            Some(Recorded { calendar, figures })
        };
        Self {
            contacts: recorded(
                &baseline.contacts_calendar,
                |it| &it.contacts_record,
                |it| it.channels.is_some(),
            ),
            revenue: recorded(
                &baseline.revenue_calendar,
                |it| &it.revenue_record,
                |it| it.revenue.is_some(),
            ),
        }
    }
}

impl Figure {
    /// What the figure is of that of the date.
    pub fn level(&self, trend: f64) -> f64 {
        let Self::MeanOf(months) = self else {
            return 1.0;
        };
        let all: f64 = months.iter().map(|it| it.customer_months).sum();
        let course = |it: &RecordMonth| it.season * (1.0 + trend).powf(it.at / 12.0);
        let moved = months.iter().map(|it| it.customer_months * course(it));
        moved.sum::<f64>() / all
    }
}
