//! How people answered to spending on winning and on keeping them.

use crate::Finance;
use crate::app::response_evidence::Known;
use crate::app::{flag, internal};
use crate::rule::response::response_fit::ResponseFit;
use crate::store::response_history;
use crate::store::response_history::ResponseHistoryRow;
pub use crate::store::response_history::find_history;
use keepworth_contract::FaultCode;
use keepworth_contract::finance::{
    CurveFit, Lever, ResponseCurve, ResponseEvidence, ResponseHistory, ResponseHistoryInput,
    ResponseHistoryPage, ResponseHistoryQuery,
};
use keepworth_contract::statistic::{Definition, Interval, Statistic};
use keepworth_contract::{Currency, Flag, InvalidParam};
use keepworth_intake::{Failure, fault, page};
use keepworth_store::{Conn, RecordId, now};

pub(crate) fn currency(history: &ResponseHistory) -> Result<Currency, Failure> {
    let currency = crate::app::response_evidence::currency(&history.evidence);
    currency.ok_or_else(|| internal(format!("history {} has no amount", history.id)))
}

/// What it says. It was checked before it was written.
pub fn known(history: &ResponseHistory) -> Result<Known, Failure> {
    let faults = |faults| internal(format!("history {} is refused: {faults:?}", history.id));
    crate::app::response_evidence::known(&history.evidence).map_err(faults)
}

impl TryFrom<ResponseHistoryRow> for ResponseHistory {
    type Error = Failure;

    fn try_from(row: ResponseHistoryRow) -> Result<Self, Failure> {
        let evidence: ResponseEvidence = serde_json::from_str(&row.evidence).map_err(internal)?;
        let mut history = Self {
            id: row.id.0,
            lever: row.lever.0,
            version: row.version,
            period_months: row.period_months,
            evidence,
            curve: None,
            segment: row.segment,
            reason: row.reason,
            recorded_at: row.recorded_at.and_utc(),
        };
        history.curve = curve(&known(&history)?, currency(&history)?);
        Ok(history)
    }
}

/// The curve as it is reported.
pub fn curve(known: &Known, currency: Currency) -> Option<ResponseCurve> {
    // The curve's speed is per minor unit.
    let scale = 10_f64.powi(currency.decimals().cast_signed());
    let statistic = |id: &str, value, n, interval, flags: &[Flag]| Statistic {
        value: Some(value),
        n,
        interval,
        definition: Definition {
            id: id.to_owned(),
            version: 1,
        },
        quality_flags: flags.to_vec(),
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
                &[flag::elicited()],
            ),
            speed: statistic(
                "response_speed",
                response.k() * scale,
                0,
                None,
                &[flag::elicited()],
            ),
            fit: None,
        }),
        Known::Programme { .. } => None,
    }
}

/// What a reader of a fitted curve must know.
pub fn flags(fit: &ResponseFit) -> Vec<Flag> {
    let mut flags = Vec::new();
    if fit.aic.contradicts_curve() {
        flags.push(flag::contradicts_curve());
    }
    if fit.ceiling_se.is_none() {
        flags.push(flag::ceiling_not_estimated());
    }
    flags
}

/// Keeps a history under a new id, in the caller's transaction.
pub fn insert(conn: &mut Conn, new: ResponseHistoryInput) -> Result<ResponseHistoryRow, Failure> {
    conn.lock_source("response_histories", &new.segment)?;
    let last = response_history::find_last_version(conn, &new.segment, new.lever)?;
    let row = ResponseHistoryRow {
        id: RecordId::generate(),
        lever: new.lever.into(),
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

/// What is wrong with a history, field by field.
pub fn faults(new: &ResponseHistoryInput) -> Vec<InvalidParam> {
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
            FaultCode::WithoutMeaning,
            format!("is {months}; a prospect is won once, leave it out for ACQUISITION"),
        )),
        (Lever::Retention, Some(months)) if !(1..=120).contains(&months) => {
            let reason = format!("is {months}; give 1 to 120");
            faults.push(InvalidParam::new(
                "period_months",
                FaultCode::OutOfRange,
                reason,
            ));
        }
        _ => {}
    }
    if new.lever == Lever::Acquisition && matches!(new.evidence, ResponseEvidence::Programme(_)) {
        let reason =
            "a programme keeps customers; give it for RETENTION, or points for ACQUISITION";
        faults.push(InvalidParam::new(
            "evidence/kind",
            FaultCode::WrongLever,
            reason,
        ));
    }
    faults.extend(
        crate::app::response_evidence::known(&new.evidence)
            .err()
            .into_iter()
            .flatten(),
    );
    faults
}

/// Lists every version of every response history.
pub async fn list(
    app: &Finance,
    query: ResponseHistoryQuery,
) -> Result<ResponseHistoryPage, Failure> {
    page::check_text("segment", query.segment.as_deref())?;
    page::check_moment("recorded_since", query.recorded_since)?;
    page::list(&app.db, query, response_history::list_histories, |row| {
        row.id
    })
    .await
}
