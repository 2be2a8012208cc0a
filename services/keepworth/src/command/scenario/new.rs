//! Scenarios to begin with.

use std::path::PathBuf;

use keepworth_contract::simulator::ScenarioTemplateList;
use keepworth_verdict::template::{all, write};

use super::{show_text, wording};
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

/// Write a scenario from a template, for the segments that a baseline holds.
///
/// How large its effects are and what it costs is for you to fill in: until then it is refused. What is published of
/// them stands above it, with the source.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth scenario new --template service-recovery --baseline baseline.json -o recovery.toml
  keepworth scenario new --template loyalty --baseline baseline.json --segment home --segment business")]
pub(super) struct Args {
    /// The template, as `keepworth scenario templates` lists them.
    #[arg(long, value_name = "KEY")]
    template: String,
    /// The baseline file.
    #[arg(long, value_name = "FILE")]
    baseline: PathBuf,
    /// Only for this segment; may be given again [default: all segments].
    #[arg(long = "segment", value_name = "NAME")]
    segments: Vec<String>,
    #[command(flatten)]
    presenting: Presenting,
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
    pub(super) fn run(self) -> anyhow::Result<()> {
        let baseline = read_baseline(&self.baseline)?;
        let text = write(&self.template, &baseline, &self.segments)?;
        show_text(&self.presenting, &text, &text)
    }
}
