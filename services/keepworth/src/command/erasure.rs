//! `keepworth erasure`: customers who want to be forgotten, in every service.

use clap::Subcommand;
use keepworth_contract::SequenceQuery;
use keepworth_contract::customers::{CustomersClient, Erasure, ErasureInput, ErasureState, Person};
use keepworth_contract::subject::{Receipt, Subject};
use keepworth_contract::{
    MAX_PAGE_SIZE,
    client::{ClientError, all_pages},
};
use uuid::Uuid;

use crate::command::Outcome;
use crate::present::{Presenting, Sheet, row};
use crate::{Global, Server, runtime};

/// Have customers erased in every service, and look at what became of it.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Request(Request),
    Confirm(Confirm),
    /// Call an erasure off that was not confirmed.
    Cancel(One),
    List(List),
    /// Show an erasure with its receipts.
    Show(One),
}

/// Which running Keepworth, and how its answer looks.
#[derive(clap::Args)]
struct Asking {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    presenting: Presenting,
}

/// Ask for the erasure of a customer, or count what it would do.
///
/// It is done when a second person confirms it; on one machine the same one may, and the erasure says so.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth erasure request --source crm --id C-1001 --reason \"asked by letter of 3 March\" --dry-run
  keepworth erasure request --source crm --id C-1001 --reason \"asked by letter of 3 March\"
  keepworth erasure confirm 019a0000-0000-7000-8000-000000000000 --reason \"letter checked\"

The reason stays in the audit for good: say it without the id. Books keep what was charged under a
random name. Files and tables outside of Keepworth, error files of imports among them, are yours to
look through.")]
struct Request {
    /// The system that knows the customer.
    #[arg(long)]
    source: String,
    /// The customer's id there.
    #[arg(long)]
    id: String,
    /// Why, in a sentence.
    #[arg(long)]
    reason: String,
    /// Count what would be erased, and write nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    asking: Asking,
}

/// Confirm an erasure that somebody else asked for: from then on nothing brings the customer back.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth erasure confirm 019a0000-0000-7000-8000-000000000000 --reason \"letter checked\"")]
struct Confirm {
    /// Its id, as `keepworth erasure list` shows it.
    erasure: Uuid,
    /// Why, in a sentence.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    asking: Asking,
}

/// One erasure.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth erasure list     and then show or cancel one of them by its id")]
struct One {
    /// Its id, as `keepworth erasure list` shows it.
    erasure: Uuid,
    #[command(flatten)]
    asking: Asking,
}

/// List erasures, the last one first.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth erasure list

One that is overdue waits for a service that does not answer; it goes on by itself when that is back.")]
struct List {
    #[command(flatten)]
    asking: Asking,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        match self.command {
            Command::Request(it) => it.run(global),
            Command::Confirm(it) => {
                let client = it.asking.client(global)?;
                let done = client.confirm_erasure(it.erasure, &it.reason);
                it.asking.show(done)
            }
            Command::Cancel(it) => {
                let client = it.asking.client(global)?;
                it.asking.show(client.cancel_erasure(it.erasure))
            }
            Command::Show(it) => {
                let client = it.asking.client(global)?;
                it.asking.show(client.load_erasure(it.erasure))
            }
            Command::List(it) => it.run(global),
        }
    }
}

impl Asking {
    fn client(&self, global: &Global) -> anyhow::Result<CustomersClient> {
        Ok(CustomersClient::new(
            self.server.reach("customers", global)?,
        )?)
    }

    fn show(
        self,
        asked: impl Future<Output = Result<Erasure, ClientError>>,
    ) -> anyhow::Result<Outcome> {
        let erasure = runtime::block_on(async { Ok(asked.await?) })?;
        self.presenting.show(erasure, |it| Ok(sheets(&it)))?;
        Ok(Outcome::Done)
    }
}

impl Request {
    fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let client = self.asking.client(global)?;
        let input = ErasureInput {
            subject: Subject {
                source: self.source,
                external_id: self.id,
            },
            dry_run: self.dry_run,
        };
        self.asking
            .show(client.create_erasure(&input, &self.reason))
    }
}

impl List {
    fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let client = self.asking.client(global)?;
        let mut erasures = runtime::block_on(async { Ok(all(&client).await?) })?;
        erasures.reverse();
        self.asking
            .presenting
            .show(erasures, |it| Ok(vec![list(&it)]))?;
        Ok(Outcome::Done)
    }
}

async fn all(client: &CustomersClient) -> Result<Vec<Erasure>, ClientError> {
    let query = |cursor| SequenceQuery {
        page_size: Some(MAX_PAGE_SIZE),
        cursor,
    };
    all_pages(async |cursor| client.list_erasures(&query(cursor)).await).await
}

fn list(erasures: &[Erasure]) -> Sheet {
    let columns = "id | state | waits for | asked by | asked | confirmed by";
    let mut sheet = Sheet::new("Erasures", columns).when_empty("Nobody asked for an erasure");
    for it in erasures {
        let id = it.id.map_or_else(String::new, |id| id.to_string());
        let asked = it.requested_at.format("%Y-%m-%d %H:%M").to_string();
        row![sheet =>
            id, state(it), it.outstanding.join(", "), name(it.requested_by.as_ref()), asked,
            name(it.confirmed_by.as_ref())
        ];
    }
    sheet
}

fn name(person: Option<&Person>) -> String {
    person.map_or_else(String::new, |it| format!("{} ({})", it.subject, it.issuer))
}

/// How an erasure stands, in a word or two.
fn state(it: &Erasure) -> String {
    let state = match it.state {
        ErasureState::Counted => "counted, nothing written",
        ErasureState::AwaitingConfirmation => "awaits a confirmation",
        ErasureState::InProgress if it.is_overdue => "in progress, overdue",
        ErasureState::InProgress => "in progress",
        ErasureState::Done if it.is_self_confirmed => "done, self-confirmed",
        ErasureState::Done => "done",
        ErasureState::Cancelled => "called off",
    };
    state.to_owned()
}

fn sheets(it: &Erasure) -> Vec<Sheet> {
    let is_done = !it.receipts.is_empty();
    let receipts: Vec<&Receipt> = match is_done {
        true => it.receipts.iter().map(|it| &it.receipt).collect(),
        false => it.counts.iter().collect(),
    };
    let title = match it.id {
        Some(id) => format!("Erasure {id}: {}", state(it)),
        None => format!("Erasure: {}", state(it)),
    };
    let mut sheet = Sheet::new(
        &title,
        "service | table | erased | under a random name | kept | why it stays",
    );
    for receipt in receipts {
        for table in &receipt.tables {
            row![sheet =>
                receipt.service.clone(), table.table.clone(), table.erased, table.pseudonymised, table.kept,
                table.basis.clone().unwrap_or_default()
            ];
        }
        for hash in &receipt.baselines {
            sheet.note(format!("baseline {hash} may have the customer in its sums"));
        }
    }
    if it.state == ErasureState::AwaitingConfirmation {
        let id = it.id.unwrap_or_default();
        sheet.note(format!(
            "somebody else confirms it: keepworth erasure confirm {id} --reason \"…\""
        ));
    }
    if let Some(failure) = &it.last_failure {
        sheet.note(failure.clone());
    }
    vec![sheet]
}
