//! Two scenarios held against each other on the same draws, and the way from the one to the other.

use keepworth_access::Caller;
use keepworth_contract::simulator::{
    BridgeStep, ComparedInput, ComparedScenario, Comparison, ComparisonInput, RunInput,
};
use keepworth_contract::{FaultCode, InvalidParam};
use keepworth_intake::{Failure, Kind};
use keepworth_sim::{Model, Outcome, RunOptions, RunResult};
use keepworth_store::Conn;
use keepworth_verdict::{SimulationError, compare, told, told_estimate, told_statistics, words};

use crate::Simulator;
use crate::app::run::{Order, reference_to};
use crate::app::scenario::Ready;
use crate::app::scenario::written::failure;
use crate::app::what_if::TRIALS;
use crate::rule::scenario::steps;

/// The most steps of a bridge; what comes after is the last one's, too.
const MOST_STEPS: usize = 12;
/// The step from one baseline to another.
const BASELINE: &str = "baseline_hash";

/// Holds two scenarios against each other.
pub async fn answer(
    app: &Simulator,
    caller: &Caller,
    input: ComparisonInput,
) -> Result<Comparison, Failure> {
    check(&input)?;
    let ticket = app.desk().enter(caller, None)?;
    let asked = ticket.unless_taken_back(Asked::find(app, input)).await?;
    let answered = tokio::task::spawn_blocking(move || asked.answer());
    answered.await.map_err(Failure::internal)?
}

/// Two scenarios on their baselines, and what lies between.
struct Asked {
    from: Side,
    to: Side,
    /// What changes on the way, and the models that come of it; the last is that of `to`.
    stages: Vec<(Vec<String>, Model)>,
    options: RunOptions,
}

struct Side {
    order: Order,
    ready: Ready,
}

impl Asked {
    async fn find(app: &Simulator, input: ComparisonInput) -> Result<Self, Failure> {
        let order = |side: ComparedInput| RunInput {
            scenario: side.scenario,
            baseline_hash: side.baseline_hash,
            scenario_key: side.scenario_key,
            scenario_version: side.scenario_version,
            trials: input.trials,
            seed: input.seed,
            threads: Some(1),
            sampling: input.sampling,
            ledger: false,
        };
        let from = Side::find(app, order(input.from), "from").await?;
        let to = Side::find(app, order(input.to), "to").await?;
        let currencies = [&from, &to].map(|it| it.ready.on.baseline().currency.clone());
        if currencies[0] != currencies[1] {
            let reason = format!(
                "is in {}, and the other in {}; build a baseline in the other currency and put a version on it",
                currencies[1], currencies[0]
            );
            let fault = InvalidParam::new("to", FaultCode::MixedCurrencies, reason);
            return Err(Failure::invalid(vec![fault]));
        }
        Ok(Self {
            options: from.order.options(),
            stages: stages(app, &from.order, &to).await?,
            from,
            to,
        })
    }

    fn answer(self) -> Result<Comparison, Failure> {
        let (changed, models): (Vec<_>, Vec<_>) = self.stages.into_iter().unzip();
        let models = [vec![self.from.ready.model.clone()], models].concat();
        let baselines = [&self.from.ready.on, &self.to.ready.on];
        let found = compare(&models, baselines.map(AsRef::as_ref), &self.options);
        let found = found.map_err(|error| failure(SimulationError::Run(error)))?;
        let (Some(from), Some(to), Some(difference)) = (
            found.runs.first(),
            found.runs.last(),
            found.differences.last(),
        ) else {
            return Err(Failure::internal("nothing was compared"));
        };
        let labels = [&self.from, &self.to].map(Side::label);
        Ok(Comparison {
            answer: words::compared(labels, difference, self.options.trials),
            better: told_estimate(difference.better),
            npv_difference: told_statistics(&difference.npv).map_err(Failure::internal)?,
            bridge: bridge(changed, &found.runs),
            from: self.from.told(from)?,
            to: self.to.told(to)?,
        })
    }
}

impl Side {
    /// What is wrong with a side is told at it.
    async fn find(app: &Simulator, input: RunInput, name: &str) -> Result<Self, Failure> {
        let find = move |conn: &mut Conn| Order::find(conn, input);
        let found = async {
            let order = app.db().read(find).await?;
            let ready = Ready::find(app, &order.scenario, &order.baseline_hash).await?;
            Ok(Self { order, ready })
        };
        found.await.map_err(|failure: Failure| failure.within(name))
    }

    /// What it is called beside the other: two versions of one scenario have one name.
    fn label(&self) -> String {
        match (&self.order.scenario_key, self.order.scenario_version) {
            (Some(key), Some(version)) => format!("{key}, version {version}"),
            _ => self.ready.model.name().to_owned(),
        }
    }

    fn told(self, result: &RunResult) -> Result<ComparedScenario, Failure> {
        let mut result = result.clone();
        result.flags.extend(self.ready.flags);
        let kept = self.order.scenario_key.zip(self.order.scenario_version);
        let kept = kept.map(|(key, version)| reference_to(key, version));
        Ok(ComparedScenario {
            scenario_version: kept.transpose()?,
            verdict: words::of_run(&result),
            references: self.ready.references,
            result: told(&result).map_err(Failure::internal)?,
        })
    }
}

/// What lies between two scenarios: one change after the other, as far as what comes of it can be simulated.
async fn stages(
    app: &Simulator,
    from: &Order,
    to: &Side,
) -> Result<Vec<(Vec<String>, Model)>, Failure> {
    let mut candidates = Vec::new();
    if from.baseline_hash != to.order.baseline_hash {
        candidates.push((BASELINE.to_owned(), from.scenario.clone()));
    }
    let between = steps(&from.scenario, &to.order.scenario).map_err(Failure::internal)?;
    candidates.extend(between.into_iter().map(|it| (it.changed, it.text)));
    // With the last change it is the other one.
    let last = candidates.pop();
    let (mut stages, mut pending) = (Vec::new(), Vec::new());
    for (changed, text) in candidates {
        pending.push(changed);
        if stages.len() + 1 == MOST_STEPS {
            continue;
        }
        match Ready::find(app, &text, &to.order.baseline_hash).await {
            Ok(ready) => stages.push((std::mem::take(&mut pending), ready.model)),
            Err(failure) if failure.kind() == Kind::Invalid => (),
            Err(failure) => return Err(failure),
        }
    }
    pending.extend(last.map(|it| it.0));
    stages.push((pending, to.ready.model.clone()));
    Ok(stages)
}

fn bridge(changed: Vec<Vec<String>>, runs: &[RunResult]) -> Vec<BridgeStep> {
    let median = |run: &RunResult| {
        let npv = run.outcomes.get(&Outcome::Npv)?;
        Some((npv.p50.number()?, npv.mc_error.p50.unwrap_or(0.0)))
    };
    let steps = changed.into_iter().zip(runs.windows(2));
    let steps = steps.filter(|(changed, _)| !changed.is_empty());
    let told = steps.filter_map(|(changed, runs)| {
        let ((npv_before, _), (npv_after, mc_error)) = (median(&runs[0])?, median(&runs[1])?);
        Some(BridgeStep {
            changed,
            npv_before,
            npv_after,
            mc_error,
        })
    });
    told.collect()
}

fn check(input: &ComparisonInput) -> Result<(), Failure> {
    if TRIALS.contains(&input.trials) {
        return Ok(());
    }
    let reason = format!(
        "is {}; give {} to {}",
        input.trials,
        TRIALS.start(),
        TRIALS.end()
    );
    let fault = InvalidParam::new("trials", FaultCode::OutOfRange, reason);
    Err(Failure::invalid(vec![fault]))
}
