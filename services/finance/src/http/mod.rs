//! The contract: one file per resource, wire types above their handlers.

mod feed;
mod ledger_entry;
mod revenue;

use std::collections::BTreeSet;

use keepworth_platform::ApiError;
use keepworth_store::Conn;
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers every route of the service.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(ledger_entry::list_ledger_entries)
        .service(ledger_entry::load_ledger_entry)
        .service(ledger_entry::list_ledger_entry_versions)
        .service(ledger_entry::batch_upsert_ledger_entries)
        .service(revenue::list_revenues)
        .service(revenue::batch_upsert_revenues)
        .service(feed::read_economics)
        .service(feed::read_revenues);
}

/// Holds off other writers of the same sources until the transaction ends; in one order, so that
/// two batches never wait for each other.
fn lock_sources<'a>(
    conn: &mut Conn,
    table: &str,
    sources: impl Iterator<Item = &'a str>,
) -> Result<(), ApiError> {
    let sources: BTreeSet<&str> = sources.collect();
    sources
        .into_iter()
        .try_for_each(|source| conn.lock_source(table, source))
        .map_err(ApiError::from)
}

/// What cannot happen to a value that the rules took, and is our fault when it does.
fn internal(reason: impl std::fmt::Display) -> ApiError {
    ApiError::internal(&reason)
}
