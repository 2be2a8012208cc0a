//! Feeds to the simulator.

use keepworth_contract::Month;
use keepworth_intake::Failure;

/// Months of revenue that the feed sums up.
pub(crate) const WINDOW_MONTHS: u16 = 12;

pub(crate) fn mixed_currencies(currencies: &[String], first: Month, last: Month) -> Failure {
    let currencies = currencies.join(" and ");
    Failure::conflict(
        "mixed_currencies",
        format!(
            "revenue of {first} to {last} is in {currencies}; import it again in one currency, with the same ids"
        ),
    )
}
