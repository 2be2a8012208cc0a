//! Which initiatives a budget should pay for, for people.

use comfy_table::Cell;
use keepworth_sim::explain::Portfolio;

use super::wording::Unit;
use crate::output::{table, whole};

/// The frontier under a budget.
pub(super) fn frontier(portfolios: &[Portfolio], budget: f64, currency: &str) -> String {
    let mut lines = table([
        "Initiatives",
        "worth on average",
        "± error",
        "worst 5 in 100",
        "± error",
        "most spent in a year",
    ]);
    for it in portfolios {
        let money = |amount: f64| Unit::of(amount).money(amount, currency);
        let names = if it.initiatives.is_empty() {
            "none".to_owned()
        } else {
            it.initiatives.join(" + ")
        };
        let spent = it.spending.iter().copied().fold(0.0, f64::max);
        lines.add_row(vec![
            Cell::new(names),
            Cell::new(money(it.npv.value)),
            Cell::new(money(it.npv.mc_error)),
            Cell::new(money(it.cvar5.value)),
            Cell::new(money(it.cvar5.mc_error)),
            Cell::new(money(spent)),
        ]);
    }
    format!(
        "What to do with {currency} {} a year; nothing else that it pays for is both worth more and \
         safer\n{lines}\nChosen on half of the futures, judged on the other half.\n",
        whole(budget)
    )
}
