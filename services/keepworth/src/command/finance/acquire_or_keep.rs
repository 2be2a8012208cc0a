//! Whether the next unit of money should win customers or keep them.

use keepworth_contract::finance::{
    AcquireOrKeepAnswer, AcquireOrKeepQuery, AcquireOrKeepReport, FinanceClient,
};
use keepworth_contract::statistic::{Interval, Statistic};
use keepworth_contract::{Currency, Money, Month};
use rust_decimal::Decimal;

use super::Asking;
use super::wording::{add_rates, caution, commands, major, money, worded};
use crate::Global;
use crate::present::{Cell, Sheet, row};

/// What the next unit of money should be spent on: winning customers, keeping them, or neither.
///
/// Decisions are marginal: what one more customer costs to keep and to win, against what a
/// customer is worth. It needs to know how people answer to spending: `keepworth finance
/// add-response`. Where recruiting is cheaper, the verdict says so.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth finance acquire-or-keep 2025-09 --annual-rate 0.10
  keepworth finance acquire-or-keep 2025-09 --annual-rate 0.10 --segment basic \\
      --margin 240.00 --acquisition-cost 1000.00      figures in place of the records'")]
pub(super) struct Args {
    /// The last month of the records, YYYY-MM.
    month: Month,
    /// How many months of records, 1 to 60.
    #[arg(long, default_value_t = 12)]
    months: i32,
    /// Discount rate a year as a fraction: 0.10 for ten percent.
    #[arg(long, value_name = "RATE")]
    annual_rate: Decimal,
    /// Report in this currency (default: the response histories' own).
    #[arg(long, value_name = "CODE")]
    currency: Option<Currency>,
    /// Only this segment (default: every one with a response history).
    #[arg(long)]
    segment: Option<String>,
    #[command(flatten)]
    stated: Stated,
    /// Draws of the uncertain curves.
    #[arg(long, default_value_t = 10_000)]
    draws: usize,
    /// Seed of the draws.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    #[command(flatten)]
    asking: Asking,
}

/// Figures in place of those of the records, for one segment.
#[derive(clap::Args)]
#[command(next_help_heading = "In place of the records, with --segment")]
struct Stated {
    /// Margin per customer and period, before retention spend.
    #[arg(long, value_name = "AMOUNT", requires = "segment")]
    margin: Option<Decimal>,
    /// What winning a customer costs on average.
    #[arg(long, value_name = "AMOUNT", requires = "segment")]
    acquisition_cost: Option<Decimal>,
    /// What is spent per prospect now.
    #[arg(long, value_name = "AMOUNT", requires = "segment")]
    acquisition_spend: Option<Decimal>,
    /// What is spent per customer and period now.
    #[arg(long, value_name = "AMOUNT", requires = "segment")]
    retention_spend: Option<Decimal>,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let query = AcquireOrKeepQuery {
            month: self.month,
            months: Some(self.months),
            annual_rate: self.annual_rate,
            currency: self.currency,
            segment: self.segment,
            margin: self.stated.margin,
            acquisition_cost: self.stated.acquisition_cost,
            acquisition_spend: self.stated.acquisition_spend,
            retention_spend: self.stated.retention_spend,
            draws: Some(self.draws),
            seed: Some(self.seed),
        };
        let ask = async |finance: &FinanceClient| finance.load_acquire_or_keep(&query).await;
        let shown = |report| Ok(vec![sheet(&report)]);
        self.asking.show(global, ask, shown)
    }
}

const HEADER: &str = "segment | verdict | sure | to keep one more | 90% from, to | to win one more | 90% from, to | a customer's worth | currency";

fn sheet(report: &AcquireOrKeepReport) -> Sheet {
    let rate = report.annual_rate.parse::<Decimal>().unwrap_or_default();
    let mut sheet = Sheet::new(
        format!(
            "Where the next {} should go; records of {} to {}, discounted at {}% a year",
            report.currency,
            report.first_month,
            report.last_month,
            (rate * Decimal::ONE_HUNDRED).normalize()
        ),
        HEADER,
    )
    .when_empty("No segment has a response history: `keepworth finance add-response` states one.");
    for item in &report.items {
        match &item.answer {
            Some(answer) => {
                add(&item.segment, answer, report.currency, &mut sheet);
                add_notes(&item.segment, answer, report.currency, &mut sheet);
            }
            None => row![sheet => &item.segment, "no answer yet"],
        }
        for missing in &item.missing {
            sheet.note(format!(
                "{}: no answer yet; {}: {}",
                item.segment,
                missing.name,
                commands(&missing.reason)
            ));
        }
    }
    add_rates(&mut sheet, &report.rates);
    if !sheet.is_empty() {
        sheet.note(format!("{} draws, seed {}", report.draws, report.seed));
    }
    sheet
}

/// Adds the rows of a segment: its answer, and that of a plain regression.
fn add(segment: &str, answer: &AcquireOrKeepAnswer, currency: Currency, sheet: &mut Sheet) {
    let cost = |it: &Statistic| {
        let value = it.value.map(|it| major(it, currency));
        value.unwrap_or(Cell::Nothing)
    };
    let interval = |it: &Statistic| interval(it.interval.as_ref(), currency);
    let (keep, win) = (
        &answer.marginal_cost_to_keep,
        &answer.marginal_cost_to_acquire,
    );
    row![sheet =>
        segment, worded(answer.verdict), sure(answer), cost(keep), interval(keep), cost(win),
        interval(win), cost(&answer.lifetime_value), currency,
    ];
    if let Some(plain) = &answer.by_plain_regression {
        row![sheet =>
            format!("{segment}, by plain regression"), worded(plain.verdict), "not known",
            cost(&plain.marginal_cost_to_keep), Cell::Nothing,
            cost(&plain.marginal_cost_to_acquire), Cell::Nothing, cost(&plain.lifetime_value),
            currency,
        ];
    }
}

/// The share of draws that end in the verdict, with its Monte Carlo error.
fn sure(answer: &AcquireOrKeepAnswer) -> String {
    let mut chances = answer.chances.iter();
    match chances.find(|it| it.verdict == answer.verdict) {
        Some(it) => format!(
            "{:.1}% ± {:.1} points",
            100.0 * it.share,
            100.0 * it.mc_error
        ),
        None => "not known".to_owned(),
    }
}

fn interval(interval: Option<&Interval>, currency: Currency) -> Cell {
    let amount = |minor: f64| major(minor, currency).shown();
    interval
        .map(|it| format!("{} to {}", amount(it.low), amount(it.high)))
        .into()
}

/// Says below the sheet what a segment's answer stands on.
fn add_notes(segment: &str, answer: &AcquireOrKeepAnswer, currency: Currency, sheet: &mut Sheet) {
    let keep = &answer.marginal_cost_to_keep;
    let measured = answer.marginal_cost_to_keep_as_measured.as_ref();
    let measured = measured.and_then(|it| it.value);
    if let Some(measured) = measured.filter(|it| keep.value != Some(*it)) {
        sheet.note(format!(
            "{segment}: were all that was measured caused by the programme, keeping one more would cost \
             {currency} {}",
            major(measured, currency).shown()
        ));
    }
    let or_none = |amount: Option<Money>| amount.map_or_else(|| "none".to_owned(), money);
    sheet.note(format!(
        "{segment}: margin {} per customer and {} months (from {})",
        money(answer.margin),
        answer.period_months,
        worded(answer.margin_source)
    ));
    for (name, lever, cost) in [
        ("keeping", &answer.retention, keep),
        (
            "winning",
            &answer.acquisition,
            &answer.marginal_cost_to_acquire,
        ),
    ] {
        sheet.note(format!(
            "{segment}: {name} stands on {} (n {}, {} v{}); spent per head now {}, best {}",
            lever.in_words,
            cost.n,
            cost.definition.id,
            cost.definition.version,
            or_none(lever.spend),
            or_none(lever.best_spend)
        ));
    }
    if let Some(even) = &answer.break_even {
        sheet.note(format!(
            "{segment}: {} more per customer has to take {:.1} points off churn to be as good as \
             recruiting; it is expected to take {:.1}",
            money(even.extra_spend),
            even.needed_points,
            even.expected_points
        ));
    }
    for flag in &answer.quality_flags {
        sheet.note(format!("{segment}: note: {}", caution(flag)));
    }
}
