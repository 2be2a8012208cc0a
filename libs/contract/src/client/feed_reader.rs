//! A feed, line by line.

use chrono::NaiveDate;
use reqwest::Response;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::{ClientError, innermost};
use crate::digest::hex;
use crate::feed::{FeedHeader, FeedTrailer};
use crate::simulator::baseline::FeedReference;

/// A feed while it is read, in constant memory.
pub struct FeedReader {
    service: String,
    header: FeedHeader,
    response: Response,
    buffer: Vec<u8>,
    start: usize,
    rows: u64,
    digest: Sha256,
    trailer: Option<FeedTrailer>,
}

impl FeedReader {
    pub(super) async fn open(
        service: String,
        feed: &str,
        response: Response,
    ) -> Result<Self, ClientError> {
        let header = FeedHeader {
            feed: feed.to_owned(),
            version: 0,
            as_of: NaiveDate::MIN,
        };
        let mut reader = Self {
            service,
            header,
            response,
            buffer: Vec::new(),
            start: 0,
            rows: 0,
            digest: Sha256::new(),
            trailer: None,
        };
        let line = reader.line().await?;
        reader.header = reader.parse(&line)?;
        Ok(reader)
    }

    /// The next row, or `None` after the last one. That the feed is whole (its trailer came, and
    /// counts and digest agree) has been checked when `None` is answered.
    ///
    /// # Errors
    /// [`ClientError::Protocol`] when it was cut short or is not what it says.
    pub async fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>, ClientError> {
        if self.trailer.is_some() {
            return Ok(None);
        }
        let line = self.line().await?;
        if line.starts_with(TRAILER_START) {
            self.check(&line)?;
            return Ok(None);
        }
        self.digest.update(&line);
        self.rows += 1;
        self.parse(&line).map(Some)
    }

    /// What was read, once it was read whole.
    #[must_use]
    pub fn reference(&self) -> Option<FeedReference> {
        let trailer = self.trailer.as_ref()?;
        Some(FeedReference {
            service: self.service.clone(),
            feed: self.header.feed.clone(),
            rows: trailer.rows,
            sha256: trailer.sha256.clone(),
        })
    }

    fn check(&mut self, line: &[u8]) -> Result<(), ClientError> {
        let trailer: FeedTrailer = self.parse(line)?;
        let sha256 = hex(&self.digest.clone().finalize());
        if trailer.rows != self.rows || trailer.sha256 != sha256 {
            return Err(self.protocol(format!(
                "feed {} is damaged: {} rows read, {} announced",
                self.header.feed, self.rows, trailer.rows
            )));
        }
        self.trailer = Some(trailer);
        Ok(())
    }

    /// One line with its line end.
    async fn line(&mut self) -> Result<Vec<u8>, ClientError> {
        let mut searched = self.start;
        loop {
            if let Some(at) = self.buffer[searched..]
                .iter()
                .position(|byte| *byte == b'\n')
            {
                let end = searched + at + 1;
                let line = self.buffer[self.start..end].to_vec();
                self.start = end;
                return Ok(line);
            }
            self.buffer.drain(..self.start);
            self.start = 0;
            searched = self.buffer.len();
            match self.response.chunk().await {
                Ok(Some(chunk)) => self.buffer.extend_from_slice(&chunk),
                Ok(None) => {
                    return Err(self.protocol(format!("feed {} was cut short", self.header.feed)));
                }
                Err(error) => return Err(self.protocol(innermost(&error))),
            }
        }
    }

    fn parse<T: DeserializeOwned>(&self, line: &[u8]) -> Result<T, ClientError> {
        serde_json::from_slice(line).map_err(|error| {
            self.protocol(format!(
                "feed {}, row {}: {error}",
                self.header.feed, self.rows
            ))
        })
    }

    fn protocol(&self, reason: String) -> ClientError {
        ClientError::Protocol {
            service: self.service.clone(),
            reason,
        }
    }
}

/// How the trailer's line begins: no row has a first field of this name.
pub const TRAILER_START: &[u8] = br#"{"rows":"#;
