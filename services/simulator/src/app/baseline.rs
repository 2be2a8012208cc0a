//! Baselines: ordered, built, kept once, found.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use keepworth_contract::FaultCode;
use keepworth_contract::ProblemCode;
use keepworth_contract::simulator::curve::HazardModel;
use keepworth_contract::simulator::purchase::PurchaseModel;
use keepworth_contract::simulator::{
    BaselineInput, BaselineQuery, BaselineSummary, BaselineSummaryPage,
};
use keepworth_contract::{Currency, InvalidParam, JobKind};
use keepworth_intake::fault::not_come_yet;
use keepworth_intake::{Failure, page};
use keepworth_jobs::{Job, Reason, Room, Task, Write, enqueue as enqueue_job};
use keepworth_store::{Conn, Db, RecordId, StoreError};
use serde::{Deserialize, Serialize};

use crate::app::build::{self, Sources};
use crate::app::job::Product;
use crate::store::baseline::{self, BaselineRow, NewBaselineRow};
use crate::store::{backtest, run, scenario};

/// What to build.
#[derive(Debug, Serialize, Deserialize)]
pub struct Order {
    /// The last day whose facts count.
    pub as_of: NaiveDate,
    /// The model of leaving by segment, where the rule's choice is not wanted.
    #[serde(default)]
    pub hazard_models: BTreeMap<String, HazardModel>,
    /// The model of purchases by segment without a contract, where the rule's choice is not wanted.
    #[serde(default)]
    pub purchase_models: BTreeMap<String, PurchaseModel>,
    /// The currency that amounts are converted into.
    #[serde(default)]
    pub currency: Option<Currency>,
}

impl Order {
    /// As of a day, with nothing asked for beside it.
    #[must_use]
    pub fn of(as_of: NaiveDate) -> Self {
        Self {
            as_of,
            hazard_models: BTreeMap::new(),
            purchase_models: BTreeMap::new(),
            currency: None,
        }
    }
}

impl From<BaselineInput> for Order {
    fn from(input: BaselineInput) -> Self {
        Self {
            as_of: input.as_of,
            hazard_models: input.hazard_models,
            purchase_models: input.purchase_models,
            currency: input.currency,
        }
    }
}

/// Checks an order and puts it into the queue.
pub fn enqueue(conn: &mut Conn, room: Room, order: &Order) -> Result<Job, Failure> {
    let now = keepworth_store::now();
    refuse_future(order.as_of, now.date_naive())?;
    let input = serde_json::to_string(order).map_err(Failure::internal)?;
    enqueue_job(conn, JobKind::Baseline, room, input)
}

fn refuse_future(as_of: NaiveDate, today: NaiveDate) -> Result<(), Failure> {
    let why = not_come_yet(as_of, today);
    why.map_or(Ok(()), |why| {
        let param = InvalidParam::new("as_of", FaultCode::InTheFuture, why);
        Err(Failure::invalid(vec![param]))
    })
}

/// Builds what a job orders.
pub async fn compute(sources: Sources, task: &Task) -> Result<Write, Failure> {
    let order: Order = serde_json::from_str(&task.job.input).map_err(Failure::internal)?;
    let as_of = order.as_of;
    let build = async move { Ok(build::build(&sources, &order).await?) };
    let baseline = task.apart(build).await?;
    let row = NewBaselineRow {
        document: serde_json::to_string(&baseline).map_err(Failure::internal)?,
        hash: baseline.hash,
        id: RecordId::generate(),
        as_of,
        currency: baseline.currency,
        created_at: keepworth_store::now().naive_utc(),
    };
    Ok(Box::new(move |conn| keep(conn, row)))
}

/// The same records give the same document, and no second one is kept.
fn keep(conn: &mut Conn, row: NewBaselineRow) -> Result<String, Reason> {
    let is_new = baseline::insert_baseline(conn, &row).map_err(StoreError::from)?;
    let hash = row.hash;
    let product = Product::Baseline { hash, is_new };
    Ok(product.write()?)
}

/// Lists baselines.
pub async fn list(db: &Db, query: BaselineQuery) -> Result<BaselineSummaryPage, Failure> {
    page::check_moment("created_since", query.created_since)?;
    page::list(db, query, baseline::list_baselines, |row| row.id).await
}

/// The document of a baseline.
pub fn load(conn: &mut Conn, hash: &str) -> Result<String, Failure> {
    baseline::find_document(conn, hash)?.ok_or_else(|| unknown(hash))
}

/// Removes a baseline that no run, no backtest and no scenario stands on, in the caller's transaction.
pub fn remove(conn: &mut Conn, hash: &str) -> Result<(), Failure> {
    if !baseline::hold_alone(conn, hash)? {
        return Err(unknown(hash));
    }
    let runs = run::count_on(conn, hash)?;
    if runs > 0 {
        return Err(Failure::conflict(
            ProblemCode::InUse,
            format!(
                "{runs} runs stand on the baseline {hash}; remove them first: GET \
                 /v1/runs?baseline_hash={hash} lists them"
            ),
        ));
    }
    let backtests = backtest::count_on(conn, hash)?;
    if backtests > 0 {
        return Err(Failure::conflict(
            ProblemCode::InUse,
            format!(
                "{backtests} backtests stand on the baseline {hash}; remove them first: GET \
                 /v1/backtests?baseline_hash={hash} lists them"
            ),
        ));
    }
    let versions = scenario::count_on(conn, hash)?;
    if versions > 0 {
        return Err(Failure::conflict(
            ProblemCode::InUse,
            format!(
                "{versions} versions of scenarios stand on the baseline {hash}, and versions are never removed: it \
                 stays with them"
            ),
        ));
    }
    Ok(baseline::delete_baseline(conn, hash)?)
}

fn unknown(hash: &str) -> Failure {
    Failure::not_found(format!(
        "no baseline has the hash {hash}; GET /v1/baselines lists them"
    ))
}

impl From<BaselineRow> for BaselineSummary {
    fn from(row: BaselineRow) -> Self {
        Self {
            hash: row.hash,
            as_of: row.as_of,
            currency: row.currency,
            created_at: row.created_at.and_utc(),
        }
    }
}
