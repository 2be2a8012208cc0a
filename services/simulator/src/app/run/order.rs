//! An order of a run, from what a caller says to what is simulated.

use keepworth_contract::simulator::{RunInput, Sampling};
use keepworth_contract::{FaultCode, InvalidParam};
use keepworth_intake::Failure;
use keepworth_sim::RunOptions;
use keepworth_store::Conn;
use keepworth_verdict::FoundRate;
use serde::{Deserialize, Serialize};

use crate::Simulator;
use crate::app::scenario::written::Written;
use crate::app::scenario::{exchange_rates, find_version};

/// The most trials of one run, as its contract has it: minutes of every core. Memory does not grow beyond a million.
const MOST_TRIALS: u64 = 10_000_000;
/// The most threads of one run.
const MOST_THREADS: usize = 256;

/// An order whose scenario and baseline are found, as jobs keep it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) scenario: String,
    pub(crate) baseline_hash: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scenario_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scenario_version: Option<i32>,
    trials: u64,
    seed: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    threads: Option<usize>,
    #[serde(default)]
    sampling: Sampling,
    #[serde(default)]
    pub(super) ledger: bool,
}

/// An order, with what finance said of its currencies when it came.
#[derive(Debug, Clone)]
pub struct Taken {
    pub(super) order: Order,
    pub(super) rates: Vec<FoundRate>,
}

/// Finds what an order is of. Whatever becomes of the scenario's key and of the rates until it is in the queue, the run
/// is of what was there now.
pub async fn take(app: &Simulator, input: RunInput) -> Result<Taken, Failure> {
    check(&input)?;
    let find = move |conn: &mut Conn| Order::find(conn, input);
    let order = app.db().read(find).await?;
    let rates = exchange_rates(app, order.written()).await?;
    Ok(Taken { order, rates })
}

impl Order {
    pub(crate) fn find(conn: &mut Conn, input: RunInput) -> Result<Self, Failure> {
        let which = match (input.scenario, input.scenario_key) {
            (Some(scenario), None) => Which::text(scenario, input.baseline_hash)?,
            (None, Some(key)) => {
                Which::kept(conn, key, input.scenario_version, input.baseline_hash)?
            }
            (Some(_), Some(_)) => {
                let reason = "is given beside scenario_key; give the text, or the key of a scenario that is kept";
                return Err(at("scenario", FaultCode::Contradiction, reason));
            }
            (None, None) => {
                let reason =
                    "is missing; give the text of a scenario, or scenario_key for one that is kept";
                return Err(at("scenario", FaultCode::Missing, reason));
            }
        };
        Ok(Self {
            scenario: which.scenario,
            baseline_hash: which.baseline_hash,
            scenario_version: which.kept.as_ref().map(|(_, version)| *version),
            scenario_key: which.kept.map(|(key, _)| key),
            trials: input.trials,
            seed: input.seed,
            threads: input.threads,
            sampling: input.sampling,
            ledger: input.ledger,
        })
    }

    pub(crate) fn written(&self) -> Written<'_> {
        Written {
            scenario: &self.scenario,
            baseline_hash: &self.baseline_hash,
        }
    }

    pub(crate) fn options(&self) -> RunOptions {
        RunOptions {
            trials: self.trials,
            seed: self.seed,
            threads: self.threads,
            sampling: keepworth_verdict::sampling(self.sampling),
            ..RunOptions::default()
        }
    }
}

/// What is simulated, and of which version it is.
struct Which {
    scenario: String,
    baseline_hash: String,
    kept: Option<(String, i32)>,
}

impl Which {
    fn text(scenario: String, baseline_hash: Option<String>) -> Result<Self, Failure> {
        let reason = "is missing; a scenario's text stands on the baseline of a hash, as GET /v1/baselines lists them";
        let missing = || at("baseline_hash", FaultCode::Missing, reason);
        Ok(Self {
            scenario,
            baseline_hash: baseline_hash.ok_or_else(missing)?,
            kept: None,
        })
    }

    fn kept(
        conn: &mut Conn,
        key: String,
        version: Option<u32>,
        baseline_hash: Option<String>,
    ) -> Result<Self, Failure> {
        let row = find_version(conn, &key, version)?.ok_or_else(|| {
            let which = version.map_or_else(String::new, |it| format!(" in version {it}"));
            let reason =
                format!("no scenario is kept as `{key}`{which}; GET /v1/scenarios lists them");
            at("scenario_key", FaultCode::UnknownScenario, reason)
        })?;
        let kept = row.summary.version;
        if let Some(other) = baseline_hash.filter(|it| *it != row.summary.baseline_hash) {
            let reason = format!(
                "is `{other}`, and version {kept} of `{key}` stands on {}; leave it out, or put a version on the other \
                 baseline: PUT /v1/scenarios/{key}",
                row.summary.baseline_hash
            );
            return Err(at("baseline_hash", FaultCode::Contradiction, reason));
        }
        Ok(Self {
            scenario: row.scenario,
            baseline_hash: row.summary.baseline_hash,
            kept: Some((key, kept)),
        })
    }
}

fn at(name: &str, code: FaultCode, reason: impl Into<String>) -> Failure {
    Failure::invalid(vec![InvalidParam::new(name, code, reason)])
}

fn check(order: &RunInput) -> Result<(), Failure> {
    let mut faults = Vec::new();
    let text = order.scenario.as_deref().unwrap_or_default();
    let written = Written {
        scenario: text,
        baseline_hash: "",
    };
    faults.extend(written.oversize());
    if !(1..=MOST_TRIALS).contains(&order.trials) {
        let reason = format!(
            "is {}; give 1 to {MOST_TRIALS}, or run `keepworth simulate` for more",
            order.trials
        );
        faults.push(InvalidParam::new("trials", FaultCode::OutOfRange, reason));
    }
    if order
        .threads
        .is_some_and(|threads| !(1..=MOST_THREADS).contains(&threads))
    {
        let reason = format!("give 1 to {MOST_THREADS}, or leave it out for one per core");
        faults.push(InvalidParam::new("threads", FaultCode::OutOfRange, reason));
    }
    if order.scenario_version.is_some() && order.scenario_key.is_none() {
        let reason = "is given without scenario_key; say of which scenario";
        let code = FaultCode::Contradiction;
        faults.push(InvalidParam::new("scenario_version", code, reason));
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Failure::invalid(faults))
    }
}
