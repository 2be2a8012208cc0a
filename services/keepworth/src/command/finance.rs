//! `keepworth finance`: what the books answer.

mod acquire_or_keep;
mod acquisition;
mod activity;
mod allocation;
mod book;
mod consumption;
mod earned_growth;
mod entry;
mod import_gl;
mod known_at;
mod listing;
mod metric;
mod programme;
mod response;
mod revenue;
mod unit_cost;
mod win_back;
mod wording;

pub(crate) use wording::{add_rates, commands, money, rate_in_words, worded};

use anyhow::anyhow;
use clap::Subcommand;
use keepworth_contract::client::ClientError;
use keepworth_contract::finance::FinanceClient;
use serde::Serialize;

use crate::command::Outcome;
use crate::present::{Presenting, Sheet};
use crate::{Global, Server, runtime};

/// Ask the books: what customers cost, what they bring, what a programme took of its budget.
#[derive(clap::Args)]
#[command(after_help = "\
Which command answers which question:
  What does it cost to win a customer?             acquisition 2025-09 --months 12 [--by channel]
  What does it cost to keep a customer?            maintenance 2025-09 --months 12
  What does a contact cost, on which channel?      consumption 2025-09; avoidable
  On how few customers does the cost fall?         concentration 2025-09 --months 12
  Who bears which cost, and by which rule?         allocation 2025-09; rules
  How many customers, contacts and minutes?        count 2025-01 2025-09; activity 2025-09
  Why do three tools print three retentions?       metrics 2025-09; definitions
  Where did recurring revenue come from, and go?   movements 2025-09 --months 12
  How much of growth did customers earn?           earned-growth 2025-12 --earned-channel referral
  Who comes back, and how long after?              win-backs 2025-12 --months 24
  Does the programme stay within its budget?       programme NAME; budgets NAME
  Should the next euro win customers or keep them? acquire-or-keep 2025-09 --annual-rate 0.10
  What exactly was spent, or charged?              entries --month 2025-09; revenues
  What did an entry say before it was corrected?   entry ID
  By which rates, accounts and closed months?      rates; accounts; closes
These write: `import-gl FILE.csv` a general ledger, `count` what segments did, `add-rate` an exchange
rate, `add-response FILE.csv` how people answer to spending.

Each asks the running service: start one with `keepworth up`, or name it with --url.
Example:
  keepworth finance maintenance 2025-09 --months 12")]
pub(crate) struct Args {
    #[command(subcommand)]
    question: Question,
}

#[derive(Subcommand)]
enum Question {
    Acquisition(acquisition::Args),
    Maintenance(unit_cost::MaintenanceArgs),
    Consumption(consumption::Args),
    Concentration(consumption::ConcentrationArgs),
    Avoidable(consumption::AvoidableArgs),
    Allocation(allocation::Args),
    Rules(allocation::RulesArgs),
    Activity(activity::Args),
    Count(activity::CountArgs),
    Metrics(metric::Args),
    Movements(metric::MovementsArgs),
    EarnedGrowth(earned_growth::Args),
    WinBacks(win_back::Args),
    Definitions(metric::DefinitionsArgs),
    Programme(programme::Args),
    Budgets(programme::BudgetsArgs),
    AcquireOrKeep(acquire_or_keep::Args),
    Responses(response::ListArgs),
    AddResponse(response::AddArgs),
    Entries(entry::Args),
    Entry(entry::OneArgs),
    Revenues(revenue::Args),
    Accounts(book::AccountsArgs),
    Closes(book::ClosesArgs),
    Rates(book::RatesArgs),
    AddRate(book::AddRateArgs),
    ImportGl(import_gl::Args),
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        match self.question {
            Question::Acquisition(args) => args.run(global),
            Question::Maintenance(args) => args.run(global),
            Question::Consumption(args) => args.run(global),
            Question::Concentration(args) => args.run(global),
            Question::Avoidable(args) => args.run(global),
            Question::Allocation(args) => args.run(global),
            Question::Rules(args) => args.run(global),
            Question::Activity(args) => args.run(global),
            Question::Metrics(args) => args.run(global),
            Question::Movements(args) => args.run(global),
            Question::EarnedGrowth(args) => args.run(global),
            Question::WinBacks(args) => args.run(global),
            Question::Definitions(args) => args.run(global),
            Question::Programme(args) => args.run(global),
            Question::Budgets(args) => args.run(global),
            Question::Entries(args) => args.run(global),
            Question::Entry(args) => args.run(global),
            Question::Revenues(args) => args.run(global),
            Question::Accounts(args) => args.run(global),
            Question::Closes(args) => args.run(global),
            Question::Rates(args) => args.run(global),
            Question::AddRate(args) => args.run(global),
            Question::Count(args) => args.run(global),
            Question::AcquireOrKeep(args) => args.run(global),
            Question::Responses(args) => args.run(global),
            Question::AddResponse(args) => args.run(global),
            Question::ImportGl(args) => return args.run(global),
        }?;
        Ok(Outcome::Done)
    }
}

/// Whom to ask, and how to show the answer.
#[derive(clap::Args)]
struct Asking {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    presenting: Presenting,
}

impl Asking {
    fn client(&self, global: &Global) -> anyhow::Result<FinanceClient> {
        Ok(FinanceClient::new(self.server.reach("finance", global)?)?)
    }

    /// Asks one question and shows the answer; the first sheet is the one for spreadsheets.
    fn show<T: Serialize>(
        &self,
        global: &Global,
        ask: impl AsyncFnOnce(&FinanceClient) -> Result<T, ClientError>,
        sheets: impl FnOnce(T) -> anyhow::Result<Vec<Sheet>>,
    ) -> anyhow::Result<()> {
        let client = self.client(global)?;
        let answer = answered(async { Ok(ask(&client).await?) })?;
        self.presenting.show(answer, sheets)
    }
}

/// What the service answered; its errors name commands where the contract names paths.
fn answered<T>(asked: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    runtime::block_on(asked).map_err(|error| anyhow!(commands(&format!("{error:#}"))))
}
