//! Who bears the costs of a month, by which rules and weights.

use keepworth_contract::{Money, Month};
use serde::Deserialize;

use super::known_at::KnownAt;
use super::wording::{Sums, words};
use super::{Asking, path};
use crate::Global;
use crate::sheet::Sheet;

/// Who bears the costs of a month: what each segment spent itself, and its part of shared costs.
///
/// Over segments and what is unallocated, the amounts sum to the ledger: nothing is lost and
/// nothing counted twice.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth finance allocation 2025-09
  keepworth finance allocation 2025-09 --format csv > september.csv")]
pub(super) struct Args {
    /// The month, YYYY-MM.
    month: Month,
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

#[derive(Deserialize)]
struct Allocation {
    month: Month,
    items: Vec<Borne>,
    unallocated: Vec<Unallocated>,
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Borne {
    segment: String,
    category: String,
    component: Option<String>,
    direct: Money,
    shared: Money,
}

#[derive(Deserialize)]
struct Unallocated {
    category: String,
    component: Option<String>,
    amount: Money,
    reason: String,
}

#[derive(Deserialize)]
struct Rule {
    category: String,
    version: i32,
    effective_from: Month,
    method: String,
    shares: Vec<Share>,
    reason: String,
}

#[derive(Deserialize)]
struct Share {
    segment: String,
    share: String,
}

impl Rule {
    fn method(&self) -> String {
        let shares = self.shares.iter();
        let shares: Vec<_> = shares
            .map(|it| format!("{} {}", it.segment, it.share))
            .collect();
        if shares.is_empty() {
            words(&self.method)
        } else {
            format!("{}: {}", words(&self.method), shares.join(", "))
        }
    }
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let query = [
            ("month", Some(self.month.to_string())),
            self.known_at.query(),
        ];
        let path = path(&["allocations"], &query)?;
        self.asking.show(global, &path, |found: Allocation| {
            let mut sheets = vec![found.borne()?];
            if !found.unallocated.is_empty() {
                sheets.push(found.unallocated());
            }
            Ok(self.known_at.noted(sheets))
        })
    }
}

impl Allocation {
    fn borne(&self) -> anyhow::Result<Sheet> {
        let title = if self.items.is_empty() && self.unallocated.is_empty() {
            format!("No costs in {}.", self.month)
        } else {
            format!("Who bears the costs of {}", self.month)
        };
        let mut sheet = Sheet::new(
            title,
            &[
                "segment",
                "category",
                "component",
                "direct",
                "shared",
                "total",
                "currency",
            ],
        );
        let mut total = Sums::default();
        for item in &self.items {
            let both = item.direct.plus(item.shared)?;
            total.add(both);
            sheet.add([
                item.segment.clone().into(),
                words(&item.category).into(),
                item.component.as_deref().map(words).into(),
                item.direct.amount.into(),
                item.shared.amount.into(),
                both.amount.into(),
                both.currency.code().into(),
            ]);
        }
        if !sheet.is_empty() {
            sheet.note(format!("Borne by segments: {}", total.shown()));
        }
        for kept in &self.unallocated {
            total.add(kept.amount);
        }
        if !self.unallocated.is_empty() {
            sheet.note(format!("With what nobody bears: {}", total.shown()));
        }
        for rule in &self.rules {
            sheet.note(format!(
                "Shared {} is split {} (rule v{} from {})",
                words(&rule.category),
                rule.method(),
                rule.version,
                rule.effective_from
            ));
        }
        Ok(sheet)
    }

    fn unallocated(&self) -> Sheet {
        let mut sheet = Sheet::new(
            "Shared costs that nobody bears",
            &[
                "category",
                "component",
                "amount",
                "currency",
                "why, and the fix",
            ],
        );
        for kept in &self.unallocated {
            sheet.add([
                words(&kept.category).into(),
                kept.component.as_deref().map(words).into(),
                kept.amount.amount.into(),
                kept.amount.currency.code().into(),
                kept.reason.clone().into(),
            ]);
        }
        sheet
    }
}

#[derive(Deserialize)]
struct Items<T> {
    items: Vec<T>,
}

impl RulesArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let path = path(&["allocation-rules"], &[])?;
        self.asking.show(global, &path, |list: Items<Rule>| {
            let title = if list.items.is_empty() {
                "No rule: shared costs are borne by no segment. POST /v1/allocation-rules states one."
            } else {
                "How shared costs are split: a version holds from its month until the next one's"
            };
            let mut sheet =
                Sheet::new(title, &["category", "version", "from", "split", "reason"]);
            for rule in list.items {
                sheet.add([
                    words(&rule.category).into(),
                    i64::from(rule.version).into(),
                    rule.effective_from.to_string().into(),
                    rule.method().into(),
                    rule.reason.into(),
                ]);
            }
            Ok(vec![sheet])
        })
    }
}
