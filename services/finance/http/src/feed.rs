//! Feeds to the simulator.

use crate::FeedsReader;
use crate::missing_rate::MissingRate;
use actix_web::web::Query;
use actix_web::{HttpResponse, get};
use keepworth_contract::finance::{
    ConversionRate, EconomicsFeedPage, EconomicsRow, FinanceFeedPageQuery, FinanceFeedQuery,
    PurchaseFeedPage, PurchaseRow, RateFeedPage, RateFeedPageQuery, RateFeedQuery, RevenueFeedPage,
    RevenueFeedPageQuery, RevenueFeedQuery, RevenueRow,
};
use keepworth_finance::app::feed::{Beside, write_rates};
use keepworth_platform::feed::FeedPageResult;
use keepworth_platform::{ApiError, ReadProblems, feed};

/// Costs posted until the day, one row per segment, category, component, channel, month and
/// currency; then every confirmed avoidable share, those of later months too: what will be
/// avoidable is known before it is. As newline-delimited JSON with a header and a trailer. What
/// bought an asset is left out.
#[utoipa::path(operation_id = "read_economics", tag = "feeds", params(FinanceFeedQuery),
    responses((status = 200, body = EconomicsRow, content_type = "application/x-ndjson",
               description = "One JSON value a line: a `FeedHeader`, rows of this form, a `FeedTrailer`"), ReadProblems, MissingRate, FeedsReader))]
#[get("/feed/economics")]
pub async fn read_economics(
    app: FeedsReader,
    query: Query<FinanceFeedQuery>,
) -> Result<HttpResponse, ApiError> {
    let FinanceFeedQuery { as_of, currency } = query.into_inner();
    feed::answer(app.db(), "economics", 2, as_of, move |conn, sink| {
        keepworth_finance::app::feed::write_economics(conn, as_of, currency, sink)
    })
    .await
}

/// What each customer was charged in each of the twelve months up to the day's, one row per customer
/// ever charged in key order, as newline-delimited JSON with a header and a trailer.
///
/// A charge for several months is spread over them evenly, one that names its days by its days; what
/// lies outside the twelve, and the `earlier_months` before them, is left out. Revenue in two currencies is refused with `mixed_currencies`, unless
/// `currency` says into which it is converted.
#[utoipa::path(operation_id = "read_revenues", tag = "feeds", params(RevenueFeedQuery),
    responses((status = 200, body = RevenueRow, content_type = "application/x-ndjson",
               description = "One JSON value a line: a `FeedHeader`, rows of this form, a `FeedTrailer`"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Revenue in two currencies"), ReadProblems, MissingRate, FeedsReader))]
#[get("/feed/revenues")]
pub async fn read_revenues(
    app: FeedsReader,
    query: Query<RevenueFeedQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.into_inner();
    feed::answer(app.db(), "revenues", 2, query.as_of, move |conn, sink| {
        keepworth_finance::app::feed::write_revenues(conn, &query, sink)
    })
    .await
}

/// The rows of `read_economics` page by page, for clients that read no stream.
#[utoipa::path(operation_id = "list_economics_feed", tag = "feeds", params(FinanceFeedPageQuery),
    responses((status = 200, body = EconomicsFeedPage, description = "A page of rows"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "The feed has changed since its first page"),
              ReadProblems, MissingRate, FeedsReader))]
#[get("/feed/economics/pages")]
pub async fn list_economics(
    app: FeedsReader,
    Query(query): Query<FinanceFeedPageQuery>,
) -> FeedPageResult {
    let (as_of, currency) = (query.as_of, query.currency);
    feed::page(app.db(), "economics", 2, query.into(), move |conn, sink| {
        keepworth_finance::app::feed::write_economics(conn, as_of, currency, sink)
    })
    .await
}

/// The rows of `read_revenues` page by page, for clients that read no stream.
#[utoipa::path(operation_id = "list_revenues_feed", tag = "feeds", params(RevenueFeedPageQuery),
    responses((status = 200, body = RevenueFeedPage, description = "A page of rows"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "The feed has changed since its first page"),
              ReadProblems, MissingRate, FeedsReader))]
#[get("/feed/revenues/pages")]
pub async fn list_revenues(
    app: FeedsReader,
    Query(query): Query<RevenueFeedPageQuery>,
) -> FeedPageResult {
    let asked = RevenueFeedQuery {
        as_of: query.as_of,
        currency: query.currency,
        earlier_months: query.earlier_months,
    };
    feed::page(app.db(), "revenues", 2, query.into(), move |conn, sink| {
        keepworth_finance::app::feed::write_revenues(conn, &asked, sink)
    })
    .await
}

/// What each customer bought that is no subscription, day by day until the day, net of what was given back, one
/// row per customer in key order, as newline-delimited JSON with a header and a trailer.
///
/// One customer who bought in two currencies is refused with `mixed_currencies`, unless `currency` says into
/// which it is converted: at the averages of the months, of all months and not of twelve.
#[utoipa::path(operation_id = "read_purchases", tag = "feeds", params(FinanceFeedQuery),
    responses((status = 200, body = PurchaseRow, content_type = "application/x-ndjson",
               description = "One JSON value a line: a `FeedHeader`, rows of this form, a `FeedTrailer`"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Purchases in two currencies"), ReadProblems, MissingRate, FeedsReader))]
#[get("/feed/purchases")]
pub async fn read_purchases(
    app: FeedsReader,
    query: Query<FinanceFeedQuery>,
) -> Result<HttpResponse, ApiError> {
    let FinanceFeedQuery { as_of, currency } = query.into_inner();
    feed::answer(app.db(), "purchases", 1, as_of, move |conn, sink| {
        keepworth_finance::app::purchase::write_purchases(conn, as_of, currency, sink)
    })
    .await
}

/// The rows of `read_purchases` page by page, for clients that read no stream.
#[utoipa::path(operation_id = "list_purchases_feed", tag = "feeds", params(FinanceFeedPageQuery),
    responses((status = 200, body = PurchaseFeedPage, description = "A page of rows"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "The feed has changed since its first page"),
              ReadProblems, MissingRate, FeedsReader))]
#[get("/feed/purchases/pages")]
pub async fn list_purchases(
    app: FeedsReader,
    Query(query): Query<FinanceFeedPageQuery>,
) -> FeedPageResult {
    let (as_of, currency) = (query.as_of, query.currency);
    feed::page(app.db(), "purchases", 1, query.into(), move |conn, sink| {
        keepworth_finance::app::purchase::write_purchases(conn, as_of, currency, sink)
    })
    .await
}

/// The rates by which revenue and costs of the twelve months up to the day's are converted into a
/// currency, one row per currency and month in which there are any, as newline-delimited JSON with a
/// header and a trailer.
///
/// Every pair and month without a rate is named at once (422, `missing_fx_rate`).
#[utoipa::path(operation_id = "read_rates", tag = "feeds", params(RateFeedQuery),
    responses((status = 200, body = ConversionRate, content_type = "application/x-ndjson",
               description = "One JSON value a line: a `FeedHeader`, rows of this form, a `FeedTrailer`"), ReadProblems, MissingRate, FeedsReader))]
#[get("/feed/rates")]
pub async fn read_rates(
    app: FeedsReader,
    query: Query<RateFeedQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.into_inner();
    let (as_of, currency) = (query.as_of, query.currency);
    let (purchases, costs) = (query.purchases, query.costs);
    let beside = Beside { purchases, costs };
    feed::answer(app.db(), "rates", 1, as_of, move |conn, sink| {
        write_rates(conn, as_of, currency, beside, sink)
    })
    .await
}

/// The rows of `read_rates` page by page, for clients that read no stream.
#[utoipa::path(operation_id = "list_rates_feed", tag = "feeds", params(RateFeedPageQuery),
    responses((status = 200, body = RateFeedPage, description = "A page of rows"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "The feed has changed since its first page"),
              ReadProblems, MissingRate, FeedsReader))]
#[get("/feed/rates/pages")]
pub async fn list_rates(
    app: FeedsReader,
    Query(query): Query<RateFeedPageQuery>,
) -> FeedPageResult {
    let (as_of, currency) = (query.as_of, query.currency);
    let (purchases, costs) = (query.purchases, query.costs);
    let beside = Beside { purchases, costs };
    feed::page(app.db(), "rates", 1, query.into(), move |conn, sink| {
        write_rates(conn, as_of, currency, beside, sink)
    })
    .await
}
