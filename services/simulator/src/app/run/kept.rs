//! A kept run, and all that it takes to draw its futures again.

use keepworth_contract::ProblemCode;
use keepworth_contract::simulator as wire;
use keepworth_contract::simulator::baseline::Baseline;
use keepworth_intake::Failure;
use keepworth_sim::version::changes_since;
use keepworth_sim::{Model, RunOptions, Scenario};
use keepworth_store::{Conn, RecordId};
use keepworth_verdict::{options_of, prepare};

use super::unknown;
use crate::app::document::read;
use crate::app::scenario::written::load_baseline;
use crate::store::reference::count_references;
use crate::store::run::{self, RunRow};

/// A run as it was kept. Whatever has become of what its scenario referred to, the futures are those that were seen.
pub(crate) struct KeptRun {
    pub(crate) id: RecordId,
    pub(crate) result: wire::RunResult,
    pub(crate) scenario: Scenario,
    /// The scenario as it was written.
    pub(crate) text: String,
    /// The key of the kept scenario that it is of.
    pub(crate) key: Option<String>,
    pub(crate) baseline: Baseline,
    pub(crate) options: RunOptions,
}

impl KeptRun {
    /// Finds it, to the last bit as it was.
    ///
    /// # Errors
    /// No such run; one of another engine, or of which what it referred to was not kept.
    pub(crate) fn load(conn: &mut Conn, id: RecordId) -> Result<Self, Failure> {
        let kept = Self::of_any_engine(conn, id)?;
        check_engine(&kept.result)?;
        Ok(kept)
    }

    /// Finds it, whichever engine drew it: its futures may come to other figures today.
    ///
    /// # Errors
    /// No such run; one of which what it referred to was not kept.
    pub(crate) fn of_any_engine(conn: &mut Conn, id: RecordId) -> Result<Self, Failure> {
        let row = run::find_run(conn, id)?.ok_or_else(|| unknown(id))?;
        let result: wire::RunResult = read(&row.result)?;
        let has_references = count_references(conn, id)? > 0;
        Ok(Self {
            id,
            scenario: scenario(&row, has_references)?,
            baseline: load_baseline(conn, &row.baseline_hash)?,
            options: options_of(&read(&row.options)?),
            text: row.scenario,
            key: row.scenario_key,
            result,
        })
    }

    /// What was drawn.
    ///
    /// # Errors
    /// A scenario that no longer fits its baseline.
    pub(crate) fn model(&self) -> Result<Model, Failure> {
        let model = prepare(&self.scenario, &self.baseline);
        model.map_err(|error| irreproducible(&error.to_string()))
    }
}

/// What was simulated.
fn scenario(row: &RunRow, has_references: bool) -> Result<Scenario, Failure> {
    match &row.resolved_scenario {
        Some(resolved) => read(resolved),
        None if has_references => Err(irreproducible(
            "it was kept by a release that did not keep what its scenario referred to",
        )),
        None => Scenario::from_toml(&row.scenario).map_err(|it| irreproducible(&it.to_string())),
    }
}

/// Other figures under the name of a run would be worse than none.
fn check_engine(kept: &wire::RunResult) -> Result<(), Failure> {
    let changes = changes_since(&kept.engine_version);
    let Some(newest) = changes.last() else {
        return Ok(());
    };
    Err(irreproducible(&format!(
        "it is of engine {} and this is {}, which comes to other figures (`engine_changes` of GET /v1/runs/ID says why)",
        kept.engine_version, newest.name
    )))
}

pub(super) fn irreproducible(why: &str) -> Failure {
    let reason = format!(
        "the run cannot be made again as it was kept: {why}; order its scenario anew with POST /v1/runs and go on with \
         that, or read what was kept with GET /v1/runs/ID"
    );
    Failure::conflict(ProblemCode::RunNotReproducible, reason)
}
