//! What is in the books: entries, vouchers, closed months, rates, and who bears what is shared.

pub mod allocation;
pub(crate) mod amount;
pub(crate) mod conversion;
pub(crate) mod date;
pub(crate) mod exchange_outlook;
pub(crate) mod fx;
pub(crate) mod general_ledger;
pub(crate) mod ledger_entry;
pub(crate) mod month_allocation;
pub(crate) mod period_close;
pub mod share;
