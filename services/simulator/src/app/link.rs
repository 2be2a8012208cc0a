//! Links: ordered, estimated from the feeds, kept, found.

use keepworth_contract::JobKind;
use keepworth_contract::ProblemCode;
use keepworth_contract::experience::ExposureRow;
use keepworth_contract::rows::{FeedRows, Rows};
use keepworth_contract::simulator::baseline::FeedReference;
use keepworth_contract::simulator::{Link, LinkInput, LinkQuery, LinkSummary, LinkSummaryPage};
use keepworth_intake::{Failure, page, version};
use keepworth_jobs::{Job, Reason, Room, Task, Write, enqueue as enqueue_job};
use keepworth_store::{Conn, Db, RecordId, StoreError};

use crate::BuildError;
use crate::app::build::Sources;
use crate::app::job::Product;
use crate::app::lives::for_each_life;
use crate::rule::link::cells::{CellError, LinkCells};
use crate::rule::link::estimate::{EstimateError, estimate};
use crate::rule::link::plan::{Plan, Recorded, faults};
use crate::rule::link::told::told;
use crate::store::link::{self, LinkRow, LinkSummaryRow};

/// Checks an order as far as that goes without records, and puts it into the queue.
pub fn enqueue(conn: &mut Conn, room: Room, order: &LinkInput) -> Result<Job, Failure> {
    let faults = faults(order, keepworth_store::now().date_naive());
    if !faults.is_empty() {
        return Err(Failure::invalid(faults));
    }
    let input = serde_json::to_string(order).map_err(Failure::internal)?;
    enqueue_job(conn, JobKind::Link, room, input)
}

/// Estimates what a job orders.
pub async fn compute(sources: Sources, task: &Task) -> Result<Write, Failure> {
    let order: LinkInput = serde_json::from_str(&task.job.input).map_err(Failure::internal)?;
    let link = task
        .apart(async move { fit(&sources, &order).await })
        .await?;
    let row = LinkRow {
        id: RecordId(link.id),
        exposure: link.definition.exposure.into(),
        verdict: link.verdict.into(),
        reason: link.reason.clone(),
        as_of: link.definition.as_of,
        document: serde_json::to_string(&link).map_err(Failure::internal)?,
        created_at: link.created_at.naive_utc(),
    };
    Ok(Box::new(move |conn| keep(conn, &row)))
}

fn keep(conn: &mut Conn, row: &LinkRow) -> Result<String, Reason> {
    link::insert_link(conn, row).map_err(StoreError::from)?;
    let product = Product::Link { id: row.id };
    Ok(product.write()?)
}

/// Reads the exposures twice: which months count depends on when records begin, which is known at their end, and
/// neither rows nor customers are kept.
async fn fit(sources: &Sources, order: &LinkInput) -> Result<Link, Failure> {
    let (recorded, before) = recorded(sources, order).await?;
    let plan = Plan::new(order, &recorded).map_err(|fault| Failure::invalid(vec![fault]))?;
    let mut cells = LinkCells::new(plan, &order.confounders, &order.control_causes);
    let read = for_each_life(sources, order.as_of, |episode, theirs| {
        Ok::<_, Failure>(cells.add(episode, theirs)?)
    });
    let read = read.await?;
    if !read.references.iter().any(|it| Some(it) == before.as_ref()) {
        return Err(BuildError::Changed.into());
    }
    let estimated = estimate(&cells)?;
    let (id, now) = (RecordId::generate(), keepworth_store::now());
    let mut link = told(
        id.0,
        &cells,
        &order.control_causes,
        estimated,
        read.references,
        now,
    );
    link.quality_flags.extend(read.strangers);
    Ok(link)
}

async fn recorded(
    sources: &Sources,
    order: &LinkInput,
) -> Result<(Recorded, Option<FeedReference>), Failure> {
    let feed = sources.experience.feed("exposures", order.as_of).await;
    let mut rows = FeedRows::<ExposureRow>::new(feed.map_err(BuildError::from)?);
    let mut recorded = Recorded::default();
    while let Some(row) = rows.next().await.map_err(BuildError::from)? {
        recorded.add(&row).map_err(BuildError::from)?;
    }
    Ok((recorded, rows.reference()))
}

impl From<CellError> for Failure {
    fn from(error: CellError) -> Self {
        match error {
            CellError::Month(error) => BuildError::Month(error).into(),
            CellError::TooMany(fault) => Self::invalid(vec![fault]),
        }
    }
}

impl From<EstimateError> for Failure {
    fn from(error: EstimateError) -> Self {
        let code = match error {
            EstimateError::Nobody { .. } => ProblemCode::NoCustomers,
            EstimateError::Constant { .. } | EstimateError::Model(_) | EstimateError::Month(_) => {
                ProblemCode::NoHazard
            }
        };
        Self::conflict(code, error.to_string())
    }
}

/// Lists links.
pub async fn list(db: &Db, query: LinkQuery) -> Result<LinkSummaryPage, Failure> {
    page::check_moment("created_since", query.created_since)?;
    page::list(db, query, link::list_links, |row| row.id).await
}

/// One link with its evidence.
pub fn load(conn: &mut Conn, id: RecordId) -> Result<Link, Failure> {
    let document = link::find_document(conn, id)?.ok_or_else(|| unknown(id))?;
    serde_json::from_str(&document).map_err(Failure::internal)
}

/// Removes a link, in the caller's transaction. Runs that went through it keep what they took from it.
pub fn remove(conn: &mut Conn, id: RecordId) -> Result<(), Failure> {
    version::note_change(Some(&load(conn, id)?), None)?;
    if link::delete_link(conn, id)? {
        Ok(())
    } else {
        Err(unknown(id))
    }
}

fn unknown(id: RecordId) -> Failure {
    Failure::not_found(format!("no link has the id {id}; GET /v1/links lists them"))
}

impl From<LinkSummaryRow> for LinkSummary {
    fn from(row: LinkSummaryRow) -> Self {
        Self {
            id: row.id.0,
            exposure: row.exposure.0,
            verdict: row.verdict.0,
            reason: row.reason,
            as_of: row.as_of,
            created_at: row.created_at.and_utc(),
        }
    }
}
