//! What customers' contacts are about, as far as it was recorded.

use keepworth_contract::simulator::baseline::Baseline;
use keepworth_contract::statistic::Interval;

use crate::present::number::{percent, places};
use crate::present::{Cell, Sheet, row};

/// A row for each issue of each segment and channel; nothing where nobody recorded any.
pub(super) fn sheet(baseline: &Baseline) -> Option<Sheet> {
    let mut sheet = Sheet::new(
        "",
        "segment | channel | about | contacts | share | 95% interval | minutes each | 95% interval",
    );
    for segment in &baseline.segments {
        for channel in &segment.channels {
            let Some(about) = &channel.about else {
                continue;
            };
            for issue in &about.issues {
                let share = interval(issue.share_interval.as_ref(), |it| percent(it, 0));
                let minutes = interval(issue.minutes_interval.as_ref(), |it| places(it, 1));
                row![sheet => &segment.name, &channel.name, &issue.name, issue.contacts as i64,
                    Cell::Figure(issue.share, percent(issue.share, 0)), share,
                    Cell::Figure(issue.minutes, places(issue.minutes, 1)), minutes];
            }
            for flag in &about.flags {
                sheet.note(format!(
                    "{}, {}: {}",
                    segment.name, channel.name, flag.detail
                ));
            }
        }
    }
    (!sheet.is_empty()).then_some(sheet)
}

fn interval(interval: Option<&Interval>, shown: impl Fn(f64) -> String) -> String {
    interval.map_or_else(String::new, |it| {
        format!("{} to {}", shown(it.low), shown(it.high))
    })
}
