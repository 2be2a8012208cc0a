//! `keepworth track`: did it come true?

mod wording;

use anyhow::bail;
use chrono::NaiveDate;
use keepworth_contract::Month;
use keepworth_contract::simulator::{
    NextScenarioInput, SimulatorClient, TrackingInput, TrackingQuery, TrackingSummary,
};

use crate::Global;
use crate::command::Outcome;
use crate::command::asking::Asking;
use crate::command::kept_scenario::KeptScenario;
use crate::runtime::waiting;

/// Hold what came against the forecast that was frozen when a scenario was approved: how many months lie within its bands,
/// what drifts since when, what moved the result, and what was spent of the budget.
///
/// What came is read from the records of customers, experience and finance; nothing is typed in. The answer is kept: a
/// version that was approved is closed (`keepworth scenario close`) when it was tracked.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth track recovery                                       up to the last month that is over
  keepworth track recovery@2 --until 2025-06-30 --programme service-recovery --year-begins 4
  keepworth track recovery --format csv -o months.csv            a row for each figure and month
  keepworth track recovery --past                                what was tracked before
  keepworth track recovery --next recovery-2027                  the next cycle's scenario, with what the last tracking told

What the programme costs is read under the keys that the scenario's initiatives name (key = \"…\"), or under --programme.
A figure drifts when it leaves a band that at most one forecast of twenty would ever leave by chance.")]
pub(crate) struct Args {
    /// The scenario that was approved; of several versions the last that was [KEY alone].
    #[arg(value_name = "KEY[@VERSION]")]
    of: KeptScenario,
    /// The last day that counts, which is the last of a month [default: that of the last month that is over].
    #[arg(long, value_name = "DATE")]
    until: Option<NaiveDate>,
    /// Under which key finance books what it costs; can be said several times [default: those that its initiatives name].
    #[arg(long = "programme", value_name = "KEY")]
    programmes: Vec<String>,
    /// The first month of your year, 1 to 12.
    #[arg(long, value_name = "MONTH", default_value_t = 1)]
    year_begins: u32,
    /// List what was tracked before, instead.
    #[arg(long, conflicts_with_all = ["until", "programmes", "year_begins"])]
    past: bool,
    /// Begin the next cycle's scenario under this key, instead: what was approved, with what the last tracking told of its effects.
    #[arg(long, value_name = "KEY", conflicts_with_all = ["until", "programmes", "year_begins", "past"])]
    next: Option<String>,
    /// Why the next scenario is written [default: the tracking that it comes from].
    #[arg(long, requires = "next")]
    reason: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        match &self.next {
            Some(next) => self.begin(next, global)?,
            None if self.past => self.list(global)?,
            None => self.track(global)?,
        }
        Ok(Outcome::Done)
    }

    fn track(&self, global: &Global) -> anyhow::Result<()> {
        let order = TrackingInput {
            version: self.of.version,
            programmes: self.programmes.iter().cloned().map(Into::into).collect(),
            year_begins: self.year_begins,
            ..TrackingInput::new(self.until.unwrap_or_else(last_month))
        };
        let ask = async |client: &SimulatorClient| {
            let tracking = client.track(&self.of.key, &order);
            waiting("what came is held against the forecast", tracking).await
        };
        let tracking = self.asking.ask(global, ask)?;
        let rows = |it: &_| wording::rows(it);
        self.asking
            .presenting
            .show_rows(&tracking, wording::tables, rows)
    }

    fn list(&self, global: &Global) -> anyhow::Result<()> {
        let query = self.newest_first();
        let list =
            async |client: &SimulatorClient| client.list_trackings(&self.of.key, &query).await;
        self.asking
            .show(global, list, |page| vec![wording::past(&page)])
    }

    fn newest_first(&self) -> TrackingQuery {
        TrackingQuery {
            version: self.of.version,
            sort: Some("-id".to_owned()),
            ..TrackingQuery::default()
        }
    }

    fn begin(&self, key: &str, global: &Global) -> anyhow::Result<()> {
        let query = self.newest_first();
        let list =
            async |client: &SimulatorClient| client.list_trackings(&self.of.key, &query).await;
        let last = self.asking.ask(global, list)?.items.into_iter().next();
        let Some(TrackingSummary { id, .. }) = last else {
            let of = &self.of;
            bail!(
                "nothing of `{of}` was tracked; `keepworth track {of}` holds what came against its forecast"
            );
        };
        let next = NextScenarioInput {
            key: key.to_owned(),
            reason: self.reason.clone(),
        };
        let begin = async |client: &SimulatorClient| client.write_next_scenario(id, &next).await;
        self.asking.show(global, begin, |it| wording::next(&it))
    }
}

/// The last day of the last month that is over.
fn last_month() -> NaiveDate {
    let today = keepworth_store::now().date_naive();
    Month::of(today).plus(-1).last_day()
}
