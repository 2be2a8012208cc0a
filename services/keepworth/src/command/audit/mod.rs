//! `keepworth audit`: whether the record of who did what is whole, and what it says.

mod export;
mod head;
mod key;
mod ocsf;
mod verify;

use anyhow::Context;
use clap::Subcommand;

use crate::Global;
use crate::command::Outcome;
use crate::registry::{Entry, SERVICES, names};

/// Check and read the record of who did what, when and why.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    Verify(verify::Verify),
    Head(head::Head),
    Key(key::Key),
    Export(export::Export),
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        match self.action {
            Action::Verify(args) => args.run(global),
            Action::Head(args) => args.run(global),
            Action::Key(args) => args.run(global),
            Action::Export(args) => args.run(global),
        }
    }
}

/// The service of a name.
fn service(name: &str) -> anyhow::Result<&'static Entry> {
    let entry = SERVICES.iter().find(|it| it.name == name);
    entry.with_context(|| format!("there is no service `{name}`; there are {}", names()))
}
