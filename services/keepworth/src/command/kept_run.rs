//! A run that is kept, as commands name it: by its id, or as the newest of a scenario.

use std::str::FromStr;

use anyhow::bail;
use keepworth_contract::client::{ClientError, all_pages};
use keepworth_contract::simulator::{RunQuery, RunSummary, SimulatorClient, WhichVersion};
use uuid::Uuid;

use super::kept_scenario::KeptScenario;

/// Which run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeptRun {
    /// The one of this id.
    Id(Uuid),
    /// The last that was made of a kept scenario, in the version that is named or in its newest. Where that has none, the
    /// figures of an older one would be taken for its.
    Last(KeptScenario),
}

impl FromStr for KeptRun {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(id) => Ok(Self::Id(id)),
            Err(_) => text.parse().map(Self::Last),
        }
    }
}

impl KeptRun {
    /// Its id; asks for the runs of the scenario where one is named.
    pub(super) async fn find(&self, client: &SimulatorClient) -> anyhow::Result<Uuid> {
        let KeptScenario { key, version } = match self {
            Self::Id(id) => return Ok(*id),
            Self::Last(scenario) => scenario,
        };
        let version = match version {
            Some(version) => *version,
            None => newest_version(client, key).await?,
        };
        let query = |cursor| RunQuery {
            cursor,
            scenario_key: Some(key.clone()),
            ..RunQuery::default()
        };
        let runs = all_pages(async |cursor| client.list_runs(&query(cursor)).await).await?;
        let is_of_it = |run: &&RunSummary| {
            let of = run.scenario_version.as_ref();
            of.is_some_and(|it| it.version == version)
        };
        // They come in the order of their making.
        match runs.iter().rfind(is_of_it) {
            Some(run) => Ok(run.id),
            None => bail!(
                "version {version} of `{key}` has no run; `keepworth run order {key}@{version}` makes one"
            ),
        }
    }
}

async fn newest_version(client: &SimulatorClient, key: &str) -> Result<u32, ClientError> {
    let newest = client.load_scenario(key, &WhichVersion::default()).await?;
    Ok(newest.summary.version)
}
