//! Which paths a process answers: of one service at the root, of several below their names.

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};

use super::Mounted;
use crate::audit::AllNotices;
use crate::document::merged;
use crate::health::{self, Draining, Readiness};
use crate::routes::Routes;
use crate::session;

/// Registers everything that a process answers.
pub(super) fn mount(config: &mut ServiceConfig, services: &[Mounted], draining: &Draining) {
    let readiness: Vec<Readiness> = services.iter().map(|it| it.readiness.clone()).collect();
    let draining = draining.clone();
    config.route("/livez", web::get().to(health::livez)).route(
        "/readyz",
        web::get().to(move || {
            let (readiness, draining) = (readiness.clone(), draining.clone());
            async move { health::readyz(&readiness, &draining).await }
        }),
    );
    let mut routes = Routes::default();
    if let [only] = services {
        routes.add("", only.contract());
        let notices = AllNotices(vec![(String::new(), only.notices.clone())]);
        config.app_data(web::Data::new(notices));
        config.app_data(web::Data::new(routes));
        only.configure(config, "");
        return;
    }
    let names: Vec<&str> = services.iter().map(|service| service.name).collect();
    session::routes(config, &names);
    config.route(
        "/",
        web::get().to({
            let page = index(&names);
            move || {
                let page = page.clone();
                async move {
                    HttpResponse::Ok()
                        .content_type("text/html; charset=utf-8")
                        .body(page)
                }
            }
        }),
    );
    config.route("/openapi.json", {
        let contract = contract_of_all(services);
        web::get().to(move || {
            let contract = contract.clone();
            async move {
                HttpResponse::Ok()
                    .content_type("application/json")
                    .body(contract)
            }
        })
    });
    let notices = services
        .iter()
        .map(|it| (format!("/{}", it.name), it.notices.clone()));
    config.app_data(web::Data::new(AllNotices(notices.collect())));
    for service in services {
        let prefix = format!("/{}", service.name);
        routes.add(&prefix, service.contract());
        service.configure(config, &prefix);
    }
    config.app_data(web::Data::new(routes));
}

/// The document of every service below its name.
fn contract_of_all(services: &[Mounted]) -> web::Bytes {
    let document = |it: &Mounted| Some((it.name, serde_json::to_value(it.contract()).ok()?));
    let documents: Vec<_> = services.iter().filter_map(document).collect();
    merged(&documents).to_string().into()
}

fn index(names: &[&str]) -> String {
    let links: String = names
        .iter()
        .map(|name| format!("<li><a href=\"/{name}/docs/\">{name}</a></li>"))
        .collect();
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Keepworth</title>\
         <h1>Keepworth</h1><p>The contracts of the services in this process:</p><ul>{links}</ul>\
         <p><a href=\"/openapi.json\">One document of all of them</a></p></html>"
    )
}
