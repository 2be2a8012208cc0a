//! `keepworth scenario`: what would be done, kept in versions.

mod approval;
mod assumptions;
mod forecast;
mod lint;
mod new;
mod put;
mod wording;

use anyhow::bail;
use clap::Subcommand;
use keepworth_contract::client::all_pages;
use keepworth_contract::simulator::{
    ScenarioArchiveInput, ScenarioDiffQuery, ScenarioForkInput, ScenarioQuery, ScenarioSummaryPage,
    ScenarioVersionQuery, SimulatorClient, WhichVersion,
};
use keepworth_contract::{MAX_PAGE_SIZE, Page};
use serde::Serialize;

use crate::Global;
use crate::command::Outcome;
use crate::command::asking::Asking;
use crate::present::{Format, Presenting};

pub(super) use put::baseline_hash;

/// Keep what would be done in versions, see what changed between two, and what in one is probably not meant.
///
/// A version is the text of a scenario on a baseline, and neither is ever changed: who runs it again comes to the same
/// figures.
#[derive(clap::Args)]
#[command(after_help = "\
From a template to a version that others can run:
  keepworth scenario templates
  keepworth scenario new --template service-recovery --baseline baseline.json -o recovery.toml
  keepworth scenario lint recovery.toml --baseline baseline.json
  keepworth scenario put recovery recovery.toml --baseline baseline.json --reason \"for the budget of 2027\"
  and over HTTP:   POST /simulator/v1/runs  {\"scenario_key\": \"recovery\"}

From a run to a decision that somebody else takes, and to the forecast that it is held against:
  keepworth scenario submit recovery --run ID --reason \"for the board of March\"
  keepworth scenario approve recovery --run ID --reason \"the board decided so\"
  keepworth scenario forecast recovery")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Put(put::Args),
    List(List),
    Show(Show),
    Versions(Versions),
    Diff(Diff),
    Fork(Fork),
    Archive(Archive),
    Lint(lint::Args),
    Submit(approval::Submit),
    Approve(approval::Approve),
    Return(approval::Return),
    Close(approval::Close),
    Approval(approval::Approval),
    Forecast(forecast::Args),
    Assumptions(assumptions::Args),
    Check(assumptions::Check),
    Templates(new::Templates),
    New(new::Args),
}

/// List scenarios, each in its newest version.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth scenario list --archived")]
struct List {
    /// Only scenarios whose newest version stands on the baseline of this hash.
    #[arg(long, value_name = "HASH")]
    baseline: Option<String>,
    /// Also what was archived.
    #[arg(long)]
    archived: bool,
    #[command(flatten)]
    asking: Asking,
}

/// Show the text of a version of a scenario, as it was written.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth scenario show recovery > recovery.toml
  keepworth scenario show recovery --version 1 --format json     with its baseline, its reason and its day")]
struct Show {
    /// The scenario's key.
    key: String,
    /// Which version [default: the newest].
    #[arg(long)]
    version: Option<u32>,
    #[command(flatten)]
    asking: Asking,
}

/// List the versions of a scenario: when each was written, on which baseline, and why.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth scenario versions recovery")]
struct Versions {
    /// The scenario's key.
    key: String,
    #[command(flatten)]
    asking: Asking,
}

/// Show what two versions of a scenario say differently, key by key.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth scenario diff recovery --from 1 --to 2

Initiatives, effects and segments are found by their names: their order is no difference.")]
struct Diff {
    /// The scenario's key.
    key: String,
    /// The version before.
    #[arg(long, value_name = "VERSION")]
    from: u32,
    /// The version after.
    #[arg(long, value_name = "VERSION")]
    to: u32,
    #[command(flatten)]
    asking: Asking,
}

/// Begin a scenario with what another says, under a key of its own.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth scenario fork recovery recovery-cautious --reason \"what if half of it comes true\"")]
struct Fork {
    /// The key of the other.
    of: String,
    /// The new key: small letters and digits in parts that hyphens join.
    key: String,
    /// Which version of the other [default: the newest].
    #[arg(long)]
    version: Option<u32>,
    /// Why, for who reads its versions.
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

/// Archive a scenario: it takes no new version, and lists leave it out. It is read, run and forked as before.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth scenario archive recovery --reason \"decided on 2026-03-01: not this year\"")]
struct Archive {
    /// The scenario's key.
    key: String,
    /// For who finds it.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    asking: Asking,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        match self.command {
            Command::Lint(it) => return it.run(global),
            Command::Put(it) => it.run(global),
            Command::List(it) => it.run(global),
            Command::Show(it) => it.run(global),
            Command::Versions(it) => it.run(global),
            Command::Diff(it) => it.run(global),
            Command::Fork(it) => it.run(global),
            Command::Archive(it) => it.run(global),
            Command::Submit(it) => it.run(global),
            Command::Approve(it) => it.run(global),
            Command::Return(it) => it.run(global),
            Command::Close(it) => it.run(global),
            Command::Approval(it) => it.run(global),
            Command::Forecast(it) => it.run(global),
            Command::Assumptions(it) => it.run(global),
            Command::Check(it) => it.run(global),
            Command::Templates(it) => it.run(),
            Command::New(it) => it.run(global),
        }?;
        Ok(Outcome::Done)
    }
}

impl List {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let query = |cursor| ScenarioQuery {
            cursor,
            baseline_hash: self.baseline.clone(),
            include_archived: Some(self.archived),
            page_size: Some(MAX_PAGE_SIZE),
            ..ScenarioQuery::default()
        };
        let ask = async |client: &SimulatorClient| {
            let items = all_pages(async |cursor| client.list_scenarios(&query(cursor)).await);
            items.await.map(Page::whole)
        };
        let shown = |page: ScenarioSummaryPage| vec![wording::scenarios(page.items)];
        self.asking.show(global, ask, shown)
    }
}

impl Show {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let which = WhichVersion {
            version: self.version,
        };
        let ask = async |client: &SimulatorClient| client.load_scenario(&self.key, &which).await;
        let document = self.asking.ask(global, ask)?;
        show_text(&self.asking.presenting, &document, &document.scenario)
    }
}

impl Versions {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let query = |cursor| ScenarioVersionQuery {
            cursor,
            page_size: Some(MAX_PAGE_SIZE),
            ..ScenarioVersionQuery::default()
        };
        let ask = async |client: &SimulatorClient| {
            let page = async |cursor| {
                let query = query(cursor);
                client.list_scenario_versions(&self.key, &query).await
            };
            all_pages(page).await.map(Page::whole)
        };
        let shown = |page: ScenarioSummaryPage| vec![wording::versions(&self.key, page.items)];
        self.asking.show(global, ask, shown)
    }
}

impl Diff {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let which = ScenarioDiffQuery {
            from: self.from,
            to: self.to,
        };
        let ask = async |client: &SimulatorClient| client.diff_scenario(&self.key, &which).await;
        self.asking.show(global, ask, |it| vec![wording::diff(it)])
    }
}

impl Fork {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let fork = ScenarioForkInput {
            key: self.key,
            version: self.version,
            reason: self.reason,
        };
        let ask = async |client: &SimulatorClient| client.fork_scenario(&self.of, &fork).await;
        self.asking
            .show(global, ask, |it| vec![wording::one(&it.summary)])
    }
}

impl Archive {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let why = ScenarioArchiveInput {
            reason: self.reason,
        };
        let ask = async |client: &SimulatorClient| client.archive_scenario(&self.key, &why).await;
        self.asking
            .show(global, ask, |it| vec![wording::one(&it.summary)])
    }
}

/// Shows a scenario: its text for people, everything for programs.
fn show_text(to: &Presenting, answer: &impl Serialize, text: &str) -> anyhow::Result<()> {
    match to.form() {
        Format::Table => to.text(text),
        Format::Json => to.json(answer),
        Format::Csv | Format::Parquet | Format::Xlsx | Format::Pdf => {
            bail!("a scenario is a text and has no rows; use --format table or json")
        }
    }
}
