//! From a general ledger's lines to vouchers that balance, and from these to cost entries. A voucher's
//! debits and credits must be equal: a voucher that is cut short must not become cost.

mod file;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use keepworth_contract::finance::{Basis, CostCategory, CostComponent, LedgerEntryInput};
use keepworth_contract::{Currency, FaultCode, Money};

pub use file::{File, Line, check_columns, read};

/// What an account says of its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountUse {
    /// What is spent there; `None` for accounts that are no cost, such as cash.
    pub category: Option<CostCategory>,
    /// What exactly.
    pub component: Option<CostComponent>,
}

/// Why a voucher is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VoucherError {
    /// Debits and credits differ.
    #[error(
        "debits exceed credits by {0}; send every line of the voucher in one file, or correct it"
    )]
    Unbalanced(Money),
    /// An account that nobody described.
    #[error("line {line}: account `{account}` is unknown; describe it with PUT /v1/accounts")]
    UnknownAccount {
        /// Where.
        line: u64,
        /// The account.
        account: String,
    },
}

impl VoucherError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> FaultCode {
        match self {
            Self::Unbalanced(_) => FaultCode::UnbalancedVoucher,
            Self::UnknownAccount { .. } => FaultCode::UnknownAccount,
        }
    }
}

/// The cost entries of one voucher; lines on accounts that are no cost give none.
///
/// An entry's id is the voucher's name and its line's number within it.
///
/// # Errors
/// [`VoucherError`]: a voucher is taken whole or not at all.
pub fn entries(
    source: &str,
    voucher: &str,
    lines: &[Line],
    currency: Currency,
    accounts: &HashMap<String, AccountUse>,
) -> Result<Vec<LedgerEntryInput>, VoucherError> {
    let balance: i64 = lines.iter().map(|line| line.minor).sum();
    if balance != 0 {
        return Err(VoucherError::Unbalanced(Money::from_minor(
            balance, currency,
        )));
    }
    let mut entries = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(account) = accounts.get(&line.account) else {
            return Err(VoucherError::UnknownAccount {
                line: line.number,
                account: line.account.clone(),
            });
        };
        let Some(category) = account.category else {
            continue;
        };
        entries.push(LedgerEntryInput {
            source: source.to_owned(),
            external_id: format!("{voucher}/{}", index + 1),
            posted_on: line.posted_on,
            category,
            amount: Money::from_minor(line.minor, currency),
            segment: None,
            channel: None,
            component: account.component,
            account: Some(line.account.clone()),
            cost_center: line.cost_center.clone(),
            campaign: None,
            programme: None,
            line: None,
            voucher: Some(voucher.to_owned()),
            capex: false,
            basis: Basis::Recorded,
            note: line.note.clone(),
        });
    }
    Ok(entries)
}
