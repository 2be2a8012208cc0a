//! `keepworth link`: what an experience has to do with leaving, from the records of the services.

mod fit;
mod wording;

use clap::{Subcommand, ValueEnum};
use keepworth_contract::simulator::{LinkQuery, LinkSummary, LinkVerdict, SimulatorClient};
use keepworth_contract::{MAX_PAGE_SIZE, Word};
use uuid::Uuid;

use crate::command::Outcome;
use crate::present::{Presenting, Sheet, row};
use crate::{Global, Server, runtime};
use wording::{sheets, words};

/// Find out what an experience has to do with leaving, from your own records.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth link fit repeat-contacts --as-of 2025-09-30

A link is an association, graded: a scenario that goes through it (`through = \"link/ID\"`) draws the link's own
uncertainty, and how much of it is a cause. To fit a file instead of the services' records: keepworth fit link.")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    Fit(fit::Fit),
    List(List),
    Show(Show),
    Remove(Remove),
}

/// Which running Keepworth, and how its answer looks.
#[derive(clap::Args)]
struct Asking {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    presenting: Presenting,
}

/// List links in the order of their making, with what may be done with each.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth link list
  keepworth link list --verdict estimated")]
struct List {
    /// Only links of this verdict.
    #[arg(long, value_enum)]
    verdict: Option<VerdictArg>,
    #[command(flatten)]
    asking: Asking,
}

/// What may be done with a link.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum VerdictArg {
    /// Told from no effect.
    Estimated,
    /// Not told from no effect.
    Null,
    /// Its flags must be read first.
    Warned,
    /// Cannot be told.
    Refused,
}

impl From<VerdictArg> for LinkVerdict {
    fn from(verdict: VerdictArg) -> Self {
        match verdict {
            VerdictArg::Estimated => Self::Estimated,
            VerdictArg::Null => Self::Null,
            VerdictArg::Warned => Self::Warned,
            VerdictArg::Refused => Self::Refused,
        }
    }
}

/// Show a link with all its evidence.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth link show 019a0000-0000-7000-8000-000000000000")]
struct Show {
    /// Its id, as `keepworth link list` shows it.
    link: Uuid,
    #[command(flatten)]
    asking: Asking,
}

/// Remove a link. Runs that went through it keep what they took from it.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth link remove 019a0000-0000-7000-8000-000000000000")]
struct Remove {
    /// Its id, as `keepworth link list` shows it.
    link: Uuid,
    #[command(flatten)]
    asking: Asking,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        match self.action {
            Action::Fit(it) => it.run(global)?,
            Action::List(it) => it.run(global)?,
            Action::Show(it) => {
                let client = it.asking.client(global)?;
                let link = runtime::block_on(async { Ok(client.load_link(it.link).await?) })?;
                it.asking.presenting.show(link, |link| Ok(sheets(&link)))?;
            }
            Action::Remove(it) => {
                let client = it.asking.client(global)?;
                let link = runtime::block_on(async {
                    let link = client.load_link(it.link).await?;
                    client.delete_link(it.link).await?;
                    Ok(link)
                })?;
                let told = |_| Ok(vec![Sheet::of_lines([format!("Removed {}.", it.link)])]);
                it.asking.presenting.show(link, told)?;
            }
        }
        Ok(Outcome::Done)
    }
}

impl Asking {
    fn client(&self, global: &Global) -> anyhow::Result<SimulatorClient> {
        Ok(SimulatorClient::new(
            self.server.reach("simulator", global)?,
        )?)
    }
}

impl List {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let client = self.asking.client(global)?;
        let verdict = self.verdict.map(LinkVerdict::from);
        let links = runtime::block_on(all(&client, verdict))?;
        self.asking
            .presenting
            .show(links, |links| Ok(vec![list(links)]))
    }
}

async fn all(
    client: &SimulatorClient,
    verdict: Option<LinkVerdict>,
) -> anyhow::Result<Vec<LinkSummary>> {
    let (mut links, mut cursor) = (Vec::new(), None);
    loop {
        let query = LinkQuery {
            page_size: Some(MAX_PAGE_SIZE),
            cursor,
            verdict,
            ..LinkQuery::default()
        };
        let page = client.list_links(&query).await?;
        links.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(links);
        }
    }
}

fn list(links: Vec<LinkSummary>) -> Sheet {
    let mut sheet = Sheet::new("", "id | exposure | as of | verdict | reason")
        .when_empty("No link. `keepworth link fit --help` says how there will be one.");
    for it in links {
        let verdict = it.verdict.name().to_lowercase();
        row![sheet => it.id.to_string(), words(it.exposure), it.as_of.to_string(), verdict, it.reason];
    }
    sheet
}
