//! `keepworth pilot`: who is treated and who is left alone, and what came of it.

mod arms;
mod plan;
mod start;
mod wording;

use chrono::NaiveDate;
use clap::Subcommand;
use keepworth_contract::client::all_pages;
use keepworth_contract::simulator::{
    PilotConclusionInput, PilotPage, PilotQuery, PilotReadingInput, SimulatorClient,
};
use keepworth_contract::{MAX_PAGE_SIZE, Page};

use crate::Global;
use crate::command::Outcome;
use crate::command::asking::Asking;
use crate::command::evidence::one as evidence;
use crate::runtime::waiting;

pub(super) use plan::number;

/// Try a change on some customers, and learn what it does.
///
/// Draw lots, by a rule with a seed or by yourself, before the start; look as often as you like, and make evidence of
/// what was found: a scenario refers to it by the pilot's key.
#[derive(clap::Args)]
#[command(after_help = "\
From lots to a scenario:
  keepworth pilot plan --outcome leaving --expected 2% --fall 10% --months 6     how many customers it takes
  keepworth pilot arms --segment basic --seed call-backs-2026 --from 2026-12-01 -o arms.csv     who is treated
  keepworth pilot start --segment basic --seed call-backs-2026 --key call-backs --title \"Call-backs\" \\
      --outcome leaving --from 2026-12-01 --to 2027-05-31 --expected 2% --fall 10%
  keepworth pilot read call-backs --as-of 2027-02-28                             as often as you like
  keepworth pilot conclude call-backs --owner \"A. Lovelace\" --review-on 2028-05-31
  and in scenario.toml:   on = \"hazard\"
                          evidence = \"call-backs\"

Act on the interval that may be looked at at any time. The one for a single look, shown beside it, excludes \"no
effect\" by chance in about a quarter of the pilots that do nothing, when it is looked at every week.")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Plan(plan::Args),
    Arms(arms::Args),
    Start(Box<start::Args>),
    List(List),
    Show(Show),
    Read(Read),
    Conclude(Conclude),
}

/// List the pilots.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth pilot list")]
struct List {
    #[command(flatten)]
    asking: Asking,
}

/// Show a pilot: its plan, and what it can find.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth pilot show call-backs")]
struct Show {
    /// The pilot's key.
    key: String,
    #[command(flatten)]
    asking: Asking,
}

/// Look at a pilot: were lots drawn as planned, were the arms alike, what is the effect so far.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth pilot read call-backs --as-of 2027-02-28

Every look is kept.")]
struct Read {
    /// The pilot's key.
    key: String,
    /// The last day whose facts count; of all but leaving the last of a month.
    #[arg(long, value_name = "DATE")]
    as_of: NaiveDate,
    #[command(flatten)]
    asking: Asking,
}

/// Make evidence of the last look at a pilot: its grade follows from the lots and the look.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth pilot conclude call-backs --owner \"A. Lovelace\" --review-on 2028-05-31")]
struct Conclude {
    /// The pilot's key, and then that of the evidence.
    key: String,
    /// Who answers for the evidence.
    #[arg(long)]
    owner: String,
    /// The day by which it must be looked at again.
    #[arg(long, value_name = "DATE")]
    review_on: NaiveDate,
    /// What else a reader must know.
    #[arg(long)]
    note: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        match self.command {
            Command::Plan(it) => it.run(),
            Command::Arms(it) => it.run(global),
            Command::Start(it) => it.run(global),
            Command::List(it) => it.run(global),
            Command::Show(it) => it.run(global),
            Command::Read(it) => it.run(global),
            Command::Conclude(it) => it.run(global),
        }?;
        Ok(Outcome::Done)
    }
}

impl List {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let ask = async |client: &SimulatorClient| {
            let query = |cursor| PilotQuery {
                page_size: Some(MAX_PAGE_SIZE),
                cursor,
                ..PilotQuery::default()
            };
            let items = all_pages(async |cursor| client.list_pilots(&query(cursor)).await);
            items.await.map(Page::whole)
        };
        let shown = |page: PilotPage| vec![wording::list(page.items)];
        self.asking.show(global, ask, shown)
    }
}

impl Show {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let ask = async |client: &SimulatorClient| client.load_pilot(&self.key).await;
        self.asking
            .show(global, ask, |pilot| vec![wording::pilot(&pilot)])
    }
}

impl Read {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let order = PilotReadingInput { as_of: self.as_of };
        let ask = async |client: &SimulatorClient| {
            waiting("reading the pilot", client.read_pilot(&self.key, &order)).await
        };
        self.asking
            .show(global, ask, |reading| wording::reading(&reading))
    }
}

impl Conclude {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let conclusion = PilotConclusionInput {
            owner: self.owner,
            review_on: self.review_on,
            note: self.note,
        };
        let ask =
            async |client: &SimulatorClient| client.conclude_pilot(&self.key, &conclusion).await;
        self.asking.show(global, ask, |it| vec![evidence(&it)])
    }
}
