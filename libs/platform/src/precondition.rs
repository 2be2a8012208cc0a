//! Versions of a resource: `ETag` on what is read, `If-Match` on what is replaced (RFC 9110).
//!
//! A tag is the digest of the resource's JSON. Who read a resource and sends its tag back in
//! `If-Match` replaces that version or nothing: what somebody else wrote in between is not lost.

use std::future::{Ready, ready};

use actix_web::http::header::{self, ETag, EntityTag, Header, IfMatch, IfNoneMatch};
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, dev};
use keepworth_intake::{Failure, Precondition, version};
use serde::Serialize;
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
            Err(error) => {
                return HttpResponse::from_error(ApiError::from(Failure::internal(error)));
            }
        };
        let tag = EntityTag::new_strong(version::tag(&json));
        if is_known(request, &tag) {
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

/// Whether the caller says that they have that version already.
pub(crate) fn is_known(request: &HttpRequest, tag: &EntityTag) -> bool {
    request.method().is_safe()
        && IfNoneMatch::parse(request).is_ok_and(|known| match known {
            IfNoneMatch::Any => true,
            IfNoneMatch::Items(tags) => tags.iter().any(|known| known.weak_eq(tag)),
        })
}

/// The header, as contracts describe it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfMatchHeader {
    /// Replace only this version: the `ETag` that reading it answered, or `*` for whatever is there. 412
    /// when it has changed; 428 without it where something else is there.
    #[param(rename = "If-Match")]
    pub if_match: Option<String>,
}

/// The version that the caller's `If-Match` names.
#[derive(Debug)]
pub struct IfMatching(pub Precondition);

impl IfMatching {
    fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        if !request.headers().contains_key(header::IF_MATCH) {
            return Ok(Self(Precondition::None));
        }
        match IfMatch::parse(request) {
            Ok(IfMatch::Any) => Ok(Self(Precondition::Present)),
            Ok(IfMatch::Items(tags)) if !tags.is_empty() => {
                // The comparison is strong: a weak tag names no version.
                let strong = tags.iter().filter(|tag| !tag.weak);
                let strong = strong.map(|tag| tag.tag().to_owned()).collect();
                Ok(Self(Precondition::OneOf(strong)))
            }
            _ => Err(Failure::malformed(
                "If-Match names no version; give the ETag in its quotation marks, or *",
            )
            .into()),
        }
    }
}

impl FromRequest for IfMatching {
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
        IfMatching::of(&request.to_http_request()).map(|it| it.0)
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
        assert!(read.check(Some(&"a"), true).is_ok());
        assert!(read.check(Some(&"b"), true).is_err(), "it has changed");
        assert!(read.check::<&str>(None, true).is_err(), "it is gone");
        let any = precondition("*").unwrap();
        assert!(any.check(Some(&"b"), true).is_ok() && any.check::<&str>(None, true).is_err());
        let weak = precondition(&format!("W/{tag}")).unwrap();
        assert!(
            weak.check(Some(&"a"), true).is_err(),
            "the comparison is strong"
        );
        let none = IfMatching::of(&TestRequest::put().to_http_request())
            .unwrap()
            .0;
        assert!(
            none.check(Some(&"a"), true).is_err(),
            "what is there would be lost"
        );
        assert!(none.check(Some(&"a"), false).is_ok() && none.check::<&str>(None, true).is_ok());
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for wrong in ["", "no quotation marks"] {
            assert!(precondition(wrong).is_err(), "{wrong}");
        }
    }
}
