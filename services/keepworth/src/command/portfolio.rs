//! Which initiatives a budget should pay for, for people.

use keepworth_contract::simulator::{Estimate, PortfolioChoice};
use keepworth_verdict::words::within_error;

use crate::present::number::{Unit, error};
use crate::present::{Cell, Sheet, row};

/// The frontier under a budget.
pub(crate) fn frontier(choices: &[PortfolioChoice], title: &str, currency: &str) -> Sheet {
    let title = format!("{title}; nothing else that it pays for is both worth more and safer");
    let columns = "Initiatives | worth on average | ± error | worst 5 in 100 | ± error | most spent in a year";
    let mut sheet = Sheet::new(title, columns);
    let money = |amount: f64| Cell::Figure(amount, Unit::of(amount).money(amount, currency));
    let known = |it: Estimate| money(within_error(it.value, it.mc_error));
    let off = |it: Estimate| Cell::Figure(it.mc_error, error(it.mc_error));
    for it in choices {
        let names = if it.initiatives.is_empty() {
            "none".to_owned()
        } else {
            it.initiatives.join(" + ")
        };
        let spent = it.spending.iter().copied().fold(0.0, f64::max);
        row![sheet => names, known(it.npv), off(it.npv), known(it.cvar5), off(it.cvar5), money(spent)];
    }
    sheet.note("Chosen on half of the futures, judged on the other half.");
    sheet
}
