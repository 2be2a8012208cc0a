//! The one clock.

use chrono::{DateTime, SubsecRound, Utc};

/// The present time, to the microsecond that PostgreSQL stores: what a write answers is what a read
/// answers later.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is where it is cut")]
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}
