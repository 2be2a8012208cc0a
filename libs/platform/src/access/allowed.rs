//! A service, behind a permission.

use std::collections::BTreeMap;
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::ops::Deref;

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev, web};
use keepworth_access::{Act, Caller, Needed, Permission};
use keepworth_contract::{FaultCode, InvalidParam, Problem};
use keepworth_intake::Failure;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoParams, IntoResponses, ToSchema};

use crate::ApiError;
use crate::audit::Asked;

/// The header that says why, as contracts describe it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct ReasonHeader {
    /// Why this is done, in a sentence of ASCII without the customer's id: it stays in the audit for good.
    #[param(
        rename = "Keepworth-Reason",
        min_length = 1,
        max_length = 500,
        example = "asked by letter of 3 March"
    )]
    pub reason: String,
}

/// What a service holds, as a process has it: handlers get at it with a permission only.
pub struct Sealed<S>(S);

impl<S> Sealed<S> {
    /// Seals it.
    pub fn new(service: S) -> Self {
        Self(service)
    }
}

/// A service for a caller who has the permission `P`, checked before the body is read.
///
/// In the contract it stands among the responses: what a caller without the permission is answered, and
/// which one it is (`x-permission`).
pub struct Allowed<P, S> {
    service: web::Data<Sealed<S>>,
    act: Act,
    permission: PhantomData<P>,
}

impl<P, S> Allowed<P, S> {
    /// Who it is done for.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        self.act.caller()
    }

    /// Why it is done.
    ///
    /// # Errors
    /// Where the caller does not say.
    pub fn reason(&self) -> Result<&str, Failure> {
        self.act.reason().ok_or_else(|| {
            let why = "is missing; say in a sentence why this is done";
            let name = "Keepworth-Reason";
            Failure::invalid(vec![InvalidParam::new(name, FaultCode::Missing, why)])
        })
    }
}

impl<P, S> Deref for Allowed<P, S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.service.0
    }
}

impl<P: Needed, S: 'static> FromRequest for Allowed<P, S> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(allowed(request).map_err(ApiError::from))
    }
}

fn allowed<P: Needed, S: 'static>(request: &HttpRequest) -> Result<Allowed<P, S>, Failure> {
    let act = Act::current().ok_or_else(|| {
        Failure::unauthenticated(
            "say who you are: send a token as `Authorization: Bearer …`; on this machine `keepworth token` \
             prints one",
        )
    })?;
    request.extensions_mut().insert(Asked {
        act: act.clone(),
        permission: P::PERMISSION,
    });
    if !act.is_allowed(P::PERMISSION) {
        return Err(forbidden(P::PERMISSION));
    }
    let service = request.app_data::<web::Data<Sealed<S>>>().cloned();
    let service = service.ok_or_else(|| Failure::internal("the service is not mounted"))?;
    Ok(Allowed {
        service,
        act,
        permission: PhantomData,
    })
}

fn forbidden(permission: Permission) -> Failure {
    let roles = Vec::from_iter(permission.roles().iter().map(ToString::to_string));
    Failure::forbidden(format!(
        "this takes the permission {permission}, which the roles {} have; ask who runs Keepworth for one",
        roles.join(", ")
    ))
}

/// Under which name a response says what permission its operation takes.
pub(crate) const PERMISSION: &str = "x-permission";

impl<P: Needed, S> IntoResponses for Allowed<P, S> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let says = ExtensionsBuilder::new().add(PERMISSION, P::PERMISSION.name());
        let says = says.build();
        let refused = format!(
            "The caller does not have the permission `{}`",
            P::PERMISSION
        );
        let answers = [
            ("401", "Nobody says who they are".to_owned(), None),
            ("403", refused, Some(says)),
            (
                "429",
                "More than one caller may ask for; come again after Retry-After seconds".to_owned(),
                None,
            ),
        ];
        let answer = |(status, about, extensions): (&str, String, _)| {
            let problem = Ref::from_schema_name(Problem::name());
            let content = ContentBuilder::new().schema(Some(problem)).build();
            let response = ResponseBuilder::new()
                .description(about)
                .content("application/problem+json", content)
                .extensions(extensions);
            (status.to_owned(), response.build().into())
        };
        answers.into_iter().map(answer).collect()
    }
}
