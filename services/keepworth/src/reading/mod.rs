//! The files of the analyst's commands: which columns hold what.
//!
//! How any file is read, its cells and its rows, is the library's: see `keepworth_reading`.

pub(crate) mod column;
pub(crate) mod individuals;
pub(crate) mod purchases;
pub(crate) mod statement;
pub(crate) mod survivors;
pub(crate) mod toml_file;
pub(crate) mod word;

use keepworth_reading::Written;
use keepworth_reading::number::NumberFormat;

/// How a file is written, as a command is told.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "How the file is written")]
pub(crate) struct WrittenArgs {
    /// Encoding, such as windows-1252; a byte order mark in the file wins over it.
    #[arg(long, value_name = "LABEL", default_value = "utf-8")]
    encoding: String,
    /// What separates cells: auto, tab or a character.
    #[arg(long, value_name = "CHARACTER", default_value = "auto")]
    delimiter: String,
    /// A number as the file writes it, such as 1.234,56 or 1,234.56 or "1 234,56"; without it decimals
    /// follow a point, and an amount such as 1.000 is refused as 1 or 1000.
    #[arg(long, value_name = "EXAMPLE")]
    number_format: Option<NumberFormat>,
    /// What cells hold where nothing is known, besides nothing at all: NA, n/a; may be repeated.
    #[arg(long, value_name = "TEXT")]
    missing: Vec<String>,
}

impl WrittenArgs {
    /// The same, as files are read.
    pub(crate) fn written(&self) -> Written {
        Written {
            encoding: self.encoding.clone(),
            delimiter: self.delimiter.clone(),
            number_format: self.number_format,
            missing: self.missing.clone(),
        }
    }
}
