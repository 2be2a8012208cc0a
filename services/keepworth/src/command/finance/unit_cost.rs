//! What a customer costs by segment: the report of winning one, and of keeping one.

use keepworth_contract::finance::{CostLine, FinanceClient, MaintenanceCostQuery, UnitCostReport};
use keepworth_contract::{Currency, Month};

use super::Asking;
use super::known_at::KnownAt;
use super::wording::{DefinitionWords, MetricCells, Sums, add_rates, money, worded};
use crate::Global;
use crate::present::{Sheet, row};

/// What it costs to keep a customer for a year.
///
/// Service, overhead, training, retention and programme costs, divided by the months that
/// customers stayed; for the whole company and for every segment, with the costs it is made of.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth finance maintenance 2025-09                      from one month's costs
  keepworth finance maintenance 2025-09 --months 12          from twelve months'")]
pub(super) struct MaintenanceArgs {
    #[command(flatten)]
    period: Period,
    #[command(flatten)]
    known_at: KnownAt,
    #[command(flatten)]
    asking: Asking,
}

/// Which months, and in which currency they are reported.
#[derive(clap::Args)]
pub(super) struct Period {
    /// The last month, YYYY-MM.
    pub(super) month: Month,
    /// How many months, 1 to 60.
    #[arg(long, default_value_t = 1)]
    pub(super) months: i32,
    /// Report in this currency (default: the only one there is).
    #[arg(long, value_name = "CODE")]
    pub(super) currency: Option<Currency>,
}

impl MaintenanceArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let query = MaintenanceCostQuery {
            month: self.period.month,
            months: Some(self.period.months),
            currency: self.period.currency,
            known_at: self.known_at.time(),
        };
        let ask = async |finance: &FinanceClient| finance.load_maintenance_costs(&query).await;
        self.asking.show(global, ask, |report| {
            let what = "Cost of keeping a customer";
            let sheets = sheets(&report, what, "n (customer-months)");
            Ok(self.known_at.noted(sheets))
        })
    }
}

/// The figures, and the costs that they are made of.
pub(super) fn sheets(report: &UnitCostReport, what: &str, n: &'static str) -> Vec<Sheet> {
    let period = months(report.first_month, report.last_month, report.lag_months);
    let mut figures = Sheet::new(
        format!("{what}, {period}"),
        &format!("segment | figure | value | unit | {n} | basis | definition"),
    );
    let mut costs = Sheet::new(
        format!("What it is made of, in {}", report.currency),
        "segment | category | component | amount | currency",
    );
    let mut total = Sums::default();
    for item in &report.items {
        let segment = item.segment.as_deref().unwrap_or("whole company");
        for metric in &item.figures {
            metric.add(
                segment,
                metric.statistic.n.into(),
                report.currency,
                &mut figures,
            );
        }
        for line in &item.costs {
            add_cost(segment, line, &mut costs);
            if item.segment.is_none() {
                total.add(line.amount);
            }
        }
        if let Some(avoidable) = item.avoidable.map(money) {
            costs.note(format!(
                "{segment}: {avoidable} of it is confirmed as avoidable"
            ));
        }
    }
    add_rates(&mut figures, &report.rates);
    for metric in report.items.iter().flat_map(|item| &item.figures) {
        figures.note(metric.definition.formula());
    }
    costs.note(format!("Whole company: {}", total.shown()));
    vec![figures, costs]
}

/// Adds the row of a cost.
pub(super) fn add_cost(of: &str, line: &CostLine, sheet: &mut Sheet) {
    row![sheet =>
        of, worded(line.category), line.component.map(worded), line.amount.amount,
        line.amount.currency,
    ];
}

/// The months of a report in words.
pub(super) fn months(first: Month, last: Month, lag: i32) -> String {
    let months = if first == last {
        last.to_string()
    } else {
        format!("{first} to {last}")
    };
    match lag {
        0 => months,
        lag => format!("{months}, spent {lag} months before"),
    }
}
