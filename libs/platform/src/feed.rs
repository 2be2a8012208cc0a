//! Feeds: streamed rows with a header and a trailer that proves they are whole.

use std::io;

use actix_web::web::Bytes;
use actix_web::{HttpResponse, ResponseError};
use chrono::{NaiveDate, Utc};
use keepworth_contract::baseline::hex;
use keepworth_contract::feed::{FeedHeader, FeedTrailer};
use keepworth_store::{Conn, Db, StoreError};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::ApiError;

/// Bytes that are gathered before they are sent.
const CHUNK: usize = 64 * 1024;
/// Chunks that wait for a slow reader before the database does.
const CHUNKS_IN_FLIGHT: usize = 4;

/// Why a feed ended early.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The reader hung up.
    #[error("the reader hung up")]
    Closed,
    /// A row cannot be written as JSON.
    #[error("row cannot be written: {0}")]
    Row(#[from] serde_json::Error),
}

impl From<keepworth_store::diesel::result::Error> for FeedError {
    fn from(error: keepworth_store::diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Where a feed's rows go.
pub struct FeedSink {
    sender: mpsc::Sender<Result<Bytes, io::Error>>,
    buffer: Vec<u8>,
    rows: u64,
    digest: Sha256,
}

impl FeedSink {
    /// Adds a row.
    ///
    /// # Errors
    /// [`FeedError::Closed`] when nobody reads any more.
    pub fn push(&mut self, row: &impl Serialize) -> Result<(), FeedError> {
        let start = self.buffer.len();
        self.line(row)?;
        self.digest.update(&self.buffer[start..]);
        self.rows += 1;
        if self.buffer.len() >= CHUNK {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn line(&mut self, value: &impl Serialize) -> Result<(), FeedError> {
        serde_json::to_writer(&mut self.buffer, value)?;
        self.buffer.push(b'\n');
        Ok(())
    }

    fn flush(&mut self) -> Result<(), FeedError> {
        let chunk = Bytes::from(std::mem::take(&mut self.buffer));
        self.sender
            .blocking_send(Ok(chunk))
            .map_err(|_| FeedError::Closed)
    }

    fn finish(mut self) -> Result<(), FeedError> {
        let sha256 = hex(&self.digest.clone().finalize());
        self.line(&FeedTrailer {
            rows: self.rows,
            sha256,
        })?;
        self.flush()
    }
}

/// Why a day's facts cannot be asked for, if it has not come yet.
#[must_use]
pub fn not_come_yet(as_of: NaiveDate, today: NaiveDate) -> Option<String> {
    (as_of > today).then(|| {
        format!("{as_of} has not come yet (today is {today}); give a day whose facts are known")
    })
}

/// Streams a feed: `rows` reads one unchanging picture of the database and pushes into the sink.
///
/// A day that has not come yet is refused: nobody knows its facts.
///
/// A failure after the first byte cannot change the status any more: the stream breaks off without
/// its trailer, which readers notice.
#[must_use]
pub fn stream(
    db: &Db,
    feed: &'static str,
    version: u32,
    as_of: NaiveDate,
    rows: impl FnOnce(&mut Conn, &mut FeedSink) -> Result<(), FeedError> + Send + 'static,
) -> HttpResponse {
    if let Some(why) = not_come_yet(as_of, Utc::now().date_naive()) {
        return ApiError::malformed(format!("as_of: {why}")).error_response();
    }
    let (sender, receiver) = mpsc::channel(CHUNKS_IN_FLIGHT);
    let db = db.clone();
    let header = FeedHeader {
        feed: feed.to_owned(),
        version,
        as_of,
    };
    actix_web::rt::spawn(async move {
        let breaker = sender.clone();
        let written = db
            .read(move |conn| {
                let mut sink = FeedSink {
                    sender,
                    buffer: Vec::with_capacity(CHUNK),
                    rows: 0,
                    digest: Sha256::new(),
                };
                sink.line(&header)?;
                conn.refresh_statistics()?;
                conn.snapshot(|conn| rows(conn, &mut sink))?;
                sink.finish()
            })
            .await;
        if let Err(error) = written {
            tracing::error!(feed, %error, "feed broke off");
            let _ = breaker.send(Err(io::Error::other("feed broke off"))).await;
        }
    });
    HttpResponse::Ok()
        .content_type("application/x-ndjson")
        .streaming(ReceiverStream::new(receiver))
}
