//! Programme money: planned against spent.

use keepworth_contract::finance::{BudgetList, ComparisonQuery, FinanceClient, ProgrammeReport};

use super::Asking;
use super::wording::{Sums, add_rates, money, worded};
use crate::Global;
use crate::present::{Sheet, row};

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
        let shown = |report| Ok(vec![compared(&report)]);
        self.asking.show(global, ask, shown)
    }
}

fn compared(report: &ProgrammeReport) -> Sheet {
    let budget = &report.budget;
    let mut sheet = Sheet::new(
        format!(
            "{}: planned (budget v{}, in force from {}) against spent, in {}",
            budget.programme, budget.version, budget.effective_on, budget.currency
        ),
        "month | line | planned | spent | over | over so far | currency",
    );
    let (mut planned, mut spent) = (Sums::default(), Sums::default());
    for item in &report.items {
        planned.add(item.planned);
        spent.add(item.spent);
        row![sheet =>
            item.month, worded(item.line), item.planned.amount, item.spent.amount,
            item.spent.amount - item.planned.amount, item.cumulative_over.amount,
            item.planned.currency,
        ];
    }
    let (planned, spent) = (planned.shown(), spent.shown());
    sheet.note(format!("Planned {planned}, spent {spent}."));
    sheet.note("Over budget is positive; `over so far` adds the line's months up.");
    if !report.without_line.amount.is_zero() {
        sheet.note(format!(
            "Note: {} more names the programme but no line, and is in no row.",
            money(report.without_line)
        ));
    }
    add_rates(&mut sheet, &report.rates);
    sheet
}

impl BudgetsArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let programme = &self.programme;
        let ask = async |finance: &FinanceClient| finance.list_budgets(programme).await;
        self.asking.show(global, ask, |budgets: BudgetList| {
            let title =
                format!("Budgets of {programme}; each replaces the whole plan from its day on");
            let mut sheet = Sheet::new(title, "version | from | month | line | amount | currency")
                .when_empty(format!("Programme `{programme}` has no budget."));
            for it in &budgets.items {
                for line in &it.lines {
                    row![sheet =>
                        it.version, it.effective_on, line.month, worded(line.line),
                        line.amount.amount, line.amount.currency,
                    ];
                }
                sheet.note(format!("v{}: {}", it.version, it.reason));
            }
            Ok(vec![sheet])
        })
    }
}
