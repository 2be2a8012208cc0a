//! Feeds: rows with a header and a trailer that proves they are whole.

mod page;

use std::io::{self, Read, Seek};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::body::SizedStream;
use actix_web::web::Bytes;
use chrono::NaiveDate;
use keepworth_contract::feed::FeedHeader;
use keepworth_intake::Failure;
use keepworth_intake::fault::not_come_yet;
use keepworth_intake::feed::{FeedSink, no_room};
use keepworth_store::{Conn, Db};
use tempfile::SpooledTempFile;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

pub use page::{FeedPageResult, page, page_from};

use crate::ApiError;

/// Bytes that are sent at once.
const CHUNK: usize = 64 * 1024;
/// How long a reader may take nothing before it is cut off. Whoever joins feeds takes nothing of one until the last of
/// them is there, which at a million customers takes longer than half a minute; all that waits meanwhile is a file.
const PATIENCE: Duration = Duration::from_mins(10);

/// Answers a feed: `rows` reads one unchanging picture of the database and pushes into the sink.
///
/// The rows are read to their end before the first byte is sent. So the database is not kept waiting
/// by a slow reader, and what goes wrong is answered as a problem: an answer that has begun is whole,
/// which its length and its trailer prove.
///
/// # Errors
/// A day that has not come yet: nobody knows its facts. What `rows` answers.
pub async fn answer(
    db: &Db,
    feed: &'static str,
    version: u32,
    as_of: NaiveDate,
    rows: impl FnOnce(&mut Conn, &mut FeedSink) -> Result<(), Failure> + Send + 'static,
) -> Result<HttpResponse, ApiError> {
    let header = FeedHeader {
        feed: feed.to_owned(),
        version,
        as_of,
    };
    let spool = read_whole(db, header, rows).await?;
    Ok(send(spool).map_err(no_room)?)
}

/// Answers a feed whose rows are of no one database, such as those that other services give: `rows` pushes them into the
/// sink that it is handed, and hands it back.
///
/// As [`answer`] has it, nothing is sent before the last row is there.
///
/// # Errors
/// What `rows` answers.
pub async fn answer_from<F: Future<Output = Result<FeedSink, Failure>>>(
    header: FeedHeader,
    rows: impl FnOnce(FeedSink) -> F,
) -> Result<HttpResponse, ApiError> {
    let spool = gather_whole(&header, rows).await?;
    Ok(send(spool).map_err(no_room)?)
}

/// Gathers a feed to its end.
async fn gather_whole<F: Future<Output = Result<FeedSink, Failure>>>(
    header: &FeedHeader,
    rows: impl FnOnce(FeedSink) -> F,
) -> Result<SpooledTempFile, Failure> {
    let is_left = Arc::new(AtomicBool::new(false));
    let _leaving = SetOnDrop(Arc::clone(&is_left));
    rows(FeedSink::new(header, is_left)?).await?.finish()
}

/// Reads a feed to its end.
async fn read_whole(
    db: &Db,
    header: FeedHeader,
    rows: impl FnOnce(&mut Conn, &mut FeedSink) -> Result<(), Failure> + Send + 'static,
) -> Result<SpooledTempFile, ApiError> {
    if let Some(why) = not_come_yet(header.as_of, keepworth_store::now().date_naive()) {
        return Err(Failure::malformed(format!("as_of: {why}")).into());
    }
    let is_left = Arc::new(AtomicBool::new(false));
    let _leaving = SetOnDrop(Arc::clone(&is_left));
    let spool = db
        .read_at_length(move |conn| {
            let mut sink = FeedSink::new(&header, is_left)?;
            conn.refresh_statistics()?;
            conn.snapshot(|conn| rows(conn, &mut sink))?;
            sink.finish()
        })
        .await?;
    Ok(spool)
}

/// Says that nobody waits any more: the request's future goes when its connection does.
struct SetOnDrop(Arc<AtomicBool>);

impl Drop for SetOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn send(spool: SpooledTempFile) -> io::Result<HttpResponse> {
    let (length, pieces) = pieces(spool)?;
    Ok(HttpResponse::Ok()
        .content_type("application/x-ndjson")
        .body(SizedStream::new(length, pieces)))
}

/// What was written to a file, which is at its end: how long it is, and piece by piece.
pub(crate) fn pieces(
    mut spool: SpooledTempFile,
) -> io::Result<(u64, ReceiverStream<io::Result<Bytes>>)> {
    let length = spool.stream_position()?;
    spool.rewind()?;
    let (sender, receiver) = mpsc::channel(1);
    actix_web::rt::spawn(pump(spool, sender));
    Ok((length, ReceiverStream::new(receiver)))
}

/// Hands on piece by piece, as long as somebody takes them.
async fn pump(mut spool: SpooledTempFile, sender: mpsc::Sender<io::Result<Bytes>>) {
    loop {
        let read = tokio::task::spawn_blocking(move || {
            let mut chunk = Vec::with_capacity(CHUNK);
            let read = (&mut spool).take(CHUNK as u64).read_to_end(&mut chunk);
            (spool, read.map(|_| chunk))
        });
        let Ok((rest, chunk)) = read.await else {
            return;
        };
        spool = rest;
        if chunk.as_ref().is_ok_and(Vec::is_empty) {
            return;
        }
        match tokio::time::timeout(PATIENCE, sender.send(chunk.map(Bytes::from))).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return,
            Err(_) => {
                tracing::warn!("the reader of a feed or file takes nothing and is cut off");
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use std::io::Write;

    use super::*;

    const IN_MEMORY: usize = 1024 * 1024;

    fn spooled(bytes: usize) -> SpooledTempFile {
        let mut spool = SpooledTempFile::new(IN_MEMORY);
        spool.write_all(&vec![b'x'; bytes]).unwrap();
        spool.rewind().unwrap();
        spool
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_who_takes_nothing_is_cut_off() {
        let (sender, mut receiver) = mpsc::channel::<io::Result<Bytes>>(1);
        let start = Instant::now();
        // Whoever takes the first piece, and then none: the file is given back all the same.
        let first = tokio::spawn(async move {
            let first = receiver.recv().await.unwrap().unwrap();
            (first.len(), receiver)
        });
        pump(spooled(5 * CHUNK), sender).await;
        assert!(start.elapsed() >= PATIENCE);
        let (taken, mut receiver) = first.await.unwrap();
        assert_eq!(taken, CHUNK);
        receiver.recv().await.unwrap().unwrap();
        assert!(
            receiver.recv().await.is_none(),
            "no more than what was on its way"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_gets_everything() {
        let (sender, mut receiver) = mpsc::channel(1);
        let bytes = 2 * IN_MEMORY + 7;
        tokio::spawn(pump(spooled(bytes), sender));
        let mut read = 0;
        while let Some(piece) = receiver.recv().await {
            read += piece.unwrap().len();
            tokio::time::sleep(PATIENCE / 2).await;
        }
        assert_eq!(read, bytes);
    }
}
