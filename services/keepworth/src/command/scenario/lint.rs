//! What in a scenario is probably not meant.

use std::path::{Path, PathBuf};

use anyhow::{anyhow, ensure};
use keepworth_contract::simulator::{LintFinding, LintSeverity, SimulatorClient, WhichVersion};
use keepworth_verdict::Files;
use keepworth_verdict::lint::{Today, lint};

use super::wording;
use crate::Global;
use crate::command::Outcome;
use crate::command::asking::Asking;
use crate::command::simulate::{read_baseline, read_evidence, read_scenario};

/// Look for what can be simulated and is probably not meant: in a file, or in a scenario that is kept.
///
/// Two initiatives that claim one effect, effects that nobody can feel, a sponsor or process owner that is missing,
/// points for percent, revenue taken for margin, a risk that is taken off twice, evidence that was refused or is
/// overdue, a baseline that is old.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth scenario lint recovery.toml --baseline baseline.json
  keepworth scenario lint recovery.toml --baseline baseline.json --evidence library.json
  keepworth scenario lint recovery --version 2      of a running Keepworth, with its library of evidence

Exit code 1: an error was found, not only warnings.")]
pub(super) struct Args {
    /// The scenario file, with --baseline; or the key of a scenario that is kept.
    #[arg(value_name = "SCENARIO.toml|KEY")]
    scenario: String,
    /// The baseline that the file stands on.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// The library of evidence to which its effects may refer; `keepworth evidence list --format json -o FILE` writes it.
    #[arg(long, value_name = "FILE", requires = "baseline")]
    evidence: Option<PathBuf>,
    /// Which version of a scenario that is kept [default: the newest].
    #[arg(long, conflicts_with = "baseline")]
    version: Option<u32>,
    #[command(flatten)]
    asking: Asking,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let findings = match &self.baseline {
            Some(baseline) => self.in_file(baseline),
            None => self.in_version(global),
        }?;
        let is_wrong = findings.iter().any(|it| it.severity == LintSeverity::Error);
        let shown = |findings| Ok(vec![wording::findings(findings)]);
        self.asking.presenting.show(findings, shown)?;
        Ok(if is_wrong {
            Outcome::Partly
        } else {
            Outcome::Done
        })
    }

    fn in_file(&self, baseline: &Path) -> anyhow::Result<Vec<LintFinding>> {
        let scenario = read_scenario(self.scenario.as_ref())?;
        let baseline = read_baseline(baseline)?;
        let mut library = match &self.evidence {
            None => None,
            Some(file) => Some(Files {
                evidence: read_evidence(file)?,
                ..Files::default()
            }),
        };
        let today = Today {
            day: keepworth_store::now().date_naive(),
            newest_baseline: None,
        };
        let findings = lint(&scenario, &baseline, library.as_mut(), &today);
        findings.map_err(|error| anyhow!("{}: {error}", self.scenario))
    }

    fn in_version(&self, global: &Global) -> anyhow::Result<Vec<LintFinding>> {
        // No key has any of these, so that it is a file.
        ensure!(
            !self.scenario.contains(['.', '/']),
            "{} is a file: say on which baseline it stands, --baseline FILE",
            self.scenario
        );
        let version = self.version;
        let which = WhichVersion { version };
        let ask =
            async |client: &SimulatorClient| client.lint_scenario(&self.scenario, &which).await;
        Ok(self.asking.ask(global, ask)?.findings)
    }
}
