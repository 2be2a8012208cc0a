//! Who did what, when and why: a chain of entries in the database that was changed.
//!
//! Every write for a caller leaves its entry in its own transaction, so that there is neither without the
//! other. An entry says who (by which issuer, and how recognised), with which permission, which operation,
//! why where it was said, under which request, and the digest of what was sent; never a value. Each holds
//! the hash of the one before:
//!
//! ```text
//! hash = SHA-256("keepworth-audit-1" ‖ sequence number (8 bytes, big-endian) ‖ hash before ‖ entry)
//! ```
//!
//! so that a changed byte, a removed row, a cut tail and a chain that was written anew [are found](verify);
//! the last two by a [`Head`] that was noted elsewhere. The service's migrations make the tables:
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
//! ```

mod chain;
mod table;

pub use chain::{Broken, Head, Verified};
pub(crate) use table::append;
pub use table::{AuditRow, Wanted, head, list, verify};
