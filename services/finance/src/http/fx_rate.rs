//! Exchange rates.

use actix_web::web::{Data, Json, Query};
use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use keepworth_contract::{Currency, InvalidParam, PageQuery};
use keepworth_intake::fault;
use keepworth_intake::{Failure, page};
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent, Written};
use keepworth_platform::{ApiError, ApiResult, ReadProblems, Service, WriteProblems};
use keepworth_store::{Conn, RecordId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::internal;
use crate::Finance;
use crate::rule::ledger::date;
use crate::rule::ledger::fx::billionths;
use crate::store::fx_rate::{self, FxRateRow};

/// An exchange rate. It never changes: amounts that were converted with it name it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FxRate {
    /// Identifier.
    pub id: Uuid,
    /// What is converted, ISO 4217.
    #[schema(value_type = String, example = "USD")]
    pub base: Currency,
    /// What into, ISO 4217.
    #[schema(value_type = String, example = "EUR")]
    pub quote: Currency,
    /// Units of quote per unit of base, a decimal number with at most 9 decimals.
    #[schema(example = "0.9217")]
    pub value: String,
    /// The day it was quoted.
    pub quoted_on: NaiveDate,
    /// Who quoted it.
    pub source: String,
    /// When it was written.
    pub recorded_at: DateTime<Utc>,
}

impl TryFrom<FxRateRow> for FxRate {
    type Error = Failure;

    fn try_from(row: FxRateRow) -> Result<Self, Failure> {
        let rate = row.rate().map_err(internal)?;
        Ok(Self {
            id: rate.id,
            base: rate.base,
            quote: rate.quote,
            value: Decimal::new(rate.billionths, 9).normalize().to_string(),
            quoted_on: row.quoted_on,
            source: row.source,
            recorded_at: row.recorded_at.and_utc(),
        })
    }
}

/// A page of rates.
#[derive(Debug, Serialize, ToSchema)]
pub struct FxRatePage {
    /// In id order.
    pub items: Vec<FxRate>,
    /// Continues the list; null at its end.
    pub next_cursor: Option<String>,
}

/// Lists exchange rates in id order.
#[utoipa::path(operation_id = "list_fx_rates", tag = "exchange rates", params(PageQuery),
    responses((status = 200, body = FxRatePage, description = "A page of rates"), ReadProblems))]
#[get("/fx-rates")]
pub async fn list_fx_rates(app: Data<Finance>, query: Query<PageQuery>) -> ApiResult<FxRatePage> {
    let (after, limit) = (page::after(&query)?, query.limit());
    let mut rows = app
        .db()
        .read(move |conn| fx_rate::rates_after(conn, after, limit + 1).map_err(Failure::from))
        .await?;
    let next_cursor = page::split_next(&mut rows, limit, |row| row.id);
    let items = rows.into_iter().map(FxRate::try_from);
    Ok(Json(FxRatePage {
        items: items.collect::<Result<_, _>>()?,
        next_cursor,
    }))
}

/// An exchange rate as it was quoted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFxRate {
    /// What is converted, ISO 4217.
    #[schema(value_type = String, pattern = "^[A-Z]{3}$", example = "USD")]
    pub base: Currency,
    /// What into, ISO 4217.
    #[schema(value_type = String, pattern = "^[A-Z]{3}$", example = "EUR")]
    pub quote: Currency,
    /// Units of quote per unit of base: a decimal string above zero with at most 9 decimals.
    #[serde(with = "rust_decimal::serde::str")]
    #[schema(value_type = String, pattern = r"^\d{1,10}(\.\d{1,9})?$", example = "0.9217")]
    pub value: Decimal,
    /// The day it was quoted.
    pub quoted_on: NaiveDate,
    /// Who quoted it.
    #[schema(min_length = 1, max_length = 64, example = "ecb")]
    pub source: String,
}

/// Writes an exchange rate; sending it again answers the same rate.
///
/// One source has one rate per pair and day. A rate is not changed: give the correct one under
/// another source.
#[utoipa::path(operation_id = "create_fx_rate", tag = "exchange rates", request_body = NewFxRate,
    params(IdempotencyKey),
    responses((status = 200, body = FxRate, description = "The rate"), WriteProblems))]
#[post("/fx-rates")]
pub async fn create_fx_rate(
    app: Data<Finance>,
    request: Idempotent<Json<NewFxRate>>,
) -> Result<Written, ApiError> {
    let row = new_row(request.body.into_inner(), keepworth_store::now())?;
    let work = move |conn: &mut Conn| FxRate::try_from(insert(conn, row)?);
    request.key.write(app.db(), work).await
}

fn insert(conn: &mut Conn, row: FxRateRow) -> Result<FxRateRow, Failure> {
    conn.lock_source("fx_rates", &row.source)?;
    let Some(same) = fx_rate::find_same(conn, &row)? else {
        fx_rate::insert_rate(conn, &row)?;
        return Ok(row);
    };
    if same.billionths == row.billionths {
        return Ok(same);
    }
    Err(Failure::conflict(
        "rate_exists",
        format!(
            "{} has another rate from {} to {} on {}; give this one under another source",
            row.source, row.base, row.quote, row.quoted_on
        ),
    ))
}

fn new_row(rate: NewFxRate, now: DateTime<Utc>) -> Result<FxRateRow, Failure> {
    let mut faults: Vec<InvalidParam> = [
        fault::text("source", &rate.source, 64),
        date::fault("quoted_on", rate.quoted_on, now.date_naive()),
    ]
    .into_iter()
    .flatten()
    .collect();
    if rate.base == rate.quote {
        let reason = format!(
            "is {} like base; a currency needs no rate to itself",
            rate.base
        );
        faults.push(InvalidParam::new("quote", "same_currency", reason));
    }
    match billionths(rate.value) {
        Ok(billionths) if faults.is_empty() => Ok(FxRateRow {
            id: RecordId::generate(),
            source: rate.source,
            base: rate.base.code().to_owned(),
            quote: rate.quote.code().to_owned(),
            quoted_on: rate.quoted_on,
            billionths,
            recorded_at: now.naive_utc(),
        }),
        Ok(_) => Err(Failure::invalid(faults)),
        Err(fault) => {
            faults.push(fault);
            Err(Failure::invalid(faults))
        }
    }
}
