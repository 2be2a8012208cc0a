//! The ids of a request: in every log line under it, in problems and in the answer's headers.
//!
//! A caller's `X-Request-Id` and W3C `traceparent` are taken over when they are well formed.
//! Clients hand them on.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use keepworth_access::RequestIds;
use tracing::Instrument;

/// Routes that are asked every few seconds, and say nothing as long as all is well.
const HEALTH: [&str; 2] = ["/livez", "/readyz"];

/// Middleware: gives the request its ids, and logs it when it is done.
///
/// # Errors
/// What the handler answers.
pub async fn with_ids<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let header = |name| request.headers().get(name)?.to_str().ok();
    let ids = RequestIds::of(header("x-request-id"), header("traceparent"));
    let span = tracing::info_span!(
        "request",
        method = %request.method(),
        route = tracing::field::Empty,
        request_id = ids.request,
        trace_id = ids.trace,
    );
    let id_header = HeaderValue::from_str(&ids.request);
    ids.around(
        async move {
            let start = Instant::now();
            let mut response = match next.call(request).await {
                Ok(response) => response,
                Err(error) => return Err(error),
            };
            if let Ok(value) = id_header {
                response
                    .headers_mut()
                    .insert(HeaderName::from_static("x-request-id"), value);
            }
            // The route's template: a path can name a customer.
            let route = response.request().match_pattern();
            let route = route.as_deref().unwrap_or("(none)");
            tracing::Span::current().record("route", route);
            let status = response.status().as_u16();
            // The cause of a 500 was told where it arose, and is not for the caller.
            if let Some(cause) = response.response().error().filter(|_| status > 500) {
                tracing::error!(%cause, "cannot answer");
            }
            let milliseconds = start.elapsed().as_secs_f64() * 1e3;
            if HEALTH.contains(&route) {
                tracing::debug!(status, milliseconds, "answered");
            } else {
                tracing::info!(status, milliseconds, "answered");
            }
            Ok(response)
        }
        .instrument(span),
    )
    .await
}
