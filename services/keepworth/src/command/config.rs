//! `keepworth config show`: the settings in force.

use clap::Subcommand;

use crate::Global;
use crate::command::Outcome;
use crate::present::{Presenting, Sheet, row};

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
    /// (KEEPWORTH__SERVER__PORT=8080), flags (--set server.port=8080). What is printed for people
    /// is a file that --config reads.
    Show(Presenting),
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let Action::Show(to) = self.action;
        let settings = toml::Table::try_from(global.settings(&[])?)?;
        let file = toml::to_string_pretty(&settings)?;
        let lines = file.lines().map(str::to_owned);
        to.show_rows(&settings, |_| vec![Sheet::of_lines(lines)], rows)?;
        Ok(Outcome::Done)
    }
}

/// A row for each setting.
fn rows(settings: &toml::Table) -> Sheet {
    let mut sheet = Sheet::new("", "setting | value");
    add(&mut sheet, "", settings);
    sheet
}

/// Adds the settings of a section, whose name ends in a point.
fn add(sheet: &mut Sheet, section: &str, settings: &toml::Table) {
    for (name, value) in settings {
        let name = format!("{section}{name}");
        match value {
            toml::Value::Table(inner) => add(sheet, &format!("{name}."), inner),
            toml::Value::String(text) => row![sheet => name, text],
            other => row![sheet => name, other.to_string()],
        }
    }
}
