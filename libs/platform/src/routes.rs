//! What is answered where no route is: 405 on a path that has others, 404 elsewhere.

use actix_web::dev::ResourceDef;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use keepworth_intake::Failure;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::PathItem;

use crate::ApiError;

/// The methods of each path, as the contracts have them.
#[derive(Clone, Default)]
pub(crate) struct Routes(Vec<(ResourceDef, String)>);

impl Routes {
    /// Adds the paths of a contract that is mounted below a prefix.
    pub(crate) fn add(&mut self, prefix: &str, contract: &OpenApi) {
        self.0
            .extend(contract.paths.paths.iter().map(|(path, item)| {
                let path = ResourceDef::new(format!("{prefix}{path}"));
                (path, methods(item))
            }));
    }

    fn methods(&self, path: &str) -> Option<&str> {
        let matching = self.0.iter().filter(|(it, _)| it.is_match(path));
        // `/jobs/{id}` matches `/jobs/1:cancel` too: what has more words says more.
        let found = matching.max_by_key(|(it, _)| words(it.pattern().unwrap_or_default()));
        found.map(|(_, methods)| methods.as_str())
    }
}

/// Characters of a pattern that are no variable's.
fn words(pattern: &str) -> usize {
    let parts = pattern.split('{');
    parts
        .map(|it| it.split_once('}').map_or(it, |(_, rest)| rest).len())
        .sum()
}

fn methods(item: &PathItem) -> String {
    let all = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    let there = all.into_iter().filter(|(_, operation)| operation.is_some());
    Vec::from_iter(there.map(|(name, _)| name)).join(", ")
}

/// The answer where no route is.
pub(crate) async fn none(request: HttpRequest) -> HttpResponse {
    let routes = request.app_data::<web::Data<Routes>>();
    let Some(methods) = routes.and_then(|it| it.methods(request.path())) else {
        return ApiError::from(Failure::not_found("no such path; /docs lists them"))
            .error_response();
    };
    let error = ApiError::from(Failure::not_allowed(format!(
        "{} is not possible here; use {methods}",
        request.method()
    )));
    let mut answer = error.error_response();
    if let Ok(methods) = HeaderValue::from_str(methods) {
        answer.headers_mut().insert(ALLOW, methods);
    }
    answer
}
