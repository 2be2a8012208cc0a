//! Asking for a version's approval, deciding on it, and what is on record of that.

mod wording;

use anyhow::{Context, bail};
use keepworth_contract::simulator::{
    ApprovalInput, DecisionInput, GateException, ScenarioReference, SimulatorClient,
    SubmissionInput, WhichVersion,
};
use uuid::Uuid;

use crate::Global;
use crate::command::asking::Asking;
use crate::command::kept_run::KeptRun;
use crate::command::kept_scenario::KeptScenario;

/// Ask for the approval of the version that a run is of. Its forecast is computed now, and frozen when it is approved.
///
/// The gate stands in the way: initiatives without a sponsor or a process owner, evidence whose review is overdue, what
/// the lint calls an error, and what the policy does not allow (`keepworth policy show`). It names each finding; --except
/// asks for an exception, which whoever approves has to override.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth scenario submit recovery --reason \"for the board of March\"
  keepworth scenario submit recovery --run 019a0000-0000-7000-8000-000000000000 --reason \"for the board of March\" \\
      --except 'no_sponsor@initiatives[0]=the head of service begins in March'")]
pub(super) struct Submit {
    /// The scenario's key.
    key: String,
    /// The run whose figures are to be decided on [default: the last one of the newest version].
    #[arg(long, value_name = "ID")]
    run: Option<Uuid>,
    /// Ask for an exception from a finding of the gate; give it several times for more.
    #[arg(long = "except", value_name = "FINDING=WHY", value_parser = exception)]
    exceptions: Vec<GateException>,
    /// Why it is asked for, in a sentence of ASCII.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    asking: Asking,
}

/// Approve a version that somebody else wrote and submitted: its forecast is frozen, and never changes.
///
/// It takes the role approver. The run is the one whose figures you have looked at: where another was submitted
/// meanwhile, nothing is approved.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth scenario approval recovery                     what waits, what the gate finds, and who may not approve it
  keepworth scenario approve recovery --run 019a0000-0000-7000-8000-000000000000 --reason \"the board decided so\"
  keepworth scenario approve recovery --run 019a0000-0000-7000-8000-000000000000 --reason \"the board decided so\" \\
      --override 'no_sponsor@initiatives[0]=the board carries it until March'

Where one person alone works with Keepworth, a second one needs a token of their own:
  keepworth token create approver --service simulator --permission scenario:approve --permission figures:read > approver.token
  KEEPWORTH_TOKEN_FILE=approver.token keepworth scenario approve …")]
pub(super) struct Approve {
    /// The scenario's key.
    key: String,
    /// The run whose figures were looked at.
    #[arg(long, value_name = "ID")]
    run: Uuid,
    /// Override a finding of the gate, for a reason that stays in the record; give it several times for more.
    #[arg(long = "override", value_name = "FINDING=WHY", value_parser = exception)]
    overrides: Vec<GateException>,
    /// Why, in a sentence of ASCII.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    asking: Asking,
}

/// Send a version back to who submitted it, with a reason. It can be submitted again.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth scenario return recovery --version 2 --reason \"the reach is too large\"")]
pub(super) struct Return {
    #[command(flatten)]
    which: Which,
}

/// Close a version that waits, was returned or approved: nothing more is done to it. What was frozen stays.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth scenario close recovery --version 2 --reason \"the programme ended in June\"")]
pub(super) struct Close {
    #[command(flatten)]
    which: Which,
}

#[derive(clap::Args)]
struct Which {
    /// The scenario's key.
    key: String,
    /// Which version.
    #[arg(long)]
    version: u32,
    /// Why, in a sentence of ASCII.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    asking: Asking,
}

/// Show where a version stands and how it came there: who, when, why, by which policy.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth scenario approval recovery
  keepworth scenario approval recovery --version 1 --format json")]
pub(super) struct Approval {
    /// The scenario's key.
    key: String,
    /// Which version [default: the newest].
    #[arg(long)]
    version: Option<u32>,
    #[command(flatten)]
    asking: Asking,
}

impl Submit {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let key = self.key.clone();
        let newest = KeptRun::Last(KeptScenario { key, version: None });
        let run = self.run.map_or(newest, KeptRun::Id);
        let run_id = self.asking.find_run(global, &run)?;
        let asked = SubmissionInput {
            version: version_of(&self.asking, global, &self.key, run_id)?,
            run_id,
            exceptions: self.exceptions,
        };
        let ask = async |client: &SimulatorClient| {
            client
                .submit_scenario(&self.key, &asked, &self.reason)
                .await
        };
        self.asking.show(global, ask, |it| wording::approval(&it))
    }
}

impl Approve {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let approval = ApprovalInput {
            version: version_of(&self.asking, global, &self.key, self.run)?,
            run_id: self.run,
            overrides: self.overrides,
        };
        let ask = async |client: &SimulatorClient| {
            client
                .approve_scenario(&self.key, &approval, &self.reason)
                .await
        };
        self.asking.show(global, ask, |it| wording::approval(&it))
    }
}

impl Return {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let Which {
            key,
            version,
            reason,
            asking,
        } = self.which;
        let which = DecisionInput { version };
        let ask =
            async |client: &SimulatorClient| client.return_scenario(&key, &which, &reason).await;
        asking.show(global, ask, |it| wording::approval(&it))
    }
}

impl Close {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let Which {
            key,
            version,
            reason,
            asking,
        } = self.which;
        let which = DecisionInput { version };
        let ask =
            async |client: &SimulatorClient| client.close_scenario(&key, &which, &reason).await;
        asking.show(global, ask, |it| wording::approval(&it))
    }
}

impl Approval {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let which = WhichVersion {
            version: self.version,
        };
        let ask =
            async |client: &SimulatorClient| client.load_scenario_approval(&self.key, &which).await;
        self.asking.show(global, ask, |it| wording::approval(&it))
    }
}

/// The version that a run is of.
fn version_of(asking: &Asking, global: &Global, key: &str, run: Uuid) -> anyhow::Result<u32> {
    let load = async |client: &SimulatorClient| client.load_run(run).await;
    match asking.ask(global, load)?.summary.scenario_version {
        Some(ScenarioReference { key: of, version }) if of == key => Ok(version),
        Some(of) => bail!("the run {run} is of `{}`, not of `{key}`", of.key),
        None => bail!(
            "the run {run} is of a text that came with its order; `keepworth run order {key}` runs the kept scenario"
        ),
    }
}

/// Reads `finding=why`.
fn exception(text: &str) -> anyhow::Result<GateException> {
    let parts = text.split_once('=');
    let (finding, reason) = parts.with_context(|| {
        format!("`{text}` has no reason; write the finding's name, an equals sign, and why")
    })?;
    Ok(GateException {
        finding: finding.trim().to_owned(),
        reason: reason.trim().to_owned(),
    })
}
