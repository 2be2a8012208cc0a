//! What it costs to win a customer: by segment, channel or campaign.

use clap::ValueEnum;
use keepworth_contract::finance::{
    AcquisitionSourceReport, CampaignCostQuery, FinanceClient, OverlapRule, UnitCostQuery,
};

use super::Asking;
use super::known_at::KnownAt;
use super::unit_cost::{self, Period, add_cost, months};
use super::wording::{MetricCells, Sums, add_cautions, add_rates, worded};
use crate::Global;
use crate::present::{Cell, Sheet};
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
        let (asking, known_at) = (&self.asking, &self.known_at);
        match self.by {
            By::Segment => {
                let ask = async |it: &FinanceClient| it.load_acquisition_costs(&query).await;
                asking.show(global, ask, |report| {
                    let (what, n) = ("Cost of winning a customer", "n (new customers)");
                    Ok(known_at.noted(unit_cost::sheets(&report, what, n)))
                })
            }
            By::Channel => {
                let ask =
                    async |it: &FinanceClient| it.load_acquisition_costs_by_channel(&query).await;
                let shown = |report| Ok(known_at.noted(sheets(&report, "channel")));
                asking.show(global, ask, shown)
            }
            By::Campaign => {
                let query = CampaignCostQuery {
                    month,
                    months,
                    currency,
                    lag_months,
                    overlap: self.overlap,
                };
                let ask =
                    async |it: &FinanceClient| it.load_acquisition_costs_by_campaign(&query).await;
                asking.show(global, ask, |report| Ok(sheets(&report, "campaign")))
            }
        }
    }
}

/// The figures of each channel or campaign, and the costs that they are made of.
fn sheets(report: &AcquisitionSourceReport, name: &'static str) -> Vec<Sheet> {
    let period = months(report.first_month, report.last_month, report.lag_months);
    let mut figures = Sheet::new(
        format!("Cost of winning a customer, {period}"),
        &format!("{name} | figure | value | unit | new customers | basis | definition"),
    );
    let mut costs = Sheet::new(
        format!("What it is made of, in {}", report.currency),
        &format!("{name} | category | component | amount | currency"),
    );
    let mut total = Sums::default();
    for item in &report.items {
        let nameless = || format!("no {name} named");
        let source = item.name.clone().unwrap_or_else(nameless);
        let won = item.new_customers.parse();
        let won = won.map_or(Cell::Nothing, Cell::Amount);
        for metric in &item.figures {
            metric.add(&source, won.clone(), report.currency, &mut figures);
        }
        for line in &item.costs {
            total.add(line.amount);
            add_cost(&source, line, &mut costs);
        }
    }
    if let Some(overlap) = report.overlap {
        figures.note(format!(
            "Customers whom several campaigns touched are credited by the rule: {}.",
            worded(overlap)
        ));
    }
    add_cautions(&mut figures, &report.quality_flags);
    add_rates(&mut figures, &report.rates);
    costs.note(format!("All: {}", total.shown()));
    vec![figures, costs]
}
