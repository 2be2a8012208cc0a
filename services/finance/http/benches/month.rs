//! One month of a ledger of a million entries, through the contract: who bears what, and the
//! reports. On SQLite, and on PostgreSQL where `KEEPWORTH_TEST_POSTGRES` names a server.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark fails where it cannot go on"
)]

use actix_web::web::{Data, scope};
use actix_web::{App, rt, test};
use divan::Bencher;
use keepworth_access::{Act, Caller, Role, Via};
use keepworth_finance::{Finance, Peers};
use keepworth_finance_http::FinanceService;
use keepworth_platform::Service;
use keepworth_platform::access::Sealed;
use keepworth_platform::error::configure_extractors;
use keepworth_store::{Db, DbOptions, StoreError};
use serde_json::{Value, json};
use utoipa_actix_web::service_config::ServiceConfig;

const ENTRIES: usize = 1_000_000;
const BATCH: usize = 5_000;
const SEGMENTS: [&str; 6] = ["home", "smb", "mid", "large", "public", "partner"];

fn main() {
    divan::main();
}

/// Calls the service once.
async fn call(service: &Finance, request: test::TestRequest) -> Vec<u8> {
    let app = test::init_service(
        App::new()
            .app_data(Data::new(Sealed::new(service.clone())))
            .configure(|config| configure_extractors(config, 16 << 20))
            .service(
                scope("/v1").configure(|v1| FinanceService::routes(&mut ServiceConfig::new(v1))),
            ),
    )
    .await;
    let somebody = Caller::new("bench", "somebody", Via::Token, [Role::Admin]);
    let asked = test::call_service(&app, request.to_request());
    let response = Act::by(somebody).around(asked).await;
    let status = response.status();
    let body = test::read_body(response).await;
    assert!(
        status.is_success(),
        "{status}: {}",
        String::from_utf8_lossy(&body)
    );
    body.to_vec()
}

/// All entries in one month, every second of them shared by all segments.
fn entry(number: usize) -> Value {
    let categories = ["SERVICE", "OVERHEAD", "TRAINING", "RETENTION"];
    let segment = number
        .is_multiple_of(2)
        .then_some(SEGMENTS[number / 2 % SEGMENTS.len()]);
    json!({
        "source": "erp", "external_id": number.to_string(),
        "posted_on": format!("2025-09-{:02}", number % 30 + 1),
        "category": categories[number / 3 % categories.len()],
        "amount": { "amount": format!("{}.{:02}", number % 997, number % 100), "currency": "EUR" },
        "segment": segment, "channel": "phone", "account": "6000",
    })
}

async fn fill(service: &Finance) {
    for batch in 0..ENTRIES / BATCH {
        let numbers = batch * BATCH..(batch + 1) * BATCH;
        let body = json!({ "import_id": "bench", "items": numbers.map(entry).collect::<Vec<_>>() });
        let request = test::TestRequest::post()
            .uri("/v1/ledger-entries:batch_upsert")
            .set_json(body);
        call(service, request).await;
    }
    let months =
        SEGMENTS.map(|segment| json!({ "segment": segment, "customers": 1_000, "minutes": 777 }));
    let request = test::TestRequest::put()
        .uri("/v1/segment-months/2025-09")
        .set_json(json!({ "items": months }));
    call(service, request).await;
    for category in ["SERVICE", "OVERHEAD", "TRAINING", "RETENTION"] {
        let rule = json!({ "category": category, "effective_from": "2025-01",
                           "method": "BY_MINUTES", "reason": "benchmark" });
        let request = test::TestRequest::post()
            .uri("/v1/allocation-rules")
            .set_json(rule);
        call(service, request).await;
    }
}

async fn open(url: &str) -> Finance {
    let db = Db::open(url, &DbOptions::default()).unwrap();
    db.migrate(&keepworth_finance::migrations()).unwrap();
    let peers = Peers {
        customers: "http://127.0.0.1:9".into(),
        experience: "http://127.0.0.1:9".into(),
    };
    let service = Finance::new(db, &peers).unwrap();
    let started = std::time::Instant::now();
    fill(&service).await;
    let table = |conn: &mut keepworth_store::Conn| conn.batch("ANALYZE ledger_entries");
    let analyzed: Result<(), StoreError> = service.db().write(table).await;
    analyzed.unwrap();
    eprintln!(
        "{ENTRIES} entries taken in {:.1} s",
        started.elapsed().as_secs_f64()
    );
    service
}

fn bench(bencher: Bencher<'_, '_>, service: &Finance, path: &str) {
    let system = rt::System::new();
    bencher.bench_local(|| system.block_on(call(service, test::TestRequest::get().uri(path))));
}

const PATHS: [&str; 3] = [
    "/v1/allocations?month=2025-09",
    "/v1/maintenance-costs?month=2025-09",
    "/v1/feed/economics?as_of=2025-09-30",
];

#[divan::bench(args = PATHS, sample_count = 5, sample_size = 1)]
fn sqlite(bencher: Bencher<'_, '_>, path: &str) {
    static SERVICE: std::sync::OnceLock<(Finance, tempfile::TempDir)> = std::sync::OnceLock::new();
    let (service, _) = SERVICE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/data/finance.db", folder.path().display());
        (rt::System::new().block_on(open(&url)), folder)
    });
    bench(bencher, service, path);
}

#[divan::bench(args = PATHS, sample_count = 5, sample_size = 1)]
fn postgres(bencher: Bencher<'_, '_>, path: &str) {
    static SERVICE: std::sync::OnceLock<Option<Finance>> = std::sync::OnceLock::new();
    let service = SERVICE.get_or_init(|| {
        let server = std::env::var("KEEPWORTH_TEST_POSTGRES").ok()?;
        let name = format!("bench_{}", uuid::Uuid::now_v7().simple());
        let system = rt::System::new();
        let admin = Db::open(&format!("{server}/postgres"), &DbOptions::default()).unwrap();
        let create = format!("CREATE DATABASE {name}");
        let created: Result<(), StoreError> =
            system.block_on(admin.read(move |conn| conn.batch(&create)));
        created.unwrap();
        Some(system.block_on(open(&format!("{server}/{name}"))))
    });
    match service {
        Some(service) => bench(bencher, service, path),
        None => eprintln!("skipped: KEEPWORTH_TEST_POSTGRES is not set"),
    }
}
