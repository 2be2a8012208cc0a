//! Where a result goes: standard output, or a file that is there whole or not at all.

use std::io::{BufWriter, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};

use super::Format;
use crate::whole_file;

/// Where a result goes.
pub(crate) enum Sink {
    Stdout,
    File(PathBuf),
}

impl Sink {
    /// The sink of `--output`.
    ///
    /// # Errors
    /// If a person would see bytes that are not for people.
    pub(super) fn new(output: Option<PathBuf>, form: Format) -> anyhow::Result<Self> {
        let binary = match form {
            Format::Parquet => Some("parquet"),
            Format::Xlsx => Some("a workbook"),
            Format::Pdf => Some("a memo"),
            Format::Table | Format::Json | Format::Csv => None,
        };
        match (output.filter(|path| path.as_os_str() != "-"), binary) {
            (Some(path), _) => Ok(Self::File(path)),
            (None, Some(what)) if std::io::stdout().is_terminal() => {
                bail!("{what} is not for the screen; give --output FILE, or redirect it")
            }
            (None, _) => Ok(Self::Stdout),
        }
    }

    pub(crate) fn write(
        &self,
        produce: impl FnOnce(&mut (dyn Write + Send)) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        match self {
            Self::Stdout => {
                let mut out = BufWriter::new(std::io::stdout());
                produce(&mut out)?;
                out.flush().context("the result cannot be written")
            }
            Self::File(path) => whole_file::write(path, produce),
        }
    }
}
