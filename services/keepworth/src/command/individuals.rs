//! Customers one a row: when watching began and ended, and how.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use keepworth_retention::covariate::Covariates;
use keepworth_retention::fit::{Fit, Flag};
use keepworth_retention::survival::Observation;

use crate::reading::Written;
use crate::reading::column::{Column, next_row, open};
use crate::reading::table::Row;

/// Which column holds what.
#[derive(clap::Args)]
#[command(next_help_heading = "Columns")]
pub(crate) struct Columns {
    /// Column of the tenure at which observation ended.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) duration: Option<String>,
    /// Column that tells whether the customer left then: 1 or 0, yes or no, true or false.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) event: Option<String>,
    /// Column of the tenure at which observation began (delayed entry).
    #[arg(long, value_name = "COLUMN")]
    entry: Option<String>,
    /// Observation covers only the last UNITS before each duration, as in a snapshot of a quarter.
    #[arg(long, value_name = "UNITS", conflicts_with = "entry")]
    window: Option<f64>,
    /// Column of how many customers a row stands for.
    #[arg(long, value_name = "COLUMN")]
    weights: Option<String>,
    /// Column of the customer's id, for errors robust to several rows of one customer.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) id: Option<String>,
    /// Column of words, even where they look like numbers, such as codes; may be repeated.
    #[arg(long, value_name = "COLUMN")]
    words: Vec<String>,
    #[command(flatten)]
    pub(crate) written: Written,
}

/// The rows of a file.
pub(crate) struct Individuals {
    pub(crate) observations: Vec<Observation>,
    /// The line of the file that each begins on.
    lines: Vec<u64>,
    /// How numbers are written.
    written: Written,
    /// Columns of words, whatever they look like.
    words: Vec<String>,
    /// Cells of the further columns asked for, by name.
    cells: HashMap<String, Vec<String>>,
    /// What had to be assumed about the window of observation.
    assumption: Option<Assumption>,
}

/// What had to be assumed about when watching began.
struct Assumption {
    flag: Flag,
    /// The durations are tenures and nothing says since when their customers were watched.
    tenure_only: bool,
}

impl Individuals {
    /// Reads the observations and the cells of `further` columns.
    pub(crate) fn read(file: &Path, columns: &Columns, further: &[&str]) -> anyhow::Result<Self> {
        let mut table = open(file, &columns.written)?;
        let asked = |name: &Option<String>| Column::find(&table, name.as_deref(), &[]);
        let duration = Column::need(
            &table,
            columns.duration.as_deref(),
            &["duration"],
            "--duration",
        )?;
        let event = Column::need(&table, columns.event.as_deref(), &["event"], "--event")?;
        let (entry, weights) = (asked(&columns.entry)?, asked(&columns.weights)?);
        let kept = further
            .iter()
            .chain(columns.id.as_deref().iter())
            .map(|name| {
                Ok((
                    (*name).to_owned(),
                    Column::need(&table, Some(name), &[], "")?,
                ))
            })
            .collect::<anyhow::Result<Vec<_>>>()?;
        let mut cells: Vec<Vec<String>> = vec![Vec::new(); kept.len()];
        let (mut observations, mut lines) = (Vec::new(), Vec::new());
        while let Some(row) = next_row(&mut table)? {
            let exit = duration.number(&row)?;
            let start = match (&entry, columns.window) {
                (Some(entry), _) => entry.number(&row)?,
                (None, Some(window)) => (exit - window).max(0.0),
                (None, None) => 0.0,
            };
            let weight = weights
                .as_ref()
                .map_or(Ok(1.0), |column| column.number(&row))?;
            let observation = Observation::new(start, exit, yes(&event, &row)?)
                .and_then(|observation| observation.with_weight(weight))
                .with_context(|| format!("line {}", row.line))?;
            observations.push(observation);
            lines.push(row.line);
            for (cells, (_, column)) in cells.iter_mut().zip(&kept) {
                cells.push(column.text(&row).to_owned());
            }
        }
        let cells = kept.into_iter().map(|(name, _)| name).zip(cells).collect();
        let assumption = assumption(columns, entry.is_some());
        Ok(Self {
            observations,
            lines,
            written: columns.written.clone(),
            words: columns.words.clone(),
            cells,
            assumption,
        })
    }

    /// Tells the fit what had to be assumed about when watching began, by one rule for all models:
    /// what was assumed is always said, and tenures of which nothing says since when they were
    /// watched are the reading that goes wrong, so that is a warning. True for the latter.
    pub(crate) fn tell_assumption(&self, fit: &mut Fit) -> bool {
        let Some(Assumption { flag, tenure_only }) = &self.assumption else {
            return false;
        };
        if *tenure_only {
            fit.warn(flag.clone());
        } else {
            fit.flags.push(flag.clone());
        }
        *tenure_only
    }

    /// The cells of a column that was asked for.
    pub(crate) fn cells(&self, column: &str) -> anyhow::Result<&[String]> {
        self.cells
            .get(column)
            .map(Vec::as_slice)
            .with_context(|| format!("no column `{column}`"))
    }

    /// A column of yes and no.
    pub(crate) fn answers(&self, column: &str) -> anyhow::Result<Vec<bool>> {
        let answer = |(index, text): (usize, &String)| {
            let line = self.lines[index];
            truth(text).with_context(|| format!("line {line}: {column} is `{text}`, not yes or no"))
        };
        self.cells(column)?.iter().enumerate().map(answer).collect()
    }

    /// A column of numbers.
    pub(crate) fn numbers(&self, column: &str) -> anyhow::Result<Vec<f64>> {
        let number = |(index, text): (usize, &String)| {
            let found = self.written.numbers().float(text);
            found.map_err(|why| anyhow!("line {}, column {column}: {why}", self.lines[index]))
        };
        self.cells(column)?.iter().enumerate().map(number).collect()
    }

    /// Whether a column is one of words. A column of numbers and others is neither: one cell does not
    /// decide what the rest is.
    fn is_of_words(&self, column: &str) -> anyhow::Result<bool> {
        let cells = self.cells(column)?;
        if self.words.iter().any(|it| it == column) {
            return Ok(true);
        }
        let is_number = |text: &&String| self.written.numbers().float(text).is_ok();
        let numbers = cells.iter().filter(is_number).count();
        let other = cells.iter().position(|text| !is_number(&text));
        match other {
            Some(index) if numbers > 0 => bail!(
                "line {}: {column} is `{}` where {numbers} rows have numbers; leave the row out, or say \
                 --words {column} if all of them are words",
                self.lines[index],
                cells[index]
            ),
            other => Ok(other.is_some()),
        }
    }

    /// Columns as covariates: numbers as they are, words as indicators against the commonest.
    pub(crate) fn covariates(&self, columns: &[String]) -> anyhow::Result<Covariates> {
        let mut covariates = Covariates::new(self.observations.len());
        for name in columns {
            if self.is_of_words(name)? {
                covariates.push_factor(name, self.cells(name)?)?;
            } else {
                covariates.push_number(name, self.numbers(name)?)?;
            }
        }
        Ok(covariates)
    }

    /// A number per distinct cell, in order of appearance, and the cells so numbered; blank ones are
    /// `unknown`.
    pub(crate) fn numbered(&self, column: &str) -> anyhow::Result<(Vec<u32>, Vec<String>)> {
        let mut names: Vec<String> = Vec::new();
        let mut index: HashMap<&str, u32> = HashMap::new();
        let mut numbers = Vec::with_capacity(self.observations.len());
        for text in self.cells(column)? {
            let text = if text.is_empty() { "unknown" } else { text };
            let next = u32::try_from(names.len()).context("too many groups")?;
            let number = *index.entry(text).or_insert_with(|| {
                names.push(text.to_owned());
                next
            });
            numbers.push(number);
        }
        Ok((numbers, names))
    }
}

/// Nobody knows from a file of durations alone since when customers were watched.
fn assumption(columns: &Columns, entry: bool) -> Option<Assumption> {
    if entry {
        return None;
    }
    let named = |name: &str| name.to_lowercase().contains("tenure");
    let tenure_only = columns.window.is_none() && columns.duration.as_deref().is_some_and(named);
    let flag = match columns.window {
        Some(window) => Flag::new(
            "window_assumed",
            format!(
                "everyone is taken as watched for the last {window} time units before their duration"
            ),
        ),
        None => Flag::new(
            "entry_assumed",
            "everyone is taken as watched from tenure 0; if the records are a snapshot of those \
             still there, give --entry or --window, or the hazard comes out far too low",
        ),
    };
    Some(Assumption { flag, tenure_only })
}

fn yes(column: &Column, row: &Row) -> anyhow::Result<bool> {
    let text = column.text(row);
    match truth(text) {
        Some(answer) => Ok(answer),
        None => bail!(
            "line {}: the event is `{text}`; write 1 or 0, yes or no",
            row.line
        ),
    }
}

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "1.0" | "yes" | "y" | "true" | "t" => Some(true),
        "0" | "0.0" | "no" | "n" | "false" | "f" => Some(false),
        _ => None,
    }
}
