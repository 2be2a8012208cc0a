//! Asking for the approval of a version.

use keepworth_contract::simulator::{
    ApprovalState, Run, ScenarioApproval, ScenarioDocument, ScenarioForecast, SubmissionInput,
};
use keepworth_contract::{FaultCode, InvalidParam, ProblemCode};
use keepworth_intake::Failure;
use keepworth_store::{Conn, RecordId};

use super::record::{Entry, enter};
use super::{Stands, freeze, gate};
use crate::Simulator;
use crate::app::actor::Deed;
use crate::app::policy;
use crate::app::run;
use crate::app::run::kept::KeptRun;
use crate::rule::approval::Step;
use crate::rule::gate::unsettled;
use crate::store::run::find_run;

/// A submission whose forecast is computed.
pub struct Submission {
    asked: SubmissionInput,
    forecast: ScenarioForecast,
}

/// Looks at what is asked for and computes its forecast, before a transaction begins.
pub async fn take(
    app: &Simulator,
    key: &str,
    asked: SubmissionInput,
) -> Result<Submission, Failure> {
    let (of, wanted) = (key.to_owned(), asked.clone());
    let look = move |conn: &mut Conn| {
        let stands = Stands::load(conn, &of, wanted.version)?;
        stands.step(Step::Submit)?;
        run_of(conn, &wanted, &stands.document)?;
        let kept = KeptRun::load(conn, RecordId(wanted.run_id))?;
        Ok::<_, Failure>((kept, stands.document))
    };
    let (run, document) = app.db().read(look).await?;
    let work = move || freeze::forecast(&run, &document);
    let forecast = tokio::task::spawn_blocking(work).await;
    let forecast = forecast.map_err(Failure::internal)??;
    Ok(Submission { asked, forecast })
}

/// Submits a version with a run, in the caller's transaction, unless the gate finds what is no asked exception.
pub fn submit(
    conn: &mut Conn,
    key: &str,
    submission: Result<Submission, Failure>,
) -> Result<ScenarioApproval, Failure> {
    let Submission { asked, forecast } = submission?;
    conn.lock_source("scenario", key)?;
    let stands = Stands::load(conn, key, asked.version)?;
    let before = stands.told(conn)?;
    let to = stands.step(Step::Submit)?;
    let run = run_of(conn, &asked, &stands.document)?;
    let policy = policy::load(conn, None)?;
    let findings = gate::find(conn, &stands.document, &run, &policy)?;
    let faults = unsettled("exceptions", &findings, &asked.exceptions);
    if !faults.is_empty() {
        return Err(Failure::invalid(faults));
    }
    let entry = Entry {
        policy_version: Some(policy.version),
        findings,
        exceptions: asked.exceptions,
        ..Entry::new(Deed::current()?, to, RecordId(asked.run_id))
    };
    enter(conn, &stands, &before, entry, Some(&forecast))
}

/// The run that is submitted: of exactly this version, on its baseline.
fn run_of(
    conn: &mut Conn,
    asked: &SubmissionInput,
    document: &ScenarioDocument,
) -> Result<Run, Failure> {
    let at =
        |code, reason: String| Failure::invalid(vec![InvalidParam::new("run_id", code, reason)]);
    let (key, version) = (&document.summary.key, document.summary.version);
    let way_out = format!(
        "run it: POST /v1/runs {{\"scenario_key\": \"{key}\", \"scenario_version\": {version}}}, and submit that run"
    );
    let id = RecordId(asked.run_id);
    if find_run(conn, id)?.is_none() {
        let reason = format!("no run has the id {id}; {way_out}");
        return Err(at(FaultCode::UnknownRun, reason));
    }
    let run = run::load(conn, id)?;
    let is_of = run
        .summary
        .scenario_version
        .as_ref()
        .is_some_and(|it| it.key == *key && it.version == version);
    if !is_of {
        let of = run.summary.scenario_version.as_ref().map_or_else(
            || "of a text that came with its order".to_owned(),
            |it| format!("of version {} of `{}`", it.version, it.key),
        );
        let reason = format!("is {of}, not of version {version} of `{key}`; {way_out}");
        return Err(at(FaultCode::OtherRun, reason));
    }
    if run.summary.baseline_hash != document.summary.baseline_hash {
        let reason = format!(
            "stands on the baseline {}, and the version on {}; {way_out}",
            run.summary.baseline_hash, document.summary.baseline_hash
        );
        return Err(at(FaultCode::OtherRun, reason));
    }
    Ok(run)
}

/// What is refused whatever is done: an archived scenario.
pub(super) fn refuse_archived(
    document: &ScenarioDocument,
    state: ApprovalState,
) -> Result<(), Failure> {
    match &document.summary.archived {
        Some(reason) if state != ApprovalState::Approved => {
            let key = &document.summary.key;
            let detail = format!(
                "`{key}` was archived: {reason}; fork it (POST /v1/scenarios/{key}:fork), run and submit that"
            );
            Err(Failure::conflict(ProblemCode::InUse, detail))
        }
        _ => Ok(()),
    }
}
