//! Feeds to the simulator.

use crate::Experience;
use actix_web::web::{Data, Query};
use actix_web::{HttpResponse, get};
use keepworth_contract::experience::{ExposureRow, MetricRow};
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
    let as_of = query.as_of;
    feed::answer(app.db(), "metrics", 1, as_of, move |conn, sink| {
        crate::app::feed::write_metrics(conn, as_of, sink)
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
    let as_of = query.as_of;
    feed::answer(app.db(), "exposures", 1, as_of, move |conn, sink| {
        crate::app::feed::write_exposures(conn, as_of, sink)
    })
    .await
}
