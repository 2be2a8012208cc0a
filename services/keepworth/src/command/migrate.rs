//! `keepworth migrate`: brings schemas up to date.

use anyhow::ensure;
use keepworth_platform::telemetry;

use crate::Global;
use crate::command::Outcome;
use crate::registry::{SERVICES, names};

/// Bring database schemas up to date, one process at a time.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth migrate              every service's database
  keepworth migrate finance      only that of finance")]
pub(crate) struct Args {
    /// Only this service.
    name: Option<String>,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let settings = global.settings(&[])?;
        // What it waits for is logged.
        telemetry::start(&settings.log)?;
        let chosen: Vec<_> = SERVICES
            .iter()
            .filter(|entry| self.name.as_deref().is_none_or(|name| name == entry.name))
            .collect();
        ensure!(
            !chosen.is_empty(),
            "there is no such service; there are {}",
            names()
        );
        for entry in chosen {
            let applied = (entry.migrate)(&settings)?;
            match applied.as_slice() {
                [] => println!("{}: up to date", entry.name),
                applied => println!("{}: applied {}", entry.name, applied.join(", ")),
            }
        }
        Ok(Outcome::Done)
    }
}
