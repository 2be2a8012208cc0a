//! `keepworth serve NAME`: one service in a process of its own.

use anyhow::Context;
use keepworth_platform::{server, telemetry};

use crate::command::Outcome;
use crate::registry::{SERVICES, names};
use crate::{Global, runtime};

/// Run one service in a process of its own, as on a cluster.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth serve customers --port 8081
  KEEPWORTH__FINANCE__DATABASE_URL=postgres://finance@db/finance keepworth serve finance

The service answers at /v1, its contract at /openapi.json, a page to browse it at /docs.")]
pub(crate) struct Args {
    /// customers, experience, finance or simulator.
    name: String,
    /// Listen on this address.
    #[arg(long)]
    host: Option<String>,
    /// Listen on this port; 0 takes a free one.
    #[arg(long)]
    port: Option<u16>,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let entry = SERVICES
            .iter()
            .find(|entry| entry.name == self.name)
            .with_context(|| {
                format!("there is no service `{}`; there are {}", self.name, names())
            })?;
        let port = self
            .port
            .map(|port| ("server.port".to_owned(), port.to_string()));
        let host = self.host.map(|host| ("server.host".to_owned(), host));
        let flags: Vec<_> = port.into_iter().chain(host).collect();
        let settings = global.settings(&flags)?;
        telemetry::start(&settings.log)?;
        let listening = server::listen(&settings)?;
        let service = (entry.start)(&settings)?;
        tracing::info!(service = entry.name, url = listening.url(), "serving");
        runtime::block_on(async move {
            server::run(listening, settings.server, vec![service]).await?;
            Ok(Outcome::Done)
        })
    }
}
