//! Feeds to the simulator.

use crate::Customers;
use crate::rule::cohort::CohortTable;
use crate::store::customer::for_each_in_key_order;
use actix_web::web::{Data, Query};
use actix_web::{HttpResponse, get};
use keepworth_contract::customers::{CohortRow, EpisodeRow};
use keepworth_contract::feed::FeedQuery;
use keepworth_intake::Failure;
use keepworth_platform::{ApiError, ReadProblems, Service, feed};

/// Who was at risk of leaving at which tenure, and who left: one row per segment, month of tenure
/// and year counted back from the day, as newline-delimited JSON with a header and a trailer.
#[utoipa::path(operation_id = "read_cohorts", tag = "feeds", params(FeedQuery),
    responses((status = 200, body = CohortRow, content_type = "application/x-ndjson",
               description = "Header, rows of this form, trailer"), ReadProblems))]
#[get("/feed/cohorts")]
pub async fn read_cohorts(
    app: Data<Customers>,
    query: Query<FeedQuery>,
) -> Result<HttpResponse, ApiError> {
    let as_of = query.as_of;
    feed::answer(app.db(), "cohorts", 2, as_of, move |conn, sink| {
        let mut table = CohortTable::new(as_of);
        for_each_in_key_order(conn, |row| {
            if let Some(episode) = row.history().known_on(as_of) {
                table.add(&episode);
            }
            Ok::<_, Failure>(())
        })?;
        table.into_rows().try_for_each(|row| sink.push(&row))
    })
    .await
}

/// One row per customer, in key order, as newline-delimited JSON with a header and a trailer.
#[utoipa::path(operation_id = "read_episodes", tag = "feeds", params(FeedQuery),
    responses((status = 200, body = EpisodeRow, content_type = "application/x-ndjson",
               description = "Header, rows of this form, trailer"), ReadProblems))]
#[get("/feed/episodes")]
pub async fn read_episodes(
    app: Data<Customers>,
    query: Query<FeedQuery>,
) -> Result<HttpResponse, ApiError> {
    let as_of = query.as_of;
    feed::answer(app.db(), "episodes", 1, as_of, move |conn, sink| {
        for_each_in_key_order(conn, |row| match row.history().known_on(as_of) {
            Some(episode) => sink.push(&EpisodeRow {
                customer: row.key(),
                segment: episode.segment,
                acquired_on: episode.acquired_on,
                acquisition_channel: row.acquisition_channel.clone(),
                observed_from: episode.observed_from,
                observed_to: episode.observed_to,
                left: episode.left,
                cause: episode.cause,
            }),
            None => Ok(()),
        })
    })
    .await
}
