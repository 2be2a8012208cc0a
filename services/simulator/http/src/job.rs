//! Jobs: long work, to be waited for, polled, followed or cancelled.

use actix_web::http::header::{
    CACHE_CONTROL, ContentEncoding, HeaderName, HeaderValue, LOCATION, RETRY_AFTER,
};
use actix_web::web::{Bytes, Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, get, post};
use futures_util::{Stream, stream};
use keepworth_contract::PageQuery;
use keepworth_contract::simulator::{Job as JobWire, JobEvent, JobPage};
use keepworth_intake::Failure;
use keepworth_jobs::Job;
use keepworth_platform::idempotency::{Key, REPLAYED};
use keepworth_platform::prefer::Prefer;
use keepworth_platform::{ApiError, ApiResult, ReadProblems};
use keepworth_store::{Conn, RecordId};
use uuid::Uuid;

use crate::{FiguresReader, Modeller};
use keepworth_simulator::Simulator;
use keepworth_simulator::app::follow::{Follower, News};
use keepworth_simulator::app::job::{self, Outcome};

/// Orders a job, and answers what it came to while the caller would wait, or where it can be asked for.
pub(crate) async fn order(
    app: &Simulator,
    request: &HttpRequest,
    prefer: Prefer,
    key: Key,
    enqueue: impl FnOnce(&mut Conn) -> Result<Job, Failure> + Send + 'static,
) -> Result<HttpResponse, ApiError> {
    let ordered = key.once(app.db(), |conn| Ok(enqueue(conn)?.id)).await?;
    app.executor().wake();
    let (job, outcome) = job::wait(app.db(), app.executor(), ordered.value, prefer.wait).await?;
    let mut answer = answer(request, &job, outcome)?;
    if ordered.is_replayed {
        let (name, value) = REPLAYED;
        let (name, value) = (
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
        answer.headers_mut().insert(name, value);
    }
    Ok(answer)
}

fn answer(
    request: &HttpRequest,
    job: &Job,
    outcome: Option<Outcome>,
) -> Result<HttpResponse, ApiError> {
    Ok(match outcome {
        None => HttpResponse::Accepted()
            .insert_header((LOCATION, location(request, &format!("jobs/{}", job.id))))
            .insert_header((RETRY_AFTER, "1"))
            .json(job::told(job)?),
        Some(Outcome::Run(run)) => HttpResponse::Created()
            .insert_header((
                LOCATION,
                location(request, &format!("runs/{}", run.summary.id)),
            ))
            .json(run),
        Some(Outcome::Baseline {
            hash,
            document,
            is_new,
        }) => {
            let mut response = HttpResponse::Ok();
            if is_new {
                response = HttpResponse::Created();
            }
            response
                .insert_header((LOCATION, location(request, &format!("baselines/{hash}"))))
                .content_type("application/json")
                .body(document)
        }
    })
}

/// An address beside that of the request: a service may be mounted below its name.
fn location(request: &HttpRequest, resource: &str) -> String {
    let path = request.path();
    let root = path.find("/v1/").map_or("", |end| &path[..end]);
    format!("{root}/v1/{resource}")
}

/// Lists jobs in the order of their making.
#[utoipa::path(operation_id = "list_jobs", tag = "jobs", params(PageQuery),
    responses((status = 200, body = JobPage, description = "A page of jobs"), ReadProblems, FiguresReader))]
#[get("/jobs")]
pub async fn list_jobs(app: FiguresReader, query: Query<PageQuery>) -> ApiResult<JobPage> {
    Ok(Json(job::list(app.db(), query.into_inner()).await?))
}

/// One job as it stands.
#[utoipa::path(operation_id = "load_job", tag = "jobs",
    params(("id" = Uuid, Path, description = "The job's identifier")),
    responses((status = 200, body = JobWire, description = "The job"), ReadProblems, FiguresReader))]
#[get("/jobs/{id}")]
pub async fn load_job(app: FiguresReader, id: Path<Uuid>) -> ApiResult<JobWire> {
    let id = RecordId(id.into_inner());
    let job = app.db().read(move |conn| job::find(conn, id));
    Ok(Json(job.await?))
}

/// Cancels a job: at once when it waits, soon when it is in work. One that is over stays as it is.
#[utoipa::path(operation_id = "cancel_job", tag = "jobs",
    params(("id" = Uuid, Path, description = "The job's identifier")),
    responses((status = 200, body = JobWire, description = "The job as it then stands"), ReadProblems, Modeller))]
#[post("/jobs/{id}:cancel")]
pub async fn cancel_job(app: Modeller, id: Path<Uuid>) -> ApiResult<JobWire> {
    let id = RecordId(id.into_inner());
    let job = app.db().write(move |conn| job::cancel(conn, id)).await?;
    app.executor().wake();
    Ok(Json(job))
}

/// Follows a job until it is over, as server-sent events: `progress` with the job whenever it changed, the
/// last of them `end`.
#[utoipa::path(operation_id = "follow_job", tag = "jobs",
    params(("id" = Uuid, Path, description = "The job's identifier")),
    responses((status = 200, content_type = "text/event-stream", body = JobEvent,
               description = "Events whose data is the job"), ReadProblems, FiguresReader))]
#[get("/jobs/{id}/events")]
pub async fn follow_job(app: FiguresReader, id: Path<Uuid>) -> Result<HttpResponse, ApiError> {
    let id = RecordId(id.into_inner());
    app.db().read(move |conn| job::find(conn, id)).await?;
    let follower = Follower::new(app.db().clone(), app.executor(), id);
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/event-stream")
        .insert_header(ContentEncoding::Identity)
        .insert_header((CACHE_CONTROL, "no-store"));
    Ok(response.streaming(events(follower)))
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
