//! What is taken away of a kept run: a workbook, a memo, its futures.

use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse, get};
use keepworth_contract::Problem;
use keepworth_platform::download::{Download, accepted, answer};
use keepworth_platform::{ApiError, ReadProblems};
use keepworth_store::RecordId;
use utoipa::{IntoResponses, ToSchema};
use uuid::Uuid;

use crate::FiguresReader;
use keepworth_simulator::app::run::export::{Form, export};

/// Why nothing can be taken away.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "described only")]
enum ExportProblems {
    /// There is no such form of it.
    #[response(
        status = 406,
        content_type = "application/problem+json",
        description = "There is no such form of it; the detail names those that there are"
    )]
    NotAcceptable(Problem),
    /// The run cannot be made again as it was kept.
    #[response(
        status = 409,
        content_type = "application/problem+json",
        description = "The run cannot be made again as it was kept: under another engine, for example"
    )]
    NotReproducible(Problem),
}

/// The bytes of a file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "described only")]
struct File(Vec<u8>);

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const PDF: &str = "application/pdf";
const CSV: &str = "text/csv";
const PARQUET: &str = "application/vnd.apache.parquet";

/// A run as a workbook: what was found, and one case of it in live formulas.
///
/// The run is made again from what was kept with it, and handed out where it comes to the same figures to the last bit.
/// One sheet is the register of its assumptions, with who by now has looked at each. The same run has the same bytes, as
/// long as nobody looks at an assumption of its scenario.
#[utoipa::path(operation_id = "export_run_workbook", tag = "runs",
    params(("id" = Uuid, Path, description = "The run's identifier")),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = File,
               description = "The workbook", headers(("ETag" = String, description = "Its digest"),
               ("Content-Disposition" = String, description = "What it should be called"))),
              ReadProblems, ExportProblems, FiguresReader))]
#[get("/runs/{id}/workbook")]
pub async fn export_run_workbook(
    app: FiguresReader,
    request: HttpRequest,
    id: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    send(&app, &request, *id, &[(XLSX, Form::Workbook)]).await
}

/// A run as a memo of two pages: the question and its answer, how sure it is, what decides it, and lines to sign.
///
/// It is made again as the workbook is. The same run has the same bytes.
#[utoipa::path(operation_id = "export_run_memo", tag = "runs",
    params(("id" = Uuid, Path, description = "The run's identifier")),
    responses((status = 200, content_type = "application/pdf", body = File,
               description = "The memo", headers(("ETag" = String, description = "Its digest"),
               ("Content-Disposition" = String, description = "What it should be called"))),
              ReadProblems, ExportProblems, FiguresReader))]
#[get("/runs/{id}/memo")]
pub async fn export_run_memo(
    app: FiguresReader,
    request: HttpRequest,
    id: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    send(&app, &request, *id, &[(PDF, Form::Memo)]).await
}

/// Every future of a run, a row for each with all of its figures: CSV, or Parquet where `Accept` says so.
///
/// They are drawn again as the workbook's are. A figure that a future does not have is the number that it counts as,
/// which `conventions` of the run's result say.
#[utoipa::path(operation_id = "export_run_futures", tag = "runs",
    params(("id" = Uuid, Path, description = "The run's identifier")),
    responses((status = 200, content((String = "text/csv"), (File = "application/vnd.apache.parquet")),
               description = "The futures", headers(("ETag" = String, description = "Their digest"),
               ("Content-Disposition" = String, description = "What they should be called"))),
              ReadProblems, ExportProblems, FiguresReader))]
#[get("/runs/{id}/futures")]
pub async fn export_run_futures(
    app: FiguresReader,
    request: HttpRequest,
    id: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let forms = [(CSV, Form::Csv), (PARQUET, Form::Parquet)];
    send(&app, &request, *id, &forms).await
}

async fn send(
    app: &FiguresReader,
    request: &HttpRequest,
    id: Uuid,
    forms: &[(&'static str, Form)],
) -> Result<HttpResponse, ApiError> {
    let (media_type, form) = accepted(request, forms)?;
    let made = export(app, RecordId(id), form).await?;
    let file = Download {
        content: made.content,
        media_type,
        name: made.name,
        tag: made.tag,
    };
    answer(request, file)
}
