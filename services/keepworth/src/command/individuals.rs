//! Customers one a row: when watching began and ended, and how.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, bail};
use keepworth_retention::covariate::Covariates;
use keepworth_retention::fit::{Fit, Flag};
use keepworth_retention::survival::Observation;

use crate::column::{Column, next_row, open};
use crate::import::table::Row;

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
}

/// The rows of a file.
pub(crate) struct Individuals {
    pub(crate) observations: Vec<Observation>,
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
        let mut table = open(file)?;
        let header = table.header.clone();
        let asked = |name: &Option<String>| Column::find(&header, name.as_deref(), &[]);
        let duration = Column::need(
            &header,
            columns.duration.as_deref(),
            &["duration"],
            "--duration",
        )?;
        let event = Column::need(&header, columns.event.as_deref(), &["event"], "--event")?;
        let (entry, weights) = (asked(&columns.entry)?, asked(&columns.weights)?);
        let kept = further
            .iter()
            .chain(columns.id.as_deref().iter())
            .map(|name| {
                Ok((
                    (*name).to_owned(),
                    Column::need(&header, Some(name), &[], "")?,
                ))
            })
            .collect::<anyhow::Result<Vec<_>>>()?;
        let mut cells: Vec<Vec<String>> = vec![Vec::new(); kept.len()];
        let mut observations = Vec::new();
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
            for (cells, (_, column)) in cells.iter_mut().zip(&kept) {
                cells.push(column.text(&row).to_owned());
            }
        }
        let cells = kept.into_iter().map(|(name, _)| name).zip(cells).collect();
        let assumption = assumption(columns, entry.is_some());
        Ok(Self {
            observations,
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
            truth(text)
                .with_context(|| format!("row {}: {column} is `{text}`, not yes or no", index + 1))
        };
        self.cells(column)?.iter().enumerate().map(answer).collect()
    }

    /// A column of numbers.
    pub(crate) fn numbers(&self, column: &str) -> anyhow::Result<Vec<f64>> {
        let number = |(index, text): (usize, &String)| {
            let parsed: Option<f64> = text.parse().ok();
            parsed.with_context(|| format!("row {}: {column} is `{text}`, not a number", index + 1))
        };
        self.cells(column)?.iter().enumerate().map(number).collect()
    }

    /// Columns as covariates: numbers as they are, words as indicators against the commonest.
    pub(crate) fn covariates(&self, columns: &[String]) -> anyhow::Result<Covariates> {
        let mut covariates = Covariates::new(self.observations.len());
        for name in columns {
            let words = self
                .cells(name)?
                .iter()
                .any(|text| !text.is_empty() && text.parse::<f64>().is_err());
            if words {
                covariates.push_factor(name, self.cells(name)?)?;
            } else {
                covariates.push_number(name, self.numbers(name)?)?;
            }
        }
        Ok(covariates)
    }

    /// A number per distinct cell, in order of appearance, and the cells so numbered.
    pub(crate) fn numbered(&self, column: &str) -> anyhow::Result<(Vec<u32>, Vec<String>)> {
        let mut names: Vec<String> = Vec::new();
        let mut index: HashMap<&str, u32> = HashMap::new();
        let mut numbers = Vec::with_capacity(self.observations.len());
        for text in self.cells(column)? {
            let next = u32::try_from(names.len()).context("too many groups")?;
            let number = *index.entry(text).or_insert_with(|| {
                names.push(text.clone());
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
