//! The service in this process, on an empty database of its own.

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::web::{Data, scope};
use actix_web::{App, test};
use keepworth_access::{Act, Caller, Role, Via};
use keepworth_finance::{Finance, Peers};
use keepworth_finance_http::FinanceService;
use keepworth_platform::Service;
use keepworth_platform::access::Sealed;
use keepworth_platform::error::configure_extractors;
use keepworth_store::{Db, DbOptions, StoreError};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;
use utoipa_actix_web::service_config::ServiceConfig;

/// The service and its database.
pub struct Api {
    pub service: Finance,
    _folder: Option<TempDir>,
}

/// Runs a test's body on SQLite, and on PostgreSQL where `KEEPWORTH_TEST_POSTGRES` is the URL of
/// a server on which databases may be created.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[actix_web::test] async fn $name() {
                super::$name(crate::api::Api::sqlite()).await;
            })*
        }
        mod postgres {
            $(#[actix_web::test] async fn $name() {
                match crate::api::Api::postgres().await {
                    Some(api) => super::$name(api).await,
                    None => eprintln!("skipped: KEEPWORTH_TEST_POSTGRES is not set"),
                }
            })*
        }
    };
}
pub(crate) use on_both;

/// Addresses at which nobody listens.
pub fn nowhere() -> Peers {
    Peers {
        customers: "http://127.0.0.1:9".into(),
        experience: "http://127.0.0.1:9".into(),
    }
}

impl Api {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/data/finance.db", folder.path().display());
        Self::on(&url, Some(folder))
    }

    pub async fn postgres() -> Option<Self> {
        let server = std::env::var("KEEPWORTH_TEST_POSTGRES").ok()?;
        let name = format!("finance_{}", uuid::Uuid::now_v7().simple());
        let maintenance = Db::open(&format!("{server}/postgres"), &DbOptions::default()).unwrap();
        let create = format!("CREATE DATABASE {name}");
        let created: Result<(), StoreError> = maintenance.read(move |c| c.batch(&create)).await;
        created.unwrap();
        Some(Self::on(&format!("{server}/{name}"), None))
    }

    fn on(url: &str, folder: Option<TempDir>) -> Self {
        let options = DbOptions {
            pool_size: 2,
            ..DbOptions::default()
        };
        let db = Db::open(url, &options).unwrap();
        db.migrate(&keepworth_finance::migrations()).unwrap();
        Self {
            service: Finance::new(db, &nowhere()).unwrap(),
            _folder: folder,
        }
    }

    /// The same service and database, reading the feeds of the services at `peers`.
    pub fn reading(self, peers: &Peers) -> Self {
        let service = Finance::new(self.service.db().clone(), peers).unwrap();
        Self { service, ..self }
    }

    async fn answer(&self, request: test::TestRequest) -> (StatusCode, Vec<u8>) {
        let (status, _, body) = self.whole_answer(request).await;
        (status, body)
    }

    /// Status, headers and body.
    pub async fn whole_answer(
        &self,
        request: test::TestRequest,
    ) -> (StatusCode, HeaderMap, Vec<u8>) {
        let app = test::init_service(
            App::new()
                .app_data(Data::new(Sealed::new(self.service.clone())))
                .app_data(Data::new(Sealed::new(self.service.jobs().clone())))
                .configure(|config| configure_extractors(config, 16 << 20))
                .service(
                    scope("/v1")
                        .configure(|v1| FinanceService::routes(&mut ServiceConfig::new(v1))),
                ),
        )
        .await;
        let somebody = Caller::new("test", "somebody", Via::Token, [Role::Admin]);
        let (stop, stopping) = watch::channel(false);
        let working = actix_web::rt::spawn(self.service.jobs().clone().work(stopping));
        let request = request.insert_header(("prefer", "wait=60"));
        let asked = test::call_service(&app, request.to_request());
        let response = Act::by(somebody, String::new(), None).around(asked).await;
        drop(stop);
        working.await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        (status, headers, test::read_body(response).await.to_vec())
    }

    /// What GET answers, with its status.
    pub async fn ask(&self, path: &str) -> (u16, Value) {
        let (status, body) = self.answer(test::TestRequest::get().uri(path)).await;
        (status.as_u16(), serde_json::from_slice(&body).unwrap())
    }

    /// What GET answers when it succeeds.
    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(path).await;
        assert_eq!(status, 200, "GET {path}: {body}");
        body
    }

    /// What POST answers, with its status.
    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = test::TestRequest::post()
            .uri(path)
            .insert_header(("keepworth-reason", "test"))
            .set_json(body);
        let (status, body) = self.answer(request).await;
        (status.as_u16(), serde_json::from_slice(&body).unwrap())
    }

    /// What PUT answers, with its status.
    pub async fn put(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = test::TestRequest::put().uri(path).set_json(body);
        let (status, body) = self.answer(request).await;
        (status.as_u16(), serde_json::from_slice(&body).unwrap())
    }

    /// What PUT in place of whatever is there answers, with its status.
    pub async fn replace(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = test::TestRequest::put().uri(path).set_json(body);
        let (status, body) = self.answer(request.insert_header(("if-match", "*"))).await;
        (status.as_u16(), serde_json::from_slice(&body).unwrap())
    }

    /// What POST of a file answers, with its status.
    pub async fn post_csv(&self, path: &str, file: &str) -> (u16, Value) {
        let request = test::TestRequest::post()
            .uri(path)
            .insert_header(("content-type", "text/csv"))
            .set_payload(file.to_owned());
        let (status, body) = self.answer(request).await;
        (status.as_u16(), serde_json::from_slice(&body).unwrap())
    }

    /// Sends a batch, without what its rows leave null; every row must be taken.
    pub async fn send(&self, resource: &str, import_id: &str, items: &[Value]) -> Value {
        let items: Vec<Value> = items.iter().cloned().map(without_nulls).collect();
        let body = json!({ "import_id": import_id, "items": items });
        let (status, report) = self
            .post(&format!("/v1/{resource}:batch_upsert"), &body)
            .await;
        assert_eq!(status, 200, "{report}");
        assert_eq!(report["rejected"], json!([]));
        report
    }

    /// The rows of a feed, between header and trailer.
    pub async fn feed(&self, path: &str) -> Vec<Value> {
        let (status, body) = self.answer(test::TestRequest::get().uri(path)).await;
        let text = String::from_utf8(body).unwrap();
        assert_eq!(status, 200, "{text}");
        let mut lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let trailer = lines.pop().unwrap();
        assert_eq!(trailer["rows"], lines.len() - 1, "{text}");
        lines.remove(0);
        lines
    }
}

/// A record without the fields that are null.
fn without_nulls(mut record: Value) -> Value {
    if let Value::Object(fields) = &mut record {
        fields.retain(|_, value| !value.is_null());
    }
    record
}

/// Codes of flags, in their order.
pub fn codes(flags: &Value) -> Vec<&str> {
    let flags = flags.as_array().unwrap().iter();
    flags.map(|flag| flag["code"].as_str().unwrap()).collect()
}
