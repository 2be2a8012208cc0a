//! Programme money: planned against spent.

use super::Asking;
use super::wording::{Sums, add_rates, worded};
use crate::Global;
use crate::present::{Sheet, row};
use keepworth_contract::finance::{
    Budget, BudgetList, ComparisonQuery, FinanceClient, ProgrammeReport,
};

/// What a programme was to cost and what it did, by month and kind of money.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth finance programme faster-answers
  keepworth finance programme faster-answers --version 1     against the first budget")]
pub(super) struct Args {
    /// The programme's name, as ledger entries carry it.
    programme: String,
    /// The budget's version (default: the one in force today).
    #[arg(long)]
    version: Option<u32>,
    #[command(flatten)]
    asking: Asking,
}

/// Every version of a programme's budget.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth finance budgets faster-answers")]
pub(super) struct BudgetsArgs {
    /// The programme's name.
    programme: String,
    #[command(flatten)]
    asking: Asking,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let query = ComparisonQuery {
            version: self.version,
        };
        let ask =
            async |finance: &FinanceClient| finance.load_programme(&self.programme, &query).await;
        self.asking
            .show(global, ask, |report| Ok(vec![report.sheet()]))
    }
}

/// What a person reads of it.
trait ProgrammeSheet {
    fn sheet(&self) -> Sheet;
}

impl ProgrammeSheet for ProgrammeReport {
    fn sheet(&self) -> Sheet {
        let budget = &self.budget;
        let mut sheet = Sheet::new(
            format!(
                "{}: planned (budget v{}, in force from {}) against spent, in {}",
                budget.programme, budget.version, budget.effective_on, budget.currency
            ),
            "month | line | planned | spent | over | over so far | currency",
        );
        let (mut planned, mut spent) = (Sums::default(), Sums::default());
        for item in &self.items {
            planned.add(item.planned);
            spent.add(item.spent);
            row![sheet =>
                item.month, worded(item.line), item.planned.amount, item.spent.amount,
                item.spent.amount - item.planned.amount, item.cumulative_over.amount,
                item.planned.currency,
            ];
        }
        sheet.note(format!(
            "Planned {}, spent {}.",
            planned.shown(),
            spent.shown()
        ));
        sheet.note("Over budget is positive; `over so far` adds the line's months up.");
        if !self.without_line.amount.is_zero() {
            let mut without = Sums::default();
            without.add(self.without_line);
            sheet.note(format!(
                "Note: {} more names the programme but no line, and is in no row.",
                without.shown()
            ));
        }
        add_rates(&mut sheet, &self.rates);
        sheet
    }
}

impl BudgetsArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let ask = async |finance: &FinanceClient| finance.list_budgets(&self.programme).await;
        self.asking.show(global, ask, |budgets: BudgetList| {
            let title = if budgets.items.is_empty() {
                format!("Programme `{}` has no budget.", self.programme)
            } else {
                format!(
                    "Budgets of {}; each replaces the whole plan from its day on",
                    self.programme
                )
            };
            let mut sheet = Sheet::new(title, "version | from | month | line | amount | currency");
            for budget in &budgets.items {
                budget.add(&mut sheet);
            }
            Ok(vec![sheet])
        })
    }
}

/// What a person reads of it.
trait BudgetRows {
    fn add(&self, sheet: &mut Sheet);
}

impl BudgetRows for Budget {
    fn add(&self, sheet: &mut Sheet) {
        for line in &self.lines {
            row![sheet =>
                self.version, self.effective_on, line.month, worded(line.line), line.amount.amount,
                line.amount.currency,
            ];
        }
        sheet.note(format!("v{}: {}", self.version, self.reason));
    }
}
