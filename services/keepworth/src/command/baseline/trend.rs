//! What a baseline says of leaving by the calendar.

use keepworth_contract::simulator::LeavingTrend;
use keepworth_contract::simulator::baseline::Baseline;
use keepworth_contract::simulator::fit::FitEstimate;

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
    let mut sheet = Sheet::new("", "leaving by the calendar | is | 95% interval");
    let growth = &trend.growth_a_year;
    let shown = |share: f64| percent(share, 1);
    row![sheet => "more a year", figure(growth, shown), interval(growth, shown)];
    for (name, factor) in MONTHS.iter().zip(&trend.season) {
        let shown = |factor: f64| format!("× {}", places(factor, 2));
        row![sheet => *name, figure(factor, shown), interval(factor, shown)];
    }
    sheet.note(told(trend));
    Some(sheet)
}

fn told(trend: &LeavingTrend) -> String {
    let season = match trend.season_p {
        Some(p) => format!(
            "a season like this or larger has p = {} where there is none",
            places(p, 3)
        ),
        None => "too few left for a season".to_owned(),
    };
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
