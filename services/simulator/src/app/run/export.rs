//! What is taken away of a kept run: it is run again, held against what was kept, and laid out.

mod again;

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use keepworth_intake::Failure;
use keepworth_intake::feed::no_room;
use keepworth_store::{Conn, RecordId};
use sha2::{Digest, Sha256};
use tempfile::SpooledTempFile;

use super::kept::KeptRun;
use crate::Simulator;
use crate::app::assumption::{Checks, latest_checks};

/// Bytes that are kept in memory before they go to a file.
const IN_MEMORY: usize = 8 * 1024 * 1024;
/// Characters of a scenario's name that name a file.
const LONGEST_STEM: usize = 60;

/// In which form a run is taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A workbook that can be followed and recomputed (`.xlsx`).
    Workbook,
    /// A memo of two pages (PDF).
    Memo,
    /// Every future, as lines.
    Csv,
    /// Every future, as columns.
    Parquet,
}

impl Form {
    /// How a file's name ends.
    fn ending(self) -> &'static str {
        match self {
            Self::Workbook => "xlsx",
            Self::Memo => "pdf",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }
}

/// A file of a run.
#[derive(Debug)]
pub struct Exported {
    /// What is in it, written to its end.
    pub content: SpooledTempFile,
    /// What it should be called: small letters, digits and hyphens.
    pub name: String,
    /// Digest of its bytes, the same for the same run; of a workbook as long as nobody looks at an assumption.
    pub tag: String,
}

/// Makes a file of a kept run; stops when nobody waits for it any more.
///
/// # Errors
/// No such run; one that does not come to the figures that were kept, with the reason and the way out; no room in the
/// temporary folder.
pub async fn export(app: &Simulator, id: RecordId, form: Form) -> Result<Exported, Failure> {
    // Whoever waits here holds neither a connection nor a baseline.
    let _room = app.exports().acquire().await.map_err(Failure::internal)?;
    let (run, checks) = app.db().read(move |conn| load(conn, id)).await?;
    let is_left = Arc::new(AtomicBool::new(false));
    let _leaving = SetOnDrop(Arc::clone(&is_left));
    let work = move || write(&run, form, checks, &is_left);
    let written = tokio::task::spawn_blocking(work).await;
    written.map_err(Failure::internal)?
}

/// A run, and who has looked by now at what it takes to be so.
fn load(conn: &mut Conn, id: RecordId) -> Result<(KeptRun, Checks), Failure> {
    let run = KeptRun::load(conn, id)?;
    let checks = run.key.as_deref().map(|key| latest_checks(conn, key));
    Ok((run, checks.transpose()?.unwrap_or_default()))
}

fn write(
    run: &KeptRun,
    form: Form,
    checks: Checks,
    is_left: &AtomicBool,
) -> Result<Exported, Failure> {
    let mut out = Tagged::new(SpooledTempFile::new(IN_MEMORY));
    run.write(form, checks, is_left, &mut out)?;
    let (content, tag) = out.finish().map_err(no_room)?;
    Ok(Exported {
        content,
        name: format!(
            "{}-{}.{}",
            stem(&run.result.scenario),
            run.id,
            form.ending()
        ),
        tag,
    })
}

/// A name of which every file system and every header knows all characters.
fn stem(name: &str) -> String {
    let mut stem = String::new();
    for character in name.chars() {
        match character.to_ascii_lowercase() {
            it if it.is_ascii_alphanumeric() => stem.push(it),
            _ if !stem.is_empty() && !stem.ends_with('-') => stem.push('-'),
            _ => {}
        }
        if stem.len() == LONGEST_STEM {
            break;
        }
    }
    match stem.trim_end_matches('-') {
        "" => "run".to_owned(),
        stem => stem.to_owned(),
    }
}

/// Says that nobody waits any more: the request's future goes when its connection does.
struct SetOnDrop(Arc<AtomicBool>);

impl Drop for SetOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Bytes on their way to a file, and their digest.
struct Tagged {
    file: SpooledTempFile,
    digest: Sha256,
}

impl Tagged {
    fn new(file: SpooledTempFile) -> Self {
        let digest = Sha256::new();
        Self { file, digest }
    }

    fn finish(mut self) -> io::Result<(SpooledTempFile, String)> {
        self.file.flush()?;
        let digest = self.digest.finalize();
        Ok((self.file, keepworth_contract::digest::hex(&digest[..16])))
    }
}

impl Write for Tagged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.digest.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn a_file_has_a_name_that_every_system_takes() {
        assert_eq!(
            stem("Call back, 2026 (\u{201c}pilot\u{201d})"),
            "call-back-2026-pilot"
        );
        assert_eq!(stem("../../etc/passwd\r\nX: y"), "etc-passwd-x-y");
        assert_eq!(stem("\u{5b57}\u{5d0}"), "run");
        assert_eq!(stem(&"ab ".repeat(60)).len(), 59);
    }
}
