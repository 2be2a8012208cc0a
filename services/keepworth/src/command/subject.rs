//! `keepworth subject`: what is held of a customer.

use clap::Subcommand;
use keepworth_contract::customers::CustomersClient;
use keepworth_contract::subject::{Subject, SubjectExport};

use crate::command::Outcome;
use crate::present::{Presenting, Sheet, row};
use crate::{Global, Server, runtime};

/// Answer a customer who asks what is held of them.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Export(Export),
}

/// Gather everything that every service holds of a customer; each notes that it was asked, and why.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth subject export --source crm --id C-1001 --reason \"asked by letter\" -o answer.json

The table has one line for each table; JSON has the rows. The reason stays in the audit for good:
say it without the id.")]
struct Export {
    /// The system that knows the customer.
    #[arg(long)]
    source: String,
    /// The customer's id there.
    #[arg(long)]
    id: String,
    /// Why, in a sentence.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    presenting: Presenting,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let Command::Export(it) = self.command;
        let client = CustomersClient::new(it.server.reach("customers", global)?)?;
        let subject = Subject {
            source: it.source,
            external_id: it.id,
        };
        let gather = client.create_subject_export(&subject, &it.reason);
        let export = runtime::block_on(async { Ok(gather.await?) })?;
        it.presenting.show(export, |it| Ok(vec![sheet(&it)]))?;
        Ok(Outcome::Done)
    }
}

fn sheet(export: &SubjectExport) -> Sheet {
    let mut sheet = Sheet::new("What is held of the customer", "service | table | rows")
        .when_empty("Nothing is held of this customer");
    for service in &export.services {
        for table in &service.tables {
            row![sheet => service.service.clone(), table.table.clone(), table.rows.len() as u64];
        }
    }
    sheet
}
