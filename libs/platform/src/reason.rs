//! Why something is done: the `Keepworth-Reason` header, which some operations ask for.

use std::future::{Ready, ready};

use actix_web::http::header::HeaderName;
use actix_web::{FromRequest, HttpRequest, dev};
use keepworth_contract::{FaultCode, InvalidParam};
use keepworth_intake::Failure;
use utoipa::IntoParams;

use crate::ApiError;

/// In which header a caller says why something is done.
pub(crate) const REASON: HeaderName = HeaderName::from_static("keepworth-reason");

/// The header, as contracts describe it where it must be there.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct ReasonHeader {
    /// Why it is done, in a sentence of ASCII characters: it stands in the record of who did what.
    #[param(
        rename = "Keepworth-Reason",
        min_length = 1,
        max_length = 500,
        example = "the board decided so on 2026-01-31"
    )]
    pub reason: String,
}

/// That the caller says why. What they say, the record has.
#[derive(Debug, Clone, Copy)]
pub struct Reasoned;

impl FromRequest for Reasoned {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        // The form of one that is there, the gate has seen to.
        let is_there = request.headers().contains_key(REASON);
        ready(is_there.then_some(Self).ok_or_else(|| {
            let why = "is missing; say in a sentence why this is done, which is then in the record of who did what";
            let fault = InvalidParam::new("Keepworth-Reason", FaultCode::Missing, why);
            Failure::invalid(vec![fault]).into()
        }))
    }
}
