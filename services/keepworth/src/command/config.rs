//! `keepworth config show`: the settings in force.

use clap::Subcommand;

use crate::Global;
use crate::command::Outcome;

/// Show the settings in force.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Print the effective settings, passwords masked.
    ///
    /// Layers, later ones win: defaults, /etc/keepworth/config.toml or --config FILE, environment
    /// (KEEPWORTH__SERVER__PORT=8080), flags (--set server.port=8080).
    Show,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let Action::Show = self.action;
        print!(
            "{}",
            toml::to_string_pretty(&global.settings(&[])?.masked())?
        );
        Ok(Outcome::Done)
    }
}
