//! The table of what was measured.

use std::collections::BTreeSet;
use std::fmt;
use std::process::Command;
use std::time::Duration;

use super::figure::{Observation, Size};
use super::measure::{Interval, Measured, Share};
use crate::support::workspace;

/// Figures whose bands must hold the truth of an in-class company as often as they say. The others
/// are measured and printed only.
const HELD: [&str; 0] = [];

/// Chance that a figure of [`HELD`] fails although its bands are right, about, by level.
const CONFIDENCE: f64 = if cfg!(feature = "slow-tests") {
    0.99
} else {
    0.999
};

/// All observations.
pub struct Table {
    observations: Vec<Observation>,
    failed: Vec<String>,
    took: Duration,
}

impl Table {
    pub fn new(observations: Vec<Observation>, failed: Vec<String>, took: Duration) -> Self {
        Self {
            observations,
            failed,
            took,
        }
    }

    /// What does not hold.
    pub fn broken(&self) -> Vec<String> {
        let mut broken = Vec::new();
        for figure in HELD {
            let found = self.measured("in-class", figure, None);
            if !found.as_ref().is_some_and(|it| it.holds(CONFIDENCE)) {
                broken.push(format!(
                    "{figure}: bands do not hold the truth as often as they say"
                ));
            }
        }
        broken
    }

    fn measured(&self, kind: &str, figure: &str, size: Option<Size>) -> Option<Measured> {
        let is_of = |it: &&Observation| {
            it.kind == kind && it.figure == figure && size.is_none_or(|size| it.size == size)
        };
        Measured::new(&self.observations.iter().filter(is_of).collect::<Vec<_>>())
    }

    fn kinds(&self) -> BTreeSet<&str> {
        self.observations.iter().map(|it| it.kind).collect()
    }

    /// Figures in the order of their first appearance.
    fn figures(&self) -> Vec<&str> {
        let mut figures: Vec<&str> = Vec::new();
        for it in &self.observations {
            if !figures.contains(&it.figure.as_str()) {
                figures.push(&it.figure);
            }
        }
        figures
    }

    fn companies(&self, kind: &str) -> usize {
        let of = self.observations.iter().filter(|it| it.kind == kind);
        of.map(|it| it.company).collect::<BTreeSet<_>>().len()
    }

    fn rows(&self, f: &mut fmt::Formatter<'_>, kind: &str, size: Option<Size>) -> fmt::Result {
        writeln!(
            f,
            "| figure | n | drawn | 50% | 80% | 95% | printed 95% | bias |\n|---|---|---|---|---|---|---|---|"
        )?;
        for figure in self.figures() {
            let Some(found) = self.measured(kind, figure, size) else {
                continue;
            };
            let [half, most, all] = found.coverage.map(percent);
            let printed = found.printed.map_or(String::new(), percent);
            let Measured { n, drawn, bias, .. } = found;
            writeln!(
                f,
                "| {figure} | {n} | {:.0}% | {half} | {most} | {all} | {printed} | {} |",
                100.0 * drawn,
                signed(bias)
            )?;
        }
        writeln!(f)
    }
}

fn percent(share: Share) -> String {
    let it = share.interval(0.99);
    format!(
        "{:.1} ({:.1}–{:.1})",
        100.0 * it.value,
        100.0 * it.low,
        100.0 * it.high
    )
}

fn signed(it: Interval) -> String {
    format!(
        "{:+.1}% ({:+.1}–{:+.1})",
        100.0 * it.value,
        100.0 * it.low,
        100.0 * it.high
    )
}

fn ask_git(arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(workspace("."))
        .output();
    output.map_or(String::new(), |it| {
        String::from_utf8_lossy(&it.stdout).trim().to_owned()
    })
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let commit = ask_git(&["log", "-1", "--format=%h of %cs"]);
        let changed = if ask_git(&["status", "--porcelain"]).is_empty() {
            ""
        } else {
            ", with changes"
        };
        let minutes = self.took.as_secs_f64() / 60.0;
        writeln!(f, "# Bands against the truth\n")?;
        writeln!(
            f,
            "Commit {commit}{changed}. Companies drawn from a documented truth (`keepworth sample --help`), \
             imported through the services, frozen and simulated; how often the engine's bands hold the \
             truth, and the mean error, each with its 99% interval (Wilson's, Student's, both by \
             company). `make slow` writes this file; it took {minutes:.0} minutes.\n"
        )?;
        for why in &self.failed {
            writeln!(f, "- not measured: {why}")?;
        }
        for kind in self.kinds() {
            writeln!(f, "## {kind}: {} companies\n", self.companies(kind))?;
            self.rows(f, kind, None)?;
        }
        for (size, words) in [
            (
                Size::Under40,
                "segments of fewer than 40 customers in the records",
            ),
            (Size::Under150, "segments of 40 to 149"),
            (Size::Large, "segments of 150 and more"),
            (Size::Company, "the whole company"),
        ] {
            writeln!(f, "## in-class: {words}\n")?;
            self.rows(f, "in-class", Some(size))?;
        }
        Ok(())
    }
}
