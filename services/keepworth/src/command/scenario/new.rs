//! Scenarios to begin with.

use std::path::PathBuf;

use anyhow::{bail, ensure};
use keepworth_contract::finance::ProgrammeMoneyQuery;
use keepworth_contract::simulator::baseline::Baseline;
use keepworth_contract::simulator::{ScenarioTemplateList, SimulatorClient, WhichVersion};
use keepworth_verdict::template::{all, of_programme, write};

use super::{show_text, wording};
use crate::Global;
use crate::command::asking::Asking;
use crate::command::simulate::read_baseline;
use crate::present::Presenting;

/// List the templates that a scenario can begin with.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth scenario templates")]
pub(super) struct Templates {
    #[command(flatten)]
    presenting: Presenting,
}

/// Write a scenario from a template, or from a programme that is kept, for the segments that a baseline holds.
///
/// From a template, how large its effects are and what it costs is for you to fill in: until then it is refused. What is
/// published of them stands above it, with the source. From a programme, its initiatives come with sponsor, process owner,
/// phases, readiness, and with what finance's newest budgets plan from the baseline's day on, month by month; how large
/// their effects are is for you to fill in.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth scenario new --template service-recovery --baseline baseline.json -o recovery.toml
  keepworth scenario new --programme service-2027 --baseline baseline.json -o service.toml
  keepworth scenario new --template loyalty --baseline baseline.json --segment home --segment business")]
pub(super) struct Args {
    /// The template, as `keepworth scenario templates` lists them.
    #[arg(long, value_name = "KEY", required_unless_present = "programme")]
    template: Option<String>,
    /// The programme of a running Keepworth, as `keepworth programme list` lists them.
    #[arg(long, value_name = "KEY", conflicts_with_all = ["template", "segments"])]
    programme: Option<String>,
    /// The baseline file.
    #[arg(long, value_name = "FILE")]
    baseline: PathBuf,
    /// From a template: only for this segment; may be given again [default: all segments].
    #[arg(long = "segment", value_name = "NAME")]
    segments: Vec<String>,
    #[command(flatten)]
    asking: Asking,
}

impl Templates {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let templates = ScenarioTemplateList {
            items: all().collect(),
        };
        let shown = |it: ScenarioTemplateList| Ok(vec![wording::templates(it.items)]);
        self.presenting.show(templates, shown)
    }
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let baseline = read_baseline(&self.baseline)?;
        let text = match (&self.programme, &self.template) {
            (Some(key), _) => self.of_programme(global, key, &baseline)?,
            (None, Some(key)) => write(key, &baseline, &self.segments)?,
            (None, None) => bail!("say from what: --template KEY, or --programme KEY"),
        };
        show_text(&self.asking.presenting, &text, &text)
    }

    fn of_programme(
        &self,
        global: &Global,
        key: &str,
        baseline: &Baseline,
    ) -> anyhow::Result<String> {
        let query = ProgrammeMoneyQuery {
            budget_only: Some(true),
            ..ProgrammeMoneyQuery::default()
        };
        let ask = async |client: &SimulatorClient| {
            let programme = client.load_programme(key, &WhichVersion::default()).await?;
            let money = client.load_programme_money(key, &query).await?;
            Ok((programme, money))
        };
        let (programme, money) = self.asking.ask(global, ask)?;
        ensure!(
            programme.version == money.version,
            "the programme `{key}` was changed while it was read; ask again"
        );
        Ok(of_programme(&programme, &money, baseline)?)
    }
}
