//! What a scenario would come to with something in it otherwise: computed at once, kept nowhere.

mod desk;

use keepworth_access::Caller;
use keepworth_contract::simulator::{
    RunInput, ScenarioChange, ScenarioReference, WhatIf, WhatIfInput,
};
use keepworth_contract::{FaultCode, InvalidParam};
use keepworth_intake::{Failure, fault};
use keepworth_sim::explain::{self, ExplainError};
use keepworth_sim::{Control, RunError, RunOptions};
use keepworth_store::Conn;
use keepworth_verdict::{SimulationError, told, told_swings, what_if, words};

pub(crate) use desk::Desk;

use crate::Simulator;
use crate::app::run::{Order, reference_to};
use crate::app::scenario::Ready;
use crate::app::scenario::written::failure;
use crate::rule::scenario::amend;
use desk::{Turn, superseded};

/// Few enough futures to be drawn while somebody looks, and enough to tell the error of a swing.
pub(crate) const TRIALS: std::ops::RangeInclusive<u64> = 160..=20_000;
/// The most changes of one question.
const MOST_CHANGES: usize = 100;
/// The longest name of a slider, in characters.
const LONGEST_SLIDER: usize = 64;
/// The most threads on which a question is answered: it has no more than twenty parts.
const MOST_THREADS: usize = 8;

/// Answers a question, when it is its turn and for as long as its caller needs the answer.
pub async fn answer(
    app: &Simulator,
    caller: &Caller,
    input: WhatIfInput,
) -> Result<WhatIf, Failure> {
    check(&input)?;
    let ticket = app.desk().enter(caller, input.slider.as_deref())?;
    let asked = ticket.unless_taken_back(Asked::find(app, input)).await?;
    let turn = ticket.turn().await?;
    let answered = tokio::task::spawn_blocking(move || asked.answer(turn));
    answered.await.map_err(Failure::internal)?
}

/// A question whose scenario is put on its baseline.
struct Asked {
    scenario: String,
    scenario_version: Option<ScenarioReference>,
    changes: Vec<ScenarioChange>,
    ready: Ready,
    options: RunOptions,
}

impl Asked {
    async fn find(app: &Simulator, input: WhatIfInput) -> Result<Self, Failure> {
        let begin = move |conn: &mut Conn| changed(conn, input);
        let (order, changes) = app.db().read(begin).await?;
        let kept = order.scenario_key.clone().zip(order.scenario_version);
        let kept = kept.map(|(key, version)| reference_to(key, version));
        Ok(Self {
            ready: Ready::find(app, &order.scenario, &order.baseline_hash).await?,
            options: options(&order),
            scenario: order.scenario,
            scenario_version: kept.transpose()?,
            changes,
        })
    }

    /// Draws the futures. Whoever needs the answer no more has given up the turn's flag.
    fn answer(self, turn: Turn) -> Result<WhatIf, Failure> {
        let control = Control {
            progress: None,
            cancel: Some(turn.stop_flag()),
        };
        let Ready {
            model,
            on,
            references,
            flags,
        } = self.ready;
        let found = what_if(&model, &on, &self.options, &control).map_err(not_found)?;
        drop(turn);
        let explain::WhatIf {
            mut result,
            tornado,
        } = found;
        result.flags.extend(flags);
        Ok(WhatIf {
            scenario_version: self.scenario_version,
            scenario: self.scenario,
            changes: self.changes,
            verdict: words::of_run(&result),
            references,
            result: told(&result).map_err(Failure::internal)?,
            tornado: told_swings(&tornado).map_err(Failure::internal)?,
        })
    }
}

/// The scenario that is asked about, with what would be otherwise in it.
fn changed(conn: &mut Conn, input: WhatIfInput) -> Result<(Order, Vec<ScenarioChange>), Failure> {
    let changes = input.changes;
    let mut order = Order::find(
        conn,
        RunInput {
            scenario: input.scenario,
            baseline_hash: input.baseline_hash,
            scenario_key: input.scenario_key,
            scenario_version: input.scenario_version,
            trials: input.trials,
            seed: input.seed,
            threads: None,
            sampling: input.sampling,
            ledger: false,
        },
    )?;
    let amended = amend(&order.scenario, &changes).map_err(Failure::invalid)?;
    order.scenario = amended.text;
    Ok((order, amended.changes))
}

fn options(order: &Order) -> RunOptions {
    RunOptions {
        threads: Some(threads()),
        ..order.options()
    }
}

/// Threads of its own, so that a long run on those of the process does not keep an answer waiting.
pub(crate) fn threads() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    cores.min(MOST_THREADS)
}

fn not_found(error: ExplainError) -> Failure {
    match error {
        ExplainError::Run(RunError::Cancelled { .. }) => superseded(),
        ExplainError::Run(error) => failure(SimulationError::Run(error)),
        error => Failure::internal(error),
    }
}

fn check(input: &WhatIfInput) -> Result<(), Failure> {
    let mut faults = Vec::new();
    if !TRIALS.contains(&input.trials) {
        let reason = format!(
            "is {}; give {} to {}, or order a run: POST /v1/runs",
            input.trials,
            TRIALS.start(),
            TRIALS.end()
        );
        faults.push(InvalidParam::new("trials", FaultCode::OutOfRange, reason));
    }
    if input.changes.len() > MOST_CHANGES {
        let reason = format!(
            "are {}; give at most {MOST_CHANGES}, or the whole text",
            input.changes.len()
        );
        faults.push(InvalidParam::new("changes", FaultCode::TooMany, reason));
    }
    let slider = input.slider.as_deref();
    faults.extend(slider.and_then(|it| fault::text("slider", it, LONGEST_SLIDER)));
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Failure::invalid(faults))
    }
}
