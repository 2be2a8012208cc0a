//! Forms with files (`multipart/form-data`, RFC 7578), read whole.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev, web};
use futures_util::StreamExt;
use keepworth_contract::{FaultCode, InvalidParam, ProblemCode};
use keepworth_intake::Failure;

use crate::ApiError;
use crate::body::{note, unread};

/// The largest form, in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FormLimit(pub usize);

/// A file by its name.
#[derive(Debug)]
pub struct FormFile {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// A form, whose fields are taken out by their names.
#[derive(Debug, Default)]
pub struct Form {
    texts: BTreeMap<String, String>,
    files: BTreeMap<String, FormFile>,
}

impl Form {
    /// A text, when it is there.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.texts.remove(name)
    }

    /// A file, when it is there.
    pub fn file(&mut self, name: &str) -> Option<FormFile> {
        self.files.remove(name)
    }

    /// Refuses what nobody asked for; `known` names what can be.
    ///
    /// # Errors
    /// [`Kind::Invalid`](keepworth_intake::Kind::Invalid) with every field that is left.
    pub fn finish(self, known: &str) -> Result<(), Failure> {
        let left = self.texts.into_keys().chain(self.files.into_keys());
        let reason = format!("is not known here, or a text in place of a file; there are {known}");
        let faults = left.map(|name| InvalidParam::new(name, FaultCode::UnknownField, &*reason));
        match Vec::from_iter(faults) {
            faults if faults.is_empty() => Ok(()),
            faults => Err(Failure::invalid(faults)),
        }
    }

    fn add(&mut self, field: &Field, bytes: Vec<u8>) -> Result<(), ApiError> {
        let field_name = field.name().unwrap_or_default().to_owned();
        let twice =
            || Failure::malformed(format!("the form has `{field_name}` twice; send it once"));
        let disposition = field.content_disposition();
        let is_there_already = match disposition.and_then(|it| it.get_filename()) {
            Some(file) => {
                note(&bytes);
                let name = file.to_owned();
                let file = FormFile { name, bytes };
                self.files.insert(field_name.clone(), file).is_some()
            }
            None => {
                let text = String::from_utf8(bytes).map_err(|_| {
                    Failure::malformed(format!("`{field_name}` is no text in UTF-8; send it so"))
                })?;
                self.texts.insert(field_name.clone(), text).is_some()
            }
        };
        if is_there_already {
            return Err(twice().into());
        }
        Ok(())
    }
}

/// Whether a request says that its body is such a form.
pub(crate) fn is_form(request: &HttpRequest) -> bool {
    let mime = request.mime_type().ok().flatten();
    mime.is_some_and(|it| it.type_() == "multipart" && it.subtype() == "form-data")
}

/// The most bytes that a form may have.
pub(crate) fn limit(request: &HttpRequest) -> usize {
    request.app_data::<FormLimit>().map_or(0, |limit| limit.0)
}

impl FromRequest for Form {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            if !is_form(&request) {
                let detail = "the body is no form; send it as multipart/form-data";
                return Err(Failure::unsupported(ProblemCode::NotAForm, detail).into());
            }
            let body = web::Payload::from_request(&request, &mut payload);
            let body = body.await.map_err(|error| unread(&error))?;
            read(Multipart::new(request.headers(), body), limit(&request)).await
        })
    }
}

async fn read(mut parts: Multipart, limit: usize) -> Result<Form, ApiError> {
    let (mut form, mut left) = (Form::default(), limit);
    while let Some(field) = parts.next().await {
        let mut field = field.map_err(broken)?;
        let mut bytes = Vec::new();
        while let Some(piece) = field.next().await {
            let piece = piece.map_err(broken)?;
            left = left
                .checked_sub(piece.len())
                .ok_or_else(|| too_large(limit))?;
            bytes.extend_from_slice(&piece);
        }
        form.add(&field, bytes)?;
    }
    Ok(form)
}

fn too_large(limit: usize) -> Failure {
    Failure::too_large(format!(
        "the form has more than {limit} bytes; send the file in parts, or read it with the command line"
    ))
}

fn broken(error: MultipartError) -> ApiError {
    match error {
        MultipartError::Payload(error) => unread(&error.into()),
        error => Failure::malformed(format!("the form cannot be read: {error}")).into(),
    }
}
