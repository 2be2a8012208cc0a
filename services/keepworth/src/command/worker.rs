//! `keepworth worker`: does the long work of services in a process of its own.

use anyhow::bail;
use keepworth_platform::{server, telemetry};

use crate::command::Outcome;
use crate::registry::{self, SERVICES};
use crate::{Global, runtime};

/// Do long work, such as runs, baselines and imports, in a process of its own.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth worker --port 8090
  keepworth worker simulator              only what the simulator orders, with its database alone
  keepworth serve simulator --set jobs.in_process=false   (the service that leaves its work to workers)

Workers lease jobs from the service's own database, as many at once as there are workers: one that is killed
loses nothing, another takes its job up within 20 seconds. /livez and /readyz say how the worker is.")]
pub(crate) struct Args {
    /// The services whose work it does (default: all).
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Say on this address how the worker is.
    #[arg(long)]
    host: Option<String>,
    /// Say on this port how the worker is; 0 takes a free one.
    #[arg(long)]
    port: Option<u16>,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let names = self.names;
        if let Some(unknown) = names.iter().find(|name| !is_known(name)) {
            bail!(
                "there is no service `{unknown}`; there are {}",
                registry::names()
            );
        }
        let port = self
            .port
            .map(|port| ("server.port".to_owned(), port.to_string()));
        let host = self.host.map(|host| ("server.host".to_owned(), host));
        let here = ("jobs.in_process".to_owned(), "true".to_owned());
        let flags: Vec<_> = port.into_iter().chain(host).chain([here]).collect();
        let settings = global.settings(&flags)?;
        telemetry::start(&settings.log)?;
        let listening = server::listen_for_health(&settings)?;
        let is_mine = |name: &str| names.is_empty() || names.iter().any(|it| it == name);
        let mine = SERVICES.iter().filter(|entry| is_mine(entry.name));
        let services = mine.map(|entry| (entry.work)(&settings));
        let services = services.collect::<anyhow::Result<Vec<_>>>()?;
        tracing::info!(url = listening.url(), "serving");
        runtime::block_on(async move {
            server::run(listening, settings.server, services).await?;
            Ok(Outcome::Done)
        })
    }
}

fn is_known(name: &str) -> bool {
    SERVICES.iter().any(|entry| entry.name == name)
}
