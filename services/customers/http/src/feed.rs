//! Feeds to the simulator.

use crate::FeedsReader;
use actix_web::web::Query;
use actix_web::{HttpResponse, get};
use keepworth_contract::customers::{CohortFeedPage, CohortRow, EpisodeFeedPage, EpisodeRow};
use keepworth_contract::feed::{FeedPageQuery, FeedQuery};
use keepworth_platform::feed::FeedPageResult;
use keepworth_platform::{ApiError, ReadProblems, feed};

/// Who was at risk of leaving at which tenure, and who left: one row per segment, month of tenure
/// and year counted back from the day, as newline-delimited JSON with a header and a trailer.
#[utoipa::path(operation_id = "read_cohorts", tag = "feeds", params(FeedQuery),
    responses((status = 200, body = CohortRow, content_type = "application/x-ndjson",
               description = "One JSON value a line: a `FeedHeader`, rows of this form, a `FeedTrailer`"), ReadProblems, FeedsReader))]
#[get("/feed/cohorts")]
pub async fn read_cohorts(
    app: FeedsReader,
    query: Query<FeedQuery>,
) -> Result<HttpResponse, ApiError> {
    let as_of = query.as_of;
    feed::answer(app.db(), "cohorts", 2, as_of, move |conn, sink| {
        keepworth_customers::app::feed::write_cohorts(conn, as_of, sink)
    })
    .await
}

/// One row per customer, in key order, as newline-delimited JSON with a header and a trailer.
#[utoipa::path(operation_id = "read_episodes", tag = "feeds", params(FeedQuery),
    responses((status = 200, body = EpisodeRow, content_type = "application/x-ndjson",
               description = "One JSON value a line: a `FeedHeader`, rows of this form, a `FeedTrailer`"), ReadProblems, FeedsReader))]
#[get("/feed/episodes")]
pub async fn read_episodes(
    app: FeedsReader,
    query: Query<FeedQuery>,
) -> Result<HttpResponse, ApiError> {
    let as_of = query.as_of;
    feed::answer(app.db(), "episodes", 1, as_of, move |conn, sink| {
        keepworth_customers::app::feed::write_episodes(conn, as_of, sink)
    })
    .await
}

/// The rows of `read_cohorts` page by page, for clients that read no stream.
#[utoipa::path(operation_id = "list_cohorts_feed", tag = "feeds", params(FeedPageQuery),
    responses((status = 200, body = CohortFeedPage, description = "A page of rows"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "The feed has changed since its first page"),
              ReadProblems, FeedsReader))]
#[get("/feed/cohorts/pages")]
pub async fn list_cohorts(app: FeedsReader, Query(query): Query<FeedPageQuery>) -> FeedPageResult {
    let as_of = query.as_of;
    feed::page(app.db(), "cohorts", 2, query, move |conn, sink| {
        keepworth_customers::app::feed::write_cohorts(conn, as_of, sink)
    })
    .await
}

/// The rows of `read_episodes` page by page, for clients that read no stream.
#[utoipa::path(operation_id = "list_episodes_feed", tag = "feeds", params(FeedPageQuery),
    responses((status = 200, body = EpisodeFeedPage, description = "A page of rows"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "The feed has changed since its first page"),
              ReadProblems, FeedsReader))]
#[get("/feed/episodes/pages")]
pub async fn list_episodes(app: FeedsReader, Query(query): Query<FeedPageQuery>) -> FeedPageResult {
    let as_of = query.as_of;
    feed::page(app.db(), "episodes", 1, query, move |conn, sink| {
        keepworth_customers::app::feed::write_episodes(conn, as_of, sink)
    })
    .await
}
