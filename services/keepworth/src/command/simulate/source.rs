//! What is simulated: a scenario on its baseline.

use std::path::Path;

use anyhow::{Context, anyhow};
use keepworth_contract::simulator::EvidencePage;
use keepworth_contract::simulator::baseline::Baseline;
use keepworth_sim::{Model, RunResult, Scenario};
use keepworth_verdict::{FoundEvidence, SimulationError, prepare, refer};

/// The baseline of a command, if it has one, with the file that it was read from; and the evidence that scenarios
/// may refer to.
pub(super) struct Source<'a> {
    file: Option<&'a Path>,
    baseline: Option<Baseline>,
    evidence: Option<Vec<FoundEvidence>>,
}

impl<'a> Source<'a> {
    pub(super) fn read(file: Option<&'a Path>, evidence: Option<&Path>) -> anyhow::Result<Self> {
        let baseline = file.map(read_baseline).transpose()?;
        let evidence = evidence.map(read_evidence).transpose()?;
        Ok(Self {
            file,
            baseline,
            evidence,
        })
    }

    /// A scenario on the baseline, or on the segments that it defines.
    pub(super) fn model(&self, path: &Path) -> anyhow::Result<(Scenario, Model)> {
        let scenario = self.referred(read_scenario(path)?, path)?;
        let model = match &self.baseline {
            Some(baseline) => prepare(&scenario, baseline),
            None => scenario.resolve(None).map_err(SimulationError::from),
        };
        let model = model.map_err(|error| match error {
            SimulationError::Baseline(error) => {
                let file = self.file.unwrap_or(path);
                anyhow!("{}: {error}", file.display())
            }
            SimulationError::Scenario(error)
                if self.baseline.is_none() && scenario.segments.is_empty() =>
            {
                anyhow!(
                    "{}: {error}; it has no segments, so give --baseline FILE",
                    path.display()
                )
            }
            SimulationError::Scenario(error) => anyhow!("{}: {error}", path.display()),
            SimulationError::Run(error) => error.into(),
        })?;
        Ok((scenario, model))
    }

    /// The scenario with what the library says in place of its references. Without a library the engine refuses
    /// the first of them.
    fn referred(&self, scenario: Scenario, path: &Path) -> anyhow::Result<Scenario> {
        let Some(evidence) = &self.evidence else {
            return Ok(scenario);
        };
        refer(&scenario, &mut evidence.clone())
            .map(|it| it.scenario)
            .map_err(|error| anyhow!("{}: {error}", path.display()))
    }

    /// The engine hashes the plain data that it was handed; people know the document.
    pub(super) fn name_baseline(&self, result: &mut RunResult) {
        result.baseline_hash = self.baseline.as_ref().map(|it| it.hash.clone());
    }
}

fn read_scenario(path: &Path) -> anyhow::Result<Scenario> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("scenario {} cannot be read", path.display()))?;
    Scenario::from_toml(&text).map_err(|error| anyhow!("{}: {error}", path.display()))
}

fn read_baseline(path: &Path) -> anyhow::Result<Baseline> {
    let text = std::fs::read(path)
        .with_context(|| format!("baseline {} cannot be read", path.display()))?;
    serde_json::from_slice(&text).with_context(|| {
        format!(
            "{} is no baseline of this release; `keepworth baseline build -o FILE.json` makes one",
            path.display()
        )
    })
}

/// A library as `keepworth evidence list --format json` writes it.
fn read_evidence(path: &Path) -> anyhow::Result<Vec<FoundEvidence>> {
    let text = std::fs::read(path)
        .with_context(|| format!("evidence {} cannot be read", path.display()))?;
    let page: EvidencePage = serde_json::from_slice(&text).with_context(|| {
        format!(
            "{} is no library of this release; `keepworth evidence list --format json -o FILE.json` writes one",
            path.display()
        )
    })?;
    Ok(page.items.into_iter().map(FoundEvidence::from).collect())
}
