//! What commands take that ask the simulator of a running Keepworth.

use keepworth_contract::client::ClientError;
use keepworth_contract::simulator::SimulatorClient;
use serde::Serialize;
use uuid::Uuid;

use super::kept_run::KeptRun;

use crate::present::{Presenting, Sheet};
use crate::{Global, Server, runtime};

/// Which running Keepworth, and how its answer looks.
#[derive(clap::Args)]
pub(super) struct Asking {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    pub(super) presenting: Presenting,
}

impl Asking {
    /// Asks one question; answers what came, to be shown or told.
    pub(super) fn ask<T>(
        &self,
        global: &Global,
        ask: impl AsyncFnOnce(&SimulatorClient) -> Result<T, ClientError>,
    ) -> anyhow::Result<T> {
        let client = SimulatorClient::new(self.server.reach("simulator", global)?)?;
        runtime::block_on(async { Ok(ask(&client).await?) })
    }

    /// The id of a run that is named by its scenario.
    pub(super) fn find_run(&self, global: &Global, run: &KeptRun) -> anyhow::Result<Uuid> {
        let client = SimulatorClient::new(self.server.reach("simulator", global)?)?;
        runtime::block_on(run.find(&client))
    }

    /// Asks one question and shows the answer.
    pub(super) fn show<T: Serialize>(
        &self,
        global: &Global,
        ask: impl AsyncFnOnce(&SimulatorClient) -> Result<T, ClientError>,
        sheets: impl FnOnce(T) -> Vec<Sheet>,
    ) -> anyhow::Result<()> {
        let answer = self.ask(global, ask)?;
        self.presenting.show(answer, |answer| Ok(sheets(answer)))
    }
}
