//! Requests that may be sent again: the `Idempotency-Key` header.
//!
//! A caller that did not hear the answer cannot know whether a POST was done. It gives each POST a
//! key of its own making and sends the same again: what was done is not done twice, and the first
//! answer comes back (draft-ietf-httpapi-idempotency-key-header). The answer is kept in the
//! transaction that does the work, so that there is never one without the other. Only what was
//! done is kept: a refused request can be corrected and sent under the same key.
//!
//! A handler takes [`Idempotent`] around its body and does its work in [`Key::write`]. The service's
//! migrations make the table:
//!
//! ```sql
//! CREATE TABLE idempotency_keys (
//!     key TEXT NOT NULL PRIMARY KEY,
//!     fingerprint BYTEA NOT NULL, -- BLOB on SQLite
//!     answer TEXT NOT NULL,
//!     recorded_at TIMESTAMP NOT NULL
//! );
//! CREATE INDEX idempotency_keys_recorded_at ON idempotency_keys (recorded_at);
//! ```

mod kept;

use keepworth_contract::FaultCode;
use keepworth_contract::ProblemCode;
use std::future::Future;
use std::pin::Pin;

use actix_web::http::StatusCode;
use actix_web::http::header::{ETag, EntityTag, HeaderName, LOCATION};
use actix_web::web::{self, Bytes};
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, dev};
use chrono::TimeDelta;
use futures_util::stream;
use keepworth_access::Act;
use keepworth_contract::InvalidParam;
use keepworth_intake::{Failure, version};
use keepworth_store::{Conn, Db};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

use crate::body::unread;
use crate::{ApiError, form};
use kept::KeptAnswer;

/// The header, as contracts describe it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IdempotencyKey {
    /// A key of the caller's making, such as a UUID, for a request that may be sent again within 24
    /// hours: the same key and request do nothing more and get the first answer, with
    /// `Idempotency-Replayed: true`. 409 while the first is still in work, 422 for another request
    /// under the same key.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255)]
    pub key: Option<String>,
}

/// Says that an answer is that of the first request.
pub const REPLAYED: (&str, &str) = ("idempotency-replayed", "true");

/// How long answers are kept.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// A body of type `B`, and the key it came with.
#[derive(Debug)]
pub struct Idempotent<B> {
    /// The key, when the caller gave one.
    pub key: Key,
    /// The body.
    pub body: B,
}

/// The key of a request, or that there is none.
#[derive(Debug)]
pub struct Key(Option<Given>);

#[derive(Debug)]
struct Given {
    key: String,
    /// Digest of everything that makes the request what it is.
    fingerprint: Vec<u8>,
}

/// What a write answers, now or the first time.
#[derive(Debug)]
pub struct Written {
    json: String,
    /// What names the thing that was made, in the collection that it was posted to.
    name: Option<String>,
    is_tagged: bool,
    is_replayed: bool,
}

impl Written {
    fn new(answer: &impl Serialize) -> Result<Self, Failure> {
        let json = serde_json::to_string(answer).map_err(Failure::internal)?;
        Ok(Self {
            json,
            name: None,
            is_tagged: false,
            is_replayed: false,
        })
    }

    /// Answers 201 with a `Location`: `name` names the thing in the collection that it was posted to.
    ///
    /// # Errors
    /// When the answer is no `T`.
    fn created<T: DeserializeOwned>(mut self, name: fn(&T) -> String) -> Result<Self, Failure> {
        // An answer that was kept is read again: its name is not kept beside it.
        let made = serde_json::from_str(&self.json).map_err(Failure::internal)?;
        self.name = Some(name(&made));
        Ok(self)
    }

    /// With the `ETag` of what was written, for who replaces it next.
    #[must_use]
    pub fn tagged(self) -> Self {
        Self {
            is_tagged: true,
            ..self
        }
    }
}

impl Responder for Written {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        if let Some(name) = self.name {
            let collection = request.uri().path();
            response.status(StatusCode::CREATED);
            response.insert_header((LOCATION, format!("{collection}/{name}")));
        }
        if self.is_tagged {
            let tag = EntityTag::new_strong(version::tag(self.json.as_bytes()));
            response.insert_header(ETag(tag));
        }
        response.content_type("application/json");
        if self.is_replayed {
            response.insert_header(REPLAYED);
        }
        response.body(self.json)
    }
}

impl Key {
    /// Does `work` in one transaction and keeps its answer under the key; answers what is kept when
    /// it was done before.
    ///
    /// # Errors
    /// What `work` answers; 409 while the same key is in work, 422 when it came with another request.
    pub async fn write<T: Serialize>(
        self,
        db: &Db,
        work: impl FnOnce(&mut Conn) -> Result<T, Failure> + Send + 'static,
    ) -> Result<Written, ApiError> {
        let written = db
            .write(move |conn| match self.0 {
                None => Written::new(&work(conn)?),
                Some(given) => once(conn, given, work),
            })
            .await?;
        Ok(written)
    }
}

/// What work came to, now or the first time.
#[derive(Debug)]
pub struct Once<T> {
    /// What it came to.
    pub value: T,
    /// Whether it was done before.
    pub is_replayed: bool,
}

impl Key {
    /// As [`write`](Self::write), for a caller that answers with more than what is kept.
    ///
    /// # Errors
    /// As `write`.
    pub async fn once<T: Serialize + DeserializeOwned>(
        self,
        db: &Db,
        work: impl FnOnce(&mut Conn) -> Result<T, Failure> + Send + 'static,
    ) -> Result<Once<T>, ApiError> {
        let written = self.write(db, work).await?;
        let value = serde_json::from_str(&written.json).map_err(Failure::internal)?;
        Ok(Once {
            value,
            is_replayed: written.is_replayed,
        })
    }

    /// As [`write`](Self::write), of work that makes something: answers 201 with its `Location`.
    ///
    /// # Errors
    /// As `write`.
    pub async fn create<T: Serialize + DeserializeOwned>(
        self,
        db: &Db,
        name: fn(&T) -> String,
        work: impl FnOnce(&mut Conn) -> Result<T, Failure> + Send + 'static,
    ) -> Result<Written, ApiError> {
        let work = |conn: &mut Conn| {
            let made = work(conn)?;
            version::note_change(None, Some(&made))?;
            Ok(made)
        };
        let written = self.write(db, work).await?;
        Ok(written.created(name)?)
    }
}

fn once<T: Serialize>(
    conn: &mut Conn,
    given: Given,
    work: impl FnOnce(&mut Conn) -> Result<T, Failure>,
) -> Result<Written, Failure> {
    // On SQLite the second waits for the first, which is the only writer, and finds its answer.
    if !conn.try_lock("idempotency_keys", &given.key)? {
        return Err(Failure::conflict(
            ProblemCode::IdempotencyKeyInFlight,
            "the first request with this Idempotency-Key is still in work; wait and send it again",
        ));
    }
    let now = keepworth_store::now().naive_utc();
    kept::forget(conn, now - KEPT)?;
    match kept::find(conn, &given.key)? {
        Some(kept) if kept.fingerprint == given.fingerprint => Ok(Written {
            json: kept.answer,
            name: None,
            is_tagged: false,
            is_replayed: true,
        }),
        Some(_) => Err(Failure::invalid(vec![InvalidParam::new(
            "Idempotency-Key",
            FaultCode::KeyReused,
            "came with another request before; make a new key for each new request",
        )])),
        None => {
            let written = Written::new(&work(conn)?)?;
            let answer = KeptAnswer {
                key: given.key,
                fingerprint: given.fingerprint,
                answer: written.json.clone(),
                recorded_at: now,
            };
            kept::keep(conn, &answer)?;
            Ok(written)
        }
    }
}

impl<B: FromRequest + 'static> FromRequest for Idempotent<B> {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let Some(key) = find_key(&request)? else {
                let body = B::from_request(&request, &mut payload).await;
                let body = body.map_err(Into::into)?;
                let key = Key(None);
                return Ok(Self { key, body });
            };
            let key = of_caller(&key);
            let bytes = read(&request, payload).await?;
            let fingerprint = fingerprint(&request, &bytes);
            let body = B::from_request(&request, &mut in_pieces(bytes)).await;
            let body = body.map_err(Into::into)?;
            let key = Key(Some(Given { key, fingerprint }));
            Ok(Self { key, body })
        })
    }
}

/// The largest body that is read before it is fingerprinted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyLimit(pub usize);

async fn read(request: &HttpRequest, mut payload: dev::Payload) -> Result<Bytes, actix_web::Error> {
    let limit = match form::is_form(request) {
        true => form::limit(request),
        false => request.app_data::<BodyLimit>().map_or(0, |limit| limit.0),
    };
    let body = web::Payload::from_request(request, &mut payload).await?;
    let too_large = || {
        ApiError::from(Failure::too_large(format!(
            "it has more than {limit} bytes"
        )))
    };
    let bytes = body.to_bytes_limited(limit).await;
    Ok(bytes
        .map_err(|_| too_large())?
        .map_err(|error| unread(&error))?)
}

/// How much of a body is unpacked at once: a compressed one can grow a thousandfold before the
/// limit of what it is unpacked to is looked at.
const PIECE: usize = 16 * 1024;

fn in_pieces(mut body: Bytes) -> dev::Payload {
    let pieces = std::iter::from_fn(move || {
        let piece = body.split_to(body.len().min(PIECE));
        (!piece.is_empty()).then_some(Ok(piece))
    });
    dev::Payload::Stream {
        payload: Box::pin(stream::iter(pieces)),
    }
}

/// The key, in quotation marks (a structured field's string) or without.
fn find_key(request: &HttpRequest) -> Result<Option<String>, ApiError> {
    const NAME: HeaderName = HeaderName::from_static("idempotency-key");
    let Some(value) = request.headers().get(NAME) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default().trim();
    let quoted = text.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    let key = quoted.unwrap_or(text);
    let is_plain = key.bytes().all(|byte| byte.is_ascii_graphic());
    if is_plain && (1..=255).contains(&key.len()) {
        Ok(Some(key.to_owned()))
    } else {
        Err(Failure::malformed(
            "Idempotency-Key is not 1 to 255 visible ASCII characters; give a UUID",
        )
        .into())
    }
}

/// A key belongs to its caller: what two name alike are two. (Of the caller's name no trace is kept.)
fn of_caller(key: &str) -> String {
    let Some(act) = Act::current() else {
        return key.to_owned();
    };
    let mut digest = Sha256::new();
    for part in [act.caller().issuer.as_str(), &act.caller().subject, key] {
        digest.update(part);
        digest.update([0]);
    }
    digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// SHA-256 over method, path below the version, query and body.
fn fingerprint(request: &HttpRequest, body: &Bytes) -> Vec<u8> {
    // One process may serve a service at its root or below its name: both are the same request.
    let path = request.path();
    let path = path.find("/v1/").map_or(path, |start| &path[start..]);
    let mut digest = Sha256::new();
    for part in [request.method().as_str(), path, request.query_string()] {
        digest.update(part);
        digest.update([0]);
    }
    digest.update(body);
    digest.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use keepworth_access::{Caller, Role, Via};

    use super::*;

    fn key(value: &str) -> Result<Option<String>, ApiError> {
        let request = TestRequest::post().insert_header(("idempotency-key", value));
        find_key(&request.to_http_request())
    }

    #[test]
    fn keys_are_plain_text() {
        assert_eq!(key("\"8e03978e\"").unwrap().as_deref(), Some("8e03978e"));
        assert_eq!(key("8e03978e").unwrap().as_deref(), Some("8e03978e"));
        for wrong in ["", "\"\"", "two words", &"x".repeat(256)] {
            assert!(key(wrong).is_err(), "{wrong}");
        }
        assert_eq!(
            find_key(&TestRequest::post().to_http_request()).unwrap(),
            None
        );
    }

    #[tokio::test]
    async fn a_key_is_its_callers() {
        let of = |subject| {
            let caller = Caller::new("local", subject, Via::Token, [Role::Importer]);
            Act::by(caller, String::new(), None).around(async { of_caller("k") })
        };
        assert_eq!(of("a").await, of("a").await);
        assert_ne!(of("a").await, of("b").await);
        assert!(!of("a").await.contains('k'));
    }

    #[test]
    fn a_fingerprint_is_of_the_whole_request() {
        let of = |request: TestRequest, body: &'static str| {
            fingerprint(&request.to_http_request(), &Bytes::from(body))
        };
        let post = |path| TestRequest::post().uri(path);
        let first = of(post("/v1/notes?a=1"), "{}");
        assert_eq!(of(post("/finance/v1/notes?a=1"), "{}"), first);
        for other in [
            of(post("/v1/notes?a=1"), "{ }"),
            of(post("/v1/notes?a=2"), "{}"),
            of(post("/v1/others?a=1"), "{}"),
            of(TestRequest::put().uri("/v1/notes?a=1"), "{}"),
        ] {
            assert_ne!(other, first);
        }
    }
}
