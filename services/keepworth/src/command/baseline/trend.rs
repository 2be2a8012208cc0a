//! What a baseline says of leaving, contacts and revenue by the calendar.

use keepworth_contract::simulator::baseline::Baseline;
use keepworth_contract::simulator::fit::FitEstimate;
use keepworth_contract::simulator::{CalendarTrend, LeavingTrend};

use crate::present::number::{percent, places};
use crate::present::{Cell, Sheet, row};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Growth a year and the months of the year; nothing where the record cannot tell.
pub(super) fn sheet(baseline: &Baseline) -> Option<Sheet> {
    let trend = baseline.leaving_trend.as_ref()?;
    let mut sheet = calendar("leaving", &trend.growth_a_year, &trend.season);
    sheet.note(told(trend));
    Some(sheet)
}

/// The same of contacts and of revenue.
pub(super) fn courses(baseline: &Baseline) -> impl Iterator<Item = Sheet> {
    let courses = [
        ("contacts", &baseline.contacts_trend),
        ("revenue", &baseline.revenue_trend),
    ];
    let courses = courses.into_iter();
    courses.filter_map(|(name, trend)| Some(course(name, trend.as_ref()?)))
}

fn course(name: &str, trend: &CalendarTrend) -> Sheet {
    let mut sheet = calendar(name, &trend.growth_a_year, &trend.season);
    sheet.note(format!(
        "of a customer with a contract, {} to {}, each segment with a level of its own; months go together with their neighbours \
         by {}; {}; a run follows it where its scenario says under [outlook] {name} = \"records\"",
        trend.from,
        trend.until,
        places(trend.autocorrelation, 2),
        season(trend.season_p),
    ));
    sheet
}

fn calendar(name: &str, growth: &FitEstimate, season: &[FitEstimate]) -> Sheet {
    let head = format!("{name} by the calendar | is | 95% interval");
    let mut sheet = Sheet::new("", &head);
    let shown = |share: f64| percent(share, 1);
    row![sheet => "more a year", figure(growth, shown), interval(growth, shown)];
    for (name, factor) in MONTHS.iter().zip(season) {
        let shown = |factor: f64| format!("× {}", places(factor, 2));
        row![sheet => *name, figure(factor, shown), interval(factor, shown)];
    }
    sheet
}

fn season(p: Option<f64>) -> String {
    match p {
        Some(p) => format!(
            "a season like this or larger has p = {} where there is none",
            places(p, 3)
        ),
        None => "too few were counted for a season".to_owned(),
    }
}

fn told(trend: &LeavingTrend) -> String {
    let season = season(trend.season_p);
    format!(
        "{} leavers from {} to {}, of equal segment and tenure; months scatter {} times as much as counts; {season}",
        trend.left,
        trend.from,
        trend.until,
        places(trend.dispersion, 2),
    )
}

fn figure(estimate: &FitEstimate, shown: impl Fn(f64) -> String) -> Cell {
    Cell::Figure(estimate.value, shown(estimate.value))
}

fn interval(estimate: &FitEstimate, shown: impl Fn(f64) -> String) -> String {
    format!("{} to {}", shown(estimate.low), shown(estimate.high))
}
