//! `keepworth up`: everything in one process.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use keepworth_platform::{server, telemetry};

use crate::command::{Outcome, demo};
use crate::registry::SERVICES;
use crate::{Global, runtime};

/// Run everything in one process on embedded SQLite, with nothing to install.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth up                       serve on http://127.0.0.1:7979, data in ./keepworth-data
  keepworth up --port 0              take a free port; the log names it
  keepworth up --demo                load a sample company and print what its programme is worth

On a terminal it prints an address for a browser, where the contracts can be tried out; `keepworth open` makes
another at any time.

Stop it with Ctrl-C: requests in flight finish first.")]
pub(crate) struct Args {
    /// Keep data in this folder.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Listen on this port; 0 takes a free one.
    #[arg(long)]
    port: Option<u16>,
    /// Load a sample company, simulate its programme and print the verdict, then keep serving.
    ///
    /// The demo keeps its data apart, in the folder `demo` of the data folder.
    #[arg(long)]
    demo: bool,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let mut settings = global.settings(&self.flags())?;
        if self.demo {
            settings.database.data_dir.push("demo");
            settings.log.level = "warn".to_owned();
        }
        telemetry::start(&settings.log)?;
        let listening = server::listen(&settings)?;
        settings.server.port = listening.address.port();
        let services = SERVICES
            .iter()
            .map(|entry| (entry.start)(&settings))
            .collect::<Result<_, _>>()?;
        let url = listening.url();
        let session = listening.session_url();
        tracing::info!(%url, "serving");
        if self.demo {
            let folder = settings.database.data_dir;
            std::thread::spawn(move || run_demo(&url, session, &folder));
        } else {
            invite(session);
        }
        runtime::block_on(async move {
            server::run(listening, settings.server, services).await?;
            Ok(Outcome::Done)
        })
    }

    fn flags(&self) -> Vec<(String, String)> {
        let data_dir = self.data_dir.as_ref().map(|dir| dir.display().to_string());
        let port = self.port.map(|port| port.to_string());
        [("database.data_dir", data_dir), ("server.port", port)]
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?)))
            .collect()
    }
}

/// Prints where a browser has a session, for who sits there: a log that others read is none of theirs.
fn invite(session: Option<String>) {
    let is_seen = std::io::stdout().is_terminal();
    if let Some(url) = session.filter(|_| is_seen) {
        println!(
            "Open {url} in a browser: it works once, within 15 minutes; `keepworth open` makes another."
        );
    }
}

/// Runs the demo beside the server; without it there is nothing to show, so a failure ends all.
fn run_demo(url: &str, session: Option<String>, folder: &Path) {
    match demo::run(url, folder) {
        Ok(()) => {
            println!("\nServing on {url} (contracts: {url}/); stop with Ctrl-C.");
            invite(session);
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            std::process::exit(2);
        }
    }
}
