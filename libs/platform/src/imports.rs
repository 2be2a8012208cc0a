//! `/v1/imports`: files of records, the same for every service that keeps records.
//!
//! A service registers the [`routes`] and hands over its [`Imports`] with
//! [`Service::imports`](crate::Service::imports).

use std::time::Duration;

use actix_web::http::header::{CONTENT_DISPOSITION, LOCATION, RETRY_AFTER};
use actix_web::web::{Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, get, post};
use keepworth_access::permission::{FiguresRead, RecordsImport};
use keepworth_contract::{
    FaultCode, Import, ImportForm, ImportPage, InvalidParam, Problem, RejectedImportRowPage,
    SequenceQuery,
};
use keepworth_imports::{Imports, Order};
use keepworth_intake::Failure;
use keepworth_store::RecordId;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::form::Form;
use crate::health::Draining;
use crate::idempotency::{IdempotencyKey, Idempotent, REPLAYED};
use crate::prefer::{Prefer, PreferHeader};
use crate::{Allowed, ApiError, ApiResult, ReadProblems, WriteProblems};

/// The imports, for who sends records; the rows that were not taken are theirs to mend.
type Importer = Allowed<RecordsImport, Imports>;
/// The imports, for who looks how they stand.
type Reader = Allowed<FiguresRead, Imports>;

/// What the routes are about, for a service's tags.
pub const TAG: (&str, &str) = (
    "imports",
    "Files of records: taken in as a job, told row by row, taken back.",
);

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(create_import)
        .service(list_imports)
        .service(load_import)
        .service(cancel_import)
        .service(undo_import)
        .service(list_rejected_import_rows)
        .service(load_rejected_file);
}

/// The fields of the form.
const FIELDS: &str = "file, kind, mapping, from, with, customer_source, dry_run";

/// Takes a file of records in: a job, which goes on whoever waits for it.
///
/// Each row becomes a record as on the command line, and is written as a batch writes it: rows that cannot be
/// taken are kept with the reasons, the others are there. What it wrote can be undone for 30 days; the file is kept
/// as long, or where customers were erased, until the import is over.
#[utoipa::path(operation_id = "create_import", tag = "imports", params(PreferHeader, IdempotencyKey),
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses((status = 201, body = Import, headers(("Location" = String, description = "The import's address")),
               description = "The import, over in time: its state says how it ended"),
              (status = 202, body = Import, headers(("Location" = String, description = "The import's address")),
               description = "The import, which goes on"), WriteProblems, Importer))]
#[post("/imports")]
async fn create_import(
    imports: Importer,
    request: HttpRequest,
    prefer: Prefer,
    Idempotent { key, body }: Idempotent<Form>,
) -> Result<HttpResponse, ApiError> {
    let ready = imports.ready(order(body)?).await?;
    let ordered = key.once(imports.db(), |conn| ready.enqueue(conn)).await?;
    imports.wake();
    let import = tokio::select! {
        import = imports.wait(ordered.value, prefer.wait) => import?,
        () = Draining::of(&request).begun() => imports.wait(ordered.value, Duration::ZERO).await?,
    };
    Ok(answer(&request, &import, ordered.is_replayed))
}

fn answer(request: &HttpRequest, import: &Import, is_replayed: bool) -> HttpResponse {
    let mut response = match import.finished_at {
        Some(_) => HttpResponse::Created(),
        None => HttpResponse::Accepted(),
    };
    response.insert_header((LOCATION, format!("{}/{}", request.path(), import.id)));
    if import.finished_at.is_none() {
        response.insert_header((RETRY_AFTER, "1"));
    }
    if is_replayed {
        response.insert_header(REPLAYED);
    }
    response.json(import)
}

/// What a form asks for.
fn order(mut form: Form) -> Result<Order, Failure> {
    let file = form.file("file").ok_or_else(|| missing("file"))?;
    let order = Order {
        file_name: file.name,
        file: file.bytes,
        kind: form.text("kind"),
        mapping: form.text("mapping"),
        from: form.text("from"),
        with: form.file("with").map(|file| file.bytes),
        customer_source: form.text("customer_source"),
        dry_run: form.text("dry_run").map_or(Ok(false), |text| flag(&text))?,
    };
    form.finish(FIELDS)?;
    Ok(order)
}

fn missing(name: &str) -> Failure {
    let reason = "is missing; send the file with its name, as a form of a browser does";
    Failure::invalid(vec![InvalidParam::new(name, FaultCode::Missing, reason)])
}

fn flag(text: &str) -> Result<bool, Failure> {
    text.parse().map_err(|_| {
        let reason = format!("is `{text}`; write true or false");
        let fault = InvalidParam::new("dry_run", FaultCode::WrongType, reason);
        Failure::invalid(vec![fault])
    })
}

/// Lists imports in the order of their making.
#[utoipa::path(operation_id = "list_imports", tag = "imports", params(SequenceQuery),
    responses((status = 200, body = ImportPage, description = "A page of imports"), ReadProblems, Reader))]
#[get("/imports")]
async fn list_imports(imports: Reader, query: Query<SequenceQuery>) -> ApiResult<ImportPage> {
    let list = imports
        .db()
        .read(move |conn| keepworth_imports::list(conn, &query));
    Ok(Json(list.await?))
}

/// One import as it stands.
#[utoipa::path(operation_id = "load_import", tag = "imports",
    params(("id" = Uuid, Path, description = "The import's identifier")),
    responses((status = 200, body = Import, description = "The import"), ReadProblems, Reader))]
#[get("/imports/{id}")]
async fn load_import(imports: Reader, id: Path<Uuid>) -> ApiResult<Import> {
    let id = RecordId(id.into_inner());
    let find = move |conn: &mut _| keepworth_imports::find_one(conn, id);
    Ok(Json(imports.db().read(find).await?))
}

/// Cancels an import: at once when it waits, soon when it is in work. What it wrote stays, and can be undone.
#[utoipa::path(operation_id = "cancel_import", tag = "imports",
    params(("id" = Uuid, Path, description = "The import's identifier")),
    responses((status = 200, body = Import, description = "The import as it then stands"), ReadProblems, Importer))]
#[post("/imports/{id}:cancel")]
async fn cancel_import(imports: Importer, id: Path<Uuid>) -> ApiResult<Import> {
    let id = RecordId(id.into_inner());
    let cancel = move |conn: &mut _| keepworth_imports::cancel(conn, id);
    let import = imports.db().write(cancel).await?;
    imports.wake();
    Ok(Json(import))
}

/// Takes back what an import wrote: what it created is gone, what it changed is as it was. All of it, or
/// nothing.
///
/// Refused with `changed_since` where a record is not as the import left it, or something that was written
/// later needs it, and with `period_closed` where one belongs to a closed month: the first of them are named,
/// with what to do. A segment that the import registered stays where others are in it. Entries and revenues
/// stay in the history of what was known, and what is put back there is known again from now on. Undoing
/// again changes nothing.
#[utoipa::path(operation_id = "undo_import", tag = "imports",
    params(("id" = Uuid, Path, description = "The import's identifier")),
    responses((status = 200, body = Import, description = "The import, undone"),
              (status = 409, body = Problem, content_type = "application/problem+json",
               description = "It cannot be undone as a whole, and nothing was"), ReadProblems, Importer))]
#[post("/imports/{id}:undo")]
async fn undo_import(imports: Importer, id: Path<Uuid>) -> ApiResult<Import> {
    Ok(Json(imports.undo(RecordId(id.into_inner())).await?))
}

/// The rows that an import did not take, in the order of the file.
#[utoipa::path(operation_id = "list_rejected_import_rows", tag = "imports",
    params(("id" = Uuid, Path, description = "The import's identifier"), SequenceQuery),
    responses((status = 200, body = RejectedImportRowPage, description = "A page of rows"), ReadProblems, Importer))]
#[get("/imports/{id}/rejected")]
async fn list_rejected_import_rows(
    imports: Importer,
    id: Path<Uuid>,
    query: Query<SequenceQuery>,
) -> ApiResult<RejectedImportRowPage> {
    let id = RecordId(id.into_inner());
    let list = move |conn: &mut _| keepworth_imports::list_rejected(conn, id, &query);
    Ok(Json(imports.db().read(list).await?))
}

/// The rows that an import did not take, as the file that they came in: its columns, and two for what is
/// wrong. It can be mended and imported as it is.
#[utoipa::path(operation_id = "load_rejected_file", tag = "imports",
    params(("id" = Uuid, Path, description = "The import's identifier")),
    responses((status = 200, body = String, content_type = "text/csv", description = "The rows"), ReadProblems, Importer))]
#[get("/imports/{id}/rejected/file")]
async fn load_rejected_file(imports: Importer, id: Path<Uuid>) -> Result<HttpResponse, ApiError> {
    let id = RecordId(id.into_inner());
    let file = move |conn: &mut _| keepworth_imports::rejected_file(conn, id);
    let bytes = imports.db().read_at_length(file).await?;
    let name = format!("attachment; filename=\"{id}.rejected.csv\"");
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, name))
        .body(bytes))
}
