//! Which initiatives a budget should pay for, for people.

use keepworth_sim::explain::Portfolio;

use crate::present::number::{Unit, whole};
use crate::present::{Cell, Sheet, row};

/// The frontier under a budget.
pub(super) fn frontier(portfolios: &[Portfolio], budget: f64, currency: &str) -> String {
    let title = format!(
        "What to do with {currency} {} a year; nothing else that it pays for is both worth more and \
         safer",
        whole(budget)
    );
    let columns = "Initiatives | worth on average | ± error | worst 5 in 100 | ± error | most spent in a year";
    let mut sheet = Sheet::new(title, columns);
    let money = |amount: f64| Cell::Figure(amount, Unit::of(amount).money(amount, currency));
    for it in portfolios {
        let names = if it.initiatives.is_empty() {
            "none".to_owned()
        } else {
            it.initiatives.join(" + ")
        };
        let spent = it.spending.iter().copied().fold(0.0, f64::max);
        row![sheet => names, money(it.npv.value), money(it.npv.mc_error), money(it.cvar5.value),
            money(it.cvar5.mc_error), money(spent)];
    }
    sheet.note("Chosen on half of the futures, judged on the other half.");
    sheet.to_string()
}
