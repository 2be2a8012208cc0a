//! What it costs to win a customer: by segment, channel or campaign.

use clap::ValueEnum;
use keepworth_contract::Currency;
use keepworth_contract::finance::{
    AcquisitionSource, AcquisitionSourceReport, CampaignCostQuery, FinanceClient, OverlapRule,
    UnitCostQuery,
};

use super::Asking;
use super::known_at::KnownAt;
use super::unit_cost::{self, CostRow, Period, UnitCostSheets};
use super::wording::{DefinitionWords, MetricCells, Sums, add_rates, caution, worded};
use crate::Global;
use crate::present::{Cell, Sheet, row};
use crate::reading::word::word;

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
    #[command(flatten)]
    known_at: KnownAt,
    /// Spend comes this many months before the customers it won, 0 to 24.
    #[arg(long, value_name = "MONTHS", default_value_t = 0)]
    lag_months: i32,
    /// What customers and spend are grouped by.
    #[arg(long, value_enum, default_value_t)]
    by: By,
    /// To whom a customer is credited whom several campaigns touched: the first, the last, each in
    /// even parts, or each by-touch, by its touches [default: even].
    #[arg(long, value_name = "RULE", value_parser = word::<OverlapRule>)]
    overlap: Option<OverlapRule>,
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

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.overlap.is_none() || self.by == By::Campaign,
            "--overlap says how campaigns share a customer; add --by campaign"
        );
        anyhow::ensure!(
            self.known_at.time().is_none() || self.by != By::Campaign,
            "touches of campaigns keep no history; leave out --known-at"
        );
        let Period {
            month,
            months,
            currency,
        } = self.period;
        let (months, lag_months) = (Some(months), Some(self.lag_months));
        let query = UnitCostQuery {
            month,
            months,
            currency,
            lag_months,
            known_at: self.known_at.time(),
        };
        let known_at = &self.known_at;
        match self.by {
            By::Segment => {
                let ask = async |it: &FinanceClient| it.load_acquisition_costs(&query).await;
                self.asking.show(global, ask, |report| {
                    let sheets = report.sheets("Cost of winning a customer", "n (new customers)");
                    Ok(known_at.noted(sheets))
                })
            }
            By::Channel => {
                let ask =
                    async |it: &FinanceClient| it.load_acquisition_costs_by_channel(&query).await;
                self.asking.show(global, ask, |report| {
                    Ok(known_at.noted(report.sheets("channel")))
                })
            }
            By::Campaign => {
                let overlap = self.overlap;
                let query = CampaignCostQuery {
                    month,
                    months,
                    currency,
                    lag_months,
                    overlap,
                };
                let ask =
                    async |it: &FinanceClient| it.load_acquisition_costs_by_campaign(&query).await;
                self.asking
                    .show(global, ask, |report| Ok(report.sheets("campaign")))
            }
        }
    }
}

/// What a person reads of it.
trait SourceSheets {
    fn sheets(&self, name: &'static str) -> Vec<Sheet>;
}

impl SourceSheets for AcquisitionSourceReport {
    fn sheets(&self, name: &'static str) -> Vec<Sheet> {
        let period = unit_cost::months(self.first_month, self.last_month, self.lag_months);
        let header = format!("{name} | figure | value | unit | new customers | basis | definition");
        let mut figures = Sheet::new(format!("Cost of winning a customer, {period}"), &header);
        let header = format!("{name} | category | component | amount | currency");
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
            row![sheet =>
                source, &metric.definition.name, metric.cell(currency),
                metric.definition.unit(Some(currency)),
                self.new_customers.parse().map_or(Cell::Nothing, Cell::Amount), metric.basis(),
                metric.definition.label(),
            ];
            metric.add_notes(sheet);
        }
    }
}
