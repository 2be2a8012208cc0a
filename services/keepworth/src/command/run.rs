//! `keepworth run`: runs that the simulator keeps.

mod ask;
mod wording;

use clap::Subcommand;
use keepworth_contract::MAX_PAGE_SIZE;
use keepworth_contract::client::all_pages;
use keepworth_contract::simulator::{RunInput, RunQuery, Sampling, SimulatorClient};
use uuid::Uuid;

use crate::Global;
use crate::command::Outcome;
use crate::command::asking::Asking;
use crate::command::kept_run::KeptRun;
use crate::command::kept_scenario::KeptScenario;
use crate::present::Sheet;
use crate::runtime::waiting;
use wording::{one, runs};

/// Run scenarios that are kept, and look at runs: what was simulated on which baseline, and what came of it.
///
/// What a run came to is never changed. `keepworth report` takes it away as a memo, a workbook or its futures.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth run order recovery
  keepworth run list --scenario recovery
  keepworth run show recovery
  keepworth run ask recovery --break-even \"causal share\"
  keepworth report memo recovery -o memo.pdf")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    Order(Order),
    List(List),
    Show(Show),
    Ask(ask::Args),
    Remove(Remove),
}

/// Run a scenario that is kept, and keep what comes of it: to be submitted, reported and tracked.
///
/// What was run before with the same futures and seed is not drawn again: its run is shown.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth run order recovery
  keepworth run order recovery@2 --trials 100000 --seed 7")]
struct Order {
    /// The scenario, in its newest version or in the one that is named.
    #[arg(value_name = "KEY[@VERSION]")]
    scenario: KeptScenario,
    /// How many futures to draw.
    #[arg(long, default_value_t = 10_000)]
    trials: u64,
    /// The same seed gives the same figures.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    asking: Asking,
}

/// List runs in the order of their making.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth run list
  keepworth run list --scenario recovery
  keepworth run list --evidence call-back-pilot")]
struct List {
    /// Only runs of the kept scenario of this key, in whatever version.
    #[arg(long, value_name = "KEY")]
    scenario: Option<String>,
    /// Only runs on the baseline of this hash.
    #[arg(long, value_name = "HASH")]
    baseline: Option<String>,
    /// Only runs whose scenario refers to the evidence of this key.
    #[arg(long, value_name = "KEY")]
    evidence: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

/// Show what a run came to, and what it takes to make it again; as json, all of it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth run show recovery
  keepworth run show 019a0000-0000-7000-8000-000000000000 --format json -o run.json")]
struct Show {
    /// Its id as `keepworth run list` shows it, or the key of a scenario: the last run of its newest version.
    #[arg(value_name = "RUN|KEY[@VERSION]")]
    run: KeptRun,
    #[command(flatten)]
    asking: Asking,
}

/// Remove a run: nothing brings it back but to simulate it anew.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth run remove 019a0000-0000-7000-8000-000000000000")]
struct Remove {
    /// Its id, as `keepworth run list` shows it.
    run: Uuid,
    #[command(flatten)]
    asking: Asking,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        match self.action {
            Action::Order(it) => it.run(global),
            Action::List(it) => it.run(global),
            Action::Show(it) => it.run(global),
            Action::Ask(it) => it.run(global),
            Action::Remove(it) => it.run(global),
        }?;
        Ok(Outcome::Done)
    }
}

impl Order {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let order = RunInput {
            scenario: None,
            baseline_hash: None,
            scenario_key: Some(self.scenario.key),
            scenario_version: self.scenario.version,
            trials: self.trials,
            seed: self.seed,
            threads: None,
            sampling: Sampling::default(),
            ledger: false,
        };
        let ask = async |client: &SimulatorClient| {
            waiting("the scenario is run", client.run(&order)).await
        };
        self.asking.show(global, ask, |run| one(&run))
    }
}

impl List {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let query = |cursor| RunQuery {
            page_size: Some(MAX_PAGE_SIZE),
            cursor,
            scenario_key: self.scenario.clone(),
            baseline_hash: self.baseline.clone(),
            evidence_key: self.evidence.clone(),
            ..RunQuery::default()
        };
        let ask = async |client: &SimulatorClient| {
            all_pages(async |cursor| client.list_runs(&query(cursor)).await).await
        };
        self.asking.show(global, ask, |items| vec![runs(items)])
    }
}

impl Show {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let run = self.asking.find_run(global, &self.run)?;
        let ask = async |client: &SimulatorClient| client.load_run(run).await;
        self.asking.show(global, ask, |run| one(&run))
    }
}

impl Remove {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let ask = async |client: &SimulatorClient| {
            let run = client.load_run(self.run).await?;
            client.delete_run(self.run).await?;
            Ok(run.summary)
        };
        let told = |_| vec![Sheet::of_lines([format!("Removed {}.", self.run)])];
        self.asking.show(global, ask, told)
    }
}
