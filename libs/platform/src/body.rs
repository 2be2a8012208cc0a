//! Bodies of JSON, read whole: what cannot be taken is answered with every fault at its place.

use keepworth_contract::ProblemCode;
use std::future::Future;
use std::io::ErrorKind;
use std::pin::Pin;

use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev};
use keepworth_access::Act;
use keepworth_intake::{Failure, Rows, json};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::ApiError;

/// A body that is a `T` and nothing else.
#[derive(Debug)]
pub struct Body<T>(pub T);

/// A body that is a batch of `T`, of which some rows may not be readable.
#[derive(Debug)]
pub struct BatchBody<T>(pub Rows<T>);

type Reading<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        read(request, payload, |body| Ok(Self(json::read(body)?)))
    }
}

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest for BatchBody<T> {
    type Error = ApiError;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        read(request, payload, |body| Ok(Self(Rows::read(body)?)))
    }
}

fn read<T: 'static>(
    request: &HttpRequest,
    payload: &mut dev::Payload,
    take: fn(&[u8]) -> Result<T, Failure>,
) -> Reading<T> {
    let is_json = is_json(request);
    // Its limit is that of what is unpacked.
    let bytes = Bytes::from_request(request, payload);
    Box::pin(async move {
        if !is_json {
            return Err(Failure::unsupported(
                ProblemCode::NotJson,
                "the body is not JSON; send it with content-type: application/json",
            )
            .into());
        }
        let bytes = bytes.await.map_err(|error| unread(&error))?;
        if let Some(act) = Act::current() {
            act.set_content(digest(&bytes));
        }
        Ok(take(&bytes)?)
    })
}

/// SHA-256 of what was sent, in hexadecimal digits: enough to show later that something is what was sent.
fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_json(request: &HttpRequest) -> bool {
    let mime = request.mime_type().ok().flatten();
    mime.is_some_and(|it| it.subtype() == "json" || it.suffix().is_some_and(|it| it == "json"))
}

/// Why a body could not be read, the same for whoever reads it.
#[must_use]
pub fn unread(error: &actix_web::Error) -> ApiError {
    let failure = match error.as_error() {
        Some(PayloadError::Overflow) => {
            Failure::too_large(format!("{error}; send smaller batches"))
        }
        Some(PayloadError::Io(io)) if io.kind() == ErrorKind::TimedOut => Failure::too_slow(
            "the body did not come in time; send smaller ones, or over a faster line",
        ),
        _ => Failure::malformed(format!("the body cannot be read: {error}")),
    };
    failure.into()
}
