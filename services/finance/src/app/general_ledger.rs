//! Import of a general ledger.

use crate::app::{job, ledger_entry};
use crate::rule::ledger::general_ledger::{File, check_columns, entries, read};
use crate::store::{account, general_ledger_file};
use keepworth_contract::batch::{BatchOptions, BatchReport, MAX_BATCH, OnInvalid};
use keepworth_contract::finance::{
    GeneralLedgerQuery, GeneralLedgerReport, LedgerEntryInput, RejectedVoucher,
};
use keepworth_contract::{InvalidParam, JobKind};
use keepworth_intake::{Failure, batch};
use keepworth_jobs::{Job, Room, Task, Write, enqueue as enqueue_job};
use keepworth_store::{Conn, RecordId, StoreError};
use std::collections::{BTreeMap, HashMap};

/// The largest file, in bytes.
pub const MOST_BYTES: usize = 16 << 20;

fn import(
    conn: &mut Conn,
    query: &GeneralLedgerQuery,
    options: &BatchOptions,
    file: File,
) -> Result<GeneralLedgerReport, Failure> {
    let accounts = account::usages(&account::load_accounts(conn)?);
    let (mut taken, mut refused) = (Vec::new(), file.faults);
    let vouchers = file.vouchers.len() + refused.len();
    for (name, lines) in &file.vouchers {
        match entries(&query.source, name, lines, query.currency, &accounts) {
            Ok(entries) => taken.extend(entries),
            Err(error) => {
                let fault = InvalidParam::new("voucher", error.code(), error.to_string());
                refused.insert(name.clone(), vec![fault]);
            }
        }
    }
    for (name, faults) in refused_entries(conn, options, &taken)? {
        refused.entry(name).or_default().extend(faults);
    }
    if options.on_invalid == OnInvalid::Refuse && !refused.is_empty() {
        return Err(refuse(refused));
    }
    taken.retain(|entry| !refused.contains_key(voucher_of(entry)));
    let mut report = GeneralLedgerReport {
        vouchers: (vouchers - refused.len()) as u64,
        ..GeneralLedgerReport::default()
    };
    for chunk in taken.chunks(MAX_BATCH) {
        let BatchReport {
            created,
            updated,
            unchanged,
            ..
        } = ledger_entry::upsert(conn, options, chunk)?;
        report.created += created;
        report.updated += updated;
        report.unchanged += unchanged;
    }
    report.rejected = refused
        .into_iter()
        .map(|(voucher, invalid_params)| RejectedVoucher {
            voucher,
            invalid_params,
        })
        .collect();
    Ok(report)
}

/// At most this many faults of a file that is refused whole are listed.
pub const LISTED: usize = 100;

pub(crate) fn refuse(faults: BTreeMap<String, Vec<InvalidParam>>) -> Failure {
    let named = faults.into_iter().flat_map(|(voucher, faults)| {
        faults.into_iter().map(move |fault| InvalidParam {
            name: format!("{voucher}/{}", fault.name),
            ..fault
        })
    });
    Failure::invalid(named.take(LISTED).collect())
}

/// The faults of entries that cannot be taken, by voucher: found before anything is written,
/// because one refused line refuses its voucher.
pub fn refused_entries(
    conn: &mut Conn,
    options: &BatchOptions,
    items: &[LedgerEntryInput],
) -> Result<HashMap<String, Vec<InvalidParam>>, Failure> {
    let trial = BatchOptions {
        dry_run: true,
        on_invalid: OnInvalid::Report,
        ..options.clone()
    };
    let mut refused: HashMap<String, Vec<InvalidParam>> = HashMap::new();
    for chunk in items.chunks(MAX_BATCH) {
        for row in ledger_entry::upsert(conn, &trial, chunk)?.rejected {
            let faults = refused.entry(voucher_of(&chunk[row.index]).to_owned());
            faults.or_default().extend(row.invalid_params);
        }
    }
    Ok(refused)
}

pub(crate) fn voucher_of(entry: &LedgerEntryInput) -> &str {
    entry.voucher.as_deref().unwrap_or_default()
}

/// Keeps a file and puts its job into the queue; one without the columns of a general ledger is refused at once.
pub fn enqueue(
    conn: &mut Conn,
    room: Room,
    query: &GeneralLedgerQuery,
    file: &[u8],
) -> Result<Job, Failure> {
    batch::check_size(&options(query), 0)?;
    check_columns(file, query.currency).map_err(|fault| Failure::invalid(vec![fault]))?;
    let input = serde_json::to_string(query).map_err(Failure::internal)?;
    let job = enqueue_job(conn, JobKind::GeneralLedgerImport, room, input)?;
    general_ledger_file::insert(conn, job.id, file)?;
    Ok(job)
}

/// Takes in the file of a job: whole, in the transaction that says that it is done.
pub(crate) fn compute(task: &Task) -> Result<Write, Failure> {
    let query: GeneralLedgerQuery =
        serde_json::from_str(&task.job.input).map_err(Failure::internal)?;
    let id = task.job.id;
    Ok(Box::new(move |conn| {
        let file = general_ledger_file::load(conn, id).map_err(StoreError::from)?;
        let report = take(conn, &query, &file)?;
        Ok(serde_json::to_string(&report).map_err(Failure::internal)?)
    }))
}

fn take(
    conn: &mut Conn,
    query: &GeneralLedgerQuery,
    file: &[u8],
) -> Result<GeneralLedgerReport, Failure> {
    let file = read(file, query.currency).map_err(|fault| Failure::invalid(vec![fault]))?;
    import(conn, query, &options(query), file)
}

fn options(query: &GeneralLedgerQuery) -> BatchOptions {
    BatchOptions {
        import_id: query.import_id.clone(),
        dry_run: query.dry_run,
        on_invalid: query.on_invalid,
        create_segments: false,
    }
}

/// What became of a file, by the job that took it.
pub fn report(conn: &mut Conn, job: RecordId) -> Result<GeneralLedgerReport, Failure> {
    job::report(conn, job, JobKind::GeneralLedgerImport)
}
