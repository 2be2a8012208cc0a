//! Feeds to the simulator.

use crate::FeedsReader;
use actix_web::web::Query;
use actix_web::{HttpResponse, get};
use keepworth_contract::experience::{ExposureFeedPage, ExposureRow, MetricFeedPage, MetricRow};
use keepworth_contract::feed::{FeedPageQuery, FeedQuery};
use keepworth_platform::feed::FeedPageResult;
use keepworth_platform::{ApiError, ReadProblems, feed};

/// The headline figure of each kind of question by month and phase, as newline-delimited JSON
/// with a header and a trailer.
#[utoipa::path(operation_id = "read_metrics", tag = "feeds", params(FeedQuery),
    responses((status = 200, body = MetricRow, content_type = "application/x-ndjson",
               description = "One JSON value a line: a `FeedHeader`, rows of this form, a `FeedTrailer`"), ReadProblems, FeedsReader))]
#[get("/feed/metrics")]
pub async fn read_metrics(
    app: FeedsReader,
    query: Query<FeedQuery>,
) -> Result<HttpResponse, ApiError> {
    let as_of = query.as_of;
    feed::answer(app.db(), "metrics", 1, as_of, move |conn, sink| {
        keepworth_experience::app::feed::write_metrics(conn, as_of, sink)
    })
    .await
}

/// One row per customer and month with any record, in key order, as newline-delimited JSON with a
/// header and a trailer.
#[utoipa::path(operation_id = "read_exposures", tag = "feeds", params(FeedQuery),
    responses((status = 200, body = ExposureRow, content_type = "application/x-ndjson",
               description = "One JSON value a line: a `FeedHeader`, rows of this form, a `FeedTrailer`"), ReadProblems, FeedsReader))]
#[get("/feed/exposures")]
pub async fn read_exposures(
    app: FeedsReader,
    query: Query<FeedQuery>,
) -> Result<HttpResponse, ApiError> {
    let as_of = query.as_of;
    feed::answer(app.db(), "exposures", 1, as_of, move |conn, sink| {
        keepworth_experience::app::feed::write_exposures(conn, as_of, sink)
    })
    .await
}

/// The rows of `read_metrics` page by page, for clients that read no stream.
#[utoipa::path(operation_id = "list_metrics_feed", tag = "feeds", params(FeedPageQuery),
    responses((status = 200, body = MetricFeedPage, description = "A page of rows"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "The feed has changed since its first page"),
              ReadProblems, FeedsReader))]
#[get("/feed/metrics/pages")]
pub async fn list_metrics(app: FeedsReader, Query(query): Query<FeedPageQuery>) -> FeedPageResult {
    let as_of = query.as_of;
    feed::page(app.db(), "metrics", 1, query, move |conn, sink| {
        keepworth_experience::app::feed::write_metrics(conn, as_of, sink)
    })
    .await
}

/// The rows of `read_exposures` page by page, for clients that read no stream.
#[utoipa::path(operation_id = "list_exposures_feed", tag = "feeds", params(FeedPageQuery),
    responses((status = 200, body = ExposureFeedPage, description = "A page of rows"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "The feed has changed since its first page"),
              ReadProblems, FeedsReader))]
#[get("/feed/exposures/pages")]
pub async fn list_exposures(
    app: FeedsReader,
    Query(query): Query<FeedPageQuery>,
) -> FeedPageResult {
    let as_of = query.as_of;
    feed::page(app.db(), "exposures", 1, query, move |conn, sink| {
        keepworth_experience::app::feed::write_exposures(conn, as_of, sink)
    })
    .await
}
