//! What it costs to win a customer: by segment, channel or campaign.

use clap::ValueEnum;
use keepworth_contract::Currency;
use keepworth_contract::finance::{AcquisitionSource, AcquisitionSourceReport, UnitCostReport};

use super::unit_cost::{self, CostRow, Period, UnitCostSheets};
use super::wording::{DefinitionWords, MetricCells, Sums, add_rates, caution, worded};
use super::{Asking, path};
use crate::Global;
use crate::sheet::{Cell, Sheet};

/// What it cost to win a customer: paid, blended and fully loaded.
///
/// Each figure is shown with its definition, the new customers it is divided by, and the costs it
/// is made of; by segment, by the channel that a customer's record names, or by the campaigns that
/// touched them.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth finance acquisition 2025-09                      one month, by segment
  keepworth finance acquisition 2025-09 --months 12 --by channel
  keepworth finance acquisition 2025-09 --by campaign --overlap first
  keepworth finance acquisition 2025-09 --months 12 --lag-months 1
                                       spend of a month earlier, for those it won a month later")]
pub(super) struct Args {
    #[command(flatten)]
    period: Period,
    /// Spend comes this many months before the customers it won, 0 to 24.
    #[arg(long, value_name = "MONTHS", default_value_t = 0)]
    lag_months: u32,
    /// What customers and spend are grouped by.
    #[arg(long, value_enum, default_value_t)]
    by: By,
    /// To whom a customer is credited whom several campaigns touched [default: even].
    #[arg(long, value_enum)]
    overlap: Option<Overlap>,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum By {
    #[default]
    Segment,
    Channel,
    Campaign,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Overlap {
    /// To the first campaign.
    First,
    /// To the last one.
    Last,
    /// To each in equal parts.
    Even,
    /// To each by its touches.
    ByTouch,
}

impl Overlap {
    fn name(self) -> String {
        let name = match self {
            Self::First => "FIRST",
            Self::Last => "LAST",
            Self::Even => "EVEN",
            Self::ByTouch => "BY_TOUCH",
        };
        name.to_owned()
    }
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.overlap.is_none() || self.by == By::Campaign,
            "--overlap says how campaigns share a customer; add --by campaign"
        );
        anyhow::ensure!(
            !self.period.known_at.is_given() || self.by != By::Campaign,
            "touches of campaigns keep no history; leave out --known-at"
        );
        let mut query = self.period.query();
        query.push(("lag_months", Some(self.lag_months.to_string())));
        query.push(("overlap", self.overlap.map(Overlap::name)));
        let (below, name): (&[&str], _) = match self.by {
            By::Segment => {
                let path = path(&["acquisition-costs"], &query)?;
                return self.asking.show(global, &path, |report: UnitCostReport| {
                    let sheets = report.sheets("Cost of winning a customer", "n (new customers)");
                    Ok(self.period.known_at.noted(sheets))
                });
            }
            By::Channel => (&["acquisition-costs", "by-channel"], "channel"),
            By::Campaign => (&["acquisition-costs", "by-campaign"], "campaign"),
        };
        let path = path(below, &query)?;
        self.asking
            .show(global, &path, |report: AcquisitionSourceReport| {
                Ok(self.period.known_at.noted(report.sheets(name)))
            })
    }
}

/// What a person reads of it.
trait SourceSheets {
    fn sheets(&self, name: &'static str) -> Vec<Sheet>;
}

impl SourceSheets for AcquisitionSourceReport {
    fn sheets(&self, name: &'static str) -> Vec<Sheet> {
        let period = unit_cost::months(self.first_month, self.last_month, self.lag_months);
        let header = [
            name,
            "figure",
            "value",
            "unit",
            "new customers",
            "basis",
            "definition",
        ];
        let mut figures = Sheet::new(format!("Cost of winning a customer, {period}"), &header);
        let header = [name, "category", "component", "amount", "currency"];
        let mut costs = Sheet::new(format!("What it is made of, in {}", self.currency), &header);
        let mut total = Sums::default();
        for item in &self.items {
            let source = item
                .name
                .clone()
                .unwrap_or_else(|| format!("no {name} named"));
            item.add(&source, self.currency, &mut figures);
            for line in &item.costs {
                total.add(line.amount);
                line.add(&source, &mut costs);
            }
        }
        if let Some(overlap) = self.overlap {
            figures.note(format!(
                "Customers whom several campaigns touched are credited by the rule: {}.",
                worded(overlap)
            ));
        }
        for flag in &self.quality_flags {
            figures.note(format!("Note: {}.", caution(flag)));
        }
        add_rates(&mut figures, &self.rates);
        costs.note(format!("All: {}", total.shown()));
        vec![figures, costs]
    }
}

/// What a person reads of it.
trait SourceRows {
    fn add(&self, source: &str, currency: Currency, sheet: &mut Sheet);
}

impl SourceRows for AcquisitionSource {
    fn add(&self, source: &str, currency: Currency, sheet: &mut Sheet) {
        for metric in &self.figures {
            sheet.add([
                source.into(),
                metric.definition.name.clone().into(),
                metric.cell(currency),
                metric.definition.unit(Some(currency)).into(),
                self.new_customers
                    .parse()
                    .map_or(Cell::Nothing, Cell::Amount),
                metric.basis().into(),
                metric.definition.label().into(),
            ]);
            metric.add_notes(sheet);
        }
    }
}
