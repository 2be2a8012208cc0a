//! The rows of a batch, as they are read: one that cannot be read is a rejected row like any other.

use keepworth_contract::batch::{Batch, BatchOptions, BatchReport, OnInvalid, RejectedRow};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::Failure;
use crate::batch::{check_size, named_by_row};
use crate::json::{RowReader, Unfit, unfit};

/// A batch whose rows were read one by one.
#[derive(Debug)]
pub struct Rows<T> {
    options: BatchOptions,
    items: Vec<T>,
    unread: Unread,
}

/// The rows that could not be read, and where the others stood in the request.
#[derive(Debug)]
pub struct Unread {
    on_invalid: OnInvalid,
    rejected: Vec<RejectedRow>,
    places: Vec<usize>,
}

impl<T: DeserializeOwned + ToSchema> Rows<T> {
    /// Reads a batch.
    ///
    /// # Errors
    /// [`Kind::Malformed`](crate::Kind::Malformed) for what is no JSON, and
    /// [`Kind::Invalid`](crate::Kind::Invalid) for what is wrong with the batch as a whole.
    pub fn read(body: &[u8]) -> Result<Self, Failure> {
        let (options, items) = envelope::<T>(body)?.into_parts();
        let texts: Vec<&str> = items.iter().map(|item| item.get()).collect();
        Self::of(options, &texts)
    }

    /// How many rows were sent.
    #[must_use]
    pub fn sent(&self) -> usize {
        self.items.len() + self.unread.rejected.len()
    }

    /// Reads rows that are JSON each.
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::Kind::Invalid) for what is wrong with the batch as a whole.
    pub fn of(options: BatchOptions, texts: &[&str]) -> Result<Self, Failure> {
        check_size(&options, texts.len())?;
        let mut reader = RowReader::new();
        let mut rows = Self::new(options, Vec::with_capacity(texts.len()));
        for (index, text) in texts.iter().enumerate() {
            match reader.read(text) {
                Ok(item) => {
                    rows.items.push(item);
                    rows.unread.places.push(index);
                }
                Err(invalid_params) => rows.unread.rejected.push(RejectedRow {
                    index,
                    invalid_params,
                }),
            }
        }
        Ok(rows)
    }
}

impl<T> Rows<T> {
    fn new(options: BatchOptions, items: Vec<T>) -> Self {
        let unread = Unread {
            on_invalid: options.on_invalid,
            rejected: Vec::new(),
            places: Vec::new(),
        };
        Self {
            options,
            items,
            unread,
        }
    }

    /// How to treat the rows, those that could be read, and the others.
    ///
    /// Where one bad row refuses all and one could not be read, the others are looked at and not written.
    #[must_use]
    pub fn into_parts(mut self) -> (BatchOptions, Vec<T>, Unread) {
        if self.unread.refuses() {
            self.options.dry_run = true;
            self.options.on_invalid = OnInvalid::Report;
        }
        (self.options, self.items, self.unread)
    }
}

impl Unread {
    fn refuses(&self) -> bool {
        self.on_invalid == OnInvalid::Refuse && !self.rejected.is_empty()
    }

    /// The report of the other rows, with these.
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::Kind::Invalid) with the first fields at fault, where one bad row refuses all.
    pub fn complete(self, mut report: BatchReport) -> Result<BatchReport, Failure> {
        for row in &mut report.rejected {
            row.index = self.places.get(row.index).copied().unwrap_or(row.index);
        }
        let refuses = self.refuses();
        report.rejected.extend(self.rejected);
        report.rejected.sort_by_key(|row| row.index);
        if refuses {
            return Err(Failure::invalid(named_by_row(&report.rejected)));
        }
        Ok(report)
    }
}

/// The batch around its rows.
fn envelope<T: ToSchema>(body: &[u8]) -> Result<Batch<&RawValue>, Failure> {
    serde_json::from_slice(body).map_err(|error| {
        let first = Unfit::of::<Batch<&RawValue>>(body, &error);
        unfit::<Batch<T>>(body, &first)
    })
}
