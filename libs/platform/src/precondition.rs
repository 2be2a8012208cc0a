//! Versions of a resource: `ETag` on what is read, `If-Match` on what is replaced (RFC 9110).
//!
//! A tag is the digest of the resource's JSON. Who read a resource and sends its tag back in
//! `If-Match` replaces that version or nothing: what somebody else wrote in between is not lost.

use std::future::{Ready, ready};

use actix_web::http::header::{self, ETag, EntityTag, Header, IfMatch, IfNoneMatch};
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, dev};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

use crate::ApiError;

/// What a handler answers with an `ETag`: a resource as JSON. Who has that version already and says
/// so in `If-None-Match` is answered 304 without a body.
#[derive(Debug)]
pub struct Tagged<T>(pub T);

/// What a handler of a resource with versions answers.
pub type TaggedResult<T> = Result<Tagged<T>, ApiError>;

impl<T: Serialize> Responder for Tagged<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let json = match serde_json::to_vec(&self.0) {
            Ok(json) => json,
            Err(error) => return HttpResponse::from_error(ApiError::internal(&error)),
        };
        let tag = tag(&json);
        let is_known = request.method().is_safe()
            && IfNoneMatch::parse(request).is_ok_and(|known| match known {
                IfNoneMatch::Any => true,
                IfNoneMatch::Items(tags) => tags.iter().any(|known| known.weak_eq(&tag)),
            });
        if is_known {
            return HttpResponse::NotModified()
                .insert_header(ETag(tag))
                .finish();
        }
        HttpResponse::Ok()
            .insert_header(ETag(tag))
            .content_type("application/json")
            .body(json)
    }
}

fn tag(json: &[u8]) -> EntityTag {
    let digest = Sha256::digest(json);
    let hex = digest[..16].iter().map(|byte| format!("{byte:02x}"));
    EntityTag::new_strong(hex.collect())
}

/// The header, as contracts describe it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfMatchHeader {
    /// Replace only this version: the `ETag` that reading it answered. 412 when it has changed.
    /// Without it the last writer wins.
    #[param(rename = "If-Match")]
    pub if_match: Option<String>,
}

/// Which version of a resource may be replaced; any when the caller does not say.
#[derive(Debug)]
pub struct Precondition(Option<IfMatch>);

impl Precondition {
    /// Holds the condition against the resource as it is now. Call it in the transaction that
    /// replaces it, after locking.
    ///
    /// # Errors
    /// 412 when the resource is not what the caller thinks.
    pub fn check<T: Serialize>(&self, current: Option<&T>) -> Result<(), ApiError> {
        let Some(version) = &self.0 else {
            return Ok(());
        };
        let Some(current) = current else {
            return Err(ApiError::precondition_failed(
                "it is not there; leave out If-Match to write it",
            ));
        };
        let json = serde_json::to_vec(current).map_err(|error| ApiError::internal(&error))?;
        let holds = match version {
            IfMatch::Any => true,
            IfMatch::Items(tags) => tags.iter().any(|known| known.strong_eq(&tag(&json))),
        };
        if holds {
            return Ok(());
        }
        Err(ApiError::precondition_failed(
            "it has changed since it was read; read it again, and replace it with its new ETag",
        ))
    }

    fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        if !request.headers().contains_key(header::IF_MATCH) {
            return Ok(Self(None));
        }
        let names_none =
            |version: &IfMatch| matches!(version, IfMatch::Items(tags) if tags.is_empty());
        match IfMatch::parse(request) {
            Ok(version) if !names_none(&version) => Ok(Self(Some(version))),
            _ => Err(ApiError::malformed(
                "If-Match names no version; give the ETag in its quotation marks, or *",
            )),
        }
    }
}

impl FromRequest for Precondition {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn precondition(value: &str) -> Result<Precondition, ApiError> {
        let request = TestRequest::put().insert_header(("if-match", value));
        Precondition::of(&request.to_http_request())
    }

    fn answer(request: TestRequest) -> HttpResponse {
        Tagged("a").respond_to(&request.to_http_request())
    }

    fn tag_of(response: &HttpResponse) -> String {
        let tag = response.headers().get("etag").unwrap();
        tag.to_str().unwrap().to_owned()
    }

    #[test]
    fn who_has_the_version_gets_no_body() {
        let first = answer(TestRequest::get());
        let tag = tag_of(&first);
        assert!(first.status() == 200 && tag.starts_with('"'), "{tag}");
        let again = answer(TestRequest::get().insert_header(("if-none-match", tag.clone())));
        assert_eq!((again.status().as_u16(), tag_of(&again)), (304, tag));
        let other = answer(TestRequest::get().insert_header(("if-none-match", "\"other\"")));
        assert_eq!(other.status(), 200);
    }

    #[test]
    fn only_the_version_read_is_replaced() {
        let tag = tag_of(&answer(TestRequest::get()));
        let read = precondition(&tag).unwrap();
        assert!(read.check(Some(&"a")).is_ok());
        assert!(read.check(Some(&"b")).is_err(), "it has changed");
        assert!(read.check::<&str>(None).is_err(), "it is gone");
        let any = precondition("*").unwrap();
        assert!(any.check(Some(&"b")).is_ok() && any.check::<&str>(None).is_err());
        let weak = precondition(&format!("W/{tag}")).unwrap();
        assert!(weak.check(Some(&"a")).is_err(), "the comparison is strong");
        let none = Precondition::of(&TestRequest::put().to_http_request()).unwrap();
        assert!(none.check(Some(&"a")).is_ok() && none.check::<&str>(None).is_ok());
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for wrong in ["", "no quotation marks"] {
            assert!(precondition(wrong).is_err(), "{wrong}");
        }
    }
}
