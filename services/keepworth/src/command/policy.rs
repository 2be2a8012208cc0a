//! `keepworth policy`: what may be approved without an exception.

use std::path::PathBuf;

use anyhow::bail;
use clap::Subcommand;
use keepworth_contract::digest;
use keepworth_contract::simulator::{
    ApprovalPolicy, ApprovalPolicyInput, SimulatorClient, WhichVersion,
};

use crate::Global;
use crate::command::Outcome;
use crate::command::asking::Asking;
use crate::present::number::whole;
use crate::present::{Cell, Sheet, row};
use crate::reading::toml_file;

/// Say what may be approved without an exception, and see what holds.
///
/// Until somebody says otherwise: baselines of the last twelve months, runs of at least 1,000 futures, any discount rate;
/// at most 30 of 100 futures may lose money where the programme costs up to 250,000, at most 20 where it costs more.
#[derive(clap::Args)]
#[command(after_help = "\
A policy file:
  oldest_baseline_months = 12
  fewest_futures = 1000
  least_discount_rate = 0.08                                # leave it out where any rate will do
  loss_limits = [
    { cost_up_to = 250000, most_losses = 0.3 },             # of programmes up to that cost, in the baseline's currency
    { most_losses = 0.2 },                                  # of whatever costs more
  ]")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Show(Show),
    Set(Set),
}

/// Show the policy that holds, or a version of it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth policy show
  keepworth policy show --version 1 --format json")]
struct Show {
    /// Which version; 0 is what holds until somebody writes one [default: the newest].
    #[arg(long)]
    version: Option<u32>,
    #[command(flatten)]
    asking: Asking,
}

/// Write the next version of the policy. It holds for what is submitted or approved from now on.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth policy set policy.toml --onto 0 --reason \"decided by the board on 3 March\"")]
struct Set {
    /// The policy file.
    #[arg(value_name = "POLICY.toml")]
    file: PathBuf,
    /// The version that it is written onto, as `keepworth policy show` has it.
    #[arg(long, value_name = "VERSION")]
    onto: u32,
    /// Why, in a sentence of ASCII.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    asking: Asking,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        match self.command {
            Command::Show(it) => it.run(global),
            Command::Set(it) => it.run(global),
        }?;
        Ok(Outcome::Done)
    }
}

impl Show {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let which = WhichVersion {
            version: self.version,
        };
        let ask = async |client: &SimulatorClient| client.load_approval_policy(&which).await;
        self.asking.show(global, ask, |it| vec![sheet(&it)])
    }
}

impl Set {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let new: ApprovalPolicyInput = toml_file::read(&self.file, "policy")?;
        let newest = WhichVersion::default();
        let load = async |client: &SimulatorClient| client.load_approval_policy(&newest).await;
        let holds = self.asking.ask(global, load)?;
        if holds.version != self.onto {
            bail!(
                "version {} of the policy holds, not {}; look at it (`keepworth policy show`), put your change on top of it, \
                 and say --onto {}",
                holds.version,
                self.onto,
                holds.version
            );
        }
        let tag = format!("\"{}\"", digest::tag(&serde_json::to_vec(&holds)?));
        let put = async |client: &SimulatorClient| {
            client.put_approval_policy(&new, &tag, &self.reason).await
        };
        self.asking.show(global, put, |it| vec![sheet(&it)])
    }
}

fn sheet(it: &ApprovalPolicy) -> Sheet {
    let title = match it.version {
        0 => "The policy, version 0: what holds until somebody writes one".to_owned(),
        version => format!("The policy, version {version}"),
    };
    let mut sheet = Sheet::new(title, "what may be approved | at most, or at least");
    let policy = &it.policy;
    row![sheet => "baselines, months old", i64::from(policy.oldest_baseline_months)];
    row![sheet => "futures of a run, at least", Cell::whole(policy.fewest_futures as f64)];
    for limit in &policy.loss_limits {
        let of = limit.cost_up_to.map_or_else(
            || "futures that lose money, of whatever costs more".to_owned(),
            |it| {
                format!(
                    "futures that lose money, of a programme up to {}",
                    whole(it as f64)
                )
            },
        );
        row![sheet => of, Cell::Share(limit.most_losses)];
    }
    if let Some(rate) = policy.least_discount_rate {
        row![sheet => "discount rate a year, at least", Cell::Share(rate)];
    }
    if let (Some(reason), Some(at)) = (&it.reason, it.recorded_at) {
        sheet.note(format!(
            "Written on {}: {}.",
            at.date_naive(),
            reason.trim_end_matches('.')
        ));
    }
    sheet
}
