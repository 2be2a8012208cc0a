//! `/v1/jobs`: long work, the same for every service that has any: ordered, waited for, polled, followed,
//! cancelled.
//!
//! A service registers the [`routes`], hands over its [`Jobs`] with [`Service::jobs`](crate::Service::jobs),
//! and answers what starts long work with [`order`].

use std::time::Duration;

use actix_web::http::header::{
    CACHE_CONTROL, ContentEncoding, HeaderName, HeaderValue, LOCATION, RETRY_AFTER,
};
use actix_web::web::{Bytes, Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, get, post};
use futures_util::{Stream, StreamExt, stream};
use keepworth_access::permission::{FiguresRead, JobsCancel};
use keepworth_contract::{Job as JobWire, JobEvent, JobPage, PageQuery};
use keepworth_intake::Failure;
use keepworth_jobs::{Follower, Job, Jobs, News, State};
use keepworth_store::{Conn, RecordId};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::health::Draining;
use crate::idempotency::{Key, REPLAYED};
use crate::prefer::Prefer;
use crate::{Allowed, ApiError, ApiResult, ReadProblems};

/// The jobs, for who looks how they stand.
type Reader = Allowed<FiguresRead, Jobs>;
/// The jobs, for who may stop them.
type Canceller = Allowed<JobsCancel, Jobs>;

/// What the routes are about, for a service's tags.
pub const TAG: (&str, &str) = ("jobs", "Long work: how it stands, and where its result is.");

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_jobs)
        .service(load_job)
        .service(cancel_job)
        .service(follow_job);
}

/// Orders a job, and answers what it came to while the caller would wait (`load`, in the service's words), or
/// where it can be asked for.
///
/// # Errors
/// What `enqueue` and `load` answer, why the job failed, and what the database answers.
pub async fn order<L>(
    jobs: &Jobs,
    request: &HttpRequest,
    prefer: Prefer,
    key: Key,
    enqueue: impl FnOnce(&mut Conn) -> Result<Job, Failure> + Send + 'static,
    load: L,
) -> Result<HttpResponse, ApiError>
where
    L: AsyncFnOnce(&Job) -> Result<HttpResponse, ApiError>,
{
    let ordered = key.once(jobs.db(), |conn| Ok(enqueue(conn)?.id)).await?;
    jobs.wake();
    let job = tokio::select! {
        job = jobs.wait(ordered.value, prefer.wait) => job?,
        // The process ends, and the job goes on elsewhere or later.
        () = Draining::of(request).begun() => jobs.wait(ordered.value, Duration::ZERO).await?,
    };
    let mut answer = match job.state {
        State::Done => load(&job).await?,
        _ => underway(request, &jobs.told(&job)),
    };
    if ordered.is_replayed {
        let (name, value) = REPLAYED;
        let name = HeaderName::from_static(name);
        let value = HeaderValue::from_static(value);
        answer.headers_mut().insert(name, value);
    }
    Ok(answer)
}

fn underway(request: &HttpRequest, job: &JobWire) -> HttpResponse {
    HttpResponse::Accepted()
        .insert_header((LOCATION, location(request, &format!("jobs/{}", job.id))))
        .insert_header((RETRY_AFTER, "1"))
        .json(job)
}

/// An address beside that of the request: a service may be mounted below its name.
#[must_use]
pub fn location(request: &HttpRequest, resource: &str) -> String {
    let path = request.path();
    let root = path.find("/v1/").map_or("", |end| &path[..end]);
    format!("{root}/v1/{resource}")
}

/// Lists jobs in the order of their making.
#[utoipa::path(operation_id = "list_jobs", tag = "jobs", params(PageQuery),
    responses((status = 200, body = JobPage, description = "A page of jobs"), ReadProblems, Reader))]
#[get("/jobs")]
async fn list_jobs(jobs: Reader, query: Query<PageQuery>) -> ApiResult<JobPage> {
    Ok(Json(jobs.list(query.into_inner()).await?))
}

/// One job as it stands.
#[utoipa::path(operation_id = "load_job", tag = "jobs",
    params(("id" = Uuid, Path, description = "The job's identifier")),
    responses((status = 200, body = JobWire, description = "The job"), ReadProblems, Reader))]
#[get("/jobs/{id}")]
async fn load_job(jobs: Reader, id: Path<Uuid>) -> ApiResult<JobWire> {
    Ok(Json(jobs.find(RecordId(id.into_inner())).await?))
}

/// Cancels a job: at once when it waits, soon when it is in work. One that is over stays as it is.
#[utoipa::path(operation_id = "cancel_job", tag = "jobs",
    params(("id" = Uuid, Path, description = "The job's identifier")),
    responses((status = 200, body = JobWire, description = "The job as it then stands"), ReadProblems, Canceller))]
#[post("/jobs/{id}:cancel")]
async fn cancel_job(jobs: Canceller, id: Path<Uuid>) -> ApiResult<JobWire> {
    Ok(Json(jobs.cancel(RecordId(id.into_inner())).await?))
}

/// Follows a job until it is over, as server-sent events: `progress` with the job whenever it changed, the
/// last of them `end`. A connection that ends without it is to be made anew.
#[utoipa::path(operation_id = "follow_job", tag = "jobs",
    params(("id" = Uuid, Path, description = "The job's identifier")),
    responses((status = 200, content_type = "text/event-stream", body = JobEvent,
               description = "Events whose data is the job"), ReadProblems, Reader))]
#[get("/jobs/{id}/events")]
async fn follow_job(
    jobs: Reader,
    request: HttpRequest,
    id: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let id = RecordId(id.into_inner());
    jobs.find(id).await?;
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/event-stream")
        .insert_header(ContentEncoding::Identity)
        .insert_header((CACHE_CONTROL, "no-store"));
    let until = Box::pin(Draining::of(&request).begun());
    Ok(response.streaming(events(jobs.follow(id)).take_until(until)))
}

fn events(follower: Follower) -> impl Stream<Item = Result<Bytes, ApiError>> {
    stream::unfold(Some(follower), |follower| async {
        let mut follower = follower?;
        match follower.next().await {
            Ok(news) => Some((event(&news?), Some(follower))),
            // The connection breaks off; who follows asks again.
            Err(error) => Some((Err(error.into()), None)),
        }
    })
}

fn event(news: &News) -> Result<Bytes, ApiError> {
    let text = match news {
        // A comment.
        News::Nothing => ":\n\n".to_owned(),
        News::Changed(job) => {
            let name = job.finished_at.map_or("progress", |_| "end");
            let data = serde_json::to_string(job).map_err(Failure::internal)?;
            format!("event: {name}\ndata: {data}\n\n")
        }
    };
    Ok(text.into())
}
