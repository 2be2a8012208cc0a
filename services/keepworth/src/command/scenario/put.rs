//! A scenario's first or next version.

use std::path::PathBuf;

use anyhow::{Context, bail};
use keepworth_contract::client::ClientError;
use keepworth_contract::digest;
use keepworth_contract::simulator::{
    ScenarioDocument, ScenarioInput, ScenarioVersionInput, SimulatorClient, WhichVersion,
};

use super::wording;
use crate::Global;
use crate::command::asking::Asking;
use crate::command::simulate::read_baseline;

/// Keep a scenario under a key, or write its next version.
///
/// It is kept only if it can be run on its baseline, which the running Keepworth must hold. A next version says from
/// which one it begins: where somebody else has written one in between, nothing is written.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth scenario put recovery recovery.toml --baseline baseline.json
  keepworth scenario put recovery recovery.toml --baseline baseline.json --onto 1 --reason \"after the pilot\"")]
pub(super) struct Args {
    /// The scenario's key: small letters and digits in parts that hyphens join.
    key: String,
    /// The scenario file.
    #[arg(value_name = "SCENARIO.toml")]
    file: PathBuf,
    /// The baseline that it stands on: its hash, or its file.
    #[arg(long, value_name = "HASH|FILE")]
    baseline: String,
    /// Of a next version: the version that the file was edited from.
    #[arg(long, value_name = "VERSION")]
    onto: Option<u32>,
    /// Why it is written, for who reads its versions.
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let scenario = std::fs::read_to_string(&self.file)
            .with_context(|| format!("scenario {} cannot be read", self.file.display()))?;
        let newest = self.asking.ask(global, async |client: &SimulatorClient| {
            find_newest(client, &self.key).await
        })?;
        let baseline_hash = baseline_hash(&self.baseline)?;
        match newest {
            None => self.create(global, scenario, baseline_hash),
            Some(newest) => self.replace(global, scenario, baseline_hash, &newest),
        }
    }

    fn create(
        self,
        global: &Global,
        scenario: String,
        baseline_hash: String,
    ) -> anyhow::Result<()> {
        if let Some(onto) = self.onto {
            bail!(
                "no scenario has the key `{}`, so that there is no version {onto} to go on from; leave out --onto",
                self.key
            );
        }
        let new = ScenarioInput {
            key: self.key,
            scenario,
            baseline_hash,
            reason: self.reason,
        };
        let ask = async |client: &SimulatorClient| client.create_scenario(&new).await;
        self.asking
            .show(global, ask, |it| vec![wording::one(&it.summary)])
    }

    fn replace(
        self,
        global: &Global,
        scenario: String,
        baseline_hash: String,
        newest: &ScenarioDocument,
    ) -> anyhow::Result<()> {
        let (key, version) = (&self.key, newest.summary.version);
        match self.onto {
            Some(onto) if onto == version => {}
            Some(onto) => bail!(
                "version {version} of `{key}` has been written since {onto}; see what it changed \
                 (`keepworth scenario diff {key} --from {onto} --to {version}`), put your change on top of it, and say \
                 --onto {version}"
            ),
            None => bail!(
                "`{key}` is there in version {version}; say --onto {version} if the file was edited from that, or take \
                 another key"
            ),
        }
        let tag = format!("\"{}\"", digest::tag(&serde_json::to_vec(newest)?));
        let new = ScenarioVersionInput {
            scenario,
            baseline_hash,
            reason: self.reason,
        };
        let put = async |client: &SimulatorClient| client.put_scenario(key, &new, Some(&tag)).await;
        self.asking
            .show(global, put, |it| vec![wording::one(&it.summary)])
    }
}

async fn find_newest(
    client: &SimulatorClient,
    key: &str,
) -> Result<Option<ScenarioDocument>, ClientError> {
    match client.load_scenario(key, &WhichVersion::default()).await {
        Ok(document) => Ok(Some(document)),
        Err(ClientError::Problem { problem, .. }) if problem.status == 404 => Ok(None),
        Err(error) => Err(error),
    }
}

/// The hash that is named, or that of the file.
pub(in crate::command) fn baseline_hash(baseline: &str) -> anyhow::Result<String> {
    let is_hash = baseline.len() == 64 && baseline.bytes().all(|it| it.is_ascii_hexdigit());
    if is_hash {
        return Ok(baseline.to_owned());
    }
    Ok(read_baseline(baseline.as_ref())?.hash)
}
