//! The words that Keepworth's services share on the wire, and typed clients of each service.
//!
//! **For:** [`Money`], [`Month`], [`Period`], pages, batches, problems, the records that imports carry, the
//! feeds that services read of each other (with the merge [`join`] by customer), and the [`Baseline`](simulator::baseline::Baseline) it makes of them.
//! **Must not know:** how any service stores or decides anything, HTTP servers, SQL.
//!
//! ```
//! use keepworth_contract::{Money, Month};
//!
//! let charge: Money = "70.35 EUR".parse()?;
//! assert_eq!(serde_json::to_string(&charge)?, r#"{"amount":"70.35","currency":"EUR"}"#);
//! assert_eq!(charge.minor_units()?, 7_035);
//!
//! let month: Month = "2025-11".parse()?;
//! assert_eq!(month.plus(3).to_string(), "2026-02");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod audit;
pub mod batch;
mod capability;
pub mod client;
mod code;
pub mod customers;
pub mod description;
pub mod digest;
pub mod event;
pub mod experience;
pub mod feed;
pub mod finance;
mod flag;
mod import;
mod job;
pub mod join;
mod money;
mod month;
mod page;
mod period;
mod problem;
mod programme_key;
mod record;
pub mod rows;
mod schema;
pub mod session;
pub mod simulator;
pub mod statistic;
pub mod subject;
pub mod token;
mod word;

pub use audit::{AuditEntry, AuditEntryPage, AuditHead, AuditHeadInput, AuditOutcome, AuditQuery};
pub use capability::{Capabilities, LeftToOthers};
pub use code::{FaultCode, ProblemCode};
pub use flag::{Flag, FlagCode};
pub use import::{
    Import, ImportFile, ImportForm, ImportInput, ImportNotice, ImportPage, RejectedImportRow,
    RejectedImportRowPage,
};
pub use job::{Job, JobEvent, JobKind, JobPage, JobProgress, JobState};
pub use money::{Currency, Money, MoneyError};
pub use month::{Month, MonthError};
pub use page::{DEFAULT_PAGE_SIZE, ListQuery, MAX_PAGE_SIZE, Page, PageQuery, SequenceQuery};
pub use period::{Period, PeriodError};
pub use problem::{InvalidParam, Problem};
pub use programme_key::ProgrammeKey;
pub use record::{Record, Recorded};
pub use word::Word;
