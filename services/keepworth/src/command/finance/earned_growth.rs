//! How much of growth customers earned.

use keepworth_contract::finance::{EarnedGrowthQuery, EarnedGrowthReport, FinanceClient, Metric};
use keepworth_contract::{Currency, Month};

use super::Asking;
use super::unit_cost::months;
use super::wording::{DefinitionWords, MetricCells, add_rates, caution};
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
            Ok(vec![report.figures(), report.revenue()])
        })
    }
}

/// What a person reads of it.
trait GrowthSheets {
    fn figures(&self) -> Sheet;

    fn revenue(&self) -> Sheet;
}

impl GrowthSheets for EarnedGrowthReport {
    fn figures(&self) -> Sheet {
        let header = "metric | value | n | as counted by | definition";
        let period = months(self.first_month, self.last_month, 0);
        let mut sheet = Sheet::new(format!("Earned growth, {period}"), header);
        for metric in &self.figures {
            row![sheet =>
                &metric.definition.name, metric.cell(self.currency), metric.statistic.n,
                &metric.definition.matches, metric.definition.label(),
            ];
            metric.add_notes(&mut sheet);
        }
        for Metric { definition, .. } in &self.figures {
            sheet.note(format!("{}: {}", definition.label(), definition.formula));
        }
        for flag in &self.quality_flags {
            sheet.note(format!("Note: {}.", caution(flag)));
        }
        add_rates(&mut sheet, &self.rates);
        sheet
    }

    fn revenue(&self) -> Sheet {
        let mut sheet = Sheet::new("Revenue that it stands on", "revenue | amount | currency");
        let channels: Vec<&str> = self.earned_channels.iter().map(String::as_str).collect();
        let channels = channels.join(", ");
        for (name, money) in [
            ("of the period before".to_owned(), self.before),
            ("from those who had some before".to_owned(), self.kept),
            (format!("from new customers by {channels}"), self.earned),
            (
                "from new customers by other channels".to_owned(),
                self.bought,
            ),
            (
                "from new customers, channel not recorded".to_owned(),
                self.unknown,
            ),
        ] {
            row![sheet => name, money.amount, money.currency];
        }
        sheet
    }
}
