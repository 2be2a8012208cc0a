//! Who did what, when and why: a chain of entries in the database that was changed.
//!
//! Every write for a caller leaves its entry in its own transaction, so that there is neither without the
//! other. An entry says who (by which issuer, and how recognised), with which permission, which operation,
//! why where it was said, under which request, the digest of what was sent, and of the one record that was written
//! those of before and after; never a value. What was refused, and readings of many, are [noticed](notice). Each
//! holds the hash of the one before:
//!
//! ```text
//! hash = SHA-256("keepworth-audit-1" ‖ sequence number (8 bytes, big-endian) ‖ hash before ‖ entry)
//! ```
//!
//! so that a changed byte, a removed row, a cut tail and a chain that was written anew [are found](verify);
//! the last two by heads that were noted elsewhere. A service [signs](anchor) its head from time to time, with a
//! key that is not in the database, and others [keep](keep) it: who can write the database can write a whole chain
//! anew, and its table of heads, but no signature, and not what others hold. The service's migrations make the tables:
//!
//! ```sql
//! CREATE TABLE audit_entries (
//!     seq BIGINT NOT NULL PRIMARY KEY,
//!     entry TEXT NOT NULL,
//!     hash BYTEA NOT NULL, -- BLOB on SQLite
//!     recorded_at TIMESTAMP NOT NULL
//! );
//! CREATE TABLE audit_heads (id BIGINT NOT NULL PRIMARY KEY, seq BIGINT NOT NULL, hash BYTEA NOT NULL);
//! INSERT INTO audit_heads (id, seq, hash) VALUES (1, 0, '\x');
//! CREATE TABLE audit_kept_heads (
//!     service TEXT NOT NULL,
//!     seq BIGINT NOT NULL,
//!     head TEXT NOT NULL,
//!     kept_at TIMESTAMP NOT NULL,
//!     PRIMARY KEY (service, seq)
//! );
//! ```

mod chain;
mod entry;
mod kept;
mod signed;
mod table;

pub use chain::{Broken, Head, Noted, Verified};
pub use entry::{Notice, Outcome};
pub use kept::{Unkept, anchor, keep, kept, sign};
pub use signed::{HeadError, SignedHead};
pub(crate) use table::append;
pub use table::{AuditRow, Wanted, head, list, notice, verify};
