//! Batches: which rows are new, which replace, which say nothing new, which cannot be taken.
//!
//! Every kind of record goes the same way, from its [`RecordTable`](crate::RecordTable) and back. Deciding is pure, so
//! that "nothing is half written, nothing is lost silently" is proved once.

use keepworth_contract::FaultCode;
use std::collections::{BTreeMap, HashMap};

use keepworth_contract::InvalidParam;
use keepworth_contract::Record;
use keepworth_contract::batch::{BatchOptions, BatchReport, MAX_BATCH, OnInvalid, RejectedRow};
use keepworth_store::RecordId;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{Failure, fault};

/// What makes a record the same record: its source and its id there.
pub type Identity = (String, String);

/// Fields at fault, by the row's position in the batch.
pub type Faults = HashMap<usize, Vec<InvalidParam>>;

/// What is stored of a record's last version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Existing {
    /// Its identifier.
    pub id: RecordId,
    /// Digest of its content.
    pub content_hash: Vec<u8>,
    /// The import that wrote it.
    pub import_id: String,
}

/// A record that will be written.
#[derive(Debug, PartialEq, Eq)]
pub struct Planned<'a, T> {
    /// Its identifier, kept from its first version.
    pub id: RecordId,
    /// The record.
    pub record: &'a T,
    /// Digest of its content.
    pub content_hash: Vec<u8>,
}

/// A row of [`select_versions!`](keepworth_store::select_versions).
pub type VersionRow = (RecordId, String, String, Vec<u8>, String);

/// What makes a record the same record.
pub fn identity(record: &impl Record) -> Identity {
    (record.source().to_owned(), record.external_id().to_owned())
}

/// Reads the stored versions of all records of a batch: `select` reads those of one source.
pub(crate) fn existing<E>(
    identities: impl Iterator<Item = Identity>,
    mut select: impl FnMut(&str, Vec<String>) -> Result<Vec<VersionRow>, E>,
) -> Result<HashMap<Identity, Existing>, E> {
    let mut by_source: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (source, external_id) in identities {
        by_source.entry(source).or_default().push(external_id);
    }
    let mut found = HashMap::new();
    for (source, external_ids) in by_source {
        for (id, source, external_id, content_hash, import_id) in select(&source, external_ids)? {
            found.insert(
                (source, external_id),
                Existing {
                    id,
                    content_hash,
                    import_id,
                },
            );
        }
    }
    Ok(found)
}

/// What a batch comes to.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan<'a, T> {
    /// Records that were not there.
    pub new: Vec<Planned<'a, T>>,
    /// Records whose content differs from what is there.
    pub changed: Vec<Planned<'a, T>>,
    /// Records that are there already, word for word.
    pub unchanged: u64,
    /// Records that cannot be taken.
    pub rejected: Vec<RejectedRow>,
}

/// Refuses what is wrong with the batch as a whole.
///
/// # Errors
/// [`Kind::Invalid`](crate::Kind::Invalid) for too many rows or an empty import id.
pub fn check_size(options: &BatchOptions, rows: usize) -> Result<(), Failure> {
    let mut faults = Vec::new();
    if rows > MAX_BATCH {
        faults.push(InvalidParam::new(
            "items",
            FaultCode::TooMany,
            format!("{rows} rows; send at most {MAX_BATCH} in a batch"),
        ));
    }
    faults.extend(fault::text("import_id", &options.import_id, 64));
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Failure::invalid(faults))
    }
}

/// Decides what becomes of each record.
pub(crate) fn plan<'a, T: Record>(
    records: &'a [T],
    existing: &HashMap<Identity, Existing>,
    options: &BatchOptions,
    mut faults: Faults,
) -> Result<Plan<'a, T>, Failure> {
    let mut plan = Plan {
        new: Vec::new(),
        changed: Vec::new(),
        unchanged: 0,
        rejected: Vec::new(),
    };
    let mut seen: HashMap<Identity, Vec<u8>> = HashMap::with_capacity(records.len());
    for (index, record) in records.iter().enumerate() {
        if let Some(invalid_params) = faults.remove(&index) {
            plan.rejected.push(RejectedRow {
                index,
                invalid_params,
            });
            continue;
        }
        let content_hash = digest(record)?;
        let identity = identity(record);
        let before = existing.get(&identity);
        let same_import = before.filter(|it| it.import_id == options.import_id);
        let earlier = seen
            .get(&identity)
            .or(same_import.map(|it| &it.content_hash));
        match (earlier, before) {
            (Some(hash), _) if *hash != content_hash => {
                let invalid_params = vec![duplicate(&identity)];
                plan.rejected.push(RejectedRow {
                    index,
                    invalid_params,
                });
                continue;
            }
            (Some(_), _) => plan.unchanged += 1,
            (None, Some(it)) if it.content_hash == content_hash => plan.unchanged += 1,
            (None, Some(it)) => {
                let content_hash = content_hash.clone();
                plan.changed.push(Planned {
                    id: it.id,
                    record,
                    content_hash,
                });
            }
            (None, None) => {
                let (id, content_hash) = (RecordId::generate(), content_hash.clone());
                plan.new.push(Planned {
                    id,
                    record,
                    content_hash,
                });
            }
        }
        seen.insert(identity, content_hash);
    }
    Ok(plan)
}

/// The records without a fault: PostgreSQL cannot even be asked for some of the others.
pub fn sound<'a, T>(records: &'a [T], faults: &Faults) -> Vec<&'a T> {
    let numbered = records.iter().enumerate();
    numbered
        .filter(|(index, _)| !faults.contains_key(index))
        .map(|(_, record)| record)
        .collect()
}

/// Gathers the fields at fault of every row, as `check` finds them.
pub fn faults<T>(records: &[T], check: impl Fn(&T) -> Vec<InvalidParam>) -> Faults {
    let checked = records.iter().map(check).enumerate();
    checked.filter(|(_, found)| !found.is_empty()).collect()
}

impl<T> Plan<'_, T> {
    /// Whether anything is to be written at all.
    #[must_use]
    pub fn is_to_be_written(&self, options: &BatchOptions) -> bool {
        let refused = options.on_invalid == OnInvalid::Refuse && !self.rejected.is_empty();
        !options.dry_run && !refused
    }

    /// The answer to the caller. When the caller asked for all or nothing and a row cannot be
    /// taken, this is the problem that names the rows.
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::Kind::Invalid) with the first fields at fault.
    pub fn report(self, options: &BatchOptions) -> Result<BatchReport, Failure> {
        if options.on_invalid == OnInvalid::Refuse && !self.rejected.is_empty() {
            return Err(Failure::invalid(named_by_row(&self.rejected)));
        }
        Ok(BatchReport {
            created: self.new.len() as u64,
            updated: self.changed.len() as u64,
            unchanged: self.unchanged,
            skipped_erased: 0,
            moved: 0,
            rejected: self.rejected,
        })
    }
}

/// At most this many fields are listed in a problem.
const LISTED: usize = 100;

pub(crate) fn named_by_row(rejected: &[RejectedRow]) -> Vec<InvalidParam> {
    let fields = rejected.iter().flat_map(|row| {
        row.invalid_params.iter().map(move |param| InvalidParam {
            name: format!("items/{}/{}", row.index, param.name),
            ..param.clone()
        })
    });
    fields.take(LISTED).collect()
}

fn duplicate((source, external_id): &Identity) -> InvalidParam {
    InvalidParam::new(
        "external_id",
        FaultCode::DuplicateId,
        format!(
            "`{external_id}` of `{source}` occurs twice in this import with different content; keep one row"
        ),
    )
}

/// SHA-256 of the record's JSON, cut to 16 bytes: enough to tell versions of one record apart.
fn digest<T: Serialize>(record: &T) -> Result<Vec<u8>, Failure> {
    let json = serde_json::to_vec(record).map_err(Failure::internal)?;
    Ok(Sha256::digest(json)[..16].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Eq, Serialize)]
    struct Note {
        id: &'static str,
        text: &'static str,
    }

    impl Record for Note {
        fn source(&self) -> &str {
            "test"
        }

        fn external_id(&self) -> &str {
            self.id
        }

        fn subject(&self) -> Option<(&str, &str)> {
            None
        }
    }

    fn plan_of<'a>(
        records: &'a [Note],
        existing: &HashMap<Identity, Existing>,
        options: &BatchOptions,
    ) -> Plan<'a, Note> {
        let faults = faults(records, |note| {
            fault::text("text", note.text, 10).into_iter().collect()
        });
        plan(records, existing, options, faults).unwrap()
    }

    fn options(import_id: &str, on_invalid: OnInvalid) -> BatchOptions {
        BatchOptions {
            import_id: import_id.to_owned(),
            dry_run: false,
            on_invalid,
            create_segments: false,
        }
    }

    fn stored(note: &Note, import_id: &str) -> HashMap<Identity, Existing> {
        let existing = Existing {
            id: RecordId::generate(),
            content_hash: digest(note).unwrap(),
            import_id: import_id.to_owned(),
        };
        HashMap::from([(identity(note), existing)])
    }

    fn counts(
        records: &[Note],
        existing: &HashMap<Identity, Existing>,
        import: &str,
    ) -> (usize, usize, u64, usize) {
        let plan = plan_of(records, existing, &options(import, OnInvalid::Report));
        (
            plan.new.len(),
            plan.changed.len(),
            plan.unchanged,
            plan.rejected.len(),
        )
    }

    const OLD: Note = Note {
        id: "a",
        text: "old",
    };
    const NEW: Note = Note {
        id: "a",
        text: "new",
    };

    #[test]
    fn a_record_is_new_then_unchanged_then_changed() {
        assert_eq!(counts(&[OLD], &HashMap::new(), "1"), (1, 0, 0, 0));
        assert_eq!(counts(&[OLD], &stored(&OLD, "1"), "2"), (0, 0, 1, 0));
        assert_eq!(counts(&[NEW], &stored(&OLD, "1"), "2"), (0, 1, 0, 0));
    }

    #[test]
    fn one_import_must_not_contradict_itself() {
        assert_eq!(
            counts(&[OLD, NEW], &HashMap::new(), "1"),
            (1, 0, 0, 1),
            "within a batch"
        );
        assert_eq!(
            counts(&[NEW], &stored(&OLD, "1"), "1"),
            (0, 0, 0, 1),
            "across batches"
        );
        assert_eq!(
            counts(&[OLD, OLD], &HashMap::new(), "1"),
            (1, 0, 1, 0),
            "saying it twice is no contradiction"
        );
    }

    #[test]
    fn all_or_nothing_writes_nothing_when_a_row_is_bad() {
        let records = [OLD, Note { id: "b", text: "" }];
        let options = options("1", OnInvalid::Refuse);
        let plan = plan_of(&records, &HashMap::new(), &options);
        assert!(!plan.is_to_be_written(&options));
        assert!(plan.report(&options).is_err());
    }
}
