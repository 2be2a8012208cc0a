//! Reading what people have: one reader for whoever takes rows, on the command line and in a service.
//!
//! **For:** bytes become rows in [`table`] (encodings, byte order marks, `sep=` lines, delimiters), cells
//! become [`number`]s and [`date`]s by stated formats, and rows become records by a [`mapping`]. What can
//! be read in two ways is refused with both. **Must not know:** HTTP, SQL, terminals, where a file lies.

pub mod date;
pub mod mapping;
pub mod number;
mod refusal;
pub mod table;

pub use refusal::Refusal;

use number::NumberFormat;

/// How a file is written.
#[derive(Debug, Clone)]
pub struct Written {
    /// Encoding, such as windows-1252; a byte order mark in the file wins over it.
    pub encoding: String,
    /// What separates cells: auto, tab or a character.
    pub delimiter: String,
    /// A number as the file writes it; without it decimals follow a point, and an amount such as 1.000
    /// is refused as 1 or 1000.
    pub number_format: Option<NumberFormat>,
    /// What cells hold where nothing is known, besides nothing at all, such as NA.
    pub missing: Vec<String>,
}

impl Default for Written {
    fn default() -> Self {
        Self {
            encoding: "utf-8".to_owned(),
            delimiter: "auto".to_owned(),
            number_format: None,
            missing: Vec::new(),
        }
    }
}

impl Written {
    /// How numbers are written.
    #[must_use]
    pub fn numbers(&self) -> NumberFormat {
        self.number_format.unwrap_or_default()
    }

    /// A cell without the spaces about it; empty where it says that nothing is known.
    #[must_use]
    pub fn cell<'a>(&self, text: &'a str) -> &'a str {
        let text = text.trim();
        if self.missing.iter().any(|it| it == text) {
            ""
        } else {
            text
        }
    }
}
