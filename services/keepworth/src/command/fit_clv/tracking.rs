//! Repeat purchases over calendar time, as they were made and as expected.

use std::path::Path;

use anyhow::Context;
use keepworth_retention::fit::Level;
use keepworth_retention::purchase::{
    Histories, PurchaseError, PurchaseFit, RepeatPurchases, Tracked,
};
use serde::Serialize;

use crate::present::number::{brief, digits, whole};
use crate::present::{Cell, Sheet, row};
use crate::reading::purchases::read_repeat_purchases;
use keepworth_reading::Written;

/// Rows that are printed, spread over all periods; JSON has each.
const MOST_ROWS: usize = 12;

/// Cumulative repeat purchases, period by period.
#[derive(Serialize)]
pub(super) struct Tracking {
    /// Until when the customers were fitted; what follows is forecast.
    fitted_until: f64,
    periods: Vec<Tracked>,
}

impl Tracking {
    pub(super) fn of(
        fitted: &PurchaseFit,
        customers: &Histories,
        fitted_until: f64,
        purchases: &[RepeatPurchases],
    ) -> Result<Self, PurchaseError> {
        Ok(Self {
            fitted_until,
            periods: fitted.track(customers, purchases)?,
        })
    }

    pub(super) fn sheet(&self, level: Level) -> Sheet {
        let columns = format!("by time | bought again | by the model | {level} from | to | off by");
        let mut sheet = Sheet::new("", &columns);
        for index in shown(self.periods.len()) {
            let it = &self.periods[index];
            let [value, low, high] =
                [it.expected.value, it.expected.low, it.expected.high].map(Cell::whole);
            row![sheet => brief(it.t), Cell::whole(it.actual), value, low, high, off(it)];
        }
        if let Some(sentence) = self.finding() {
            sheet.note(sentence);
        }
        sheet
    }

    /// How far the model is off where it was fitted, and where it forecasts.
    fn finding(&self) -> Option<String> {
        let mut known = self.periods.iter().filter(|it| it.t <= self.fitted_until);
        let known = known.next_back()?;
        let start = format!(
            "By {} customers bought {} times again, the model is {} off",
            brief(known.t),
            whole(known.actual),
            off(known)
        );
        let last = self.periods.last()?;
        if last.t <= known.t {
            return Some(format!("{start}."));
        }
        let further = (last.actual - known.actual).max(f64::MIN_POSITIVE);
        let expected = last.expected.value - known.expected.value;
        Some(format!(
            "{start}; of the {} purchases from then to {} it forecasts {}, {} off.",
            whole(last.actual - known.actual),
            brief(last.t),
            digits(expected),
            signed(expected / further - 1.0)
        ))
    }
}

/// Places of the rows that are printed: the last, and others as evenly as they go.
fn shown(periods: usize) -> Vec<usize> {
    let step = periods.div_ceil(MOST_ROWS).max(1);
    let mut places: Vec<usize> = (0..periods).rev().step_by(step).collect();
    places.reverse();
    places
}

/// How far the model is above what was bought, in percent.
fn off(it: &Tracked) -> String {
    if it.actual > 0.0 {
        signed(it.expected.value / it.actual - 1.0)
    } else {
        String::new()
    }
}

fn signed(share: f64) -> String {
    format!("{:+.1}%", 100.0 * share)
}

/// Reads and tracks; names the file where it cannot be.
pub(super) fn of_file(
    fitted: &PurchaseFit,
    customers: &Histories,
    fitted_until: f64,
    file: &Path,
    written: &Written,
) -> anyhow::Result<Tracking> {
    let name = || file.display().to_string();
    let purchases = read_repeat_purchases(file, written).with_context(name)?;
    Tracking::of(fitted, customers, fitted_until, &purchases).with_context(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dozen_rows_at_most_are_printed_and_the_last_always() {
        assert_eq!(shown(6), [0, 1, 2, 3, 4, 5]);
        let of_many = shown(78);
        assert!(of_many.len() <= MOST_ROWS && of_many.last() == Some(&77));
        assert!(shown(0).is_empty());
    }
}
