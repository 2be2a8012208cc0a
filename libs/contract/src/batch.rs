//! Batches: up to [`MAX_BATCH`] records in one request, with an answer per row.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::InvalidParam;

/// Rows in a batch at the most: a request stays a few megabytes, its transaction short.
pub const MAX_BATCH: usize = 5_000;

/// What to do when some rows cannot be taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnInvalid {
    /// Take the good rows, report the others row by row.
    #[default]
    Report,
    /// Take none when one is bad.
    Refuse,
}

/// Up to 5,000 records at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch<T> {
    /// Names the import that the batch belongs to: an id that occurs twice **within one import**
    /// with different content is an error, in a later import it is an update.
    pub import_id: String,
    /// Check and answer as usual, write nothing.
    #[serde(default)]
    pub dry_run: bool,
    /// What to do when some rows cannot be taken.
    #[serde(default)]
    pub on_invalid: OnInvalid,
    /// Register segments that are not known yet (customers and their moves only); otherwise they are an error.
    #[serde(default)]
    pub create_segments: bool,
    /// The records.
    pub items: Vec<T>,
}

/// Up to 5,000 records at once.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "described only")]
pub(crate) struct BatchFields {
    /// Names the import that the batch belongs to: an id that occurs twice **within one import**
    /// with different content is an error, in a later import it is an update.
    #[schema(min_length = 1, max_length = 64, example = "2025-11-crm-export")]
    import_id: String,
    /// Check and answer as usual, write nothing.
    #[serde(default)]
    #[schema(default = false)]
    dry_run: bool,
    /// What to do when some rows cannot be taken.
    #[serde(default)]
    #[schema(default = "report")]
    on_invalid: OnInvalid,
    /// Register segments that are not known yet (customers and their moves only); otherwise they are an error.
    #[serde(default)]
    #[schema(default = false)]
    create_segments: bool,
}

impl<T> Batch<T> {
    /// How to treat it, and what is in it.
    #[must_use]
    pub fn into_parts(self) -> (BatchOptions, Vec<T>) {
        let options = BatchOptions {
            import_id: self.import_id,
            dry_run: self.dry_run,
            on_invalid: self.on_invalid,
            create_segments: self.create_segments,
        };
        (options, self.items)
    }
}

/// How to treat a batch, the same for every kind of record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchOptions {
    /// Names the import that the batch belongs to: an id that occurs twice **within one import**
    /// with different content is an error, in a later import it is an update.
    pub import_id: String,
    /// Check and answer as usual, write nothing.
    pub dry_run: bool,
    /// What to do when some rows cannot be taken.
    pub on_invalid: OnInvalid,
    /// Register segments that are not known yet (customers and their moves only); otherwise they are an error.
    pub create_segments: bool,
}

/// What became of the rows of a batch. Rows that were taken are counted, not listed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BatchReport {
    /// Rows that were new.
    pub created: u64,
    /// Rows that replaced an earlier version.
    pub updated: u64,
    /// Rows whose content was there already.
    pub unchanged: u64,
    /// Rows of customers who were erased, which are left out and are no error.
    #[serde(default)]
    pub skipped_erased: u64,
    /// Customers who came with another segment than before: they count as moved on the day of the batch.
    #[serde(default)]
    pub moved: u64,
    /// Rows that were not taken, in the order of the request.
    pub rejected: Vec<RejectedRow>,
}

impl BatchReport {
    /// Rows that were taken.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.created + self.updated + self.unchanged
    }
}

/// A row that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RejectedRow {
    /// Its position in the request, from 0.
    pub index: usize,
    /// Each field at fault.
    pub invalid_params: Vec<InvalidParam>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experience::FeedbackInput;

    #[test]
    fn a_misspelt_option_is_refused() {
        let read = serde_json::from_str::<Batch<FeedbackInput>>;
        assert!(read(r#"{"import_id": "1", "dry_run": true, "items": []}"#).is_ok());
        let error = read(r#"{"import_id": "1", "dry_runn": true, "items": []}"#).unwrap_err();
        assert!(error.to_string().contains("dry_runn"), "{error}");
    }
}
