//! Contacts and revenue of a segment by calendar month, over the whole record: what their trend and season are told from.
//!
//! Customers are put into parts in turn, each with all their months, so that what some of them bring or ask for as long as
//! they stay is not taken for a trend ([`fit_parts`]).

use std::collections::BTreeMap;
use std::ops::Range;

use keepworth_contract::experience::ExposureRow;
use keepworth_contract::finance::RevenueRow;
use keepworth_contract::simulator::{CalendarTrend, CountedByMonth};
use keepworth_contract::{Flag, FlagCode, Month, MonthError};
use keepworth_retention::calendar::{CalendarFit, Group, fit_parts};

use crate::rule::tally::Customer;
use crate::rule::trend::{growth_a_year, in_percent, likely, season, season_flag};
use crate::rule::window::{MONTHS, Window, observes, share_of_month};

/// Parts of customers: as many as leave the error of an error at a seventh.
const PARTS: usize = 24;

/// Fewer customers than these tell of nothing that customers vary by.
const FEWEST_PARTS: usize = 4;

/// Months that a trend is told of: growth before four years is of another company.
const LONGEST: usize = 48;

/// What is counted of a month.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Cell {
    customer_months: f64,
    contacts: f64,
    revenue_minor: f64,
}

/// What is counted of a segment.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct CourseRecord {
    /// By number of the month.
    months: BTreeMap<i32, [Cell; PARTS]>,
}

/// What may have a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Course {
    Contacts,
    Revenue,
}

impl CourseRecord {
    /// Counts a customer's stay in the segment: months of its days, and what is known of whole months that count in it.
    pub(crate) fn add(
        &mut self,
        customer: &Customer<'_>,
        exposures: &[ExposureRow],
        revenues: &[RevenueRow],
    ) -> Result<(), MonthError> {
        let Customer {
            window,
            episode,
            stay,
            number,
            ..
        } = *customer;
        let part = number % PARTS;
        let days = [stay.from, stay.to];
        let [from, to] = days.map(Month::of);
        for index in from.index()..=to.index() {
            let month = Month::from_index(index);
            self.cell(month, part).customer_months += share_of_month(month, days);
        }
        let is_theirs = |month: &Month| observes(episode, *month) && customer.counts_in(*month);
        for row in exposures {
            let month: Month = row.month.parse()?;
            if is_theirs(&month) {
                let contacts: u64 = row.contacts.values().map(|it| it.count).sum();
                self.cell(month, part).contacts += contacts as f64;
            }
        }
        for row in revenues {
            for (month, minor) in charges(window, row).filter(|(month, _)| is_theirs(month)) {
                let share = window.charged_share(episode, month);
                self.cell(month, part).revenue_minor += minor as f64 * share;
            }
        }
        Ok(())
    }

    fn cell(&mut self, month: Month, part: usize) -> &mut Cell {
        &mut self.months.entry(month.index()).or_default()[part]
    }

    fn sum(&self, index: i32, course: Course) -> f64 {
        let cells = self.months.get(&index);
        cells.map_or(0.0, |cells| cells.iter().map(|it| course.of(it)).sum())
    }

    fn group(&self, part: usize, months: Range<i32>, course: Course) -> Option<Group> {
        let cells = months.map(|index| {
            let cell = self.months.get(&index).map(|cells| cells[part]);
            let cell = cell.unwrap_or_default();
            // Who is not under observation for a day brings nothing that could be held against a day.
            match cell.customer_months > 0.0 {
                true => (cell.customer_months, course.of(&cell)),
                false => (0.0, 0.0),
            }
        });
        let (exposure, counted) = cells.unzip();
        Group::new(exposure, counted).ok()
    }

    /// Who was there in months that a figure is from.
    fn counted(&self, segment: &str, months: Range<i32>, figure_from: &[Month]) -> CountedByMonth {
        let exposure = |index: i32| {
            let is_from = figure_from.iter().any(|month| month.index() == index);
            let cells = self.months.get(&index).filter(|_| is_from);
            cells.map_or(0.0, |cells| cells.iter().map(|it| it.customer_months).sum())
        };
        CountedByMonth {
            segment: segment.to_owned(),
            customer_months: months.map(exposure).collect(),
        }
    }
}

impl Course {
    fn of(self, cell: &Cell) -> f64 {
        match self {
            Self::Contacts => cell.contacts,
            Self::Revenue => cell.revenue_minor,
        }
    }

    /// Its name under `[outlook]`.
    fn name(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::Revenue => "revenue",
        }
    }

    fn codes(self) -> [FlagCode; 2] {
        match self {
            Self::Contacts => [FlagCode::ContactsTrend, FlagCode::ContactsSeason],
            Self::Revenue => [FlagCode::RevenueTrend, FlagCode::RevenueSeason],
        }
    }
}

/// What a customer was charged in each month.
fn charges(window: Window, row: &RevenueRow) -> impl Iterator<Item = (Month, i64)> {
    let earlier = row.earlier_minor_by_month.len() as i32;
    let first = window.month(0).plus(-earlier);
    let minor = row.earlier_minor_by_month.iter().chain(&row.minor_by_month);
    let charges = (0..)
        .map(move |place| first.plus(place))
        .zip(minor.copied());
    charges.filter(|(_, minor)| *minor != 0)
}

/// Trend and season of a course in all segments together, each with a level of its own, and the months of the figures that
/// they move; none where the record cannot tell.
pub(crate) fn course_trend(
    course: Course,
    segments: &[(&str, &CourseRecord)],
    figures_from: &BTreeMap<&str, Vec<Month>>,
) -> Option<CalendarTrend> {
    let months = recorded(course, segments)?;
    // A part of nobody tells nothing of what customers vary by.
    let has_anybody = |part: &usize| {
        let mut cells = segments
            .iter()
            .flat_map(|(_, record)| record.months.range(months.clone()));
        cells.any(|(_, cells)| cells[*part].customer_months > 0.0)
    };
    let parts: Vec<usize> = (0..PARTS).filter(has_anybody).collect();
    if parts.len() < FEWEST_PARTS {
        return None;
    }
    let parts = parts.into_iter().map(|part| {
        let groups = segments.iter();
        let groups = groups.map(|(_, record)| record.group(part, months.clone(), course));
        groups.collect::<Option<Vec<Group>>>()
    });
    let parts: Vec<Vec<Group>> = parts.collect::<Option<_>>()?;
    let found = fit_parts(months.start.rem_euclid(12) as usize, &parts).ok()?;
    let record = segments.iter().map(|(name, record)| {
        let figure_from = figures_from.get(name).map_or(&[][..], Vec::as_slice);
        record.counted(name, months.clone(), figure_from)
    });
    Some(told(&found, record.collect(), months.clone()))
}

/// The last four years without a gap up to the last month in which anything is recorded; none where nothing is. Of the first
/// month after a gap a part may be recorded only, and it is left out.
fn recorded(course: Course, segments: &[(&str, &CourseRecord)]) -> Option<Range<i32>> {
    let sum = |index: &i32| -> f64 {
        let sums = segments
            .iter()
            .map(|(_, record)| record.sum(*index, course));
        sums.sum()
    };
    let keys = || segments.iter().flat_map(|(_, record)| record.months.keys());
    let (first, last) = (*keys().min()?, *keys().max()?);
    let last = (first..=last).rev().find(|index| sum(index) > 0.0)?;
    let first = first.max(last + 1 - LONGEST as i32);
    let gap = (first..last).rev().find(|index| sum(index) <= 0.0);
    let start = gap.map_or(first, |gap| gap + 2);
    (start <= last).then_some(start..last + 1)
}

fn told(found: &CalendarFit, record: Vec<CountedByMonth>, months: Range<i32>) -> CalendarTrend {
    CalendarTrend {
        from: Month::from_index(months.start),
        until: Month::from_index(months.end - 1),
        growth_a_year: growth_a_year(found),
        trend: likely(found),
        season: season(found),
        season_p: found.season.as_ref().map(|it| it.p),
        autocorrelation: found.autocorrelation,
        record,
    }
}

/// That a course moves, with what a scenario says to let it go on; that it has a season.
pub(crate) fn flags(course: Course, trend: &CalendarTrend) -> Vec<Flag> {
    let CalendarTrend {
        from,
        until,
        growth_a_year: growth,
        trend: likely,
        ..
    } = trend;
    let (name, [of_trend, of_season]) = (course.name(), course.codes());
    let moves = growth.low > 0.0 || growth.high < 0.0;
    let trend_flag = moves.then(|| {
        let direction = if growth.value > 0.0 { "more" } else { "less" };
        let detail = format!(
            "{name} per customer: {} {direction} from year to year (95%: {} to {}; {from} to {until}); a run takes the mean of \
             the baseline's months, unless its scenario says under [outlook] {name} = \"records\" (or another trend: this one is \
             {name}_trend = \"{likely}\")",
            in_percent(growth.value.abs()),
            in_percent(growth.low),
            in_percent(growth.high),
        );
        Flag::new(of_trend, detail)
    });
    let season = trend.told_season().zip(trend.season_p);
    let season_flag = season.map(|it| season_flag(of_season, name, it));
    trend_flag.into_iter().chain(season_flag).collect()
}

/// How many months before the window finance is asked for.
pub(crate) const EARLIER_MONTHS: u16 = (LONGEST - MONTHS) as u16;

#[cfg(test)]
mod tests;
