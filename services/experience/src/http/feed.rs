//! Feeds to the simulator.

use crate::Experience;
use crate::rule::metric::MetricTable;
use crate::rule::moment;
use crate::store::{exposure, feedback};
use actix_web::web::{Data, Query};
use actix_web::{HttpResponse, get};
use keepworth_contract::Month;
use keepworth_contract::Word;
use keepworth_contract::experience::{ExposureRow, FeedbackKind, MetricRow};
use keepworth_contract::feed::FeedQuery;
use keepworth_platform::{ApiError, ReadProblems, Service, feed};

/// The headline figure of each kind of question by month and phase, as newline-delimited JSON
/// with a header and a trailer.
#[utoipa::path(operation_id = "read_metrics", tag = "feeds", params(FeedQuery),
    responses((status = 200, body = MetricRow, content_type = "application/x-ndjson",
               description = "Header, rows of this form, trailer"), ReadProblems))]
#[get("/feed/metrics")]
pub async fn read_metrics(
    app: Data<Experience>,
    query: Query<FeedQuery>,
) -> Result<HttpResponse, ApiError> {
    let until = moment::evening(query.as_of);
    feed::answer(app.db(), "metrics", 1, query.as_of, move |conn, sink| {
        let mut table = MetricTable::default();
        for (kind, month, phase, score, answers) in feedback::load_score_cells(conn, until)? {
            // A kind that only a later version of the service knows has no figure here.
            if let Some(kind) = FeedbackKind::find(&kind) {
                let month = Month::from_index(month);
                table.add(kind, month, phase, score, answers.unsigned_abs());
            }
        }
        table.into_rows().try_for_each(|row| sink.push(&row))
    })
    .await
}

/// One row per customer and month with any record, in key order, as newline-delimited JSON with a
/// header and a trailer.
#[utoipa::path(operation_id = "read_exposures", tag = "feeds", params(FeedQuery),
    responses((status = 200, body = ExposureRow, content_type = "application/x-ndjson",
               description = "Header, rows of this form, trailer"), ReadProblems))]
#[get("/feed/exposures")]
pub async fn read_exposures(
    app: Data<Experience>,
    query: Query<FeedQuery>,
) -> Result<HttpResponse, ApiError> {
    let until = moment::evening(query.as_of);
    feed::answer(app.db(), "exposures", 1, query.as_of, move |conn, sink| {
        exposure::for_each_row(conn, until, exposure::CHUNK, |row| sink.push(&row))
    })
    .await
}
