//! How recurring revenue moved, and what each definition makes of it.

use keepworth_contract::client::ClientError;
use keepworth_contract::finance::{
    CancellationRule, FinanceClient, MetricDefinitionList, MetricQuery, MetricReport,
};
use keepworth_contract::{Currency, FlagCode, Month};
use rust_decimal::Decimal;
use serde::Serialize;

use super::Asking;
use super::wording::{DefinitionWords, MetricCells, add_rates, caution};
use crate::Global;
use crate::present::{Cell, Sheet, row};
use crate::reading::word::word;

/// Every retention metric by every definition, side by side.
///
/// One ledger, several figures of one name: they differ in who counts reactivations, exchange
/// rates and customers won and lost within the month. Each line names whose figure it reproduces.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth finance metrics 2025-09
  keepworth finance metrics 2025-09 --currency EUR --reactivation-window 6")]
pub(super) struct Args {
    /// The month, YYYY-MM; it is held against the month before.
    month: Month,
    #[command(flatten)]
    policy: Policy,
    #[command(flatten)]
    asking: Asking,
}

/// Where recurring revenue came from, and where it went.
///
/// Opening + new + reactivation + expansion - contraction - churn + exchange rates = closing, to
/// the last decimal. What recurs in a month is what runs on its last day; charges whose days are known
/// are counted by them, so that a part of a month is no smaller plan.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth finance movements 2025-09                 one month
  keepworth finance movements 2025-09 --months 12     each of the twelve months up to it")]
pub(super) struct MovementsArgs {
    /// The last month, YYYY-MM.
    month: Month,
    /// How many months, 1 to 60.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..=60))]
    months: i32,
    #[command(flatten)]
    policy: Policy,
    #[command(flatten)]
    asking: Asking,
}

/// What each metric means, and whose figure it reproduces.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth finance definitions")]
pub(super) struct DefinitionsArgs {
    #[command(flatten)]
    asking: Asking,
}

#[derive(clap::Args)]
struct Policy {
    /// Report in this currency (default: the only one there is).
    #[arg(long, value_name = "CODE")]
    currency: Option<Currency>,
    /// A customer who returns later than this many months is new again (default: never).
    #[arg(long, value_name = "MONTHS")]
    reactivation_window: Option<u32>,
    /// Whether who cancels is gone when that takes effect, or when it is decided: effective or
    /// decided.
    #[arg(long, default_value = "effective", value_parser = word::<CancellationRule>)]
    cancellation: CancellationRule,
}

/// Says what figures by a rule of cancellation mean; those by the usual one need no word.
fn add_rule(rule: CancellationRule, sheet: &mut Sheet) {
    if rule == CancellationRule::Decided {
        sheet.note(
            "Who cancels is gone in the month it is decided (cancelled_on), though what was charged still \
             runs.",
        );
    }
}

impl Policy {
    fn query(&self, month: Month) -> MetricQuery {
        MetricQuery {
            month,
            currency: self.currency,
            reactivation_window_months: self.reactivation_window,
            cancellation: self.cancellation,
        }
    }
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let query = self.policy.query(self.month);
        let ask = async |finance: &FinanceClient| finance.load_metrics(&query).await;
        let shown = |report| Ok(vec![metrics(&report)]);
        self.asking.show(global, ask, shown)
    }
}

fn metrics(report: &MetricReport) -> Sheet {
    let mut sheet = Sheet::new(
        format!(
            "Retention in {}, held against {}; revenue in {}",
            report.month,
            report.month.plus(-1),
            report.currency
        ),
        "metric | value | unit | as counted by | n (opening customers) | definition",
    );
    for metric in &report.items {
        row![sheet =>
            &metric.definition.name, metric.cell(report.currency),
            metric.definition.unit(Some(report.currency)), &metric.definition.matches,
            metric.statistic.n, metric.definition.label(),
        ];
        metric.add_notes(&mut sheet);
    }
    add_rates(&mut sheet, &report.rates);
    add_rule(report.cancellation, &mut sheet);
    sheet.note("Everybody in the ledger is counted, so no figure has an interval.");
    sheet.note("`keepworth finance definitions` shows the formulas.");
    sheet
}

fn add_movements(report: &MetricReport, sheet: &mut Sheet) {
    let decimals = report.currency.decimals();
    let amount = |text: &str, sign: Decimal| {
        let amount = text.parse::<Decimal>();
        amount.map_or(Cell::Nothing, |it| {
            Cell::Amount(trimmed(sign * it, decimals))
        })
    };
    let (plus, minus) = (Decimal::ONE, -Decimal::ONE);
    let (it, customers) = (&report.movements, &report.customers);
    row![sheet =>
        report.month, amount(&it.opening, plus), amount(&it.new, plus),
        amount(&it.reactivation, plus), amount(&it.expansion, plus),
        amount(&it.contraction, minus), amount(&it.churn, minus), amount(&it.fx, plus),
        amount(&it.closing, plus), report.currency, customers.opening, customers.won,
        customers.lost,
    ];
    add_rates(sheet, &report.rates);
    // The table shows which amounts were converted.
    let flags = report.quality_flags.iter();
    for flag in flags.filter(|it| it.code != FlagCode::Converted) {
        sheet.note(format!("{}: {}.", report.month, caution(flag)));
    }
}

/// The amount without trailing zeros beyond the currency's decimals; nothing else is lost.
fn trimmed(amount: Decimal, decimals: u32) -> Decimal {
    let mut trimmed = amount.normalize();
    if trimmed.scale() < decimals {
        trimmed.rescale(decimals);
    }
    trimmed
}

const MOVEMENTS: &str = "month | opening | new | reactivation | expansion | contraction | churn | exchange rates | closing | currency | customers | won | lost";

#[derive(Serialize)]
struct Months {
    items: Vec<MetricReport>,
    /// Months after the first of these that have no records.
    without_records: Vec<Month>,
}

impl MovementsArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let ask = async |finance: &FinanceClient| self.months(finance).await;
        self.asking.show(global, ask, |months| {
            let mut sheet = Sheet::new(
                "Recurring revenue a month: opening + … = closing; customers at the opening",
                MOVEMENTS,
            );
            for report in &months.items {
                add_movements(report, &mut sheet);
            }
            for month in months.without_records {
                sheet.note(format!("{month}: no revenue at all is recorded."));
            }
            add_rule(self.policy.cancellation, &mut sheet);
            Ok(vec![sheet])
        })
    }

    /// The reports of the months, oldest first; months before any revenue are left out.
    async fn months(&self, finance: &FinanceClient) -> Result<Months, ClientError> {
        let (mut items, mut without_records) = (Vec::new(), Vec::new());
        for back in (0..self.months).rev() {
            let month = self.month.plus(-back);
            match finance.load_metrics(&self.policy.query(month)).await {
                Ok(report) => items.push(report),
                Err(ClientError::Problem { problem, .. })
                    if problem.status == 404 && (back > 0 || !items.is_empty()) =>
                {
                    without_records.extend((!items.is_empty()).then_some(month));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Months {
            items,
            without_records,
        })
    }
}

impl DefinitionsArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let ask = async |finance: &FinanceClient| finance.list_metric_definitions().await;
        self.asking.show(global, ask, |list: MetricDefinitionList| {
            let mut sheet = Sheet::new(
                "What each metric means; a changed formula is a new version",
                "definition | name | unit | as counted by | formula",
            );
            for definition in list.items {
                row![sheet =>
                    definition.label(), &definition.name, definition.unit(None),
                    &definition.matches, definition.formula,
                ];
            }
            Ok(vec![sheet])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::trimmed;

    #[test]
    fn only_zeros_are_trimmed() {
        let shown = |text: &str, decimals| trimmed(text.parse().unwrap(), decimals).to_string();
        assert_eq!(shown("833.333300", 2), "833.3333");
        assert_eq!(shown("12500.000000", 2), "12500.00");
        assert_eq!(shown("1000.0000", 0), "1000");
        assert_eq!(shown("0.000000", 2), "0.00");
    }
}
