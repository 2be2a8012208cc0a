//! Approvals: a version of a scenario is submitted with a run of it, and approved, returned or closed by somebody else.
//! What was forecast when it was approved never changes.

mod decide;
mod freeze;
mod gate;
mod record;
mod submit;

use keepworth_contract::ProblemCode;
use keepworth_contract::simulator::{
    Actor, ApprovalState, ScenarioApproval, ScenarioDocument, ScenarioForecast, ScenarioReference,
};
use keepworth_intake::Failure;
use keepworth_store::{Conn, RecordId};

pub use decide::{approve, close, return_to_author};
pub use submit::{Submission, submit, take};

use crate::app::scenario::{find_version, load as load_scenario};
use crate::app::{actor, document, policy, run};
use crate::rule::approval::{Step, next};
use crate::store::approval::{self, ApprovalRow};

/// A version, and where it stands.
struct Stands {
    document: ScenarioDocument,
    /// Of a version that was submitted.
    row: Option<ApprovalRow>,
    state: ApprovalState,
}

impl Stands {
    fn load(conn: &mut Conn, key: &str, version: u32) -> Result<Self, Failure> {
        let document = load_scenario(conn, key, Some(version))?;
        let number = i32::try_from(version).map_err(Failure::internal)?;
        let row = approval::find_approval(conn, key, number)?;
        let state = match &row {
            Some(row) => row.state.0,
            None if approval::find_last_frozen(conn, key)? > Some(number) => {
                ApprovalState::Superseded
            }
            None => ApprovalState::Draft,
        };
        Ok(Self {
            document,
            row,
            state,
        })
    }

    fn key(&self) -> &str {
        &self.document.summary.key
    }

    fn version(&self) -> Result<i32, Failure> {
        i32::try_from(self.document.summary.version).map_err(Failure::internal)
    }

    /// Where a step takes it.
    fn step(&self, step: Step) -> Result<ApprovalState, Failure> {
        if step != Step::Close {
            submit::refuse_archived(&self.document, self.state)?;
        }
        next(self.state, step).map_err(|error| {
            let (key, version) = (self.key(), self.document.summary.version);
            let detail = format!("version {version} of `{key}`: {error}").replace("{key}", key);
            Failure::conflict(ProblemCode::WrongState, detail)
        })
    }

    /// Who wrote versions up to it, or submitted one of them.
    fn authors(&self, conn: &mut Conn) -> Result<Vec<Actor>, Failure> {
        let (key, version) = (self.key(), self.version()?);
        let mut texts: Vec<String> = approval::load_writers(conn, key, version)?
            .into_iter()
            .flatten()
            .collect();
        texts.extend(approval::load_submitters(conn, key, version)?);
        let mut authors: Vec<Actor> = Vec::new();
        for text in texts {
            let author = actor::read(&text)?;
            if !authors.contains(&author) {
                authors.push(author);
            }
        }
        Ok(authors)
    }

    fn told(&self, conn: &mut Conn) -> Result<ScenarioApproval, Failure> {
        let summary = &self.document.summary;
        let steps = approval::load_transitions(conn, &summary.key, self.version()?)?;
        let transitions = steps.into_iter().map(TryInto::try_into);
        let newest = find_version(conn, &summary.key, None)?;
        let newest = newest.map_or(1, |it| it.summary.version);
        let waiting = self
            .row
            .as_ref()
            .filter(|_| self.state == ApprovalState::Submitted);
        let findings = match waiting {
            Some(row) => {
                let run = run::load(conn, row.run_id)?;
                let policy = policy::load(conn, None)?;
                gate::find(conn, &self.document, &run, &policy)?
            }
            None => Vec::new(),
        };
        Ok(ScenarioApproval {
            scenario: ScenarioReference {
                key: summary.key.clone(),
                version: summary.version,
            },
            scenario_hash: summary.hash.clone(),
            baseline_hash: summary.baseline_hash.clone(),
            newest_version: u32::try_from(newest).map_err(Failure::internal)?,
            state: self.state,
            run_id: self.row.as_ref().map(|it| it.run_id.0),
            authors: self.authors(conn)?,
            findings,
            transitions: transitions.collect::<Result<_, Failure>>()?,
        })
    }
}

/// Where a version stands, or the newest, and how it came there.
pub fn load(conn: &mut Conn, key: &str, version: Option<u32>) -> Result<ScenarioApproval, Failure> {
    let version = load_scenario(conn, key, version)?.summary.version;
    Stands::load(conn, key, version)?.told(conn)
}

/// What was forecast when a version was approved, or the last one that was.
pub fn load_forecast(
    conn: &mut Conn,
    key: &str,
    version: Option<u32>,
) -> Result<ScenarioForecast, Failure> {
    load_scenario(conn, key, version)?;
    let number = match version {
        Some(version) => i32::try_from(version).ok(),
        None => approval::find_last_frozen(conn, key)?,
    };
    let frozen = match number {
        Some(number) => approval::find_frozen(conn, key, number)?,
        None => None,
    };
    let row = frozen.ok_or_else(|| {
        let which = version.map_or_else(
            || format!("no version of `{key}`"),
            |version| format!("version {version} of `{key}`"),
        );
        let not = if version.is_some() { " not" } else { "" };
        Failure::not_found(format!(
            "{which} was{not} approved, and a forecast is frozen with the approval: POST /v1/scenarios/{key}:submit asks for it"
        ))
    })?;
    document::read(&row.forecast)
}

/// That a run stays because somebody decides, or has decided, on it.
pub(crate) fn refuse_decided(conn: &mut Conn, run: RecordId) -> Result<(), Failure> {
    let Some(row) = approval::find_of_run(conn, run)? else {
        return Ok(());
    };
    let (key, version) = (row.scenario_key, row.scenario_version);
    let detail = format!(
        "version {version} of `{key}` was submitted with the run {run}, which stays with its record: GET \
         /v1/scenarios/{key}/approval?version={version}"
    );
    Err(Failure::conflict(ProblemCode::InUse, detail))
}
