//! What is simulated: a scenario on its baseline.

use std::path::Path;

use anyhow::{Context, anyhow};
use chrono::NaiveDate;
use keepworth_contract::simulator::baseline::Baseline;
use keepworth_contract::simulator::{Backtest, EvidencePage};
use keepworth_sim::{Flag, Model, RunResult, Scenario};
use keepworth_verdict::{Files, FoundEvidence, Referred, SimulationError, prepare, refer};

/// The baseline of a command, if it has one, with the file that it was read from; and what scenarios may refer to, if
/// any of it was handed over.
pub(super) struct Source<'a> {
    file: Option<&'a Path>,
    baseline: Option<Baseline>,
    files: Option<Files>,
}

impl<'a> Source<'a> {
    pub(super) fn read(
        file: Option<&'a Path>,
        evidence: Option<&Path>,
        backtest: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let any = evidence.is_some() || backtest.is_some();
        let baseline = file.map(read_baseline).transpose()?;
        let files = Files {
            currency: baseline
                .as_ref()
                .map(|it| it.currency.clone())
                .unwrap_or_default(),
            evidence: evidence.map(read_evidence).transpose()?.unwrap_or_default(),
            backtest: backtest.map(read_backtest).transpose()?.map(Into::into),
        };
        Ok(Self {
            file,
            baseline,
            files: any.then_some(files),
        })
    }

    /// A scenario on the baseline, or on the segments that it defines.
    pub(super) fn model(&self, path: &Path) -> anyhow::Result<Asked> {
        let text = read_text(path)?;
        let (scenario, flags) = self.referred(scenario_of(&text, path)?, path)?;
        let model = self.resolve(&scenario, path)?;
        Ok(Asked {
            text,
            scenario,
            model,
            flags,
        })
    }

    /// A scenario whose references are in place, read from a file, on the baseline.
    pub(super) fn resolve(&self, scenario: &Scenario, path: &Path) -> anyhow::Result<Model> {
        let model = match &self.baseline {
            Some(baseline) => prepare(scenario, baseline),
            None => scenario.resolve(None).map_err(SimulationError::from),
        };
        model.map_err(|error| match error {
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
        })
    }

    /// The scenario with what was handed over in place of its references, and what is to be said of that. Where
    /// nothing was, the engine refuses the first of them.
    fn referred(&self, scenario: Scenario, path: &Path) -> anyhow::Result<(Scenario, Vec<Flag>)> {
        let Some(files) = &self.files else {
            return Ok((scenario, Vec::new()));
        };
        let referred = refer(&scenario, &mut files.clone());
        let Referred {
            scenario, flags, ..
        } = referred.map_err(|error| anyhow!("{}: {error}", path.display()))?;
        Ok((scenario, flags))
    }

    /// The day that the baseline is of.
    pub(super) fn as_of(&self) -> Option<NaiveDate> {
        self.baseline.as_ref().map(|it| it.as_of)
    }

    /// The engine hashes the plain data that it was handed; people know the document.
    pub(super) fn name_baseline(&self, result: &mut RunResult) {
        result.baseline_hash = self.baseline.as_ref().map(|it| it.hash.clone());
    }
}

/// A scenario, ready to be simulated.
pub(super) struct Asked {
    /// As it was written.
    pub(super) text: String,
    pub(super) scenario: Scenario,
    pub(super) model: Model,
    /// What a reader of the result must know beside what the engine says.
    pub(super) flags: Vec<Flag>,
}

pub(crate) fn read_scenario(path: &Path) -> anyhow::Result<Scenario> {
    scenario_of(&read_text(path)?, path)
}

fn read_text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path)
        .with_context(|| format!("scenario {} cannot be read", path.display()))
}

fn scenario_of(text: &str, path: &Path) -> anyhow::Result<Scenario> {
    Scenario::from_toml(text).map_err(|error| anyhow!("{}: {error}", path.display()))
}

pub(crate) fn read_baseline(path: &Path) -> anyhow::Result<Baseline> {
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
pub(crate) fn read_evidence(path: &Path) -> anyhow::Result<Vec<FoundEvidence>> {
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

/// A backtest as `keepworth baseline backtest --format json` writes it.
fn read_backtest(path: &Path) -> anyhow::Result<Backtest> {
    let text = std::fs::read(path)
        .with_context(|| format!("backtest {} cannot be read", path.display()))?;
    serde_json::from_slice(&text).with_context(|| {
        format!(
            "{} is no backtest of this release; `keepworth baseline backtest --as-of A --until B --format json \
             -o FILE.json` writes one",
            path.display()
        )
    })
}
