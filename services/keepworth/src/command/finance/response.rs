//! How people answer to spending: stated, and listed.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use keepworth_contract::finance::{
    ElicitedPoint, FinanceClient, Lever, ObservedPoint, ResponseEvidence, ResponseHistory,
    ResponseHistoryInput, ResponseHistoryQuery,
};
use keepworth_contract::{Currency, Money, PageQuery};

use super::Asking;
use super::listing::Listing;
use super::wording::worded;
use crate::Global;
use crate::present::{Cell, Sheet, row};
use crate::reading::WrittenArgs;
use crate::reading::column::{Column, next_row, open};
use crate::reading::word::word;

/// State how people of a segment answered to spending on winning or on keeping them.
///
/// FILE is a CSV with a row for each level of spend: what was spent per head, the share that was
/// won or stayed, and how many it reached. A row may be one person: share 0 or 1, reached 1.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth finance add-response tests.csv --segment basic --lever retention --currency EUR \\
      --reason \"mailings of spring 2025\"
  with tests.csv:   spend,rate,n
                    5.00,0.31,2000
                    10.00,0.44,2000
                    20.00,0.52,2000
  keepworth finance add-response firms.csv --segment firms --lever acquisition --currency USD \\
      --spend acq_exp --rate acquisition --reason \"500 prospects, one a row\"
  keepworth finance add-response guess.csv --judged …   two rows that somebody holds to be true

Each is the segment's next version; the last one counts.")]
pub(super) struct AddArgs {
    /// The CSV file, or - for standard input.
    file: PathBuf,
    /// The segment's key.
    #[arg(long)]
    segment: String,
    /// What money was spent on: acquisition (winning customers; per prospect) or retention (keeping
    /// them; per customer and period).
    #[arg(long, value_parser = word::<Lever>)]
    lever: Lever,
    /// Currency of the spend.
    #[arg(long, value_name = "CODE")]
    currency: Currency,
    /// Where the figures come from.
    #[arg(long)]
    reason: String,
    /// Months of a period, for retention: spend and shares are per period [default: 12].
    #[arg(long, value_name = "MONTHS")]
    period_months: Option<i32>,
    /// The share that unlimited spend would reach, as somebody judges it.
    #[arg(long, value_name = "SHARE")]
    ceiling: Option<f64>,
    /// Two rows of judgement, not of observation: verdicts say so.
    #[arg(long, conflicts_with = "ceiling")]
    judged: bool,
    /// The column of what was spent per head.
    #[arg(long, value_name = "COLUMN")]
    spend: Option<String>,
    /// The column of the share that was won or stayed, 0 to 1.
    #[arg(long, value_name = "COLUMN")]
    rate: Option<String>,
    /// The column of how many were reached; without one, each row is one.
    #[arg(long, value_name = "COLUMN")]
    n: Option<String>,
    #[command(flatten)]
    written: WrittenArgs,
    #[command(flatten)]
    asking: Asking,
}

/// How people answer to spending, every version.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth finance responses --segment basic")]
pub(super) struct ListArgs {
    /// Only those of this segment.
    #[arg(long)]
    segment: Option<String>,
    #[command(flatten)]
    listing: Listing,
}

impl AddArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let points = self
            .points()
            .with_context(|| self.file.display().to_string())?;
        let evidence = if self.judged {
            let point = |it: ObservedPoint| ElicitedPoint {
                spend: it.spend,
                rate: it.rate,
            };
            ResponseEvidence::Elicited {
                points: points.into_iter().map(point).collect(),
            }
        } else {
            ResponseEvidence::Observed {
                points,
                ceiling: self.ceiling,
            }
        };
        let history = ResponseHistoryInput {
            segment: self.segment,
            lever: self.lever,
            period_months: self.period_months,
            evidence,
            reason: self.reason,
        };
        let ask = async |finance: &FinanceClient| finance.create_response_history(&history).await;
        self.asking
            .show(global, ask, |history| Ok(vec![sheet(vec![history])]))
    }

    /// The rows; what is judged was observed of nobody.
    fn points(&self) -> anyhow::Result<Vec<ObservedPoint>> {
        let mut table = open(&self.file, &self.written.written())?;
        let column = |asked: &Option<String>, usual: &[&str], option| {
            Column::need(&table, asked.as_deref(), usual, option)
        };
        let spend = column(&self.spend, &["spend"], "--spend")?;
        let rate = column(&self.rate, &["rate"], "--rate")?;
        let n = Column::find(&table, self.n.as_deref(), &["n"])?.filter(|_| !self.judged);
        let mut points = Vec::new();
        while let Some(row) = next_row(&mut table)? {
            let amount = spend.amount(&row, self.currency.decimals())?;
            let spend = Money {
                amount,
                currency: self.currency,
            };
            spend
                .minor_units()
                .with_context(|| format!("line {}", row.line))?;
            let rate = rate.number(&row)?;
            let reached = n.as_ref().map_or(Ok(1.0), |n| n.number(&row))?;
            ensure!(
                reached >= 1.0 && reached.fract() == 0.0 && reached <= f64::from(i32::MAX),
                "line {}: {reached} people were reached; give a whole number, 1 or more",
                row.line
            );
            let n = reached as u32;
            points.push(ObservedPoint { spend, rate, n });
        }
        Ok(points)
    }
}

impl ListArgs {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let fetch = async |finance: &FinanceClient, page: PageQuery| {
            let query = ResponseHistoryQuery {
                page_size: page.page_size,
                cursor: page.cursor,
                segment: self.segment.clone(),
                ..ResponseHistoryQuery::default()
            };
            finance.list_response_histories(&query).await
        };
        self.listing.show(global, fetch, sheet)
    }
}

/// What kind of evidence it is, in words.
fn kind(evidence: &ResponseEvidence) -> &'static str {
    match evidence {
        ResponseEvidence::Observed { .. } => "observed",
        ResponseEvidence::Elicited { .. } => "elicited",
        ResponseEvidence::Programme(_) => "programme",
    }
}

fn sheet(histories: Vec<ResponseHistory>) -> Sheet {
    let title = "How people answer to spending; the last version of segment and lever counts";
    let header = "segment | lever | version | period in months | known from | n | unlimited spend reaches | 95% from | to | reason";
    let mut sheet = Sheet::new(title, header)
        .when_empty("No response history: `keepworth finance add-response` states one.");
    for it in histories {
        let ceiling = it.curve.as_ref().map(|curve| &curve.ceiling);
        let interval = ceiling.and_then(|it| it.interval.as_ref());
        let share = |value: Option<f64>| value.map_or(Cell::Nothing, Cell::Share);
        row![sheet =>
            &it.segment, worded(it.lever), it.version, it.period_months, kind(&it.evidence),
            ceiling.map(|it| it.n), share(ceiling.and_then(|it| it.value)),
            share(interval.map(|it| it.low)), share(interval.map(|it| it.high)), it.reason,
        ];
        let fit = it.curve.and_then(|curve| curve.fit);
        if fit.is_some_and(|fit| fit.contradicted) {
            sheet.note(format!(
                "Note: {}, {} v{}: a plain regression describes the data better than the curve.",
                it.segment,
                worded(it.lever),
                it.version
            ));
        }
    }
    sheet
}
