//! Which seats go in which month, and what stays unused.

use keepworth_sim::{RunResult, SeatBands};

use crate::present::number::whole;
use crate::present::{Cell, Sheet, row};

/// The section of the report; empty where no channel is staffed in seats.
pub(super) fn seats(result: &RunResult) -> String {
    let pools = &result.monthly.seats;
    if pools.is_empty() {
        return String::new();
    }
    let futures = whole(result.monthly.trials as f64);
    let title = format!(
        "Seats that are paid, from the months on in which the middle of {futures} futures changes"
    );
    let columns = "pool | from month | as things are | with the programme | 5 in 100 below | 5 in 100 above | \
                   minutes a month that stay unused";
    let mut sheet = Sheet::new(title, columns);
    for pool in pools {
        for month in changes(pool) {
            let count = |of: &[f64]| Cell::Figure(of[month], whole(of[month]));
            row![sheet => &pool.pool, Cell::Figure(month as f64, month.to_string()), count(&pool.as_is.p50),
                count(&pool.programme.p50), count(&pool.programme.p5), count(&pool.programme.p95),
                count(&pool.slack_programme.p50)];
        }
    }
    sheet.to_string()
}

/// Months in which the middle number of seats is not that of the month before, in either world.
fn changes(pool: &SeatBands) -> Vec<usize> {
    let seats = |month: usize| [pool.as_is.p50[month], pool.programme.p50[month]];
    let months = 0..pool.as_is.p50.len();
    let is_change = |month: &usize| *month == 0 || seats(*month) != seats(*month - 1);
    months.filter(is_change).collect()
}
