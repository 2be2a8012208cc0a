//! `keepworth evidence`: the library of what is known of what a change does.

mod add;
mod size;
mod wording;

use clap::Subcommand;
use keepworth_contract::client::all_pages;
use keepworth_contract::simulator::{
    Evidence, EvidenceLever, EvidencePage, EvidenceQuery, RunQuery, RunSummary, SimulatorClient,
    WithdrawalInput,
};
use keepworth_contract::{MAX_PAGE_SIZE, Page};
use serde::Serialize;

use crate::Global;
use crate::command::Outcome;
use crate::command::asking::Asking;
use crate::reading::word::word;

pub(crate) use wording::one;

/// Keep what is known of what a change does, from where, and how far it may be believed.
///
/// A scenario refers to it by its key, `evidence = "KEY"`, in place of a size and a grade. The grade follows by rule
/// from how it came to be known; nobody types it.
#[derive(clap::Args)]
#[command(after_help = "\
How far what is believed:
  A  lots decided who was treated, the arms have the sizes planned and were alike, and it was read validly
  B  the same with a flaw; or a comparison with others over time, with sound trends before
  C  the company's own records without either; a study of another company; lots that went wrong
  D  what a vendor or an expert says; whatever names no source, or no interval

From a pilot to a scenario:
  keepworth evidence add call-backs --title \"Pilot of call-backs\" --on hazard --kind pilot \\
      --arms 5012,4987 --read always-valid --size \"2% to 15%\" --level 95% \\
      --source \"report CX-2025-07\" --owner \"A. Lovelace\" --review-on 2026-07-01
  and in scenario.toml:   [[initiatives.effects]]
                          on = \"hazard\"
                          evidence = \"call-backs\"")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Add(Box<add::Args>),
    List(List),
    Show(Show),
    Withdraw(Withdraw),
}

/// List the library, each in its last version.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth evidence list --on hazard
  keepworth evidence list --format json -o library.json    for simulate --evidence library.json")]
struct List {
    /// Only what speaks of this lever: hazard, contacts, minutes, training-hours, arpu, referrals, cac or
    /// price-premium.
    #[arg(long, value_name = "LEVER", value_parser = word::<EvidenceLever>)]
    on: Option<EvidenceLever>,
    /// Also what was withdrawn.
    #[arg(long)]
    withdrawn: bool,
    #[command(flatten)]
    asking: Asking,
}

/// Show what the library says under a key, why it has its grade, and which runs refer to it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth evidence show call-backs
  keepworth evidence show call-backs@1     as it was in its first version")]
struct Show {
    /// The key, or KEY@VERSION.
    key: String,
    #[command(flatten)]
    asking: Asking,
}

/// Withdraw evidence: no new run may refer to it. Runs that did stay as they are.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth evidence withdraw call-backs --reason \"the arms were mixed up in June\"")]
struct Withdraw {
    /// The key.
    key: String,
    /// For who finds it in a scenario.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    asking: Asking,
}

/// Evidence, and the runs that refer to it.
#[derive(Serialize)]
struct Used {
    evidence: Evidence,
    /// The last ones first.
    used_in: Vec<RunSummary>,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        match self.command {
            Command::Add(it) => it.run(global),
            Command::List(it) => it.run(global),
            Command::Show(it) => it.run(global),
            Command::Withdraw(it) => it.run(global),
        }?;
        Ok(Outcome::Done)
    }
}

impl List {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let query = |cursor| EvidenceQuery {
            cursor,
            lever: self.on,
            include_withdrawn: Some(self.withdrawn),
            page_size: Some(MAX_PAGE_SIZE),
            ..EvidenceQuery::default()
        };
        let ask = async |client: &SimulatorClient| {
            let items = all_pages(async |cursor| client.list_evidence(&query(cursor)).await);
            items.await.map(Page::whole)
        };
        let shown = |page: EvidencePage| vec![wording::library(page.items)];
        self.asking.show(global, ask, shown)
    }
}

impl Show {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let ask = async |client: &SimulatorClient| {
            let evidence = client.load_evidence(&self.key).await?;
            let query = RunQuery {
                evidence_key: Some(evidence.statement.key.clone()),
                sort: Some("-id".to_owned()),
                ..RunQuery::default()
            };
            let used_in = client.list_runs(&query).await?.items;
            Ok(Used { evidence, used_in })
        };
        self.asking.show(global, ask, |used| {
            vec![wording::one(&used.evidence), wording::runs(used.used_in)]
        })
    }
}

impl Withdraw {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let why = WithdrawalInput {
            reason: self.reason,
        };
        let ask = async |client: &SimulatorClient| client.withdraw_evidence(&self.key, &why).await;
        self.asking
            .show(global, ask, |evidence| vec![wording::one(&evidence)])
    }
}
