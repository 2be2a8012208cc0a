//! Long work as rows of a table: enqueued in the caller's transaction, leased by whoever is free,
//! watched, cancelled, tried again, and done once.
//!
//! **For:** the table `jobs` of a service's own database, the [`lease`](table::lease) that makes one
//! worker the holder of a job for as long as its [`heartbeat`](table::heartbeat) goes on, the
//! [`Executor`] that does jobs [in this process](InProcess) or leaves them to [others](Workers), and the
//! [`Jobs`] of a service as its callers see them.
//! **Must not know:** HTTP, what any job is about.
//!
//! A worker that dies stops beating: its lease ends, and the next takes the job. A worker that was only
//! slow finds, when it comes to write, that the lease is not its own any more, and what it did is rolled
//! back. So a job's own writes and the word that it is done are one transaction, and happen once.
//!
//! ```text
//! QUEUED ──lease──▶ RUNNING ──finish──▶ DONE
//!   ▲  │               │ ├──fail──────▶ FAILED      (for good, or tried as often as may be)
//!   │  │               │ └──cancel────▶ CANCELLED
//!   │  └──cancel──▶ CANCELLED
//!   └── fail that may pass, release, or a lease that ran out
//! ```
//!
//! Callers are served in turn: of each the oldest job first, and whose turn was longest ago first. How many jobs
//! one may have in work and waiting is said by a [`Room`].
//!
//! The service's migrations make the table:
//!
//! ```sql
//! CREATE TABLE jobs (
//!     id TEXT NOT NULL PRIMARY KEY,
//!     kind TEXT NOT NULL,
//!     input TEXT NOT NULL,
//!     -- For whom it is done, as JSON.
//!     errand TEXT,
//!     state TEXT NOT NULL,
//!     done BIGINT NOT NULL,
//!     total BIGINT NOT NULL,
//!     attempts INTEGER NOT NULL,
//!     -- While it waits: not to be begun before. While it runs: when the lease ends.
//!     due_at TIMESTAMP NOT NULL,
//!     worker TEXT,
//!     is_cancelled BOOLEAN NOT NULL,
//!     failure TEXT,
//!     result TEXT,
//!     created_at TIMESTAMP NOT NULL,
//!     started_at TIMESTAMP,
//!     finished_at TIMESTAMP
//! );
//! CREATE INDEX jobs_due ON jobs (state, kind, due_at);
//! CREATE INDEX jobs_finished_at ON jobs (finished_at);
//! ```

mod executor;
mod follow;
mod job;
mod jobs;
mod schema;
pub mod table;
mod task;
mod told;
mod turn;
mod worker;

pub use executor::{Executor, InProcess, Lane, Watch, Workers, wait};
pub use follow::{Follower, News};
pub use job::{Job, State};
pub use jobs::{Jobs, enqueue};
pub use task::{Reason, Task, Work, Working, Write};
pub use told::cancelled;
pub use turn::{Full, Room, full};

use chrono::TimeDelta;

/// How long a lease lasts after a heartbeat: a job whose process died is taken up after so long.
pub const LEASE: TimeDelta = TimeDelta::seconds(20);

/// How often a job is tried.
pub const MOST_ATTEMPTS: i32 = 3;
