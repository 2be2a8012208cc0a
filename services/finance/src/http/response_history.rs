//! How people answered to spending on winning and on keeping them.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{get, post};
use chrono::{DateTime, Utc};
use keepworth_contract::statistic::{Definition, Interval, Statistic};
use keepworth_contract::{Currency, InvalidParam, PageQuery};
use keepworth_intake::fault;
use keepworth_intake::{Failure, page};
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent, Written};
use keepworth_platform::{ApiError, ApiResult, ReadProblems, Service, WriteProblems};
use keepworth_store::{Conn, RecordId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::response_evidence::{Known, ResponseEvidence};
use super::{check_filter, internal};
use crate::Finance;
use crate::rule::response::response_fit::ResponseFit;
use crate::store::response_history::{self, ResponseHistoryRow};
use keepworth_store::now;

/// What money is spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Lever {
    /// Winning customers.
    Acquisition,
    /// Keeping them.
    Retention,
}

impl Lever {
    fn name(self) -> &'static str {
        match self {
            Self::Acquisition => "ACQUISITION",
            Self::Retention => "RETENTION",
        }
    }
}

/// A version of a segment's response to spending.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ResponseHistory {
    /// Identifier.
    pub id: Uuid,
    /// The segment's key.
    pub segment: String,
    /// What money was spent on.
    pub lever: Lever,
    /// 1 for the first of the segment and lever. The last version counts.
    pub version: i32,
    /// Months of a period, for `RETENTION`; null for `ACQUISITION`.
    pub period_months: Option<i32>,
    /// What is known.
    pub evidence: ResponseEvidence,
    /// The curve that follows; null for a programme.
    pub curve: Option<ResponseCurve>,
    /// Where it comes from.
    pub reason: String,
    /// When it was written.
    pub recorded_at: DateTime<Utc>,
}

/// A saturating curve, the share `y(x) = C(1 − e^(−kx))` that answers to spend `x` per head.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ResponseCurve {
    /// `C`, the share that unlimited spend would reach.
    pub ceiling: Statistic,
    /// `k`, per unit of the currency.
    pub speed: Statistic,
    /// How well it describes the data; null for judged points.
    pub fit: Option<CurveFit>,
}

/// Akaike's information criterion of three descriptions of the data; the lowest is best.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CurveFit {
    /// The curve.
    pub aic_curve: f64,
    /// A plain logistic regression on spend.
    pub aic_logistic: f64,
    /// The same share at every spend.
    pub aic_constant: f64,
    /// The data speak against the curve: the plain regression is better by more than 10. The curve
    /// bends down from the first cent, the data do not.
    pub contradicted: bool,
}

impl ResponseHistory {
    pub(super) fn currency(&self) -> Result<Currency, Failure> {
        let currency = self.evidence.currency();
        currency.ok_or_else(|| internal(format!("history {} has no amount", self.id)))
    }

    /// What it says. It was checked before it was written.
    pub(super) fn known(&self) -> Result<Known, Failure> {
        let faults = |faults| internal(format!("history {} is refused: {faults:?}", self.id));
        self.evidence.known().map_err(faults)
    }
}

impl TryFrom<ResponseHistoryRow> for ResponseHistory {
    type Error = Failure;

    fn try_from(row: ResponseHistoryRow) -> Result<Self, Failure> {
        let evidence: ResponseEvidence = serde_json::from_str(&row.evidence).map_err(internal)?;
        let mut history = Self {
            id: row.id.0,
            lever: serde_json::from_value(row.lever.into()).map_err(internal)?,
            version: row.version,
            period_months: row.period_months,
            evidence,
            curve: None,
            segment: row.segment,
            reason: row.reason,
            recorded_at: row.recorded_at.and_utc(),
        };
        history.curve = curve(&history.known()?, history.currency()?);
        Ok(history)
    }
}

/// The curve as it is reported.
fn curve(known: &Known, currency: Currency) -> Option<ResponseCurve> {
    // The curve's speed is per minor unit.
    let scale = 10_f64.powi(currency.decimals().cast_signed());
    let statistic = |id: &str, value, n, interval, flags: &[&str]| Statistic {
        value: Some(value),
        n,
        interval,
        definition: Definition {
            id: id.to_owned(),
            version: 1,
        },
        quality_flags: flags.iter().map(|it| (*it).to_owned()).collect(),
    };
    match known {
        Known::Fitted(fit) => {
            let flags = flags(fit);
            let speed = Interval {
                low: fit.k_interval.low * scale,
                high: fit.k_interval.high * scale,
                ..fit.k_interval.clone()
            };
            let (ceiling, k) = (fit.response.ceiling(), fit.response.k() * scale);
            let of_ceiling = fit.ceiling_interval.clone();
            Some(ResponseCurve {
                ceiling: statistic("response_ceiling", ceiling, fit.people, of_ceiling, &flags),
                speed: statistic("response_speed", k, fit.people, Some(speed), &flags),
                fit: Some(CurveFit {
                    aic_curve: fit.aic.curve,
                    aic_logistic: fit.aic.logistic,
                    aic_constant: fit.aic.constant,
                    contradicted: fit.aic.contradicts_curve(),
                }),
            })
        }
        Known::Elicited(response) => Some(ResponseCurve {
            ceiling: statistic(
                "response_ceiling",
                response.ceiling(),
                0,
                None,
                &["elicited"],
            ),
            speed: statistic(
                "response_speed",
                response.k() * scale,
                0,
                None,
                &["elicited"],
            ),
            fit: None,
        }),
        Known::Programme { .. } => None,
    }
}

/// What a reader of a fitted curve must know.
pub(super) fn flags(fit: &ResponseFit) -> Vec<&'static str> {
    let mut flags = Vec::new();
    if fit.aic.contradicts_curve() {
        flags.push("contradicts_curve");
    }
    if fit.ceiling_se.is_none() {
        flags.push("ceiling_not_estimated");
    }
    flags
}

/// Which histories, and which page of them.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ResponseHistoryQuery {
    /// Items on the page, 1 to 1000 (default 50).
    #[param(minimum = 1)]
    pub page_size: Option<i64>,
    /// Where the page starts: `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Only those of this segment.
    pub segment: Option<String>,
}

/// A page of histories.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResponseHistoryPage {
    /// In id order, every version.
    pub items: Vec<ResponseHistory>,
    /// Continues the list; null at its end.
    pub next_cursor: Option<String>,
}

/// Lists every version of every response history, in id order.
#[utoipa::path(operation_id = "list_response_histories", tag = "acquire or keep", params(ResponseHistoryQuery),
    responses((status = 200, body = ResponseHistoryPage, description = "A page of histories"), ReadProblems))]
#[get("/response-histories")]
pub async fn list_response_histories(
    app: Data<Finance>,
    query: Query<ResponseHistoryQuery>,
) -> ApiResult<ResponseHistoryPage> {
    let ResponseHistoryQuery {
        page_size,
        cursor,
        segment,
    } = query.into_inner();
    check_filter("segment", segment.as_deref())?;
    let query = PageQuery { page_size, cursor };
    let (after, limit) = (page::after(&query)?, query.limit());
    let read = move |conn: &mut Conn| {
        response_history::histories_after(conn, after, segment.as_deref(), limit + 1)
            .map_err(Failure::from)
    };
    let mut rows = app.db().read(read).await?;
    let next_cursor = page::split_next(&mut rows, limit, |row| row.id);
    let items = rows.into_iter().map(ResponseHistory::try_from);
    Ok(Json(ResponseHistoryPage {
        items: items.collect::<Result<_, _>>()?,
        next_cursor,
    }))
}

/// One version of a response history by id, as verdicts name it.
#[utoipa::path(operation_id = "load_response_history", tag = "acquire or keep",
    params(("id" = Uuid, Path, description = "The version's identifier")),
    responses((status = 200, body = ResponseHistory, description = "The version"), ReadProblems))]
#[get("/response-histories/{id}")]
pub async fn load_response_history(
    app: Data<Finance>,
    id: Path<Uuid>,
) -> ApiResult<ResponseHistory> {
    let id = RecordId(id.into_inner());
    let read =
        move |conn: &mut Conn| response_history::find_history(conn, id).map_err(Failure::from);
    let row = app.db().read(read).await?;
    let row = row.ok_or_else(|| Failure::not_found(format!("no response history {id}")))?;
    Ok(Json(row.try_into()?))
}

/// The next version of a segment's response to spending.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewResponseHistory {
    /// The segment's key.
    #[schema(min_length = 1, max_length = 128)]
    pub segment: String,
    /// What money was spent on.
    pub lever: Lever,
    /// Months of a period, for `RETENTION`: spend and rates are per period (default 12).
    #[serde(default)]
    #[schema(minimum = 1, maximum = 120)]
    pub period_months: Option<i32>,
    /// What is known.
    pub evidence: ResponseEvidence,
    /// Where it comes from.
    #[schema(min_length = 1, max_length = 1000, example = "campaigns of 2025")]
    pub reason: String,
}

/// States how people of a segment answer to spending on winning or on keeping them.
///
/// Histories are not edited: this is the next version of the segment and lever. The answer has the
/// curve that follows, with its uncertainty; what no curve can follow from is refused.
#[utoipa::path(operation_id = "create_response_history", tag = "acquire or keep", request_body = NewResponseHistory,
    params(IdempotencyKey),
    responses((status = 200, body = ResponseHistory, description = "The version"), WriteProblems))]
#[post("/response-histories")]
pub async fn create_response_history(
    app: Data<Finance>,
    request: Idempotent<Json<NewResponseHistory>>,
) -> Result<Written, ApiError> {
    let new = request.body.into_inner();
    let faults = faults(&new);
    if !faults.is_empty() {
        return Err(Failure::invalid(faults).into());
    }
    let work = move |conn: &mut Conn| ResponseHistory::try_from(insert(conn, new)?);
    request.key.write(app.db(), work).await
}

fn insert(conn: &mut Conn, new: NewResponseHistory) -> Result<ResponseHistoryRow, Failure> {
    let lever = new.lever.name();
    conn.lock_source("response_histories", &new.segment)?;
    let last = response_history::find_last_version(conn, &new.segment, lever)?;
    let row = ResponseHistoryRow {
        id: RecordId::generate(),
        lever: lever.to_owned(),
        version: last.unwrap_or_default() + 1,
        period_months: match new.lever {
            Lever::Acquisition => None,
            Lever::Retention => Some(new.period_months.unwrap_or(12)),
        },
        evidence: serde_json::to_string(&new.evidence).map_err(internal)?,
        segment: new.segment,
        reason: new.reason,
        recorded_at: now().naive_utc(),
    };
    response_history::insert_history(conn, &row)?;
    Ok(row)
}

fn faults(new: &NewResponseHistory) -> Vec<InvalidParam> {
    let mut faults: Vec<_> = [
        fault::text("segment", &new.segment, 128),
        fault::text("reason", &new.reason, 1_000),
    ]
    .into_iter()
    .flatten()
    .collect();
    match (new.lever, new.period_months) {
        (Lever::Acquisition, Some(months)) => faults.push(InvalidParam::new(
            "period_months",
            "without_meaning",
            format!("is {months}; a prospect is won once, leave it out for ACQUISITION"),
        )),
        (Lever::Retention, Some(months)) if !(1..=120).contains(&months) => {
            let reason = format!("is {months}; give 1 to 120");
            faults.push(InvalidParam::new("period_months", "out_of_range", reason));
        }
        _ => {}
    }
    if new.lever == Lever::Acquisition && matches!(new.evidence, ResponseEvidence::Programme(_)) {
        let reason =
            "a programme keeps customers; give it for RETENTION, or points for ACQUISITION";
        faults.push(InvalidParam::new("evidence/kind", "wrong_lever", reason));
    }
    faults.extend(new.evidence.known().err().into_iter().flatten());
    faults
}
