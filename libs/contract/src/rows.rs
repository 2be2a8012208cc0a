//! Rows as they come in: from a feed, one by one.

use std::future::Future;

use serde::de::DeserializeOwned;
use tokio::sync::mpsc;

use crate::client::{ClientError, FeedReader, Piece};
use crate::customers::EpisodeRow;
use crate::experience::ExposureRow;
use crate::feed::CustomerKey;
use crate::finance::{PurchaseRow, RevenueRow};
use crate::simulator::baseline::FeedReference;

/// A stream of rows.
pub trait Rows {
    /// What comes.
    type Row;

    /// The next row, or `None` after the last.
    ///
    /// # Errors
    /// [`ClientError`] when the stream ends before its last row.
    fn next(&mut self) -> impl Future<Output = Result<Option<Self::Row>, ClientError>>;
}

/// A row about one customer.
pub trait AboutCustomer {
    /// Who.
    fn customer(&self) -> &CustomerKey;
}

impl AboutCustomer for EpisodeRow {
    fn customer(&self) -> &CustomerKey {
        &self.customer
    }
}

impl AboutCustomer for ExposureRow {
    fn customer(&self) -> &CustomerKey {
        &self.customer
    }
}

impl AboutCustomer for RevenueRow {
    fn customer(&self) -> &CustomerKey {
        &self.customer
    }
}

impl AboutCustomer for PurchaseRow {
    fn customer(&self) -> &CustomerKey {
        &self.customer
    }
}

/// The rows of a feed of another service, in constant memory.
pub struct FeedRows<T> {
    service: String,
    pieces: mpsc::Receiver<Result<Piece<T>, ClientError>>,
    rows: std::vec::IntoIter<T>,
    reference: Option<FeedReference>,
}

impl<T: DeserializeOwned + Send + 'static> FeedRows<T> {
    /// A feed before its first row.
    #[must_use]
    pub fn new(reader: FeedReader) -> Self {
        Self {
            service: reader.service().to_owned(),
            pieces: reader.pieces(),
            rows: Vec::new().into_iter(),
            reference: None,
        }
    }
}

impl<T> FeedRows<T> {
    /// What was read, once it was read whole.
    #[must_use]
    pub fn reference(&self) -> Option<FeedReference> {
        self.reference.clone()
    }
}

impl<T> Rows for FeedRows<T> {
    type Row = T;

    /// The next row, or `None` after the last one. That the feed is whole (its trailer came, and
    /// counts and digest agree) has been checked when `None` is answered.
    async fn next(&mut self) -> Result<Option<T>, ClientError> {
        loop {
            if let Some(row) = self.rows.next() {
                return Ok(Some(row));
            }
            if self.reference.is_some() {
                return Ok(None);
            }
            match self.pieces.recv().await {
                Some(Ok(Piece::Rows(rows))) => self.rows = rows.into_iter(),
                Some(Ok(Piece::Whole(reference))) => self.reference = Some(reference),
                Some(Err(error)) => return Err(error),
                None => {
                    return Err(ClientError::Protocol {
                        service: self.service.clone(),
                        reason: "reading a feed broke off".to_owned(),
                    });
                }
            }
        }
    }
}
