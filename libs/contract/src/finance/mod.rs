//! The finance service: what was spent, what customers were charged, and what both come to.

pub mod avoidable;
mod cost;
mod feed;
mod ledger;
mod revenue;

pub use cost::CampaignTouchInput;
pub use feed::{CostRow, EconomicsRow, RevenueRow};
pub use ledger::{Basis, CostCategory, CostComponent, LedgerEntryInput, ProgrammeLine};
pub use revenue::{RevenueInput, RevenueKind};
