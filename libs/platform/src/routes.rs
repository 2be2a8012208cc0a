//! What is answered where no route is: what GET would answer, to HEAD; 405 on a path that has others, 404
//! elsewhere.

use actix_web::body::MessageBody;
use actix_web::dev::{ResourceDef, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use keepworth_intake::Failure;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{OpenApi, RefOr};

use crate::ApiError;

/// The methods of each path, as the contracts have them.
#[derive(Clone, Default)]
pub(crate) struct Routes(Vec<(ResourceDef, Methods)>);

/// What a path can be asked for.
#[derive(Clone)]
struct Methods {
    /// As `Allow` lists them.
    names: String,
    has_head: bool,
}

impl Routes {
    /// Adds the paths of a contract that is mounted below a prefix.
    pub(crate) fn add(&mut self, prefix: &str, contract: &OpenApi) {
        self.0
            .extend(contract.paths.paths.iter().map(|(path, item)| {
                let path = ResourceDef::new(format!("{prefix}{path}"));
                (path, methods(item))
            }));
    }

    fn methods(&self, path: &str) -> Option<&Methods> {
        let matching = self.0.iter().filter(|(it, _)| it.is_match(path));
        // `/jobs/{id}` matches `/jobs/1:cancel` too: what has more words says more.
        let found = matching.max_by_key(|(it, _)| words(it.pattern().unwrap_or_default()));
        found.map(|(_, methods)| methods)
    }
}

/// Characters of a pattern that are no variable's.
fn words(pattern: &str) -> usize {
    let parts = pattern.split('{');
    parts
        .map(|it| it.split_once('}').map_or(it, |(_, rest)| rest).len())
        .sum()
}

fn methods(item: &PathItem) -> Methods {
    let has_head = item.get.as_ref().is_some_and(|it| !is_stream(it));
    let all = [
        ("GET", item.get.is_some()),
        ("HEAD", has_head),
        ("POST", item.post.is_some()),
        ("PUT", item.put.is_some()),
        ("PATCH", item.patch.is_some()),
        ("DELETE", item.delete.is_some()),
    ];
    let there = all.into_iter().filter(|(_, is_there)| *is_there);
    let names = Vec::from_iter(there.map(|(name, _)| name)).join(", ");
    Methods { names, has_head }
}

/// Answers that are made while they are read.
const STREAMS: [&str; 2] = ["application/x-ndjson", "text/event-stream"];

fn is_stream(operation: &Operation) -> bool {
    let mut answers = operation.responses.responses.values();
    answers.any(|answer| match answer {
        RefOr::T(answer) => STREAMS.iter().any(|it| answer.content.contains_key(*it)),
        RefOr::Ref(_) => false,
    })
}

/// Middleware: does for HEAD what GET does. The server sends no body to who asked with HEAD, whatever is
/// routed. A stream would be made in vain, and has no HEAD.
pub(crate) async fn head_as_get<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    if request.method() == Method::HEAD {
        let routes = request.app_data::<web::Data<Routes>>();
        let methods = routes.and_then(|it| it.methods(request.path()));
        // Health and documents stand in no contract.
        if methods.is_none_or(|it| it.has_head) {
            request.head_mut().method = Method::GET;
        }
    }
    next.call(request).await
}

/// The answer where no route is.
pub(crate) async fn none(request: HttpRequest) -> HttpResponse {
    let routes = request.app_data::<web::Data<Routes>>();
    let Some(methods) = routes.and_then(|it| it.methods(request.path())) else {
        return ApiError::from(Failure::not_found("no such path; /docs lists them"))
            .error_response();
    };
    let error = ApiError::from(Failure::not_allowed(format!(
        "{} is not possible here; use {}",
        request.method(),
        methods.names
    )));
    let mut answer = error.error_response();
    if let Ok(methods) = HeaderValue::from_str(&methods.names) {
        answer.headers_mut().insert(ALLOW, methods);
    }
    answer
}
