//! Who comes back after they had stopped paying.

use keepworth_contract::Month;
use keepworth_contract::finance::{
    CancellationRule, FinanceClient, WinBackBand, WinBackQuery, WinBackReport,
};

use super::Asking;
use super::unit_cost::months;
use super::wording::add_cautions;
use crate::Global;
use crate::present::number::{percent, whole};
use crate::present::{Cell, Sheet, row};
use crate::reading::word::word;

/// Who comes back after they had stopped paying, and how the hazard of it falls with time.
///
/// Won back is not new: it costs no acquisition. Customers are counted as in the movements, where they
/// are reactivations.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth finance win-backs 2025-12 --months 24")]
pub(super) struct Args {
    /// The last month, YYYY-MM.
    month: Month,
    /// How many months, 1 to 60.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(i32).range(1..=60))]
    months: i32,
    /// Whether who cancels is gone when that takes effect, or when it is decided: effective or
    /// decided.
    #[arg(long, default_value = "effective", value_parser = word::<CancellationRule>)]
    cancellation: CancellationRule,
    #[command(flatten)]
    asking: Asking,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let query = WinBackQuery {
            month: self.month,
            months: Some(self.months),
            cancellation: self.cancellation,
        };
        let ask = async |finance: &FinanceClient| finance.load_win_backs(&query).await;
        self.asking
            .show(global, ask, |report| Ok(vec![sheet(&report)]))
    }
}

fn sheet(report: &WinBackReport) -> Sheet {
    let period = months(report.first_month, report.last_month, 0);
    let header = "months without a payment | customer-months | came back | come back per month | 95% interval";
    let mut sheet = Sheet::new(format!("Who came back, {period}"), header);
    for band in &report.bands {
        let hazard = band.hazard.value.map(|it| Cell::Figure(it, percent(it, 2)));
        row![sheet =>
            ages(band), band.customer_months, band.returned, hazard.unwrap_or(Cell::Nothing), interval(band),
        ];
    }
    sheet.note(format!(
        "{} paid once and do not in {}; {} came back, of whom {} still pay.",
        whole(report.pool as f64),
        report.last_month,
        whole(report.returned as f64),
        whole(report.still_paying as f64)
    ));
    add_cautions(&mut sheet, &report.quality_flags);
    sheet
}

fn ages(band: &WinBackBand) -> String {
    match band.to {
        Some(to) => format!("{} to {to}", band.from),
        None => format!("{} and more", band.from),
    }
}

fn interval(band: &WinBackBand) -> String {
    band.hazard.interval.as_ref().map_or_else(
        || "–".to_owned(),
        |it| format!("{} to {}", percent(it.low, 2), percent(it.high, 2)),
    )
}
