//! Where a result goes: standard output, or a file that is there whole or not at all.

use std::io::{BufWriter, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};

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
    pub(super) fn new(output: Option<PathBuf>, binary: bool) -> anyhow::Result<Self> {
        match output.filter(|path| path.as_os_str() != "-") {
            Some(path) => Ok(Self::File(path)),
            None if binary && std::io::stdout().is_terminal() => {
                bail!("parquet is not for the screen; give --output FILE, or redirect it")
            }
            None => Ok(Self::Stdout),
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
