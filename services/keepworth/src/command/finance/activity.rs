//! What segments did in a month: counted, and shown.

use std::collections::BTreeSet;

use keepworth_contract::finance::{
    FinanceClient, SegmentMonthCount, SegmentMonthCountReport, SegmentMonthList,
};
use keepworth_contract::{Currency, Money, Month};

use super::Asking;
use super::wording::{add_cautions, add_rates};
use crate::Global;
use crate::present::{Sheet, row};
use crate::runtime::waiting;

/// What each segment did in a month: the weights of allocation, the denominators of unit costs.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth finance activity 2025-09

`keepworth finance count` counts it from the records of all services.")]
pub(super) struct Args {
    /// The month, YYYY-MM.
    month: Month,
    #[command(flatten)]
    asking: Asking,
}

/// Count what each segment did, from the records of the customers and experience services.
///
/// Customers, contacts, minutes, revenue and first payments of each month are counted anew, in
/// place of what was there; headcount stays. Months whose books are closed are not changed.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth finance count 2025-09                       one month
  keepworth finance count 2025-01 2025-09               each of nine months
  keepworth finance count 2025-09 --paid-channel search --paid-channel social")]
pub(super) struct CountArgs {
    /// The first month, YYYY-MM.
    from: Month,
    /// The last one, which must be over (default: the first).
    to: Option<Month>,
    /// Count revenue in this currency (default: the only one there is).
    #[arg(long, value_name = "CODE")]
    currency: Option<Currency>,
    /// Customers of this acquisition channel were won by paid media; may be given again (default:
    /// channels on which the ledger has media or agency spend).
    #[arg(long, value_name = "CHANNEL")]
    paid_channel: Vec<String>,
    #[command(flatten)]
    asking: Asking,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let month = self.month;
        let ask = async |finance: &FinanceClient| finance.list_segment_months(month).await;
        self.asking.show(global, ask, |list: SegmentMonthList| {
            let title = format!("What segments did in {month}");
            let header = "segment | customers | new customers | new from paid | contacts | minutes | revenue in minor units | headcount";
            let mut sheet = Sheet::new(title, header).when_empty(format!(
                "Nothing was counted for {month}, so unit costs have nothing to be divided by: \
                 `keepworth finance count {month}`."
            ));
            for it in list.items {
                row![sheet =>
                    it.segment, it.customers, it.new_customers, it.new_from_paid, it.contacts,
                    it.minutes, it.revenue_minor, it.headcount,
                ];
            }
            Ok(vec![sheet])
        })
    }
}

impl CountArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let paid_channels: BTreeSet<String> = self.paid_channel.into_iter().collect();
        let order = SegmentMonthCount {
            from: self.from,
            to: self.to.unwrap_or(self.from),
            currency: self.currency,
            paid_channels: (!paid_channels.is_empty()).then_some(paid_channels),
        };
        let ask = async |finance: &FinanceClient| {
            waiting("months are counted", finance.count_months(&order)).await
        };
        let shown = |report| Ok(vec![counted(&report)]);
        self.asking.show(global, ask, shown)
    }
}

fn counted(report: &SegmentMonthCountReport) -> Sheet {
    let mut sheet = Sheet::new(
        "Counted, over all segments; customers are the mean of the month's days",
        "month | segments | customers | new customers | new from paid | contacts | minutes | revenue | currency",
    );
    for it in &report.months {
        let revenue = |currency| Money::from_minor(it.revenue_minor, currency).amount;
        row![sheet =>
            it.month, it.segments, it.customers, it.new_customers, it.new_from_paid, it.contacts,
            it.minutes, report.currency.map(revenue), report.currency,
        ];
    }
    let channels: Vec<&str> = report.paid_channels.iter().map(String::as_str).collect();
    sheet.note(match channels[..] {
        [] => "No channel counts as paid: --paid-channel names one.".to_owned(),
        _ => format!("Paid channels: {}", channels.join(", ")),
    });
    add_rates(&mut sheet, &report.rates);
    add_cautions(&mut sheet, &report.quality_flags);
    sheet
}
