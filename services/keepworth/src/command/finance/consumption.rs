//! What contacts cost, on whom the cost of keeping falls, and what of it could be saved.

use keepworth_contract::finance::{
    AvoidableShareList, ConcentrationQuery, ConcentrationReport, ConsumptionReport, FinanceClient,
    PeriodQuery,
};
use rust_decimal::Decimal;

use super::Asking;
use super::known_at::KnownAt;
use super::unit_cost::{Period, months};
use super::wording::{MetricCells, Sums, add_cautions, add_rates, money, worded};
use crate::Global;
use crate::present::{Cell, Sheet, row};

/// What contacts cost, by channel and segment: contacts, minutes and the channel's rate.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth finance consumption 2025-09
  keepworth finance consumption 2025-09 --months 12

`keepworth finance count` counts the contacts and minutes first.")]
pub(super) struct Args {
    #[command(flatten)]
    period: Period,
    #[command(flatten)]
    known_at: KnownAt,
    #[command(flatten)]
    asking: Asking,
}

/// Which share of the cost of keeping customers falls on the costliest 1%, 5% and 20% of them.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth finance concentration 2025-09
  keepworth finance concentration 2025-09 --months 12")]
pub(super) struct ConcentrationArgs {
    #[command(flatten)]
    period: Period,
    #[command(flatten)]
    asking: Asking,
}

/// Which share of which cost finance has confirmed to be avoidable.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth finance avoidable

Nothing is avoidable until finance confirms it; POST /v1/avoidable-shares does.")]
pub(super) struct AvoidableArgs {
    #[command(flatten)]
    asking: Asking,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let query = PeriodQuery {
            month: self.period.month,
            months: Some(self.period.months),
            currency: self.period.currency,
            known_at: self.known_at.time(),
        };
        let ask = async |finance: &FinanceClient| finance.load_consumption_costs(&query).await;
        self.asking.show(global, ask, |report| {
            Ok(self.known_at.noted(vec![costs(&report), rates(&report)]))
        })
    }
}

fn costs(report: &ConsumptionReport) -> Sheet {
    let period = months(report.first_month, report.last_month, 0);
    let mut sheet = Sheet::new(
        format!("Cost of contacts, {period}"),
        "channel | segment | contacts | minutes | cost | avoidable | currency",
    );
    let minutes = |seconds: i64| (Decimal::from(seconds) / Decimal::from(60)).round_dp(1);
    let mut total = Sums::default();
    for it in &report.items {
        total.add(it.cost);
        row![sheet =>
            &it.channel, "all", it.contacts, minutes(it.handle_seconds), it.cost.amount,
            it.avoidable.amount, it.cost.currency,
        ];
        for part in &it.segments {
            row![sheet =>
                &it.channel, &part.segment, part.contacts, minutes(part.handle_seconds),
                part.cost.amount, part.avoidable.amount, part.cost.currency,
            ];
        }
    }
    sheet.note(format!("All channels: {}", total.shown()));
    if !report.without_channel.amount.is_zero() {
        sheet.note(format!(
            "Service cost that names no channel, and is in no row: {}",
            money(report.without_channel)
        ));
    }
    add_rates(&mut sheet, &report.rates);
    sheet
}

fn rates(report: &ConsumptionReport) -> Sheet {
    let header = "channel | figure | value | unit | n | basis | definition";
    let mut sheet = Sheet::new("What a minute and a contact cost", header);
    for it in &report.items {
        for metric in &it.figures {
            metric.add(
                &it.channel,
                metric.statistic.n.into(),
                report.currency,
                &mut sheet,
            );
        }
    }
    sheet
}

impl ConcentrationArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let query = ConcentrationQuery {
            month: self.period.month,
            months: Some(self.period.months),
            currency: self.period.currency,
        };
        let ask = async |finance: &FinanceClient| finance.load_cost_concentration(&query).await;
        let shown = |report| Ok(vec![concentration(&report)]);
        self.asking.show(global, ask, shown)
    }
}

fn concentration(report: &ConcentrationReport) -> Sheet {
    let mut sheet = Sheet::new(
        format!(
            "On whom the cost of keeping customers falls, {}, in {}",
            months(report.first_month, report.last_month, 0),
            report.currency
        ),
        "segment | cost | amount | currency | n (customers) | the costliest | so many | bear of the amount",
    );
    for it in report.items.iter().chain(&report.channels) {
        let segment = it.segment.as_deref().unwrap_or("whole company");
        let cost = it.channel.as_ref().map_or_else(
            || "all".to_owned(),
            |channel| format!("contacts by {channel}"),
        );
        for part in &it.costliest {
            row![sheet =>
                segment, &cost, it.cost.amount, it.cost.currency, it.customers,
                Cell::Share(part.costliest), part.customers, Cell::Share(part.cost_share),
            ];
        }
    }
    add_cautions(&mut sheet, &report.quality_flags);
    add_rates(&mut sheet, &report.rates);
    sheet
}

impl AvoidableArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let ask = async |finance: &FinanceClient| finance.list_avoidable_shares().await;
        self.asking.show(global, ask, |list: AvoidableShareList| {
            let title = "Shares confirmed as avoidable; the closest fit counts, of equals the last";
            let header = "component | segment | channel | from | share | reason";
            let mut sheet = Sheet::new(title, header)
                .when_empty("No share is confirmed, so nothing counts as avoidable.");
            let all = || "all".to_owned();
            for it in list.items.into_iter().map(|it| it.confirmed) {
                row![sheet =>
                    worded(it.component), it.segment.unwrap_or_else(all),
                    it.channel.unwrap_or_else(all), it.effective_from, it.share, it.reason,
                ];
            }
            Ok(vec![sheet])
        })
    }
}
