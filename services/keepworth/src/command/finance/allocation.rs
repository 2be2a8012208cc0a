//! Who bears the costs of a month, by which rules and weights.

use keepworth_contract::finance::{
    Allocation, AllocationRule, AllocationRuleList, FinanceClient, KnownMonthQuery,
};
use keepworth_contract::{Currency, Month};

use super::Asking;
use super::known_at::KnownAt;
use super::wording::{Sums, add_rates, worded};
use crate::Global;
use crate::present::{Sheet, row};

/// Who bears the costs of a month: what each segment spent itself, and its part of shared costs.
///
/// Over segments and what is unallocated, the amounts sum to the ledger: nothing is lost and
/// nothing counted twice.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth finance allocation 2025-09
  keepworth finance allocation 2025-09 --currency EUR
  keepworth finance allocation 2025-09 --format csv > september.csv")]
pub(super) struct Args {
    /// The month, YYYY-MM.
    month: Month,
    /// Convert into this currency (default: each cost in its own).
    #[arg(long, value_name = "CODE")]
    currency: Option<Currency>,
    #[command(flatten)]
    known_at: KnownAt,
    #[command(flatten)]
    asking: Asking,
}

/// The rules by which shared costs are split, every version.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth finance rules")]
pub(super) struct RulesArgs {
    #[command(flatten)]
    asking: Asking,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let query = KnownMonthQuery {
            month: self.month,
            currency: self.currency,
            known_at: self.known_at.time(),
        };
        let ask = async |finance: &FinanceClient| finance.load_allocation(&query).await;
        self.asking.show(global, ask, |found| {
            let mut sheets = vec![borne(&found)?];
            if !found.unallocated.is_empty() {
                sheets.push(unallocated(&found));
            }
            Ok(self.known_at.noted(sheets))
        })
    }
}

fn borne(found: &Allocation) -> anyhow::Result<Sheet> {
    let month = found.month;
    let mut sheet = Sheet::new(
        format!("Who bears the costs of {month}"),
        "segment | category | component | direct | shared | total | currency",
    );
    if found.unallocated.is_empty() {
        sheet = sheet.when_empty(format!("No costs in {month}."));
    }
    let mut total = Sums::default();
    for item in &found.items {
        let both = item.direct.plus(item.shared)?;
        total.add(both);
        row![sheet =>
            &item.segment, worded(item.category), item.component.map(worded), item.direct.amount,
            item.shared.amount, both.amount, both.currency,
        ];
    }
    if !sheet.is_empty() {
        sheet.note(format!("Borne by segments: {}", total.shown()));
    }
    for kept in &found.unallocated {
        total.add(kept.amount);
    }
    if !found.unallocated.is_empty() {
        sheet.note(format!("With what nobody bears: {}", total.shown()));
    }
    add_rates(&mut sheet, &found.rates);
    for rule in &found.rules {
        sheet.note(format!(
            "Shared {} is split {} (rule v{} from {})",
            worded(rule.category),
            split(rule),
            rule.version,
            rule.effective_from
        ));
    }
    Ok(sheet)
}

fn unallocated(found: &Allocation) -> Sheet {
    let mut sheet = Sheet::new(
        "Shared costs that nobody bears",
        "category | component | amount | currency | why, and the fix",
    );
    for kept in &found.unallocated {
        row![sheet =>
            worded(kept.category), kept.component.map(worded), kept.amount.amount,
            kept.amount.currency, &kept.reason,
        ];
    }
    sheet
}

impl RulesArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let ask = async |finance: &FinanceClient| finance.list_allocation_rules().await;
        self.asking.show(global, ask, |list: AllocationRuleList| {
            let title = "How shared costs are split: a version holds from its month until the next one's";
            let mut sheet = Sheet::new(title, "category | version | from | split | reason")
                .when_empty("No rule: shared costs are borne by no segment. POST /v1/allocation-rules states one.");
            for rule in list.items {
                row![sheet =>
                    worded(rule.category), rule.version, rule.effective_from, split(&rule),
                    rule.reason,
                ];
            }
            Ok(vec![sheet])
        })
    }
}

/// How a rule splits, in words.
fn split(rule: &AllocationRule) -> String {
    let share = rule.shares.iter();
    let shares: Vec<String> = share
        .map(|it| format!("{} {}", it.segment, it.share))
        .collect();
    match shares[..] {
        [] => worded(rule.method),
        _ => format!("{}: {}", worded(rule.method), shares.join(", ")),
    }
}
