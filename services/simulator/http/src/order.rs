//! What orders a job, and what is answered when it is done.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use keepworth_contract::simulator::Run;
use keepworth_intake::Failure;
use keepworth_jobs::Job;
use keepworth_platform::ApiError;
use keepworth_platform::idempotency::Key;
use keepworth_platform::jobs::{self, location};
use keepworth_platform::prefer::Prefer;
use keepworth_simulator::Simulator;
use keepworth_simulator::app::job::Product;
use keepworth_simulator::app::{backtest, baseline, link, pilot, question, run, tracking};
use keepworth_store::Conn;

/// Orders a job, and answers what it came to while the caller would wait, or where it can be asked for.
pub(crate) async fn order(
    app: &Simulator,
    request: &HttpRequest,
    prefer: Prefer,
    key: Key,
    enqueue: impl FnOnce(&mut Conn) -> Result<Job, Failure> + Send + 'static,
) -> Result<HttpResponse, ApiError> {
    let load = async |job: &Job| made(app, request, Product::of(job)?).await;
    jobs::order(app.jobs(), request, prefer, key, enqueue, load).await
}

async fn made(
    app: &Simulator,
    request: &HttpRequest,
    product: Product,
) -> Result<HttpResponse, ApiError> {
    match product {
        Product::Run { id } => {
            let made = app.db().read(move |conn| run::load(conn, id)).await?;
            Ok(self::run(request, HttpResponse::Created(), &made))
        }
        Product::Link { id } => {
            let link = app.db().read(move |conn| link::load(conn, id)).await?;
            let place = location(request, &format!("links/{id}"));
            Ok(HttpResponse::Created()
                .insert_header((LOCATION, place))
                .json(link))
        }
        Product::PilotReading { key, id } => {
            let place = location(request, &format!("pilots/{key}/readings/{id}"));
            let load = move |conn: &mut Conn| pilot::load_reading(conn, &key, id);
            let reading = app.db().read(load).await?;
            Ok(HttpResponse::Created()
                .insert_header((LOCATION, place))
                .json(reading))
        }
        Product::Backtest { id } => {
            let load = move |conn: &mut Conn| backtest::load(conn, id);
            let backtest = app.db().read(load).await?;
            let place = location(request, &format!("backtests/{id}"));
            Ok(HttpResponse::Created()
                .insert_header((LOCATION, place))
                .json(backtest))
        }
        Product::Tracking { id } => {
            let load = move |conn: &mut Conn| tracking::load(conn, id);
            let tracking = app.db().read(load).await?;
            let place = location(request, &format!("trackings/{id}"));
            Ok(HttpResponse::Created()
                .insert_header((LOCATION, place))
                .json(tracking))
        }
        Product::Question { id } => {
            let load = move |conn: &mut Conn| question::load(conn, id);
            let question = app.db().read(load).await?;
            let place = location(request, &format!("questions/{id}"));
            Ok(HttpResponse::Created()
                .insert_header((LOCATION, place))
                .json(question))
        }
        Product::Baseline { hash, is_new } => {
            let place = location(request, &format!("baselines/{hash}"));
            let load = move |conn: &mut Conn| baseline::load(conn, &hash);
            let document = app.db().read(load).await?;
            let mut answer = match is_new {
                true => HttpResponse::Created(),
                false => HttpResponse::Ok(),
            };
            Ok(answer
                .insert_header((LOCATION, place))
                .content_type("application/json")
                .body(document))
        }
    }
}

/// A run, and where it is.
pub(crate) fn run(
    request: &HttpRequest,
    mut answer: HttpResponseBuilder,
    run: &Run,
) -> HttpResponse {
    let place = location(request, &format!("runs/{}", run.summary.id));
    answer.insert_header((LOCATION, place)).json(run)
}
