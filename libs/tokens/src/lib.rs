//! Tokens for programs: what opens a service for a script, a pipeline, another system.
//!
//! **For:** [making](Tokens::create), [changing](Tokens::rotate) and [withdrawing](Tokens::delete) tokens in a
//! service's own database, and [recognising](Tokens::find) what is shown. **Must not know:** HTTP, who is asked
//! for whose roles.
//!
//! A token is `kwp_`, 43 random letters and digits, and a checksum of 6 (CRC-32, base 62): whoever scans texts
//! for secrets can tell one from what only looks like it, and one that was mistyped is refused without the
//! database being asked. What is kept is its SHA-256 alone: 256 random bits need no slow hash. It is found by
//! its digest, so that how long a look takes says nothing of it.
//!
//! **Each service keeps the tokens that open it.** So a token opens no service that it was not made for, a
//! service needs no other to know its callers, and both shapes, one process or many, do the same. One text opens
//! several services when the others are told its digest.
//!
//! A token speaks for its owner: it can do what it was made for **and** its owner can do now, by the roles that
//! the service saw of them last: [`note_roles`](Tokens::note_roles) hears of them whenever an owner calls, and
//! looks at what is kept every ten seconds, since another process may have heard otherwise.
//!
//! What was found is remembered for a [second](FRESH), so that not each request asks the database: a token that
//! is withdrawn opens nothing more at once in the process that withdrew it, and a second later in others.
//!
//! The service's migrations make the table:
//!
//! ```sql
//! CREATE TABLE access_tokens (
//!     id TEXT NOT NULL PRIMARY KEY,
//!     name TEXT NOT NULL,
//!     owner_issuer TEXT NOT NULL,
//!     owner_subject TEXT NOT NULL,
//!     -- The owner's roles when the service last saw them, as JSON.
//!     owner_roles TEXT NOT NULL,
//!     permissions TEXT NOT NULL,
//!     digest BYTEA NOT NULL UNIQUE, -- BLOB on SQLite
//!     -- The one before, which holds for a while beside it.
//!     old_digest BYTEA UNIQUE, -- BLOB on SQLite
//!     old_until TIMESTAMP,
//!     expires_at TIMESTAMP NOT NULL,
//!     last_used_on DATE,
//!     created_at TIMESTAMP NOT NULL,
//!     UNIQUE (owner_issuer, owner_subject, name)
//! );
//! ```

mod fault;
mod found;
mod keeping;
mod memory;
mod secret;
mod table;

pub use found::Found;
pub use memory::FRESH;
pub use secret::{Digest, Mistyped, PREFIX, is_token};

use std::sync::Arc;

use keepworth_store::Db;

use memory::Memory;

/// The tokens that open a service.
#[derive(Clone)]
pub struct Tokens {
    db: Db,
    memory: Arc<Memory>,
}

impl Tokens {
    /// Those in the service's database.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self {
            db,
            memory: Arc::default(),
        }
    }

    /// The service's database.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }
}
