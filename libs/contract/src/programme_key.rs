//! What names a programme, or one of its initiatives, in every service.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Names a programme, or one of its initiatives: the same text in finance's ledger entries and budgets, and in the
/// simulator's programmes and scenarios.
///
/// It is what finance has always taken as `programme`: 1 to 128 characters, not all of them blank, none of them a control
/// character. Two keys are the same if every character is: nothing is made smaller, trimmed or put in another form, so
/// that a key that is in the books already stays as it is. Whoever takes one checks it where all other fields are
/// checked, and tells every fault at once.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(transparent)]
#[schema(min_length = 1, max_length = 128, example = "faster-answers")]
pub struct ProgrammeKey(String);

impl ProgrammeKey {
    /// The most characters.
    pub const LONGEST: usize = 128;

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for ProgrammeKey {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for ProgrammeKey {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<ProgrammeKey> for String {
    fn from(key: ProgrammeKey) -> Self {
        key.0
    }
}

impl fmt::Display for ProgrammeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
