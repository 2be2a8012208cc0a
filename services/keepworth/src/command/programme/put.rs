//! A programme's first or next version, from its file.

use std::path::PathBuf;

use anyhow::bail;
use keepworth_contract::client::ClientError;
use keepworth_contract::digest;
use keepworth_contract::simulator::{Programme, ProgrammeInput, SimulatorClient, WhichVersion};

use super::wording;
use crate::Global;
use crate::command::asking::Asking;
use crate::reading::toml_file;

/// Keep a programme under the key in its file, or write what it is from now on.
///
/// Segments and phases that it names must be known, and no other programme may have one of its keys. A next version says
/// from which one it begins: where somebody else has written one in between, nothing is written.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth programme put service.toml
  keepworth programme put service.toml --onto 1 --reason \"bills are mended too\"
  keepworth programme --help                     shows what is in such a file")]
pub(super) struct Args {
    /// The programme file.
    #[arg(value_name = "PROGRAMME.toml")]
    file: PathBuf,
    /// Of a next version: the version that the file was edited from.
    #[arg(long, value_name = "VERSION", requires = "reason")]
    onto: Option<u32>,
    /// Of a next version: why, in a sentence of ASCII.
    #[arg(long, requires = "onto")]
    reason: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let new: ProgrammeInput = toml_file::read(&self.file, "programme")?;
        let key = new.key.as_str();
        let newest = async |client: &SimulatorClient| find_newest(client, key).await;
        let newest = self.asking.ask(global, newest)?;
        let tag = match (&newest, self.onto) {
            (None, None) => None,
            (None, Some(onto)) => bail!(
                "no programme has the key `{key}`, so that there is no version {onto} to go on from; leave out --onto"
            ),
            (Some(newest), Some(onto)) if newest.version == onto => Some(tag(newest)?),
            (Some(newest), _) => bail!(
                "`{key}` is there in version {0}; see what it says (`keepworth programme show {key} --toml`), put your change \
                 on top of it, and say --onto {0} --reason \"WHY\"",
                newest.version
            ),
        };
        let put = async |client: &SimulatorClient| match (&tag, &self.reason) {
            (Some(tag), Some(reason)) => client.put_programme(key, &new, tag, reason).await,
            _ => client.create_programme(&new).await,
        };
        self.asking.show(global, put, |it| wording::one(&it))
    }
}

fn tag(programme: &Programme) -> anyhow::Result<String> {
    let json = serde_json::to_vec(programme)?;
    Ok(format!("\"{}\"", digest::tag(&json)))
}

async fn find_newest(
    client: &SimulatorClient,
    key: &str,
) -> Result<Option<Programme>, ClientError> {
    match client.load_programme(key, &WhichVersion::default()).await {
        Ok(programme) => Ok(Some(programme)),
        Err(ClientError::Problem { problem, .. }) if problem.status == 404 => Ok(None),
        Err(error) => Err(error),
    }
}
