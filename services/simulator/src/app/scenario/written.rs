//! A scenario as somebody wrote it, on the baseline that it is to stand on: what a run and a kept version both check.

use keepworth_contract::simulator::baseline::Baseline;
use keepworth_contract::{FaultCode, InvalidParam, ProgrammeKey};
use keepworth_intake::{Failure, fault};
use keepworth_jobs::cancelled;
use keepworth_sim::{RunError, Scenario, ScenarioError};
use keepworth_store::Conn;
use keepworth_verdict::{
    FoundRate, ReferError, Referred, SimulationError, WorldError, prepare, refer,
};

use crate::app::evidence::Shelf;
use crate::store::baseline;

/// The longest scenario, in bytes.
const LONGEST_SCENARIO: usize = 1024 * 1024;
/// The most initiatives of a scenario.
const MOST_INITIATIVES: usize = 200;
/// The longest name of a scenario or an initiative, in characters.
const LONGEST_NAME: usize = 200;

/// The text of a scenario, and the hash of its baseline.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written<'a> {
    pub(crate) scenario: &'a str,
    pub(crate) baseline_hash: &'a str,
}

impl Written<'_> {
    /// Why the text is not even read, if it is not.
    pub(crate) fn oversize(&self) -> Option<InvalidParam> {
        let bytes = self.scenario.len();
        (bytes > LONGEST_SCENARIO).then(|| {
            let reason = format!("has {bytes} bytes; give at most {LONGEST_SCENARIO}");
            InvalidParam::new("scenario", FaultCode::TooLong, reason)
        })
    }

    /// What the text says, whatever it stands on.
    pub(crate) fn read(&self) -> Result<Scenario, Failure> {
        if let Some(fault) = self.oversize() {
            return Err(Failure::invalid(vec![fault]));
        }
        let scenario = Scenario::from_toml(self.scenario).map_err(|error| refused(&error))?;
        refuse_oversize(&scenario)?;
        Ok(scenario)
    }

    /// What it says on its baseline, with figures in place of its references: ready to be run.
    pub(crate) fn on_baseline(
        &self,
        conn: &mut Conn,
        rates: &[FoundRate],
    ) -> Result<Referred, Failure> {
        let baseline = load_baseline(conn, self.baseline_hash)?;
        let referred = self.refer_on(conn, &baseline, rates)?;
        prepare(&referred.scenario, &baseline).map_err(failure)?;
        Ok(referred)
    }

    /// The same on a baseline that is at hand, which the caller puts it on.
    pub(crate) fn refer_on(
        &self,
        conn: &mut Conn,
        baseline: &Baseline,
        rates: &[FoundRate],
    ) -> Result<Referred, Failure> {
        let scenario = self.read()?;
        let mut shelf = Shelf {
            conn,
            as_of: baseline.as_of,
            currency: &baseline.currency,
            rates,
        };
        refer(&scenario, &mut shelf).map_err(|error| match error {
            ReferError::Scenario(error) => refused(&error),
            ReferError::Library(failure) => failure,
        })
    }
}

/// The baseline that a request names.
pub(crate) fn load_baseline(conn: &mut Conn, hash: &str) -> Result<Baseline, Failure> {
    let Some(document) = baseline::find_document(conn, hash)? else {
        let reason = format!("no baseline has the hash `{hash}`; POST /v1/baselines builds one");
        let (name, code) = ("baseline_hash", FaultCode::UnknownBaseline);
        return Err(Failure::invalid(vec![InvalidParam::new(
            name, code, reason,
        )]));
    };
    serde_json::from_str(&document).map_err(Failure::internal)
}

fn refuse_oversize(scenario: &Scenario) -> Result<(), Failure> {
    let mut faults = Vec::new();
    if scenario.initiatives.len() > MOST_INITIATIVES {
        let reason = format!(
            "are {}; give at most {MOST_INITIATIVES}, or split the programme",
            scenario.initiatives.len()
        );
        let name = "scenario/initiatives";
        faults.push(InvalidParam::new(name, FaultCode::TooMany, reason));
    }
    faults.extend(fault::text("scenario/name", &scenario.name, LONGEST_NAME));
    for (index, it) in scenario.initiatives.iter().enumerate() {
        let name = format!("scenario/initiatives/{index}/key");
        let key = it.key.as_deref();
        faults.extend(key.and_then(|key| fault::text(&name, key, ProgrammeKey::LONGEST)));
    }
    let names = scenario.initiatives.iter().enumerate();
    faults.extend(names.filter_map(|(index, it)| {
        let name = format!("scenario/initiatives/{index}/name");
        fault::text(&name, &it.name, LONGEST_NAME)
    }));
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Failure::invalid(faults))
    }
}

/// What whoever asks for a simulation is told of why there is none.
pub(crate) fn failure(error: SimulationError) -> Failure {
    let invalid = |name: &str, code: FaultCode, reason: String| {
        Failure::invalid(vec![InvalidParam::new(name, code, reason)])
    };
    match error {
        SimulationError::Scenario(error) => refused(&error),
        SimulationError::Baseline(error @ WorldError::Missing { .. }) => {
            invalid("scenario", FaultCode::FigureMissing, error.to_string())
        }
        SimulationError::Baseline(error) => invalid(
            "baseline_hash",
            FaultCode::UnusableBaseline,
            error.to_string(),
        ),
        SimulationError::Run(RunError::Plan(error)) => {
            invalid("sampling", FaultCode::CannotBeSampled, error.to_string())
        }
        SimulationError::Run(RunError::Cancelled { .. }) => cancelled(),
        SimulationError::Run(error) => Failure::internal(error),
    }
}

fn refused(error: &ScenarioError) -> Failure {
    let name = match error.path.as_str() {
        "" => "scenario".to_owned(),
        path => format!("scenario/{path}"),
    };
    let (code, reason) = (FaultCode::InvalidScenario, error.to_string());
    Failure::invalid(vec![InvalidParam::new(name, code, reason)])
}
