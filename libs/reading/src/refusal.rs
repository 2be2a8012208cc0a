//! Why a file or a mapping cannot be used.

use std::fmt::Display;

/// Why a file or a mapping cannot be used, in words for who wrote it: where, what, and the fix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(String);

impl Refusal {
    /// In these words.
    pub(crate) fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }
}

/// Says where something was refused.
pub(crate) trait Within<T> {
    fn within(self, place: impl Display) -> Result<T, Refusal>;
}

impl<T, E: Display> Within<T> for Result<T, E> {
    fn within(self, place: impl Display) -> Result<T, Refusal> {
        self.map_err(|why| Refusal(format!("{place}: {why}")))
    }
}

/// Refuses in these words.
macro_rules! refuse {
    ($($words:tt)+) => {
        return Err($crate::Refusal::new(format!($($words)+)))
    };
}
pub(crate) use refuse;
