//! Import of a general ledger.

use std::collections::{BTreeMap, HashMap};

use actix_web::web::{Data, Payload, Query};
use actix_web::{HttpMessage, HttpRequest, post};
use keepworth_contract::batch::{BatchOptions, BatchReport, MAX_BATCH, OnInvalid};
use keepworth_contract::finance::LedgerEntryInput;
use keepworth_contract::{Currency, InvalidParam};
use keepworth_intake::{Failure, batch};
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent, Written};
use keepworth_platform::{ApiError, Service, WriteProblems};
use keepworth_store::Conn;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{internal, ledger_entry};
use crate::Finance;
use crate::rule::ledger::general_ledger::{File, entries, read};
use crate::store::account;

/// The largest file, in bytes.
const MOST_BYTES: usize = 16 << 20;

/// What the file is.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct GeneralLedgerQuery {
    /// The system that the file comes from.
    #[param(min_length = 1, max_length = 64, example = "erpnext")]
    pub source: String,
    /// Names the import.
    #[param(min_length = 1, max_length = 64, example = "2025-09-gl")]
    pub import_id: String,
    /// ISO 4217 code of `debit` and `credit`.
    #[param(value_type = String, example = "EUR")]
    pub currency: Currency,
    /// Check and answer as usual, write nothing.
    #[serde(default)]
    pub dry_run: bool,
    /// What to do when some vouchers cannot be taken.
    #[serde(default)]
    #[param(inline)]
    pub on_invalid: OnInvalid,
}

/// What became of a file's vouchers.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct GeneralLedgerReport {
    /// Vouchers that were taken.
    pub vouchers: u64,
    /// Entries that were new.
    pub created: u64,
    /// Entries that were corrected.
    pub updated: u64,
    /// Entries that were there already.
    pub unchanged: u64,
    /// Vouchers that were not taken, nor any line of theirs.
    pub rejected: Vec<RejectedVoucher>,
}

/// A voucher that was not taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct RejectedVoucher {
    /// Company, type and number.
    pub voucher: String,
    /// What is wrong with it.
    pub invalid_params: Vec<InvalidParam>,
}

/// Imports the costs of a general ledger from a CSV file with the columns of ERPNext.
///
/// `posting_date, account, debit, credit, voucher_type, voucher_no` are needed, `cost_center,
/// remarks, company, source_line` (the row's line in the file it was taken from) are read, others
/// are not; `Debit (EUR)` is `debit` where amounts are in EUR. Each voucher must be whole and balance; it is taken whole or not at all, and with
/// `on_invalid=refuse` so is the file. What its accounts are is said below `/v1/accounts`. Sending a
/// file again changes nothing, with or without a key: lines are known by voucher and place.
#[utoipa::path(operation_id = "import_general_ledger", tag = "general ledger",
    params(GeneralLedgerQuery, IdempotencyKey), request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = GeneralLedgerReport, description = "What became of each voucher"), WriteProblems))]
#[post("/general-ledger:import")]
pub async fn import_general_ledger(
    app: Data<Finance>,
    query: Query<GeneralLedgerQuery>,
    http: HttpRequest,
    request: Idempotent<Payload>,
) -> Result<Written, ApiError> {
    let query = query.into_inner();
    let options = BatchOptions {
        import_id: query.import_id.clone(),
        dry_run: query.dry_run,
        on_invalid: query.on_invalid,
        create_segments: false,
    };
    batch::check_size(&options, 0)?;
    check_type(&http)?;
    let file = request
        .body
        .to_bytes_limited(MOST_BYTES)
        .await
        .map_err(|_| Failure::malformed("the file has more than 16 MiB; split it by voucher"))?
        .map_err(|error| Failure::malformed(error.to_string()))?;
    let file = read(&file, query.currency).map_err(|fault| Failure::invalid(vec![fault]))?;
    let work = move |conn: &mut Conn| import(conn, &query, &options, file);
    request.key.write(app.db(), work).await
}

/// A page of another site can send `text/plain` for whoever looks at it, and `text/csv` only when
/// this service allows it.
fn check_type(request: &HttpRequest) -> Result<(), Failure> {
    if request.content_type() == "text/csv" {
        return Ok(());
    }
    let reason = "send the file with content-type: text/csv, uncompressed";
    Err(Failure::unsupported("unsupported_media_type", reason))
}

fn import(
    conn: &mut Conn,
    query: &GeneralLedgerQuery,
    options: &BatchOptions,
    file: File,
) -> Result<GeneralLedgerReport, Failure> {
    let accounts = account::usages(&account::load_accounts(conn)?).map_err(internal)?;
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
const LISTED: usize = 100;

fn refuse(faults: BTreeMap<String, Vec<InvalidParam>>) -> Failure {
    let named = faults.into_iter().flat_map(|(voucher, faults)| {
        faults.into_iter().map(move |fault| {
            InvalidParam::new(
                format!("{voucher}/{}", fault.name),
                &fault.code,
                fault.reason,
            )
        })
    });
    Failure::invalid(named.take(LISTED).collect())
}

/// The faults of entries that cannot be taken, by voucher: found before anything is written,
/// because one refused line refuses its voucher.
fn refused_entries(
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

fn voucher_of(entry: &LedgerEntryInput) -> &str {
    entry.voucher.as_deref().unwrap_or_default()
}
