//! What it costs to win a customer, and to keep one.

use keepworth_contract::{Currency, Money, Month};
use serde::Deserialize;

use super::wording::{FxRate, Metric, Sums, add_rates, words};
use super::{Asking, path};
use crate::Global;
use crate::sheet::{Cell, Sheet};

/// What it cost to win a customer: paid, blended and fully loaded.
///
/// Each figure is shown for the whole company and for every segment, with its definition, the new
/// customers it is divided by, and the costs it is made of.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth finance acquisition 2025-09                      one month
  keepworth finance acquisition 2025-09 --months 12          the twelve months up to it
  keepworth finance acquisition 2025-09 --months 12 --lag-months 1
                                       spend of a month earlier, for those it won a month later")]
pub(super) struct AcquisitionArgs {
    #[command(flatten)]
    period: Period,
    /// Spend comes this many months before the customers it won, 0 to 24.
    #[arg(long, value_name = "MONTHS", default_value_t = 0)]
    lag_months: u32,
    #[command(flatten)]
    asking: Asking,
}

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

#[derive(clap::Args)]
struct Period {
    /// The last month, YYYY-MM.
    month: Month,
    /// How many months, 1 to 60.
    #[arg(long, default_value_t = 1)]
    months: u32,
    /// Report in this currency (default: the only one there is).
    #[arg(long, value_name = "CODE")]
    currency: Option<Currency>,
}

#[derive(Deserialize)]
struct Report {
    first_month: Month,
    last_month: Month,
    lag_months: i32,
    currency: Currency,
    rates: Vec<FxRate>,
    items: Vec<UnitCost>,
}

#[derive(Deserialize)]
struct UnitCost {
    segment: Option<String>,
    costs: Vec<CostLine>,
    figures: Vec<Metric>,
}

#[derive(Deserialize)]
struct CostLine {
    category: String,
    component: Option<String>,
    amount: Money,
}

impl Period {
    fn query(&self) -> Vec<(&'static str, Option<String>)> {
        vec![
            ("month", Some(self.month.to_string())),
            ("months", Some(self.months.to_string())),
            ("currency", self.currency.map(|it| it.to_string())),
        ]
    }
}

impl AcquisitionArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let mut query = self.period.query();
        query.push(("lag_months", Some(self.lag_months.to_string())));
        let path = path(&["acquisition-costs"], &query)?;
        self.asking.show(global, &path, |report: Report| {
            Ok(report.sheets("Cost of winning a customer", "n (new customers)"))
        })
    }
}

impl MaintenanceArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let path = path(&["maintenance-costs"], &self.period.query())?;
        self.asking.show(global, &path, |report: Report| {
            Ok(report.sheets("Cost of keeping a customer", "n (customer-months)"))
        })
    }
}

impl Report {
    fn sheets(&self, what: &str, n: &'static str) -> Vec<Sheet> {
        let mut figures = Sheet::new(
            format!("{what}, {}", self.period()),
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

    fn period(&self) -> String {
        let months = if self.first_month == self.last_month {
            self.last_month.to_string()
        } else {
            format!("{} to {}", self.first_month, self.last_month)
        };
        match self.lag_months {
            0 => months,
            lag => format!("{months}, spent {lag} months before"),
        }
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

impl UnitCost {
    fn add_costs(&self, segment: &str, sheet: &mut Sheet) {
        for line in &self.costs {
            let component = line.component.as_deref().map(words);
            sheet.add([
                segment.into(),
                words(&line.category).into(),
                component.into(),
                Cell::Amount(line.amount.amount),
                line.amount.currency.code().into(),
            ]);
        }
    }
}
