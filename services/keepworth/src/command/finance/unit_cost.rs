//! What a customer costs by segment: the report of winning one, and of keeping one.

use keepworth_contract::finance::{CostLine, Metric, UnitCost, UnitCostReport};
use keepworth_contract::{Currency, Month};

use super::known_at::KnownAt;
use super::wording::{DefinitionWords, MetricCells, Sums, add_rates, worded};
use super::{Asking, path};
use crate::Global;
use crate::sheet::{Cell, Sheet};

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
    asking: Asking,
}

/// Which months, and in which currency they are reported.
#[derive(clap::Args)]
pub(super) struct Period {
    /// The last month, YYYY-MM.
    month: Month,
    /// How many months, 1 to 60.
    #[arg(long, default_value_t = 1)]
    months: u32,
    /// Report in this currency (default: the only one there is).
    #[arg(long, value_name = "CODE")]
    currency: Option<Currency>,
    #[command(flatten)]
    pub(super) known_at: KnownAt,
}

impl Period {
    pub(super) fn query(&self) -> Vec<(&'static str, Option<String>)> {
        vec![
            ("month", Some(self.month.to_string())),
            ("months", Some(self.months.to_string())),
            ("currency", self.currency.map(|it| it.to_string())),
            self.known_at.query(),
        ]
    }
}

impl MaintenanceArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let path = path(&["maintenance-costs"], &self.period.query())?;
        self.asking.show(global, &path, |report: UnitCostReport| {
            let sheets = report.sheets("Cost of keeping a customer", "n (customer-months)");
            Ok(self.period.known_at.noted(sheets))
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
            &[
                "segment",
                "figure",
                "value",
                "unit",
                n,
                "basis",
                "definition",
            ],
        );
        let mut costs = Sheet::new(
            format!("What it is made of, in {}", self.currency),
            &["segment", "category", "component", "amount", "currency"],
        );
        for item in &self.items {
            let segment = item.segment.as_deref().unwrap_or("whole company");
            for metric in &item.figures {
                figures.add([
                    segment.into(),
                    metric.definition.name.clone().into(),
                    metric.cell(self.currency),
                    metric.definition.unit(Some(self.currency)).into(),
                    metric.statistic.n.into(),
                    metric.basis().into(),
                    metric.definition.label().into(),
                ]);
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
        sheet.add([
            of.into(),
            worded(self.category).into(),
            self.component.map(worded).into(),
            Cell::Amount(self.amount.amount),
            self.amount.currency.code().into(),
        ]);
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
