//! How contacts and revenue change with the calendar.

use keepworth_contract::Month;
use keepworth_contract::simulator::CalendarTrend;

use super::Records;
use crate::rule::course::{Course, CourseRecord, course_trend};
use crate::rule::revenue::RevenueMonths;
use crate::rule::segment::Company;
use crate::rule::tally::Tally;
use crate::rule::window::MONTHS;

impl Records {
    /// Trend and season of contacts or revenue of those with a contract: of others it is told by what they buy.
    pub(super) fn course_trend(
        &self,
        course: Course,
        company: &Company<'_>,
    ) -> Option<CalendarTrend> {
        let tallies = self.tallies.segments.iter();
        let tallies = tallies.filter(|(name, _)| !self.without_contract.has(name));
        let records: Vec<(&str, &CourseRecord)> = tallies
            .clone()
            .map(|(name, tally)| (name.as_str(), &tally.courses))
            .collect();
        let months = |tally: &Tally| -> Vec<Month> {
            let places = match course {
                Course::Contacts => (0..MONTHS).collect(),
                Course::Revenue => RevenueMonths::of(tally, company).taken,
            };
            let months = places.into_iter().map(|place| self.window.month(place));
            months.collect()
        };
        let figures_from = tallies.map(|(name, tally)| (name.as_str(), months(tally)));
        course_trend(course, &records, &figures_from.collect())
    }
}
