//! Settings of what one caller may ask for.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

/// What one caller may ask for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Requests in a second.
    pub requests_per_second: NonZeroU32,
    /// Requests that may come together after a pause.
    pub requests_burst: NonZeroU32,
    /// Tokens that are not right, from one address, in a minute.
    pub wrong_tokens_per_minute: NonZeroU32,
    /// Runs in work and waiting.
    pub runs: NonZeroU32,
    /// Baselines in work and waiting.
    pub baselines: NonZeroU32,
    /// Questions "what if" that are answered or wait.
    pub what_ifs: NonZeroU32,
    /// Files of records in work and waiting.
    pub imports: NonZeroU32,
    /// Feeds read at once.
    pub feeds: NonZeroU32,
}
