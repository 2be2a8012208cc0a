//! Closing of the books.

use actix_web::web::{Data, Json};
use actix_web::{get, post};
use chrono::{DateTime, Utc};
use keepworth_contract::{InvalidParam, Month};
use keepworth_intake::Failure;
use keepworth_intake::fault;
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent, Written};
use keepworth_platform::{ApiError, ApiResult, ReadProblems, Service, WriteProblems};
use keepworth_store::Conn;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Finance;
use crate::rule::ledger::period_close::{CloseError, check};
use crate::store::period_close::{self, PeriodCloseRow};

/// A month whose books are closed, with every month before it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PeriodClose {
    /// The month.
    #[schema(value_type = String, example = "2025-09")]
    pub month: Month,
    /// Who or what asked for it.
    pub reason: String,
    /// When it was closed.
    pub recorded_at: DateTime<Utc>,
}

impl From<PeriodCloseRow> for PeriodClose {
    fn from(row: PeriodCloseRow) -> Self {
        Self {
            month: Month::from_index(row.month),
            reason: row.reason,
            recorded_at: row.recorded_at.and_utc(),
        }
    }
}

/// Every closing.
#[derive(Debug, Serialize, ToSchema)]
pub struct PeriodCloseList {
    /// In the order of the months.
    pub items: Vec<PeriodClose>,
}

/// Lists every closing of the books, in the order of the months.
#[utoipa::path(operation_id = "list_period_closes", tag = "ledger",
    responses((status = 200, body = PeriodCloseList, description = "Every closing"), ReadProblems))]
#[get("/period-closes")]
pub async fn list_period_closes(app: Data<Finance>) -> ApiResult<PeriodCloseList> {
    let rows = app
        .db()
        .read(|conn| period_close::load_closes(conn).map_err(Failure::from))
        .await?;
    let items = rows.into_iter().map(PeriodClose::from).collect();
    Ok(Json(PeriodCloseList { items }))
}

/// A month to close.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPeriodClose {
    /// The month; every earlier one is closed with it.
    #[schema(value_type = String, pattern = r"^\d{4}-\d{2}$", example = "2025-09")]
    pub month: Month,
    /// Who or what asks for it.
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
}

/// Closes the books of a month and of every month before it, for good.
///
/// Entries of closed months are neither added nor changed any more; corrections are posted as new
/// entries in an open month.
#[utoipa::path(operation_id = "close_period", tag = "ledger", request_body = NewPeriodClose,
    params(IdempotencyKey),
    responses((status = 200, body = PeriodClose, description = "The month is closed"), WriteProblems))]
#[post("/period-closes")]
pub async fn close_period(
    app: Data<Finance>,
    request: Idempotent<Json<NewPeriodClose>>,
) -> Result<Written, ApiError> {
    let NewPeriodClose { month, reason } = request.body.into_inner();
    if let Some(fault) = fault::text("reason", &reason, 1_000) {
        return Err(Failure::invalid(vec![fault]).into());
    }
    let now = keepworth_store::now();
    let row = PeriodCloseRow {
        month: month.index(),
        reason,
        recorded_at: now.naive_utc(),
    };
    let work = move |conn: &mut Conn| {
        period_close::lock(conn)?;
        let through = period_close::find_closed_through(conn)?;
        check(month, now.date_naive(), through).map_err(refused)?;
        period_close::insert_close(conn, &row)?;
        Ok(PeriodClose::from(row))
    };
    request.key.write(app.db(), work).await
}

#[expect(clippy::needless_pass_by_value, reason = "used with map_err")]
fn refused(error: CloseError) -> Failure {
    match error {
        CloseError::Closed { .. } => Failure::conflict("period_closed", error.to_string()),
        CloseError::NotOver { .. } => Failure::invalid(vec![InvalidParam::new(
            "month",
            "not_over",
            error.to_string(),
        )]),
    }
}
