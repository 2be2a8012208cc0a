//! For what customers left, of those who said so.

use keepworth_contract::Word;
use keepworth_contract::customers::LeavingCause;
use keepworth_contract::simulator::baseline::{Baseline, SegmentBaseline};
use keepworth_verdict::interval::wilson;

use crate::present::number::percent;
use crate::present::{Cell, Sheet, row};

/// A row for each cause of each segment; nothing where nobody said why.
pub(super) fn sheet(baseline: &Baseline) -> Option<Sheet> {
    let mut sheet = Sheet::new(
        "",
        "segment | left for | customers | of those who said why | 95% interval | experience could remove it",
    );
    for segment in &baseline.segments {
        let said = causes(segment).map(|(_, left)| left).sum();
        for (cause, left) in causes(segment) {
            let share = left as f64 / said as f64;
            let interval = wilson(left, said).map_or_else(String::new, |it| {
                format!("{} to {}", percent(it.low, 0), percent(it.high, 0))
            });
            let could = if cause.is_experience() { "yes" } else { "no" };
            row![sheet => &segment.name, cause.name().to_lowercase(), left as i64,
                Cell::Figure(share, percent(share, 0)), interval, could];
        }
        let unknown = unknown(segment);
        if said > 0 && unknown > 0 {
            sheet.note(format!(
                "{}: {unknown} more left and nobody recorded why; they count as those who said so",
                segment.name
            ));
        }
    }
    (!sheet.is_empty()).then_some(sheet)
}

/// Known causes and how many left for each.
fn causes(segment: &SegmentBaseline) -> impl Iterator<Item = (LeavingCause, u64)> {
    let all = segment.left_by_cause.iter();
    all.filter_map(|(name, left)| Some((name.parse().ok()?, *left)))
}

/// How many left of whom nobody recorded why.
fn unknown(segment: &SegmentBaseline) -> u64 {
    let all: u64 = segment.left_by_cause.values().sum();
    all - causes(segment).map(|(_, left)| left).sum::<u64>()
}
