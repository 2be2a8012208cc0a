//! `keepworth link`: what an experience has to do with leaving, from the records of the services.

mod fit;
mod wording;

use clap::Subcommand;
use keepworth_contract::client::all_pages;
use keepworth_contract::simulator::{LinkQuery, LinkSummary, LinkVerdict, SimulatorClient};
use keepworth_contract::{MAX_PAGE_SIZE, Word};
use uuid::Uuid;

use crate::Global;
use crate::command::Outcome;
use crate::command::asking::Asking;
use crate::present::{Sheet, row};
use crate::reading::word::word;
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

/// List links in the order of their making, with what may be done with each.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth link list
  keepworth link list --verdict estimated")]
struct List {
    /// Only links of this verdict: estimated, null, warned or refused.
    #[arg(long, value_parser = word::<LinkVerdict>)]
    verdict: Option<LinkVerdict>,
    #[command(flatten)]
    asking: Asking,
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
            Action::Fit(it) => it.run(global),
            Action::List(it) => it.run(global),
            Action::Show(it) => it.run(global),
            Action::Remove(it) => it.run(global),
        }?;
        Ok(Outcome::Done)
    }
}

impl List {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let query = |cursor| LinkQuery {
            page_size: Some(MAX_PAGE_SIZE),
            cursor,
            verdict: self.verdict,
            ..LinkQuery::default()
        };
        let ask = async |client: &SimulatorClient| {
            all_pages(async |cursor| client.list_links(&query(cursor)).await).await
        };
        self.asking.show(global, ask, |links| vec![list(links)])
    }
}

impl Show {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let ask = async |client: &SimulatorClient| client.load_link(self.link).await;
        self.asking.show(global, ask, |link| sheets(&link))
    }
}

impl Remove {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let ask = async |client: &SimulatorClient| {
            let link = client.load_link(self.link).await?;
            client.delete_link(self.link).await?;
            Ok(link)
        };
        let told = |_| vec![Sheet::of_lines([format!("Removed {}.", self.link)])];
        self.asking.show(global, ask, told)
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
