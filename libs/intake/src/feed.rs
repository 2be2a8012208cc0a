//! Feeds on their way out: rows with a header and a trailer that proves they are whole.

use keepworth_contract::ProblemCode;
use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use keepworth_contract::digest::hex;
use keepworth_contract::feed::{FeedHeader, FeedTrailer};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tempfile::SpooledTempFile;

use crate::Failure;

/// Where a feed's rows go.
pub struct FeedSink {
    spool: BufWriter<SpooledTempFile>,
    line: Vec<u8>,
    rows: u64,
    digest: Sha256,
    is_left: Arc<AtomicBool>,
}

/// Bytes that are written at once.
const CHUNK: usize = 64 * 1024;
/// Bytes of a feed that are kept in memory; a larger one goes to a file without a name.
const IN_MEMORY: usize = 1024 * 1024;

impl FeedSink {
    /// A feed that begins with `header`, and breaks off when `is_left` says that nobody waits for it.
    ///
    /// # Errors
    /// That there is no room for it.
    pub fn new(header: &FeedHeader, is_left: Arc<AtomicBool>) -> Result<Self, Failure> {
        let mut sink = Self {
            spool: BufWriter::with_capacity(CHUNK, SpooledTempFile::new(IN_MEMORY)),
            line: Vec::new(),
            rows: 0,
            digest: Sha256::new(),
            is_left,
        };
        sink.write(header)?;
        Ok(sink)
    }

    /// Adds a row.
    ///
    /// # Errors
    /// That nobody waits for it any more, or that there is no room for it.
    pub fn push(&mut self, row: &impl Serialize) -> Result<(), Failure> {
        if self.is_left.load(Ordering::Relaxed) {
            return Err(Failure::unavailable(
                ProblemCode::ReaderLeft,
                "the reader hung up",
            ));
        }
        self.write(row)?;
        self.digest.update(&self.line);
        self.rows += 1;
        Ok(())
    }

    fn write(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, value).map_err(Failure::internal)?;
        self.line.push(b'\n');
        self.spool.write_all(&self.line).map_err(no_room)
    }

    /// Ends the feed with its trailer; what was written, with its end as the place to read from.
    ///
    /// # Errors
    /// That there is no room for it.
    pub fn finish(mut self) -> Result<SpooledTempFile, Failure> {
        let sha256 = hex(&self.digest.clone().finalize());
        let rows = self.rows;
        self.write(&FeedTrailer { rows, sha256 })?;
        self.spool
            .into_inner()
            .map_err(|error| no_room(error.into_error()))
    }
}

/// That the feed finds no room in the temporary folder.
#[expect(clippy::needless_pass_by_value, reason = "used with map_err")]
pub fn no_room(error: io::Error) -> Failure {
    tracing::error!(%error, "a feed cannot be written to the temporary folder");
    let reason = "there is no room in the temporary folder for the feed; free some, or name another folder with TMPDIR";
    Failure::unavailable(ProblemCode::NoRoom, reason)
}
