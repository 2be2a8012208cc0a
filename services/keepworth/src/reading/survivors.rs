//! A survivor count by period.

use std::path::Path;

use anyhow::{Context, ensure};
use keepworth_retention::survival::Observation;

use super::column::{Column, next_row, open};
use keepworth_reading::Written;

/// Customers left at the end of periods 0, 1, 2, ….
pub(crate) fn read(
    file: &Path,
    written: &Written,
    column: &str,
    periods: Option<usize>,
) -> anyhow::Result<Vec<f64>> {
    let mut table = open(file, written)?;
    let period = Column::need(&table, None, &["period"], "(rename it)")?;
    let survivors = Column::need(&table, Some(column), &[], "--survivors")?;
    let mut count = Vec::new();
    while let Some(row) = next_row(&mut table)? {
        let number = period.number(&row)?;
        ensure!(
            number == count.len() as f64,
            "line {}: period {number} follows {} counts; periods must be 0, 1, 2, …",
            row.line,
            count.len()
        );
        count.push(survivors.number(&row)?);
    }
    let are_shares =
        count.iter().all(|it| (0.0..=1.0).contains(it)) && count.iter().any(|it| it.fract() != 0.0);
    ensure!(
        !are_shares,
        "{column} looks like shares of those at the start; give how many customers were left, such as 1000, \
         631, 468: how sure a fit is depends on how many there were"
    );
    if let Some(periods) = periods {
        ensure!(
            periods < count.len(),
            "--periods {periods} asks for {} counts, the file has {}",
            periods + 1,
            count.len()
        );
        count.truncate(periods + 1);
    }
    Ok(count)
}

/// The same as observations: those left are watched to the last period.
pub(crate) fn observations(count: &[f64]) -> anyhow::Result<Vec<Observation>> {
    let mut all = Vec::new();
    for (period, pair) in count.windows(2).enumerate() {
        let (from, to) = (period as f64, period as f64 + 1.0);
        let rows = Observation::from_counts(from, to, pair[0], pair[0] - pair[1])
            .with_context(|| format!("period {}", period + 1))?;
        all.extend(rows);
    }
    Ok(all)
}
