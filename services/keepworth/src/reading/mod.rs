//! Reading what people have: one reader for every command that takes rows.
//!
//! Bytes become rows in [`table`] (encodings, byte order marks, `sep=` lines, delimiters), cells become
//! [`number`]s and [`date`]s by stated formats. What can be read in two ways is refused with both.

pub(crate) mod column;
pub(crate) mod date;
pub(crate) mod individuals;
pub(crate) mod number;
pub(crate) mod purchases;
pub(crate) mod statement;
pub(crate) mod survivors;
pub(crate) mod table;
pub(crate) mod word;

use number::NumberFormat;

/// Decimals of an amount whose currency nobody names: those of most.
pub(crate) const USUAL_DECIMALS: u32 = 2;

/// How a file is written.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "How the file is written")]
pub(crate) struct Written {
    /// Encoding, such as windows-1252; a byte order mark in the file wins over it.
    #[arg(long, value_name = "LABEL", default_value = "utf-8")]
    pub(crate) encoding: String,
    /// What separates cells: auto, tab or a character.
    #[arg(long, value_name = "CHARACTER", default_value = "auto")]
    pub(crate) delimiter: String,
    /// A number as the file writes it, such as 1.234,56 or 1,234.56 or "1 234,56"; without it decimals
    /// follow a point, and an amount such as 1.000 is refused as 1 or 1000.
    #[arg(long, value_name = "EXAMPLE")]
    pub(crate) number_format: Option<NumberFormat>,
    /// What cells hold where nothing is known, besides nothing at all: NA, n/a; may be repeated.
    #[arg(long, value_name = "TEXT")]
    pub(crate) missing: Vec<String>,
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
    pub(crate) fn numbers(&self) -> NumberFormat {
        self.number_format.unwrap_or_default()
    }

    /// A cell without the spaces about it; empty where it says that nothing is known.
    pub(crate) fn cell<'a>(&self, text: &'a str) -> &'a str {
        let text = text.trim();
        if self.missing.iter().any(|it| it == text) {
            ""
        } else {
            text
        }
    }
}
