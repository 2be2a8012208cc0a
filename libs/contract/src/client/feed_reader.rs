//! A feed, piece by piece.

use chrono::NaiveDate;
use memchr::memchr;
use reqwest::Response;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use super::{ClientError, innermost};
use crate::digest::hex;
use crate::feed::{FeedHeader, FeedTrailer};
use crate::simulator::baseline::FeedReference;

/// Pieces that lie ready before whoever reads takes them: so much is in memory, and no more.
const READY: usize = 4;

/// A feed whose header has come.
pub struct FeedReader {
    response: Response,
    decoder: Decoder,
}

/// What comes of a feed.
pub(crate) enum Piece<T> {
    /// Its next rows.
    Rows(Vec<T>),
    /// That it is whole, after its last row: its trailer came, and counts and digest agree.
    Whole(FeedReference),
}

impl FeedReader {
    pub(super) async fn open(
        service: String,
        feed: &str,
        mut response: Response,
    ) -> Result<Self, ClientError> {
        let header = FeedHeader {
            feed: feed.to_owned(),
            version: 0,
            as_of: NaiveDate::MIN,
        };
        let mut decoder = Decoder {
            service,
            header,
            lines: Lines::default(),
            rows: 0,
            digest: Sha256::new(),
        };
        while !decoder.read_header()? {
            let chunk = response.chunk().await;
            let chunk = chunk.map_err(|error| decoder.protocol(innermost(&error)))?;
            decoder.take(&chunk.ok_or_else(|| decoder.cut_short())?);
        }
        Ok(Self { response, decoder })
    }

    /// The service that gives the feed.
    pub(crate) fn service(&self) -> &str {
        &self.decoder.service
    }

    /// Reads the feed to its end, as fast as its pieces are taken: on a thread of its own, so that rows are made of
    /// text while others are counted. The last is an error, or that it is whole.
    pub(crate) fn pieces<T: DeserializeOwned + Send + 'static>(
        self,
    ) -> mpsc::Receiver<Result<Piece<T>, ClientError>> {
        let Self {
            mut response,
            decoder,
        } = self;
        let (arrived, chunks) = mpsc::channel(READY);
        let (made, pieces) = mpsc::channel(READY);
        tokio::spawn(async move {
            loop {
                let chunk = response.chunk().await;
                let is_last = !matches!(chunk, Ok(Some(_)));
                if arrived.send(chunk).await.is_err() || is_last {
                    return;
                }
            }
        });
        tokio::task::spawn_blocking(move || decoder.decode_all(chunks, &made));
        pieces
    }
}

/// Makes rows of text.
struct Decoder {
    service: String,
    header: FeedHeader,
    lines: Lines,
    rows: u64,
    digest: Sha256,
}

impl Decoder {
    /// Decodes what arrives, until nobody takes it any more.
    fn decode_all<T: DeserializeOwned, C: AsRef<[u8]>>(
        mut self,
        mut chunks: mpsc::Receiver<reqwest::Result<Option<C>>>,
        to: &mpsc::Sender<Result<Piece<T>, ClientError>>,
    ) {
        loop {
            let mut rows = Vec::new();
            let end = self.decode(&mut rows);
            if !rows.is_empty() && to.blocking_send(Ok(Piece::Rows(rows))).is_err() {
                return;
            }
            let end = end.and_then(|whole| match whole {
                Some(reference) => Ok(Some(reference)),
                None => self.wait(&mut chunks).map(|()| None),
            });
            let last = match end {
                Ok(None) => continue,
                Ok(Some(reference)) => Ok(Piece::Whole(reference)),
                Err(error) => Err(error),
            };
            // Whoever has left misses nothing.
            let _ = to.blocking_send(last);
            return;
        }
    }

    /// Waits for more of the feed.
    fn wait<C: AsRef<[u8]>>(
        &mut self,
        chunks: &mut mpsc::Receiver<reqwest::Result<Option<C>>>,
    ) -> Result<(), ClientError> {
        match chunks.blocking_recv() {
            Some(Ok(Some(chunk))) => {
                self.take(chunk.as_ref());
                Ok(())
            }
            Some(Err(error)) => Err(self.protocol(innermost(&error))),
            Some(Ok(None)) | None => Err(self.cut_short()),
        }
    }

    fn take(&mut self, chunk: &[u8]) {
        self.lines.extend(chunk);
    }

    /// Reads the header, once it is there.
    fn read_header(&mut self) -> Result<bool, ClientError> {
        let Some(line) = self.lines.next() else {
            return Ok(false);
        };
        self.header = parse(line).map_err(|error| self.damaged(&error))?;
        Ok(true)
    }

    /// Decodes the rows that are there; what was read, once the trailer has come.
    fn decode<T: DeserializeOwned>(
        &mut self,
        rows: &mut Vec<T>,
    ) -> Result<Option<FeedReference>, ClientError> {
        while let Some(line) = self.lines.next() {
            if line.starts_with(TRAILER_START) {
                let trailer = parse(line).map_err(|error| self.damaged(&error))?;
                return self.check(trailer).map(Some);
            }
            self.digest.update(line);
            self.rows += 1;
            rows.push(parse(line).map_err(|error| self.damaged(&error))?);
        }
        Ok(None)
    }

    fn check(&self, trailer: FeedTrailer) -> Result<FeedReference, ClientError> {
        let sha256 = hex(&self.digest.clone().finalize());
        let feed = &self.header.feed;
        if trailer.rows != self.rows {
            return Err(self.protocol(format!(
                "feed {feed} is damaged: {} rows read, {} announced",
                self.rows, trailer.rows
            )));
        }
        if trailer.sha256 != sha256 {
            return Err(self.protocol(format!(
                "feed {feed} is damaged: the digest of its rows is not the one announced"
            )));
        }
        Ok(FeedReference {
            service: self.service.clone(),
            feed: self.header.feed.clone(),
            rows: trailer.rows,
            sha256: trailer.sha256,
        })
    }

    fn damaged(&self, error: &serde_json::Error) -> ClientError {
        self.protocol(format!(
            "feed {}, row {}: {error}",
            self.header.feed, self.rows
        ))
    }

    fn cut_short(&self) -> ClientError {
        self.protocol(format!("feed {} was cut short", self.header.feed))
    }

    fn protocol(&self, reason: String) -> ClientError {
        ClientError::Protocol {
            service: self.service.clone(),
            reason,
        }
    }
}

fn parse<T: DeserializeOwned>(line: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(line)
}

/// Text as it arrives, line by line.
#[derive(Default)]
struct Lines {
    buffer: Vec<u8>,
    start: usize,
}

impl Lines {
    fn extend(&mut self, chunk: &[u8]) {
        self.buffer.drain(..self.start);
        self.start = 0;
        self.buffer.extend_from_slice(chunk);
    }

    /// The next whole line with its line end.
    fn next(&mut self) -> Option<&[u8]> {
        let rest = &self.buffer[self.start..];
        let line = &rest[..=memchr(b'\n', rest)?];
        self.start += line.len();
        Some(line)
    }
}

/// How the trailer's line begins: no row has a first field of this name.
pub const TRAILER_START: &[u8] = br#"{"rows":"#;

#[cfg(test)]
mod tests {
    use super::*;

    /// What arrives comes in pieces of any length.
    #[test]
    fn lines_are_whole_however_they_arrive() {
        let text = b"one\n\nthree\nrest";
        for length in 1..=text.len() {
            let (mut lines, mut found) = (Lines::default(), Vec::new());
            for piece in text.chunks(length) {
                lines.extend(piece);
                while let Some(line) = lines.next() {
                    found.push(line.to_vec());
                }
            }
            assert_eq!(found, [&b"one\n"[..], b"\n", b"three\n"], "{length}");
        }
    }
}
