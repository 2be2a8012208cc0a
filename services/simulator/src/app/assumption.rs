//! The register of a scenario's assumptions: what is taken to be so, how much hangs on it, and who last looked.

use std::collections::HashMap;

use keepworth_contract::finance::Grade;
use keepworth_contract::simulator::{
    Assumption, AssumptionCheck, AssumptionCheckInput, AssumptionOrigin, AssumptionQuery,
    AssumptionRegister, ScenarioReference,
};
use keepworth_contract::{FaultCode, InvalidParam};
use keepworth_intake::{Failure, fault};
use keepworth_sim::version;
use keepworth_store::{Conn, RecordId};
use keepworth_verdict::{assumptions, weighing};

use crate::Simulator;
use crate::app::scenario::{Ready, load};
use crate::app::what_if::threads;
use crate::rule::scenario::nearest;
use crate::store::assumption::{self, AssumptionCheckRow};

/// The longest owner, in characters.
const LONGEST_OWNER: usize = 200;
/// The longest note, in characters.
const LONGEST_NOTE: usize = 1_000;
/// Names that are told to somebody who names none that is there.
const MOST_NAMED: usize = 8;

/// The register of a version of a scenario.
pub async fn register(
    app: &Simulator,
    key: String,
    query: AssumptionQuery,
) -> Result<AssumptionRegister, Failure> {
    check_query(&query)?;
    let version = query.version;
    let read = move |conn: &mut Conn| {
        let document = load(conn, &key, version)?;
        Ok::<_, Failure>((document, latest_checks(conn, &key)?))
    };
    let (document, checks) = app.db().read(read).await?;
    let ready = Ready::find(app, &document.scenario, &document.summary.baseline_hash).await?;
    let options = weighing(Some(threads()));
    let (trials, seed) = (options.trials, options.seed);
    let text = document.scenario;
    let weighing = tokio::task::spawn_blocking(move || {
        let items = assumptions(&ready.model, &text, &options).map_err(Failure::internal)?;
        Ok::<_, Failure>((items, ready.model.input_hash().to_owned()))
    });
    let (items, input_hash) = weighing.await.map_err(Failure::internal)??;
    let total = u32::try_from(items.len()).map_err(Failure::internal)?;
    Ok(AssumptionRegister {
        scenario: ScenarioReference {
            key: document.summary.key,
            version: document.summary.version,
        },
        baseline_hash: document.summary.baseline_hash,
        input_hash,
        engine_version: version::current().to_owned(),
        trials,
        seed,
        total,
        items: checked(items, checks)
            .filter(|it| is_asked(it, &query))
            .collect(),
    })
}

/// Writes down that somebody looked whether an assumption is still so, in the caller's transaction.
pub fn check(
    conn: &mut Conn,
    key: &str,
    known: &[String],
    check: &AssumptionCheckInput,
) -> Result<AssumptionCheck, Failure> {
    let mut faults = Vec::from_iter(fault::text("owner", &check.owner, LONGEST_OWNER));
    let note = check.note.as_deref();
    faults.extend(note.and_then(|it| fault::text("note", it, LONGEST_NOTE)));
    let today = keepworth_store::now().date_naive();
    faults.extend(fault::past("checked_on", check.checked_on, today));
    if !known.contains(&check.input) {
        let near = nearest(known.iter().map(String::as_str), &check.input, MOST_NAMED);
        let reason = format!(
            "is `{}`, which the newest version of `{key}` does not draw; near it are `{near}`: GET \
             /v1/scenarios/{key}/assumptions lists all",
            check.input
        );
        faults.push(InvalidParam::new("input", FaultCode::UnknownPlace, reason));
    }
    if !faults.is_empty() {
        return Err(Failure::invalid(faults));
    }
    let row = AssumptionCheckRow {
        id: RecordId::generate(),
        scenario_key: key.to_owned(),
        input: check.input.clone(),
        owner: check.owner.clone(),
        checked_on: check.checked_on,
        note: check.note.clone(),
        recorded_at: keepworth_store::now().naive_utc(),
    };
    assumption::insert_check(conn, &row)?;
    Ok(row.into())
}

/// The names of what the newest version of a scenario draws: asked before a transaction begins.
pub async fn inputs(app: &Simulator, key: &str) -> Result<Vec<String>, Failure> {
    let of = key.to_owned();
    let document = app.db().read(move |conn| load(conn, &of, None)).await?;
    let ready = Ready::find(app, &document.scenario, &document.summary.baseline_hash).await?;
    let names = ready.model.inputs().iter().map(|it| it.name.clone());
    Ok(names.collect())
}

/// Who last looked at an assumption, by its name.
pub(crate) type Checks = HashMap<String, AssumptionCheck>;

/// The last check of each assumption of a scenario.
pub(crate) fn latest_checks(conn: &mut Conn, key: &str) -> Result<Checks, Failure> {
    // They come in the order of their days, so that the last one stays.
    let checks = assumption::load_checks(conn, key)?.into_iter();
    Ok(checks.map(|it| (it.input.clone(), it.into())).collect())
}

/// Assumptions with who last looked at them.
pub(crate) fn checked(
    items: Vec<Assumption>,
    mut checks: Checks,
) -> impl Iterator<Item = Assumption> {
    items.into_iter().map(move |it| Assumption {
        check: checks.remove(&it.input),
        ..it
    })
}

/// Whether an assumption is asked for. What nobody backs, and no record says, is stated.
fn is_asked(it: &Assumption, query: &AssumptionQuery) -> bool {
    let stated = match it.origin {
        AssumptionOrigin::Records => None,
        AssumptionOrigin::Scenario => Some(Grade::D),
    };
    query.deciding.is_none_or(|most| it.rank <= most)
        && query
            .grade
            .is_none_or(|grade| it.grade.or(stated) == Some(grade))
}

fn check_query(query: &AssumptionQuery) -> Result<(), Failure> {
    match query.deciding {
        Some(most) if !(1..=1_000).contains(&most) => {
            let reason = format!("is {most}; give 1 to 1000, such as 5");
            let fault = InvalidParam::new("deciding", FaultCode::OutOfRange, reason);
            Err(Failure::invalid(vec![fault]))
        }
        _ => Ok(()),
    }
}

impl From<AssumptionCheckRow> for AssumptionCheck {
    fn from(row: AssumptionCheckRow) -> Self {
        Self {
            id: row.id.0,
            input: row.input,
            owner: row.owner,
            checked_on: row.checked_on,
            note: row.note,
            recorded_at: row.recorded_at.and_utc(),
        }
    }
}
