//! Batches without the rows of customers who were erased.

use keepworth_contract::Record;
use keepworth_contract::batch::BatchReport;
use keepworth_store::{Beside, Conn, StoreError};

use super::erased;

/// The records of a batch without those of customers who were erased.
#[derive(Debug)]
pub struct Screened<T> {
    /// The others.
    pub records: Vec<T>,
    /// Where they stood in the batch.
    places: Vec<usize>,
    skipped: u64,
}

/// Leaves out what names customers who were erased.
///
/// # Errors
/// Those of [`erased`].
pub fn screen<T: Record>(
    conn: &mut Conn,
    beside: &Beside,
    records: Vec<T>,
) -> Result<Screened<T>, StoreError> {
    let gone: Vec<bool> = {
        let erased = erased(conn, beside, records.iter().filter_map(Record::subject))?;
        let is_gone = |it: &T| {
            it.subject()
                .is_some_and(|subject| erased.contains(&subject))
        };
        match erased.is_empty() {
            true => Vec::new(),
            false => records.iter().map(is_gone).collect(),
        }
    };
    let is_gone = |place: usize| gone.get(place).copied().unwrap_or_default();
    let places: Vec<usize> = (0..records.len())
        .filter(|place| !is_gone(*place))
        .collect();
    let skipped = (records.len() - places.len()) as u64;
    let records = match skipped {
        0 => records,
        _ => {
            let numbered = records.into_iter().enumerate();
            numbered
                .filter(|(place, _)| !is_gone(*place))
                .map(|(_, it)| it)
                .collect()
        }
    };
    Ok(Screened {
        records,
        places,
        skipped,
    })
}

impl<T> Screened<T> {
    /// The report of the others, with those that were left out.
    #[must_use]
    pub fn complete(&self, mut report: BatchReport) -> BatchReport {
        for row in &mut report.rejected {
            row.index = self.places.get(row.index).copied().unwrap_or(row.index);
        }
        report.skipped_erased = self.skipped;
        report
    }
}
