//! Rows as they come in: from a feed, one by one.

use std::marker::PhantomData;

use keepworth_contract::baseline::FeedReference;
use keepworth_contract::client::FeedReader;
use keepworth_contract::feed::{CustomerKey, EpisodeRow, ExposureRow, RevenueRow};
use serde::de::DeserializeOwned;

use crate::BuildError;

/// A stream of rows.
pub(crate) trait Rows {
    /// What comes.
    type Row;

    /// The next row, or `None` after the last.
    async fn next(&mut self) -> Result<Option<Self::Row>, BuildError>;
}

/// A row about one customer.
pub(crate) trait AboutCustomer {
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

/// The rows of a feed of another service.
pub(crate) struct FeedRows<T> {
    reader: FeedReader,
    row: PhantomData<T>,
}

impl<T> FeedRows<T> {
    pub(crate) fn new(reader: FeedReader) -> Self {
        Self {
            reader,
            row: PhantomData,
        }
    }

    /// What was read, once it was read whole.
    pub(crate) fn reference(&self) -> Option<FeedReference> {
        self.reader.reference()
    }
}

impl<T: DeserializeOwned> Rows for FeedRows<T> {
    type Row = T;

    async fn next(&mut self) -> Result<Option<T>, BuildError> {
        Ok(self.reader.next().await?)
    }
}
