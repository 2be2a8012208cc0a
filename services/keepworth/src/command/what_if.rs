//! `keepworth what-if`: a scenario with something in it otherwise.

mod wording;

use std::path::PathBuf;

use anyhow::{Context, bail};
use keepworth_contract::simulator::{SimulatorClient, WhatIfChange, WhatIfInput};

use crate::Global;
use crate::command::Outcome;
use crate::command::asking::Asking;
use crate::command::scenario::baseline_hash;

/// Ask what a scenario would come to with something in it otherwise: at once, and nothing is kept.
///
/// The answer stands beside that of the scenario as it is. Where both draw the same inputs they are on the same draws, so
/// that what differs comes from the change alone; the answer says whether they are.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth what-if recovery --change 'initiatives[Call back].reach.smb=0.5'
  keepworth what-if recovery --change discount_rate=0.12 --change 'initiatives[Call back].effects[hazard].size=2% to 5%'
  keepworth what-if --scenario recovery.toml --baseline baseline.json --change horizon_months=60
  keepworth what-if recovery --change 'initiatives[Training]='          without that initiative

A place is named as `keepworth scenario diff` names it: by keys, and by names in brackets. What is left after `=` is a
number, true or false, a list, or a text; nothing takes away what is there.")]
pub(crate) struct Args {
    /// The key of a scenario that is kept.
    #[arg(required_unless_present = "scenario", conflicts_with = "scenario")]
    key: Option<String>,
    /// Which version of it [default: the newest].
    #[arg(long, requires = "key")]
    version: Option<u32>,
    /// A scenario file, in place of one that is kept.
    #[arg(long, value_name = "SCENARIO.toml", requires = "baseline")]
    scenario: Option<PathBuf>,
    /// The baseline that the file stands on: its hash, or its file.
    #[arg(long, value_name = "HASH|FILE", requires = "scenario")]
    baseline: Option<String>,
    /// What would be otherwise; can be said several times.
    #[arg(long = "change", value_name = "PATH=VALUE", value_parser = change)]
    changes: Vec<WhatIfChange>,
    /// How many futures to draw.
    #[arg(long, default_value_t = 10_000)]
    trials: u64,
    /// The same seed gives the same figures.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    asking: Asking,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let question = WhatIfInput {
            scenario: self.scenario.as_ref().map(read).transpose()?,
            baseline_hash: self.baseline.as_deref().map(baseline_hash).transpose()?,
            scenario_key: self.key,
            scenario_version: self.version,
            changes: self.changes,
            trials: self.trials,
            seed: self.seed,
            sampling: Default::default(),
            slider: None,
        };
        let as_it_is = WhatIfInput {
            changes: Vec::new(),
            ..question.clone()
        };
        let ask = async |client: &SimulatorClient| {
            let changed = client.what_if(&question).await?;
            let before = match question.changes.is_empty() {
                true => None,
                false => Some(client.what_if(&as_it_is).await?),
            };
            Ok((changed, before))
        };
        let (changed, before) = self.asking.ask(global, ask)?;
        let shown = |changed| wording::answer(&changed, before.as_ref());
        self.asking.presenting.show(changed, |it| Ok(shown(it)))?;
        Ok(Outcome::Done)
    }
}

fn read(file: &PathBuf) -> anyhow::Result<String> {
    std::fs::read_to_string(file)
        .with_context(|| format!("scenario {} cannot be read", file.display()))
}

/// A place and what would be there. A value that is none of TOML is a text, as it is typed in most shells.
fn change(text: &str) -> anyhow::Result<WhatIfChange> {
    let mut depth = 0_u32;
    let equals = text.char_indices().find(|(_, letter)| {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => (),
        }
        *letter == '=' && depth == 0
    });
    let Some((at, _)) = equals else {
        bail!("write PATH=VALUE, such as 'initiatives[Call back].reach.smb=0.5'");
    };
    let (path, value) = (text[..at].trim().to_owned(), text[at + 1..].trim());
    let value = match value {
        "" => None,
        it if format!("value = {it}").parse::<toml::Table>().is_ok() => Some(it.to_owned()),
        it => Some(toml::Value::from(it).to_string()),
    };
    Ok(WhatIfChange { path, value })
}

#[cfg(test)]
mod tests {
    use super::change;

    #[test]
    fn a_change_is_a_place_and_a_value() {
        for (text, path, value) in [
            ("tax_rate=0.25", "tax_rate", Some("0.25")),
            (
                "initiatives[a = b].reach.x = 1",
                "initiatives[a = b].reach.x",
                Some("1"),
            ),
            (
                "effects[hazard].size=2% to 5%",
                "effects[hazard].size",
                Some("\"2% to 5%\""),
            ),
            ("name=\"quoted\"", "name", Some("\"quoted\"")),
            ("initiatives[Training]=", "initiatives[Training]", None),
        ] {
            let found = change(text).unwrap();
            assert_eq!((found.path.as_str(), found.value.as_deref()), (path, value));
        }
        assert!(
            change("tax_rate")
                .unwrap_err()
                .to_string()
                .contains("PATH=VALUE")
        );
    }
}
