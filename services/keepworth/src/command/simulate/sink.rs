//! Where a result goes: standard output, or a file that is there whole or not at all.

use std::io::{BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// Where a result goes.
pub(super) enum Sink {
    Stdout,
    File(PathBuf),
}

impl Sink {
    /// The sink of `--output`.
    ///
    /// # Errors
    /// If a person would see bytes that are not for people.
    pub(super) fn new(output: Option<PathBuf>, binary: bool) -> anyhow::Result<Self> {
        match output {
            Some(path) => Ok(Self::File(path)),
            None if binary && std::io::stdout().is_terminal() => {
                bail!("parquet is not for the screen; give --output FILE, or redirect it")
            }
            None => Ok(Self::Stdout),
        }
    }

    pub(super) fn write_text(&self, text: &str) -> anyhow::Result<()> {
        self.write(|out| Ok(out.write_all(text.as_bytes())?))
    }

    pub(super) fn write(
        &self,
        produce: impl FnOnce(&mut (dyn Write + Send)) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        match self {
            Self::Stdout => {
                let mut out = BufWriter::new(std::io::stdout());
                produce(&mut out)?;
                Ok(out.flush()?)
            }
            Self::File(path) => write_file(path, produce)
                .with_context(|| format!("cannot write {}", path.display())),
        }
    }
}

/// Writes beside the file first, so that a run that fails leaves what was there.
fn write_file(
    path: &Path,
    produce: impl FnOnce(&mut (dyn Write + Send)) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut out = BufWriter::new(builder.tempfile_in(folder)?);
    produce(&mut out)?;
    out.into_inner()?.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        let sink = Sink::File(path.clone());
        sink.write_text("whole").unwrap();
        let failed = sink.write(|out| {
            out.write_all(b"half")?;
            bail!("cancelled")
        });
        assert!(failed.is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "whole");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
