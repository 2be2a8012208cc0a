//! Who bears the costs of a month.

use crate::Finance;
use crate::app::allocation::{load, rules_in_force, shares_in_force};
use crate::app::read_picture;
use crate::rule::ledger::month_allocation::MonthAllocator;
use crate::store::cost;
use actix_web::web::{Data, Json, Query};
use actix_web::{HttpResponse, get};
use chrono::Days;
use keepworth_contract::finance::{Allocation, AllocationLine, KnownMonthQuery, MonthQuery};
use keepworth_platform::feed;
use keepworth_platform::{ApiError, ApiResult, ReadProblems, Service};

/// Says who bears the costs of a month.
#[utoipa::path(operation_id = "load_allocation", tag = "allocation", params(KnownMonthQuery),
    responses((status = 200, body = Allocation, description = "Who bears what"), ReadProblems))]
#[get("/allocations")]
pub async fn load_allocation(
    app: Data<Finance>,
    query: Query<KnownMonthQuery>,
) -> ApiResult<Allocation> {
    let (month, known_at) = (query.month, query.known_at.map(|at| at.naive_utc()));
    let allocation = read_picture(&app.db, move |conn| load(conn, month, known_at)).await?;
    Ok(Json(allocation))
}

/// Traces every allocated cent of a month's shared costs back to its entry: one row per entry and
/// segment, as newline-delimited JSON with a header and a trailer.
///
/// Entries that name a segment are borne by it, and are not repeated here.
#[utoipa::path(operation_id = "read_allocation_lines", tag = "allocation", params(MonthQuery),
    responses((status = 200, body = AllocationLine, content_type = "application/x-ndjson",
               description = "Header, rows of this form, trailer"), ReadProblems))]
#[get("/feed/allocation-lines")]
pub async fn read_allocation_lines(
    app: Data<Finance>,
    query: Query<MonthQuery>,
) -> Result<HttpResponse, ApiError> {
    let month = query.month;
    let last_day = month.plus(1).first_day() - Days::new(1);
    let shares = app
        .db()
        .read(move |conn| {
            let rules = rules_in_force(conn, month, None)?;
            shares_in_force(conn, month, &rules, None)
        })
        .await?;
    let db = app.db();
    feed::answer(db, "allocation-lines", 1, last_day, move |conn, sink| {
        let mut allocator = MonthAllocator::new(&shares);
        cost::for_each_shared_entry(conn, month, |entry, key, minor| {
            let parts = allocator.add_shared(key, minor)?;
            parts.into_iter().try_for_each(|(segment, minor)| {
                sink.push(&AllocationLine {
                    entry: entry.0,
                    segment: segment.to_string(),
                    category: key.category,
                    minor,
                    currency: key.currency.code().to_owned(),
                })
            })
        })
    })
    .await
}
