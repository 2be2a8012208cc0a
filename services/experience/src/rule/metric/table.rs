//! One headline per kind of question, month and phase of the journey.

use keepworth_contract::Word;
use std::collections::BTreeMap;

use keepworth_contract::Month;
use keepworth_contract::experience::FeedbackKind;
use keepworth_contract::experience::MetricRow;

use super::ScoreCounts;

/// Answers by kind, month and phase; grows with these, not with answers.
#[derive(Debug, Default)]
pub struct MetricTable {
    cells: BTreeMap<(FeedbackKind, Month, Option<String>), ScoreCounts>,
}

impl MetricTable {
    /// Counts `answers` of one score in.
    pub fn add(
        &mut self,
        kind: FeedbackKind,
        month: Month,
        phase: Option<String>,
        score: i32,
        answers: u64,
    ) {
        self.cells
            .entry((kind, month, phase))
            .or_insert_with(|| ScoreCounts::new(kind))
            .add(score, answers);
    }

    /// The rows by kind, month and phase; answers that name no phase come first.
    pub fn into_rows(self) -> impl Iterator<Item = MetricRow> {
        self.cells
            .into_iter()
            .map(|((kind, month, phase), counts)| MetricRow {
                kind: kind.name().to_owned(),
                month: month.to_string(),
                phase,
                statistic: counts.headline(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_by_kind_month_and_phase() {
        let mut table = MetricTable::default();
        let mut add = |kind, month: &str, phase: Option<&str>, score| {
            table.add(
                kind,
                month.parse().unwrap(),
                phase.map(str::to_owned),
                score,
                1,
            );
        };
        add(FeedbackKind::Csat, "2025-01", None, 5);
        add(FeedbackKind::Nps, "2025-02", Some("use"), 10);
        add(FeedbackKind::Nps, "2025-02", None, 10);
        add(FeedbackKind::Nps, "2025-01", Some("use"), 0);
        add(FeedbackKind::Nps, "2025-01", Some("use"), 10);
        let rows: Vec<MetricRow> = table.into_rows().collect();
        let found: Vec<(&str, &str, Option<&str>, Option<f64>)> = rows
            .iter()
            .map(|row| {
                let phase = row.phase.as_deref();
                (
                    row.kind.as_str(),
                    row.month.as_str(),
                    phase,
                    row.statistic.value,
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                ("NPS", "2025-01", Some("use"), Some(0.0)),
                ("NPS", "2025-02", None, Some(100.0)),
                ("NPS", "2025-02", Some("use"), Some(100.0)),
                ("CSAT", "2025-01", None, Some(1.0)),
            ]
        );
    }
}
