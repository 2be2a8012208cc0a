//! A run that is kept, as commands name it: by its id, or as the newest of a scenario.

use std::str::FromStr;

use anyhow::bail;
use keepworth_contract::client::all_pages;
use keepworth_contract::simulator::{RunQuery, RunSummary, SimulatorClient};
use uuid::Uuid;

use super::kept_scenario::KeptScenario;

/// Which run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeptRun {
    /// The one of this id.
    Id(Uuid),
    /// The last that was made of a kept scenario, in the version that is named or in the newest that has one.
    Newest(KeptScenario),
}

impl FromStr for KeptRun {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(id) => Ok(Self::Id(id)),
            Err(_) => text.parse().map(Self::Newest),
        }
    }
}

impl KeptRun {
    /// Its id; asks for the runs of the scenario where one is named.
    pub(super) async fn find(&self, client: &SimulatorClient) -> anyhow::Result<Uuid> {
        let scenario = match self {
            Self::Id(id) => return Ok(*id),
            Self::Newest(scenario) => scenario,
        };
        let query = |cursor| RunQuery {
            cursor,
            scenario_key: Some(scenario.key.clone()),
            ..RunQuery::default()
        };
        let runs = all_pages(async |cursor| client.list_runs(&query(cursor)).await).await?;
        match newest(&runs, scenario.version) {
            Some(id) => Ok(id),
            None => bail!("`{scenario}` has no run; `keepworth run order {scenario}` makes one"),
        }
    }
}

/// The last run of the version, or of the newest version that has a run; runs come in the order of their making.
fn newest(runs: &[RunSummary], version: Option<u32>) -> Option<Uuid> {
    let of = |run: &RunSummary| run.scenario_version.as_ref().map(|it| it.version);
    let asked = runs
        .iter()
        .filter(|run| version.is_none() || of(run) == version);
    asked.max_by_key(|run| of(run)).map(|run| run.id)
}
