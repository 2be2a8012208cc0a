//! Rows as they come in: from a feed, one by one.

use std::future::Future;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use crate::client::{ClientError, FeedReader};
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

/// The rows of a feed of another service.
pub struct FeedRows<T> {
    reader: FeedReader,
    row: PhantomData<T>,
}

impl<T> FeedRows<T> {
    /// A feed before its first row.
    #[must_use]
    pub fn new(reader: FeedReader) -> Self {
        Self {
            reader,
            row: PhantomData,
        }
    }

    /// What was read, once it was read whole.
    #[must_use]
    pub fn reference(&self) -> Option<FeedReference> {
        self.reader.reference()
    }
}

impl<T: DeserializeOwned> Rows for FeedRows<T> {
    type Row = T;

    async fn next(&mut self) -> Result<Option<T>, ClientError> {
        self.reader.next().await
    }
}
