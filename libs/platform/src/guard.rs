//! What is looked at before any route: under which name the server was asked for, and how its answers may
//! be used by a browser.
//!
//! A page of another site can make a browser ask a server on this machine by a name of its own (DNS
//! rebinding). So the name must be one that the server goes by: an IP address, `localhost`, or one of
//! `server.names`. Names are compared whole, never by a pattern.

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::uri::Authority;
use actix_web::middleware::Next;
use actix_web::{ResponseError, web};
use keepworth_intake::Failure;

use crate::ApiError;

/// Names that the server goes by beside its addresses.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names(Arc<Vec<String>>);

impl Names {
    /// Names as settings have them: `a.example, b.example`.
    pub(crate) fn of(list: &str) -> Self {
        let names = list.split(',').map(plain).filter(|it| !it.is_empty());
        Self(Arc::new(names.collect()))
    }

    fn know(&self, host: &str) -> bool {
        let address = host.strip_prefix('[').and_then(|it| it.split_once(']'));
        if let Some((address, _)) = address {
            return address.parse::<IpAddr>().is_ok();
        }
        let name = plain(host.split(':').next().unwrap_or_default());
        name.parse::<IpAddr>().is_ok()
            || name == "localhost"
            || name.ends_with(".localhost")
            || self.0.contains(&name)
    }
}

/// A name without what makes no other of it: case, and a dot at its end.
fn plain(name: &str) -> String {
    name.trim().trim_end_matches('.').to_ascii_lowercase()
}

/// Refuses requests for a server of another name.
pub(crate) async fn refuse_other_hosts<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let header = request.headers().get(header::HOST);
    let authority = request.uri().authority().map(Authority::as_str);
    let host = authority.or_else(|| header?.to_str().ok());
    let host = host.unwrap_or_default().to_owned();
    let names = request.app_data::<web::Data<Names>>();
    if names.is_some_and(|names| names.know(&host)) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let answer = ApiError::from(Failure::misdirected(format!(
        "`{host}` is no name of this server; if it is yours, start it with --set server.names={}",
        plain(host.split(':').next().unwrap_or_default())
    )));
    let answer = request.into_response(answer.error_response());
    Ok(answer.map_into_right_body())
}

/// What holds for every answer, and can be said to a browser only.
const HEADERS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
    (header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
];

/// Data: no browser has anything to load from it.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";
/// The pages that show contracts, which style themselves in place.
const OWN: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

/// Tells browsers what they may do with an answer.
pub(crate) async fn tell_browsers<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let is_page = request.path() == "/" || request.path().contains("/docs");
    let mut answer = next.call(request).await?;
    let headers: &mut HeaderMap = answer.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let policy = HeaderValue::from_static(if is_page { OWN } else { NOTHING });
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_knows_its_addresses_and_names() {
        let names = Names::of("keepworth.example, Finance.internal. ");
        for known in [
            "127.0.0.1",
            "127.0.0.1:7979",
            "[::1]",
            "[::1]:7979",
            "localhost",
            "LOCALHOST:1",
            "a.localhost",
            "keepworth.example",
            "KEEPWORTH.example.:443",
            "finance.internal:8080",
        ] {
            assert!(names.know(known), "{known}");
        }
        for other in [
            "",
            "evil.example",
            "keepworth.example.evil.example",
            "localhost.evil.example",
            "[evil]",
            "127.0.0.1.evil.example",
            "evilkeepworth.example",
            "notlocalhost",
        ] {
            assert!(!names.know(other), "{other}");
        }
        assert!(!Names::of("").know(""), "no name is no name");
    }
}
