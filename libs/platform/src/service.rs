//! What a service is, as far as the platform cares.

use std::pin::Pin;

use keepworth_store::{Db, Migrations};
use tokio::sync::watch;
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder};
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

/// A service: its name, its routes, its database.
///
/// The value is the service's state; handlers reach it as `web::Data<Self>`.
pub trait Service: Clone + Send + Sync + 'static {
    /// Its name in paths, files and settings.
    const NAME: &'static str;
    /// What it is for, in a sentence or two.
    const DESCRIPTION: &'static str;

    /// Registers every route below `/v1`, with its documentation: one list makes both.
    fn routes(config: &mut ServiceConfig<'_>);
    /// Its schema history.
    fn migrations() -> Migrations;
    /// Its database.
    fn db(&self) -> &Db;

    /// What it does beside answering, from the start of the process until `stop` is true: then every
    /// request has its answer.
    fn background(&self, stop: watch::Receiver<bool>) -> Background {
        drop(stop);
        Box::pin(std::future::ready(()))
    }
}

/// What a service does beside answering.
pub type Background = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The service's contract, built from the same routes that it serves.
#[must_use]
pub fn document<S: Service>() -> OpenApi {
    let info = InfoBuilder::new()
        .title(format!("Keepworth {}", S::NAME))
        .description(Some(S::DESCRIPTION))
        .version(env!("CARGO_PKG_VERSION"))
        .license(Some(
            LicenseBuilder::new()
                .name("Apache-2.0")
                .identifier(Some("Apache-2.0"))
                .build(),
        ))
        .build();
    let (_, mut document) = actix_web::App::new()
        .into_utoipa_app()
        .openapi(OpenApiBuilder::new().info(info).build())
        .service(utoipa_actix_web::scope("/v1").configure(S::routes))
        .split_for_parts();
    // Relative to the document, so that it holds at the root of a host and below a prefix.
    document.servers = Some(vec![utoipa::openapi::Server::new("./")]);
    document.components.get_or_insert_default().schemas.insert(
        "Problem".to_owned(),
        <keepworth_contract::Problem as utoipa::PartialSchema>::schema(),
    );
    document.components.get_or_insert_default().schemas.insert(
        "InvalidParam".to_owned(),
        <keepworth_contract::InvalidParam as utoipa::PartialSchema>::schema(),
    );
    document
}
