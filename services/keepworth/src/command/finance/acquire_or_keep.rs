//! Whether the next unit of money should win customers or keep them.

use keepworth_contract::finance::{
    AcquireOrKeepAnswer, AcquireOrKeepQuery, AcquireOrKeepReport, FinanceClient,
};
use keepworth_contract::statistic::{Interval, Statistic};
use keepworth_contract::{Currency, Money, Month};
use rust_decimal::Decimal;

use super::Asking;
use super::wording::{add_rates, caution, commands, major, worded};
use crate::Global;
use crate::present::number::grouped;
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
        self.asking
            .show(global, ask, |report| Ok(vec![report.sheet()]))
    }
}

const HEADER: &str = "segment | verdict | sure | to keep one more | 90% from, to | to win one more | 90% from, to | a customer's worth | currency";

/// What a person reads of it.
trait VerdictSheet {
    fn sheet(&self) -> Sheet;

    fn add(&self, sheet: &mut Sheet, segment: &str, answer: &AcquireOrKeepAnswer);

    fn interval(&self, interval: Option<&Interval>) -> Cell;
}

impl VerdictSheet for AcquireOrKeepReport {
    fn sheet(&self) -> Sheet {
        let title = if self.items.is_empty() {
            "No segment has a response history: `keepworth finance add-response` states one."
                .to_owned()
        } else {
            format!(
                "Where the next {} should go; records of {} to {}, discounted at {}% a year",
                self.currency,
                self.first_month,
                self.last_month,
                self.annual_rate
                    .parse::<Decimal>()
                    .map(|it| (it * Decimal::ONE_HUNDRED).normalize())
                    .unwrap_or_default()
            )
        };
        let mut sheet = Sheet::new(title, HEADER);
        for item in &self.items {
            match &item.answer {
                Some(answer) => self.add(&mut sheet, &item.segment, answer),
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
        add_rates(&mut sheet, &self.rates);
        if !sheet.is_empty() {
            sheet.note(format!("{} draws, seed {}", self.draws, self.seed));
        }
        sheet
    }

    fn add(&self, sheet: &mut Sheet, segment: &str, answer: &AcquireOrKeepAnswer) {
        let cost = |it: &Statistic| {
            it.value
                .map_or(Cell::Nothing, |it| major(it, self.currency))
        };
        row![sheet =>
            segment, worded(answer.verdict), answer.sure(), cost(&answer.marginal_cost_to_keep),
            self.interval(answer.marginal_cost_to_keep.interval.as_ref()),
            cost(&answer.marginal_cost_to_acquire),
            self.interval(answer.marginal_cost_to_acquire.interval.as_ref()),
            cost(&answer.lifetime_value), self.currency,
        ];
        if let Some(plain) = &answer.by_plain_regression {
            row![sheet =>
                format!("{segment}, by plain regression"), worded(plain.verdict), "not known",
                cost(&plain.marginal_cost_to_keep), Cell::Nothing,
                cost(&plain.marginal_cost_to_acquire), Cell::Nothing, cost(&plain.lifetime_value),
                self.currency,
            ];
        }
        let measured = answer.marginal_cost_to_keep_as_measured.as_ref();
        if let Some(measured) = measured.and_then(|it| it.value)
            && answer.marginal_cost_to_keep.value != Some(measured)
            && let Cell::Amount(amount) = major(measured, self.currency)
        {
            sheet.note(format!(
                "{segment}: were all that was measured caused by the programme, keeping one more would cost {} {}",
                self.currency,
                grouped(&amount.to_string())
            ));
        }
        answer.add_notes(segment, sheet);
    }

    fn interval(&self, interval: Option<&Interval>) -> Cell {
        let amount = |minor: f64| match major(minor, self.currency) {
            Cell::Amount(amount) => grouped(&amount.to_string()),
            _ => "–".to_owned(),
        };
        interval
            .map(|it| format!("{} to {}", amount(it.low), amount(it.high)))
            .into()
    }
}

/// What a person reads of it.
trait AnswerNotes {
    /// The share of draws that end in the verdict, with its Monte Carlo error.
    fn sure(&self) -> String;

    fn add_notes(&self, segment: &str, sheet: &mut Sheet);
}

impl AnswerNotes for AcquireOrKeepAnswer {
    fn sure(&self) -> String {
        let chance = self.chances.iter().find(|it| it.verdict == self.verdict);
        chance.map_or_else(
            || "not known".to_owned(),
            |it| {
                format!(
                    "{:.1}% ± {:.1} points",
                    100.0 * it.share,
                    100.0 * it.mc_error
                )
            },
        )
    }

    fn add_notes(&self, segment: &str, sheet: &mut Sheet) {
        let amount =
            |money: &Money| format!("{} {}", money.currency, grouped(&money.amount.to_string()));
        let or_none = |money: Option<&Money>| money.map_or_else(|| "none".to_owned(), amount);
        sheet.note(format!(
            "{segment}: margin {} per customer and {} months (from {})",
            amount(&self.margin),
            self.period_months,
            worded(self.margin_source)
        ));
        for (name, lever, cost) in [
            ("keeping", &self.retention, &self.marginal_cost_to_keep),
            ("winning", &self.acquisition, &self.marginal_cost_to_acquire),
        ] {
            sheet.note(format!(
                "{segment}: {name} stands on {} (n {}, {} v{}); spent per head now {}, best {}",
                lever.in_words,
                cost.n,
                cost.definition.id,
                cost.definition.version,
                or_none(lever.spend.as_ref()),
                or_none(lever.best_spend.as_ref())
            ));
        }
        if let Some(even) = &self.break_even {
            sheet.note(format!(
                "{segment}: {} more per customer has to take {:.1} points off churn to be as good as \
                 recruiting; it is expected to take {:.1}",
                amount(&even.extra_spend),
                even.needed_points,
                even.expected_points
            ));
        }
        for flag in &self.quality_flags {
            sheet.note(format!("{segment}: note: {}", caution(flag)));
        }
    }
}
