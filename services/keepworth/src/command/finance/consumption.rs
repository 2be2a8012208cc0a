//! What contacts cost, on whom the cost of keeping falls, and what of it could be saved.

use keepworth_contract::finance::{
    AvoidableShareList, ConcentrationQuery, ConcentrationReport, ConsumptionReport, FinanceClient,
    PeriodQuery, SegmentConsumption,
};
use rust_decimal::Decimal;

use super::Asking;
use super::known_at::KnownAt;
use super::unit_cost::{Period, months};
use super::wording::{DefinitionWords, MetricCells, Sums, add_rates, caution, worded};
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
        let Period {
            month,
            months,
            currency,
        } = self.period;
        let query = PeriodQuery {
            month,
            months: Some(months),
            currency,
            known_at: self.known_at.time(),
        };
        let ask = async |finance: &FinanceClient| finance.load_consumption_costs(&query).await;
        self.asking.show(global, ask, |report| {
            Ok(self.known_at.noted(vec![report.costs(), report.rates()]))
        })
    }
}

/// What a person reads of it.
trait ConsumptionSheets {
    fn costs(&self) -> Sheet;

    fn rates(&self) -> Sheet;
}

impl ConsumptionSheets for ConsumptionReport {
    fn costs(&self) -> Sheet {
        let header = "channel | segment | contacts | minutes | cost | avoidable | currency";
        let mut sheet = Sheet::new(
            format!(
                "Cost of contacts, {}",
                months(self.first_month, self.last_month, 0)
            ),
            header,
        );
        let minutes = |seconds: i64| (Decimal::from(seconds) / Decimal::from(60)).round_dp(1);
        let mut total = Sums::default();
        for it in &self.items {
            total.add(it.cost);
            let all = [("all", it.contacts, it.handle_seconds, it.cost, it.avoidable)];
            let parts = it.segments.iter().map(|part| {
                let SegmentConsumption {
                    contacts,
                    handle_seconds,
                    cost,
                    avoidable,
                    ..
                } = part;
                (
                    part.segment.as_str(),
                    *contacts,
                    *handle_seconds,
                    *cost,
                    *avoidable,
                )
            });
            for (segment, contacts, seconds, cost, avoidable) in all.into_iter().chain(parts) {
                row![sheet =>
                    &it.channel, segment, contacts, minutes(seconds), cost.amount, avoidable.amount,
                    cost.currency,
                ];
            }
        }
        sheet.note(format!("All channels: {}", total.shown()));
        if !self.without_channel.amount.is_zero() {
            let mut without = Sums::default();
            without.add(self.without_channel);
            sheet.note(format!(
                "Service cost that names no channel, and is in no row: {}",
                without.shown()
            ));
        }
        add_rates(&mut sheet, &self.rates);
        sheet
    }

    fn rates(&self) -> Sheet {
        let header = "channel | figure | value | unit | n | basis | definition";
        let mut sheet = Sheet::new("What a minute and a contact cost", header);
        for (channel, metric) in self
            .items
            .iter()
            .flat_map(|it| it.figures.iter().map(move |metric| (&it.channel, metric)))
        {
            row![sheet =>
                channel, &metric.definition.name, metric.cell(self.currency),
                metric.definition.unit(Some(self.currency)), metric.statistic.n, metric.basis(),
                metric.definition.label(),
            ];
            metric.add_notes(&mut sheet);
        }
        sheet
    }
}

impl ConcentrationArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let Period {
            month,
            months,
            currency,
        } = self.period;
        let query = ConcentrationQuery {
            month,
            months: Some(months),
            currency,
        };
        let ask = async |finance: &FinanceClient| finance.load_cost_concentration(&query).await;
        self.asking
            .show(global, ask, |found| Ok(vec![found.sheet()]))
    }
}

/// What a person reads of it.
trait ConcentrationSheet {
    fn sheet(&self) -> Sheet;
}

impl ConcentrationSheet for ConcentrationReport {
    fn sheet(&self) -> Sheet {
        let header = "segment | cost | amount | currency | n (customers) | the costliest | so many | bear of the amount";
        let mut sheet = Sheet::new(
            format!(
                "On whom the cost of keeping customers falls, {}, in {}",
                months(self.first_month, self.last_month, 0),
                self.currency
            ),
            header,
        );
        for it in self.items.iter().chain(&self.channels) {
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
        for flag in &self.quality_flags {
            sheet.note(format!("Note: {}.", caution(flag)));
        }
        add_rates(&mut sheet, &self.rates);
        sheet
    }
}

impl AvoidableArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let ask = async |finance: &FinanceClient| finance.list_avoidable_shares().await;
        self.asking.show(global, ask, |list: AvoidableShareList| {
            let title = if list.items.is_empty() {
                "No share is confirmed, so nothing counts as avoidable."
            } else {
                "Shares confirmed as avoidable; the closest fit counts, of equals the last"
            };
            let header = "component | segment | channel | from | share | reason";
            let mut sheet = Sheet::new(title, header);
            for it in list.items.into_iter().map(|it| it.confirmed) {
                row![sheet =>
                    worded(it.component), it.segment.unwrap_or_else(|| "all".to_owned()),
                    it.channel.unwrap_or_else(|| "all".to_owned()), it.effective_from, it.share,
                    it.reason,
                ];
            }
            Ok(vec![sheet])
        })
    }
}
