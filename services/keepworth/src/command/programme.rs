//! `keepworth programme`: who carries what, when it is judged, how it stands, and what it may cost and did.

mod money;
mod put;
mod step;
mod wording;

use clap::Subcommand;
use keepworth_contract::client::all_pages;
use keepworth_contract::simulator::{
    Programme, ProgrammePage, ProgrammeQuery, ProgrammeState, ProgrammeVersionQuery,
    SimulatorClient, WhichVersion,
};
use keepworth_contract::{MAX_PAGE_SIZE, Page};

use crate::Global;
use crate::command::Outcome;
use crate::command::asking::Asking;
use crate::present::Format;
use crate::reading::word::word;

/// Keep programmes: who carries what, when it is judged, what may go wrong, and what finance has of its money.
///
/// A programme and each of its initiatives has a key, which is what finance's ledger entries and budgets call
/// `programme`. What it may cost and did cost is read there, and typed nowhere else. Nothing is ever lost: whatever is
/// done to a programme is its next version, with who, when and why.
#[derive(clap::Args)]
#[command(after_help = "\
A programme file:
  key = \"service-2027\"                          # in finance: what belongs to the programme, to no initiative alone
  name = \"Service 2027\"
  sponsor = \"Ada Lovelace\"                      # who stands for it; it cannot start without one
  owner = \"Grace Hopper\"                        # who carries it out; nor without one
  [[initiatives]]
  key = \"call-backs\"                            # the name in finance's entries and budgets
  name = \"Call back with context\"
  process_owner = \"Jean Bartik\"
  segments = [\"business\"]                       # all of them when left out
  phases = [\"support\"]                          # as answers and contacts name them
  [initiatives.readiness]                       # 0 (nothing) to 5 (all in place), and how that is known
  people = { score = 3, evidence = \"two teams are trained\", seen_on = \"2026-01-15\" }
  process = { score = 2, evidence = \"no hand-over is written down\", seen_on = \"2026-01-15\" }
  politics = { score = 4, evidence = \"the head of service asked for it\", seen_on = \"2026-01-20\" }
  [[gates]]
  name = \"pilot\"
  due = \"2026-06\"
  criterion = \"4% fewer leave among those who were called\"
  [[risks]]
  text = \"agents leave\"
  likelihood = \"MEDIUM\"                         # LOW, MEDIUM or HIGH
  response = \"hire two more\"
  owner = \"Jean Bartik\"

From the file to a scenario whose costs are the budget's:
  keepworth programme put service.toml
  keepworth programme money service-2027
  keepworth programme start service-2027 --version 1 --reason \"the board decided so\"
  keepworth scenario new --programme service-2027 --baseline baseline.json -o service-scenario.toml")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Put(put::Args),
    List(List),
    Show(Show),
    Versions(Versions),
    Money(money::Args),
    Start(step::Start),
    Gate(step::Gate),
    Close(step::Close),
    Stop(step::Stop),
}

/// List programmes, each in its newest version.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth programme list
  keepworth programme list --state running")]
struct List {
    /// Only those that stand there: proposed, running, closed or stopped.
    #[arg(long, value_parser = word::<ProgrammeState>)]
    state: Option<ProgrammeState>,
    #[command(flatten)]
    asking: Asking,
}

/// Show a programme: who carries it, its initiatives, gates and risks, and how it came to stand where it stands.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth programme show service-2027
  keepworth programme show service-2027 --toml > service.toml     to be edited, and put again")]
struct Show {
    /// The programme's key.
    key: String,
    /// Which version [default: the newest].
    #[arg(long)]
    version: Option<u32>,
    /// As the file that it could be written from.
    #[arg(long)]
    toml: bool,
    #[command(flatten)]
    asking: Asking,
}

/// List what was done to a programme: who, when and why.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth programme versions service-2027")]
struct Versions {
    /// The programme's key.
    key: String,
    #[command(flatten)]
    asking: Asking,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        match self.command {
            Command::Put(it) => it.run(global),
            Command::List(it) => it.run(global),
            Command::Show(it) => it.run(global),
            Command::Versions(it) => it.run(global),
            Command::Money(it) => it.run(global),
            Command::Start(it) => it.run(global),
            Command::Gate(it) => it.run(global),
            Command::Close(it) => it.run(global),
            Command::Stop(it) => it.run(global),
        }?;
        Ok(Outcome::Done)
    }
}

impl List {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let query = |cursor| ProgrammeQuery {
            cursor,
            state: self.state,
            page_size: Some(MAX_PAGE_SIZE),
            ..ProgrammeQuery::default()
        };
        let ask = async |client: &SimulatorClient| {
            let items = all_pages(async |cursor| client.list_programmes(&query(cursor)).await);
            items.await.map(Page::whole)
        };
        let shown = |page: ProgrammePage| vec![wording::programmes(page.items)];
        self.asking.show(global, ask, shown)
    }
}

impl Show {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let which = WhichVersion {
            version: self.version,
        };
        let ask = async |client: &SimulatorClient| client.load_programme(&self.key, &which).await;
        let programme: Programme = self.asking.ask(global, ask)?;
        let presenting = &self.asking.presenting;
        if self.toml && presenting.form() == Format::Table {
            return presenting.text(&toml::to_string(&programme.statement)?);
        }
        self.asking
            .presenting
            .show(programme, |it| Ok(wording::one(&it)))
    }
}

impl Versions {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let query = |cursor| ProgrammeVersionQuery {
            cursor,
            page_size: Some(MAX_PAGE_SIZE),
            ..ProgrammeVersionQuery::default()
        };
        let ask = async |client: &SimulatorClient| {
            let page = async |cursor| {
                let query = query(cursor);
                client.list_programme_versions(&self.key, &query).await
            };
            all_pages(page).await.map(Page::whole)
        };
        let shown = |page: ProgrammePage| vec![wording::versions(&self.key, page.items)];
        self.asking.show(global, ask, shown)
    }
}
