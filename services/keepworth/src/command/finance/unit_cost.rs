//! What a customer costs by segment: the report of winning one, and of keeping one.

use keepworth_contract::finance::{
    CostLine, FinanceClient, MaintenanceCostQuery, Metric, UnitCost, UnitCostReport,
};
use keepworth_contract::{Currency, Month};

use super::Asking;
use super::known_at::KnownAt;
use super::wording::{DefinitionWords, MetricCells, Sums, add_rates, worded};
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
        let Period {
            month,
            months,
            currency,
        } = self.period;
        let query = MaintenanceCostQuery {
            month,
            months: Some(months),
            currency,
            known_at: self.known_at.time(),
        };
        let ask = async |finance: &FinanceClient| finance.load_maintenance_costs(&query).await;
        self.asking.show(global, ask, |report| {
            let sheets = report.sheets("Cost of keeping a customer", "n (customer-months)");
            Ok(self.known_at.noted(sheets))
        })
    }
}

/// A unit cost in sheets.
pub(super) trait UnitCostSheets {
    /// The figures, and the costs that they are made of.
    fn sheets(&self, what: &str, n: &'static str) -> Vec<Sheet>;

    fn add_formulas(&self, sheet: &mut Sheet);

    fn add_total(&self, sheet: &mut Sheet);
}

impl UnitCostSheets for UnitCostReport {
    fn sheets(&self, what: &str, n: &'static str) -> Vec<Sheet> {
        let mut figures = Sheet::new(
            format!(
                "{what}, {}",
                months(self.first_month, self.last_month, self.lag_months)
            ),
            &format!("segment | figure | value | unit | {n} | basis | definition"),
        );
        let mut costs = Sheet::new(
            format!("What it is made of, in {}", self.currency),
            "segment | category | component | amount | currency",
        );
        for item in &self.items {
            let segment = item.segment.as_deref().unwrap_or("whole company");
            for metric in &item.figures {
                row![figures =>
                    segment, &metric.definition.name, metric.cell(self.currency),
                    metric.definition.unit(Some(self.currency)), metric.statistic.n, metric.basis(),
                    metric.definition.label(),
                ];
                metric.add_notes(&mut figures);
            }
            item.add_costs(segment, &mut costs);
        }
        add_rates(&mut figures, &self.rates);
        self.add_formulas(&mut figures);
        self.add_total(&mut costs);
        vec![figures, costs]
    }

    fn add_formulas(&self, sheet: &mut Sheet) {
        let definitions = self.items.iter().flat_map(|item| &item.figures);
        for Metric { definition, .. } in definitions {
            sheet.note(format!("{}: {}", definition.label(), definition.formula));
        }
    }

    fn add_total(&self, sheet: &mut Sheet) {
        let company = self.items.iter().filter(|item| item.segment.is_none());
        let mut total = Sums::default();
        company
            .flat_map(|item| &item.costs)
            .for_each(|line| total.add(line.amount));
        sheet.note(format!("Whole company: {}", total.shown()));
    }
}

/// What one segment spent, in rows.
trait CostRows {
    fn add_costs(&self, segment: &str, sheet: &mut Sheet);
}

impl CostRows for UnitCost {
    fn add_costs(&self, segment: &str, sheet: &mut Sheet) {
        for line in &self.costs {
            line.add(segment, sheet);
        }
        if let Some(avoidable) = self.avoidable {
            let mut sum = Sums::default();
            sum.add(avoidable);
            sheet.note(format!(
                "{segment}: {} of it is confirmed as avoidable",
                sum.shown()
            ));
        }
    }
}

/// One cost in a row.
pub(super) trait CostRow {
    /// Adds its row.
    fn add(&self, of: &str, sheet: &mut Sheet);
}

impl CostRow for CostLine {
    fn add(&self, of: &str, sheet: &mut Sheet) {
        row![sheet =>
            of, worded(self.category), self.component.map(worded), self.amount.amount,
            self.amount.currency,
        ];
    }
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
