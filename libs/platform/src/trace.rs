//! The ids of a request: in every log line under it, in problems, in the answer's headers, and
//! handed on to other services.
//!
//! A caller's `X-Request-Id` and W3C `traceparent` are taken over when they are well formed.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use keepworth_contract::client::Client;
use tracing::Instrument;
use uuid::Uuid;

/// The ids of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestIds {
    /// Names this request.
    pub request: String,
    /// Names the whole of what a caller set in motion: 32 hexadecimal digits (W3C Trace Context).
    pub trace: String,
}

tokio::task_local! {
    static CURRENT: RequestIds;
}

/// The ids of the request being served, when there is one.
#[must_use]
pub fn current() -> Option<RequestIds> {
    CURRENT.try_with(Clone::clone).ok()
}

/// A client that hands the ids of the request being served on.
#[must_use]
pub fn hand_on(client: &Client) -> Client {
    headers()
        .iter()
        .fold(client.clone(), |client, (name, value)| {
            client.with_header(name, value)
        })
}

/// The headers that hand the ids of the request being served on, also when that is done later.
#[must_use]
pub fn headers() -> Vec<(String, String)> {
    current().map_or_else(Vec::new, |ids| {
        let trace = ids.traceparent();
        vec![
            ("x-request-id".to_owned(), ids.request),
            ("traceparent".to_owned(), trace),
        ]
    })
}

impl RequestIds {
    fn of(request: &ServiceRequest) -> Self {
        let header = |name| {
            request
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        Self {
            request: header("x-request-id")
                .filter(|id| is_plain(id))
                .map_or_else(|| Uuid::new_v4().to_string(), str::to_owned),
            trace: header("traceparent")
                .and_then(trace_id)
                .unwrap_or_else(|| Uuid::new_v4().simple().to_string()),
        }
    }

    /// The `traceparent` header to send on.
    #[must_use]
    pub fn traceparent(&self) -> String {
        let parent = &Uuid::new_v4().simple().to_string()[..16];
        format!("00-{}-{parent}-01", self.trace)
    }
}

/// A caller's id goes into logs: only what cannot break a line is taken.
fn is_plain(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn trace_id(traceparent: &str) -> Option<String> {
    let mut parts = traceparent.split('-');
    let (version, trace) = (parts.next()?, parts.next()?);
    let valid = version.len() == 2
        && trace.len() == 32
        && trace.bytes().all(|byte| byte.is_ascii_hexdigit())
        && trace.bytes().any(|byte| byte != b'0');
    valid.then(|| trace.to_ascii_lowercase())
}

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
    let ids = RequestIds::of(&request);
    let span = tracing::info_span!(
        "request",
        method = %request.method(),
        route = tracing::field::Empty,
        request_id = ids.request,
        trace_id = ids.trace,
    );
    let id_header = HeaderValue::from_str(&ids.request);
    CURRENT
        .scope(
            ids,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_well_formed_ids_are_taken_over() {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(
            trace_id(parent).as_deref(),
            Some("4bf92f3577b34da6a3ce929d0e0e4736")
        );
        assert_eq!(
            trace_id("00-00000000000000000000000000000000-00f067aa0ba902b7-01"),
            None
        );
        assert_eq!(trace_id("junk"), None);
        assert!(is_plain("abc-1.2_3") && !is_plain("a b") && !is_plain("") && !is_plain("x\ny"));
    }
}
