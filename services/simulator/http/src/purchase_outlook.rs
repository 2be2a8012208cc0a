//! What single customers without a contract are expected to do.

use actix_web::web::Query;
use actix_web::{HttpResponse, get};
use keepworth_contract::Problem;
use keepworth_contract::feed::FeedHeader;
use keepworth_contract::simulator::{
    PurchaseOutlookFeedPage, PurchaseOutlookPageQuery, PurchaseOutlookQuery, PurchaseOutlookRow,
};
use keepworth_platform::feed::FeedPageResult;
use keepworth_platform::{ApiError, ReadProblems, feed};
use keepworth_simulator::app::purchase_outlook::{self, Asked};
use utoipa::IntoResponses;

use crate::PersonsReader;

/// What these can answer, beside the problems of reading.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "described only")]
enum OutlookProblems {
    /// Records changed, or are such that nothing can be told.
    #[response(
        status = 409,
        content_type = "application/problem+json",
        description = "Purchases came in that the baseline's model cannot take, or the feed has changed since its first page"
    )]
    Conflict(Problem),
    /// No such baseline, or no such segment in it.
    #[response(
        status = 422,
        content_type = "application/problem+json",
        description = "There is no such baseline, its segment is none of kind `PURCHASES`, or a month has no exchange rate"
    )]
    Invalid(Problem),
    /// Another service is missing.
    #[response(
        status = 502,
        content_type = "application/problem+json",
        description = "Another service is missing"
    )]
    Upstream(Problem),
}

/// The chance that each customer of a segment without a contract is still active on a baseline's day, what they will buy
/// in the months after it and what they will pay for that, by the model of the baseline, as newline-delimited JSON with a
/// header and a trailer: the model, customers in key order, their sums.
///
/// The customers are those of the feeds `episodes` and `purchases` as they are now, read for this answer and kept nowhere.
/// Where these have changed since the baseline was built the sums are flagged `records_changed`: who was erased is not
/// told of any more, and what came late counts. Who left on record, never bought, or was not observed from the first
/// purchase on is counted in the flags of the sums. Where nothing has changed the chances add up to the segment's
/// `purchases.active`.
#[utoipa::path(operation_id = "read_purchase_outlooks", tag = "baselines", params(PurchaseOutlookQuery),
    responses((status = 200, body = PurchaseOutlookRow, content_type = "application/x-ndjson",
               description = "One JSON value a line: a `FeedHeader`, rows of this form, a `FeedTrailer`"),
              ReadProblems, OutlookProblems, PersonsReader))]
#[get("/feed/purchase-outlooks")]
pub async fn read_purchase_outlooks(
    app: PersonsReader,
    query: Query<PurchaseOutlookQuery>,
) -> Result<HttpResponse, ApiError> {
    let asked = purchase_outlook::find(app.db(), query.into_inner()).await?;
    feed::answer_from(header(&asked), |sink| asked.write(&app, sink)).await
}

/// The rows of `read_purchase_outlooks` page by page, for clients that read no stream.
#[utoipa::path(operation_id = "list_purchase_outlooks_feed", tag = "baselines", params(PurchaseOutlookPageQuery),
    responses((status = 200, body = PurchaseOutlookFeedPage, description = "A page of rows"),
              ReadProblems, OutlookProblems, PersonsReader))]
#[get("/feed/purchase-outlooks/pages")]
pub async fn list_purchase_outlooks(
    app: PersonsReader,
    Query(query): Query<PurchaseOutlookPageQuery>,
) -> FeedPageResult {
    let asked = purchase_outlook::find(app.db(), query.query()).await?;
    let page = query.on(asked.as_of());
    feed::page_from(header(&asked), page, |sink| asked.write(&app, sink)).await
}

fn header(asked: &Asked) -> FeedHeader {
    FeedHeader {
        feed: "purchase-outlooks".to_owned(),
        version: 1,
        as_of: asked.as_of(),
    }
}
