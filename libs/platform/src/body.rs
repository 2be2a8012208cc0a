//! Bodies of JSON, read whole: what cannot be taken is answered with every fault at its place.

use keepworth_contract::ProblemCode;
use std::future::Future;
use std::io::ErrorKind;
use std::pin::Pin;

use actix_web::error::PayloadError;
use actix_web::web::{Bytes, Payload};
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
        read(request, payload, |body| {
            let rows = Rows::read(body)?;
            if let Some(act) = Act::current() {
                act.set_rows(rows.sent());
            }
            Ok(Self(rows))
        })
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
        note(&bytes);
        Ok(take(&bytes)?)
    })
}

/// Notes for the audit what was sent: its SHA-256 shows later that something is that, and says nothing of it.
pub(crate) fn note(bytes: &[u8]) {
    if let Some(act) = Act::current() {
        let digest = Sha256::digest(bytes);
        act.set_content(digest.iter().map(|byte| format!("{byte:02x}")).collect());
    }
}

/// A file that is the whole body, of so many bytes at the most; what to do with a larger one is `advice`.
///
/// # Errors
/// That it is larger, or cannot be read.
pub async fn read_file(payload: Payload, most: usize, advice: &str) -> Result<Bytes, ApiError> {
    let too_large = |_| {
        Failure::malformed(format!(
            "the file has more than {} MiB; {advice}",
            most >> 20
        ))
    };
    let file = payload.to_bytes_limited(most).await.map_err(too_large)?;
    let file = file.map_err(|error| unread(&error))?;
    note(&file);
    Ok(file)
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
