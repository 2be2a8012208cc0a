//! How much of growth customers earned.

use keepworth_contract::finance::{EarnedGrowthQuery, EarnedGrowthReport, FinanceClient};
use keepworth_contract::{Currency, Month};

use super::Asking;
use super::unit_cost::months;
use super::wording::{DefinitionWords, MetricCells, add_cautions, add_rates};
use crate::Global;
use crate::present::{Sheet, row};

/// How much of growth customers earned: by staying, by buying more, by bringing others.
///
/// Revenue of a period is held against the period before, of the same length.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth finance earned-growth 2025-12 --months 6 --earned-channel referral")]
pub(super) struct Args {
    /// The last month, YYYY-MM.
    month: Month,
    /// How many months, 1 to 60; they are held against as many before them.
    #[arg(long, default_value_t = 12)]
    months: i32,
    /// Customers of this acquisition channel came by referral or reputation; may be given again.
    #[arg(long, value_name = "CHANNEL", required = true)]
    earned_channel: Vec<String>,
    /// Report in this currency (default: the only one there is).
    #[arg(long, value_name = "CODE")]
    currency: Option<Currency>,
    #[command(flatten)]
    asking: Asking,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let query = EarnedGrowthQuery {
            month: self.month,
            months: Some(self.months),
            earned_channels: self.earned_channel.join(","),
            currency: self.currency,
        };
        let ask = async |finance: &FinanceClient| finance.load_earned_growth(&query).await;
        self.asking.show(global, ask, |report| {
            Ok(vec![figures(&report), revenue(&report)])
        })
    }
}

fn figures(report: &EarnedGrowthReport) -> Sheet {
    let header = "metric | value | n | as counted by | definition";
    let period = months(report.first_month, report.last_month, 0);
    let mut sheet = Sheet::new(format!("Earned growth, {period}"), header);
    for metric in &report.figures {
        row![sheet =>
            &metric.definition.name, metric.cell(report.currency), metric.statistic.n,
            &metric.definition.matches, metric.definition.label(),
        ];
        metric.add_notes(&mut sheet);
    }
    for metric in &report.figures {
        sheet.note(metric.definition.formula());
    }
    add_cautions(&mut sheet, &report.quality_flags);
    add_rates(&mut sheet, &report.rates);
    sheet
}

fn revenue(report: &EarnedGrowthReport) -> Sheet {
    let mut sheet = Sheet::new("Revenue that it stands on", "revenue | amount | currency");
    let channels: Vec<&str> = report.earned_channels.iter().map(String::as_str).collect();
    let earned = format!("from new customers by {}", channels.join(", "));
    for (name, money) in [
        ("of the period before", report.before),
        ("from those who had some before", report.kept),
        (&earned, report.earned),
        ("from new customers by other channels", report.bought),
        ("from new customers, channel not recorded", report.unknown),
    ] {
        row![sheet => name, money.amount, money.currency];
    }
    sheet
}
