//! What segments did in a month: counted, and shown.

use keepworth_contract::{Currency, Money, Month};
use serde::{Deserialize, Serialize};

use super::wording::{FxRate, add_rates, caution};
use super::{Asking, path};
use crate::Global;
use crate::sheet::Sheet;

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

#[derive(Deserialize)]
struct Items<T> {
    items: Vec<T>,
}

#[derive(Deserialize)]
struct Activity {
    segment: String,
    customers: i64,
    new_customers: i64,
    new_from_paid: i64,
    contacts: i64,
    minutes: i64,
    revenue_minor: i64,
    headcount: i64,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let month = self.month;
        let path = path(&["segment-months", &month.to_string()], &[])?;
        self.asking.show(global, &path, |list: Items<Activity>| {
            let title = if list.items.is_empty() {
                format!(
                    "Nothing was counted for {month}, so unit costs have nothing to be divided by: \
                     `keepworth finance count {month}`."
                )
            } else {
                format!("What segments did in {month}")
            };
            let header = [
                "segment",
                "customers",
                "new customers",
                "new from paid",
                "contacts",
                "minutes",
                "revenue in minor units",
                "headcount",
            ];
            let mut sheet = Sheet::new(title, &header);
            for it in list.items {
                sheet.add([
                    it.segment.into(),
                    it.customers.into(),
                    it.new_customers.into(),
                    it.new_from_paid.into(),
                    it.contacts.into(),
                    it.minutes.into(),
                    it.revenue_minor.into(),
                    it.headcount.into(),
                ]);
            }
            Ok(vec![sheet])
        })
    }
}

/// What is to be counted.
#[derive(Serialize)]
struct SegmentMonthCount {
    from: Month,
    to: Month,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Currency>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    paid_channels: Vec<String>,
}

#[derive(Deserialize)]
struct Counted {
    months: Vec<CountedMonth>,
    currency: Option<Currency>,
    rates: Vec<FxRate>,
    paid_channels: Vec<String>,
    quality_flags: Vec<String>,
}

#[derive(Deserialize)]
struct CountedMonth {
    month: Month,
    segments: i64,
    customers: i64,
    new_customers: i64,
    new_from_paid: i64,
    contacts: i64,
    minutes: i64,
    revenue_minor: i64,
}

impl CountArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let order = SegmentMonthCount {
            from: self.from,
            to: self.to.unwrap_or(self.from),
            currency: self.currency,
            paid_channels: self.paid_channel,
        };
        let path = path(&["segment-months:count"], &[])?;
        self.asking.tell(global, &path, &order, |counted: Counted| {
            Ok(vec![counted.sheet()])
        })
    }
}

impl Counted {
    fn sheet(&self) -> Sheet {
        let header = [
            "month",
            "segments",
            "customers",
            "new customers",
            "new from paid",
            "contacts",
            "minutes",
            "revenue",
            "currency",
        ];
        let mut sheet = Sheet::new(
            "Counted, over all segments; customers are the mean of the month's days",
            &header,
        );
        for it in &self.months {
            let revenue = self
                .currency
                .map(|currency| Money::from_minor(it.revenue_minor, currency).amount);
            sheet.add([
                it.month.to_string().into(),
                it.segments.into(),
                it.customers.into(),
                it.new_customers.into(),
                it.new_from_paid.into(),
                it.contacts.into(),
                it.minutes.into(),
                revenue.into(),
                self.currency.map(Currency::code).into(),
            ]);
        }
        if self.paid_channels.is_empty() {
            sheet.note("No channel counts as paid: --paid-channel names one.");
        } else {
            sheet.note(format!("Paid channels: {}", self.paid_channels.join(", ")));
        }
        add_rates(&mut sheet, &self.rates);
        for flag in &self.quality_flags {
            sheet.note(format!("Note: {}.", caution(flag)));
        }
        sheet
    }
}
