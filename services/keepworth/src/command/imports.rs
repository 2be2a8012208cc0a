//! `keepworth imports`: files that the server took in, and how to take them back.

use anyhow::bail;
use clap::Subcommand;
use keepworth_contract::client::{Client, ClientError, all_pages};
use keepworth_contract::{Import, JobState, MAX_PAGE_SIZE, SequenceQuery};
use keepworth_reading::mapping::KINDS;
use uuid::Uuid;

use crate::command::Outcome;
use crate::present::number::whole;
use crate::present::{Presenting, Sheet, row};
use crate::{Global, Server, runtime};

/// Look at the files that were handed to the server, and take back what they wrote.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(List),
    Show(One),
    Undo(Undo),
}

/// Which running Keepworth, and how its answer looks.
#[derive(clap::Args)]
struct Asking {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    presenting: Presenting,
}

/// List the imports of every service, the last one first.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth imports list

They are kept for 30 days. Files are handed over with POST /v1/imports of their service; what `keepworth import`
sends row by row is none of them.")]
struct List {
    #[command(flatten)]
    asking: Asking,
}

/// Show how an import stands.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth imports show 019a0000-0000-7000-8000-000000000000")]
struct One {
    /// Its id, as `keepworth imports list` shows it.
    id: Uuid,
    #[command(flatten)]
    asking: Asking,
}

/// Take back what an import wrote: all of it, or nothing.
///
/// What it created is gone, what it changed is as it was. Where a record has changed since, or its month is
/// closed, nothing is undone and the first such records are named.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth imports undo 019a0000-0000-7000-8000-000000000000

Exit codes: 0 undone, 2 nothing was.")]
struct Undo {
    /// Its id, as `keepworth imports list` shows it.
    id: Uuid,
    #[command(flatten)]
    asking: Asking,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        match self.command {
            Command::List(it) => it.run(global),
            Command::Show(it) => it.asking.one(global, it.id, false),
            Command::Undo(it) => it.asking.one(global, it.id, true),
        }
    }
}

impl List {
    fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let clients = self.asking.clients(global)?;
        let mut imports = runtime::block_on(async {
            let mut imports = Vec::new();
            for client in &clients {
                imports.extend(all(client).await?);
            }
            Ok(imports)
        })?;
        // Ids are in the order of their making.
        imports.sort_by_key(|it| std::cmp::Reverse(it.id));
        let presenting = self.asking.presenting;
        presenting.show(imports, |imports| Ok(vec![sheet(imports)]))?;
        Ok(Outcome::Done)
    }
}

impl Asking {
    /// A client of each service that takes files.
    fn clients(&self, global: &Global) -> anyhow::Result<Vec<Client>> {
        let mut services: Vec<&str> = KINDS.iter().map(|kind| kind.service).collect();
        services.dedup();
        let client = |service| Ok(Client::new(service, self.server.reach(service, global)?)?);
        services.into_iter().map(client).collect()
    }

    /// Shows an import, of whichever service it is, once it was undone where that is asked for.
    fn one(self, global: &Global, id: Uuid, is_undone: bool) -> anyhow::Result<Outcome> {
        let clients = self.clients(global)?;
        let import = runtime::block_on(async {
            for client in &clients {
                match client.load_import(id).await {
                    Ok(_) if is_undone => return Ok(client.undo_import(id).await?),
                    Ok(import) => return Ok(import),
                    Err(ClientError::Problem { problem, .. }) if problem.status == 404 => {}
                    Err(error) => return Err(error.into()),
                }
            }
            bail!("no import has the id {id}; `keepworth imports list` shows them")
        })?;
        self.presenting
            .show(import, |it| Ok(vec![sheet(vec![it])]))?;
        Ok(Outcome::Done)
    }
}

async fn all(client: &Client) -> Result<Vec<Import>, ClientError> {
    let query = |cursor| SequenceQuery {
        page_size: Some(MAX_PAGE_SIZE),
        cursor,
    };
    all_pages(async |cursor| client.list_imports(&query(cursor)).await).await
}

fn sheet(imports: Vec<Import>) -> Sheet {
    let columns =
        "id | file | kind | state | rows | new | updated | unchanged | not taken | ordered";
    let mut sheet = Sheet::new("Imports", columns).when_empty(
        "No file was handed to the server in the last 30 days; POST /v1/imports of a service takes one",
    );
    for it in imports {
        row![sheet =>
            it.id.to_string(), it.file_name.clone(), it.kind.clone(), state(&it), it.rows, it.created,
            it.updated, it.unchanged, it.rejected, it.created_at.format("%Y-%m-%d %H:%M").to_string()
        ];
        let detail = it.problem.and_then(|problem| problem.detail);
        if let Some(detail) = detail {
            sheet.note(format!("{}: {detail}", it.file_name));
        }
        for notice in it.told {
            let (rows, first) = (whole(notice.rows as f64), notice.example);
            sheet.note(format!("{}: rows {rows}, the first {first}", notice.what));
        }
    }
    sheet
}

/// How an import stands, in a word or two.
fn state(import: &Import) -> String {
    let state = match import.state {
        JobState::Queued => "waits",
        JobState::Running => "in work",
        JobState::Done if import.dry_run => "checked",
        JobState::Done => "done",
        JobState::Failed => "failed",
        JobState::Cancelled => "cancelled",
    };
    match import.undone_at {
        Some(_) => format!("{state}, undone"),
        None => state.to_owned(),
    }
}
