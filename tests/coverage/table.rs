//! The table of what was measured.

use std::collections::BTreeSet;
use std::fmt;
use std::process::Command;
use std::time::Duration;

use super::figure::{Observation, Size};
use super::measure::{Measured, Share};
use super::observe::ENGINE;
use crate::support::workspace;

/// Figures whose bands must hold the truth of an in-class company as often as they say.
const HELD: [&str; 13] = [
    "won_per_month",
    "customers at the horizon",
    "contribution at the horizon",
    "revenue",
    "overhead",
    "contacts",
    "minutes",
    "cost_per_minute",
    "company's customers at the horizon",
    "company's contribution at the horizon",
    "company's cash flow at the horizon",
    "lifetime value",
    "NPV",
];

/// Figures of segments whose bands may be off by [`SLACK`]. Hazards borrow from other segments by a prior
/// that allows for more difference than these companies have, so that their bands are a little too
/// wide; of margin and the cost of winning a little less than 95% lie within.
const NEARLY_HELD: [&str; 6] = [
    "hazard from month 0",
    "hazard from month 3",
    "hazard from month 12",
    "hazard from month 24",
    "gross_margin",
    "acquisition_cost",
];
const SLACK: f64 = 0.02;

/// Figures whose mean error over in-class companies must be none that can be told.
const UNBIASED: [&str; 6] = [
    "won_per_month",
    "gross_margin",
    "overhead",
    "company's contribution at the horizon",
    "company's cash flow at the horizon",
    "NPV",
];

/// What the engine itself may get wrong on true figures, as a share of the truth: months are steps for
/// it, and days for the truth.
const ENGINE_ERRORS: [(&str, f64); 5] = [
    ("company's customers at the horizon", 0.004),
    ("company's contribution at the horizon", 0.006),
    ("company's cash flow at the horizon", 0.006),
    ("lifetime value", 0.003),
    ("NPV", 0.004),
];

/// Of the intervals that must contain what they should: the usual run makes a fault of few figures in
/// thousand runs that is none.
const CONFIDENCE: f64 = if cfg!(feature = "slow-tests") {
    0.99
} else {
    0.999
};

/// Of the intervals that are printed.
const SHOWN: f64 = 0.99;

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
        let held = HELD.iter().map(|it| (it, 0.0));
        let nearly = NEARLY_HELD.iter().map(|it| (it, SLACK));
        let held = held.chain(nearly).filter(|(figure, slack)| {
            let found = self.measured("in-class", figure, None);
            !found.is_some_and(|it| it.holds(CONFIDENCE, *slack))
        });
        let held =
            held.map(|(it, _)| format!("{it}: bands do not hold the truth as often as they say"));
        let biased = UNBIASED.iter().filter(|figure| {
            let found = self.measured("in-class", figure, None);
            !found.is_some_and(|it| it.bias(CONFIDENCE).contains(0.0))
        });
        let biased = biased.map(|it| format!("{it}: biased"));
        let wrong = ENGINE_ERRORS.iter().filter(|(figure, most)| {
            let found = self.measured(ENGINE, figure, None);
            !found.is_some_and(|it| it.bias(CONFIDENCE).value.abs() < *most)
        });
        let wrong = wrong.map(|(it, most)| format!("{it}: more than {most} wrong on true figures"));
        let missing = self.failed.iter().cloned();
        held.chain(biased).chain(wrong).chain(missing).collect()
    }

    fn measured(&self, kind: &str, figure: &str, size: Option<Size>) -> Option<Measured> {
        let is_of = |it: &&Observation| {
            it.kind == kind && it.figure == figure && size.is_none_or(|size| it.size == size)
        };
        Measured::new(&self.observations.iter().filter(is_of).collect::<Vec<_>>())
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

    fn section(&self, f: &mut fmt::Formatter<'_>, kind: &str, words: &str) -> fmt::Result {
        match self.companies(kind) {
            0 => Ok(()),
            companies => {
                writeln!(f, "## {companies} companies {words}\n")?;
                self.rows(f, kind, None)
            }
        }
    }

    /// What is left when nothing has to be estimated.
    fn engine(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## In class: the engine on the true figures\n")?;
        writeln!(f, "| figure | n | bias |\n|---|---|---|")?;
        for figure in self.figures() {
            if let Some(found) = self.measured(ENGINE, figure, None) {
                writeln!(f, "| {figure} | {} | {} |", found.n, signed(&found))?;
            }
        }
        writeln!(f)
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
            let (n, drawn, bias) = (found.n, 100.0 * found.drawn, signed(&found));
            writeln!(
                f,
                "| {figure} | {n} | {drawn:.0}% | {half} | {most} | {all} | {printed} | {bias} |"
            )?;
        }
        writeln!(f)
    }
}

fn percent(share: Share) -> String {
    let it = share.interval(SHOWN);
    format!(
        "{:.1} ({:.1}–{:.1})",
        100.0 * it.value,
        100.0 * it.low,
        100.0 * it.high
    )
}

fn signed(found: &Measured) -> String {
    let it = found.bias(SHOWN);
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
        self.section(f, "in-class", "in class")?;
        for (size, words) in [
            (
                Size::Under40,
                "segments of fewer than 40 customers in the records",
            ),
            (Size::Under150, "segments of 40 to 149"),
            (Size::Large, "segments of 150 and more"),
        ] {
            writeln!(f, "## In class: {words}\n")?;
            self.rows(f, "in-class", Some(size))?;
        }
        self.engine(f)?;
        for kind in super::OUTSIDE {
            self.section(f, kind, &format!("out of class, {kind}"))?;
        }
        Ok(())
    }
}
