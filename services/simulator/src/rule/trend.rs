//! Whether leaving changes with the calendar, over the whole record.

use std::ops::Range;

use keepworth_contract::customers::EpisodeRow;
use keepworth_contract::simulator::fit::FitEstimate;
use keepworth_contract::simulator::{LeavingTrend, ObservedByMonth};
use keepworth_contract::{Flag, FlagCode, Month};
use keepworth_retention::calendar::{CalendarError, CalendarFit, Group, fit};
use keepworth_retention::fit::Estimate;
use keepworth_verdict::interval::student_quantile;

use crate::rule::window::months_between;

/// Completed months of tenure at which customers become others: those of hazards by bands.
const TENURES: [i32; 4] = [0, 3, 12, 24];
/// Probability below the upper end of a scenario's interval.
const UPPER: f64 = 0.95;

/// Customer-months and leavers of a month, by stretch of tenure.
type MonthByTenure = [(f64, u64); TENURES.len()];

/// Who was under observation and who left, by calendar month and tenure.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct LeavingByMonth {
    /// Number of the first month.
    first: i32,
    months: Vec<MonthByTenure>,
}

impl LeavingByMonth {
    /// Counts the days of a customer from one to another, both included, at the last of which they may have left.
    pub(crate) fn add(
        &mut self,
        episode: &EpisodeRow,
        [from, to]: [chrono::NaiveDate; 2],
        has_left: bool,
    ) {
        let (first, last) = (Month::of(from).index(), Month::of(to).index());
        let acquired = Month::of(episode.acquired_on).index();
        let Some(after) = to.succ_opt() else { return };
        for index in first..=last {
            let month = Month::from_index(index);
            let exposure = if index > first && index < last {
                1.0
            } else {
                months_between(
                    from.max(month.first_day()),
                    after.min(month.plus(1).first_day()),
                )
            };
            let cell = &mut self.month(index)[tenure(index - acquired)];
            cell.0 += exposure;
            cell.1 += u64::from(has_left && index == last);
        }
    }

    fn month(&mut self, index: i32) -> &mut MonthByTenure {
        if self.months.is_empty() {
            self.first = index;
        }
        if index < self.first {
            let missing = (self.first - index) as usize;
            self.months
                .splice(0..0, std::iter::repeat_n(MonthByTenure::default(), missing));
            self.first = index;
        }
        let place = (index - self.first) as usize;
        if place >= self.months.len() {
            self.months.resize(place + 1, MonthByTenure::default());
        }
        &mut self.months[place]
    }

    fn at(&self, index: i32) -> MonthByTenure {
        let place = usize::try_from(index - self.first).ok();
        place
            .and_then(|it| self.months.get(it))
            .copied()
            .unwrap_or_default()
    }

    /// Numbers of the first month and of the one after the last; none where nobody was observed.
    fn range(&self) -> Option<Range<i32>> {
        (!self.months.is_empty()).then(|| self.first..self.first + self.months.len() as i32)
    }
}

fn tenure(months: i32) -> usize {
    TENURES
        .iter()
        .rposition(|from| *from <= months)
        .unwrap_or_default()
}

/// Who was under observation of a segment, and from which month on its hazards are counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted<'a> {
    pub(crate) segment: &'a str,
    pub(crate) leaving: &'a LeavingByMonth,
    /// None where hazards are from the whole record.
    pub(crate) since: Option<Month>,
}

impl Counted<'_> {
    fn group(&self, tenure: usize, months: Range<i32>) -> Result<Group, CalendarError> {
        let cells = months.map(|index| self.leaving.at(index)[tenure]);
        let cells = cells.map(|(exposure, left)| (exposure, left as f64));
        let (exposure, left) = cells.unzip();
        Group::new(exposure, left)
    }

    fn observed(&self, tenure: usize, months: Range<i32>) -> ObservedByMonth {
        let counts = |index: i32| self.since.is_none_or(|since| since.index() <= index);
        let customer_months = |index| match counts(index) {
            true => self.leaving.at(index)[tenure].0,
            false => 0.0,
        };
        ObservedByMonth {
            segment: self.segment.to_owned(),
            tenure_from: TENURES[tenure] as u32,
            customer_months: months.map(customer_months).collect(),
        }
    }
}

/// Trend and season of leaving in all segments together, each with levels of its own; none where the record cannot
/// tell.
pub(crate) fn leaving_trend(segments: &[Counted<'_>]) -> Option<LeavingTrend> {
    let ranges = || segments.iter().filter_map(|it| it.leaving.range());
    let from = ranges().map(|it| it.start).min()?;
    let end = ranges().map(|it| it.end).max()?;
    let stretches = || {
        let tenures = |counted| (0..TENURES.len()).map(move |tenure| (counted, tenure));
        segments.iter().flat_map(tenures)
    };
    let groups = stretches().map(|(counted, tenure)| counted.group(tenure, from..end));
    let groups: Vec<Group> = groups.collect::<Result<_, _>>().ok()?;
    let found = fit(from.rem_euclid(12) as usize, &groups).ok()?;
    let observed = stretches().map(|(counted, tenure)| counted.observed(tenure, from..end));
    Some(told(&found, observed.collect(), from..end))
}

fn told(found: &CalendarFit, record: Vec<ObservedByMonth>, months: Range<i32>) -> LeavingTrend {
    LeavingTrend {
        from: Month::from_index(months.start),
        until: Month::from_index(months.end - 1),
        left: found.counted as u64,
        growth_a_year: growth_a_year(found),
        hazard_trend: likely(found),
        season: season(found),
        season_p: found.season.as_ref().map(|it| it.p),
        dispersion: found.dispersion,
        record,
    }
}

/// Factors of the months of a year, January first; none where too little was counted.
pub(super) fn season(found: &CalendarFit) -> Vec<FitEstimate> {
    let factors = found.season.iter().flat_map(|it| &it.log_factors);
    factors.map(factor).collect()
}

/// A factor by its logarithm.
fn factor(log: &Estimate) -> FitEstimate {
    FitEstimate {
        value: log.value.exp(),
        se: log.se * log.value.exp(),
        low: log.low.exp(),
        high: log.high.exp(),
    }
}

/// Growth a year: 0.05 is 5% more.
pub(super) fn growth_a_year(found: &CalendarFit) -> FitEstimate {
    let factor = factor(&found.trend);
    FitEstimate {
        value: factor.value - 1.0,
        low: factor.low - 1.0,
        high: factor.high - 1.0,
        ..factor
    }
}

/// The interval of 90% as a scenario says it.
pub(super) fn likely(found: &CalendarFit) -> String {
    let reach = found.trend.se * student_quantile(found.freedom, UPPER).unwrap_or_default();
    let [low, high] = [found.trend.value - reach, found.trend.value + reach];
    format!(
        "{} to {}",
        in_percent(low.exp_m1()),
        in_percent(high.exp_m1())
    )
}

pub(super) fn in_percent(share: f64) -> String {
    format!("{:.1}%", 100.0 * share)
}

/// That leaving moves, with what a scenario says to let it go on; that it has a season.
pub(crate) fn flags(trend: &LeavingTrend) -> Vec<Flag> {
    let LeavingTrend {
        from,
        until,
        left,
        growth_a_year: growth,
        hazard_trend,
        ..
    } = trend;
    let moves = growth.low > 0.0 || growth.high < 0.0;
    let trend_flag = moves.then(|| {
        let (size, direction) = (in_percent(growth.value.abs()), if growth.value > 0.0 { "more" } else { "fewer" });
        let detail = format!(
            "of customers alike in segment and tenure {size} {direction} leave from year to year (95%: {} to {}; {left} \
             leavers from {from} to {until}); a run takes leaving as it was in all these months together, unless its \
             scenario says under [outlook] leaving = \"records\" (or another trend: this one is hazard_trend = \
             \"{hazard_trend}\")",
            in_percent(growth.low),
            in_percent(growth.high),
        );
        Flag::new(FlagCode::LeavingTrend, detail)
    });
    let season = trend.told_season().zip(trend.season_p);
    let season_flag = season.map(|it| season_flag(FlagCode::LeavingSeason, "leaving", it));
    trend_flag.into_iter().chain(season_flag).collect()
}

/// That something has a season, and what a scenario says to let it have one.
pub(super) fn season_flag(code: FlagCode, what: &str, (season, p): (&[FitEstimate], f64)) -> Flag {
    let largest = season.iter().map(|it| it.value).fold(f64::MIN, f64::max);
    let least = season.iter().map(|it| it.value).fold(f64::MAX, f64::min);
    let detail = format!(
        "{what} by the months of a year: {largest:.2} times the year's mean in the highest month, {least:.2} in the lowest \
         (p = {p:.4}); a run spreads this season over the year, unless its scenario says under [outlook] {what} = \"records\""
    );
    Flag::new(code, detail)
}

#[cfg(test)]
mod tests;
