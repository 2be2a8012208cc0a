//! Steps of a programme: started, judged at its gates, closed or stopped.

use keepworth_contract::client::ClientError;
use keepworth_contract::simulator::{
    GateOutcome, Programme, ProgrammeGateDecisionInput, ProgrammeStepInput, SimulatorClient,
};

use super::wording;
use crate::Global;
use crate::command::asking::Asking;
use crate::reading::word::word;

/// Start a programme that is proposed: it has a sponsor, and an owner who carries it out.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth programme start service-2027 --version 1 --reason \"the board decided so on 2026-03-03\"")]
pub(super) struct Start {
    #[command(flatten)]
    which: Which,
}

/// Decide a gate of a programme: passed or failed, or open again.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth programme gate service-2027 pilot passed --version 2 --reason \"6% fewer left, report 7\"
  keepworth programme gate service-2027 pilot open --version 3 --reason \"report 7 was of the wrong month\"")]
pub(super) struct Gate {
    /// The programme's key.
    key: String,
    /// The gate's name.
    gate: String,
    /// What was decided: passed, failed or open.
    #[arg(value_parser = word::<GateOutcome>)]
    outcome: GateOutcome,
    #[command(flatten)]
    because: Because,
}

/// Close a programme that runs, when each of its gates was decided. Nothing more is written to it.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth programme close service-2027 --version 4 --reason \"every initiative is part of the day's work\"")]
pub(super) struct Close {
    #[command(flatten)]
    which: Which,
}

/// Give a programme up, whether it was started or not. Nothing more is written to it.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth programme stop service-2027 --version 3 --reason \"the pilot failed\"")]
pub(super) struct Stop {
    #[command(flatten)]
    which: Which,
}

#[derive(clap::Args)]
struct Which {
    /// The programme's key.
    key: String,
    #[command(flatten)]
    because: Because,
}

#[derive(clap::Args)]
struct Because {
    /// The version that you looked at: where there is a newer one, nothing is done.
    #[arg(long)]
    version: u32,
    /// Why, in a sentence of ASCII.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    asking: Asking,
}

impl Start {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        self.which.take(global, async |client, key, step, reason| {
            client.start_programme(key, step, reason).await
        })
    }
}

impl Close {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        self.which.take(global, async |client, key, step, reason| {
            client.close_programme(key, step, reason).await
        })
    }
}

impl Stop {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        self.which.take(global, async |client, key, step, reason| {
            client.stop_programme(key, step, reason).await
        })
    }
}

impl Gate {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let Because {
            version,
            reason,
            asking,
        } = self.because;
        let decision = ProgrammeGateDecisionInput {
            version,
            gate: self.gate,
            outcome: self.outcome,
        };
        let decide = async |client: &SimulatorClient| {
            client
                .decide_programme_gate(&self.key, &decision, &reason)
                .await
        };
        asking.show(global, decide, |it| wording::one(&it))
    }
}

impl Which {
    fn take(
        self,
        global: &Global,
        step: impl AsyncFnOnce(
            &SimulatorClient,
            &str,
            &ProgrammeStepInput,
            &str,
        ) -> Result<Programme, ClientError>,
    ) -> anyhow::Result<()> {
        let Because {
            version,
            reason,
            asking,
        } = self.because;
        let looked_at = ProgrammeStepInput { version };
        let take =
            async |client: &SimulatorClient| step(client, &self.key, &looked_at, &reason).await;
        asking.show(global, take, |it| wording::one(&it))
    }
}
