//! Customers one a row: when watching began and ended, and how.

mod stay;

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, anyhow, bail, ensure};
use keepworth_retention::covariate::{CovariateError, Covariates};
use keepworth_retention::fit::{Fit, Flag};
use keepworth_retention::survival::Observation;

use super::WrittenArgs;
use super::column::{Column, next_row, open, truth};
use keepworth_reading::Written;
use stay::{OfOneDay, SameDay, Stay, observations};

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
    /// Those whose observation began and ended at one tenure, such as who left on the day they came.
    #[arg(long, value_enum, default_value_t)]
    same_day: SameDay,
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
    pub(crate) written: WrittenArgs,
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
    /// What became of those of one day.
    of_one_day: Option<Flag>,
    /// Which rows are theirs.
    one_day: Vec<bool>,
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
        ensure!(
            columns.window.is_none_or(|window| window > 0.0),
            "--window must be above 0: nobody can be watched for no time"
        );
        let mut table = open(file, &columns.written.written())?;
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
        let (mut stays, mut of_one_day) = (Vec::new(), OfOneDay::default());
        while let Some(row) = next_row(&mut table)? {
            let exit = duration.number(&row)?;
            let entry = match (&entry, columns.window) {
                (Some(entry), _) => entry.number(&row)?,
                (None, Some(window)) => (exit - window).max(0.0),
                (None, None) => 0.0,
            };
            let weight = weights
                .as_ref()
                .map_or(Ok(1.0), |column| column.number(&row))?;
            let stay = Stay {
                entry,
                exit,
                left: event.yes(&row)?,
                weight,
                line: row.line,
            };
            if stay.is_of_one_day() {
                of_one_day.add(&stay);
                if columns.same_day == SameDay::LeaveOut {
                    continue;
                }
            }
            stays.push(stay);
            for (cells, (_, column)) in cells.iter_mut().zip(&kept) {
                cells.push(column.text(&row).to_owned());
            }
        }
        let cells = kept.into_iter().map(|(name, _)| name).zip(cells).collect();
        let assumption = assumption(columns, entry.is_some());
        Ok(Self {
            observations: observations(&stays)?,
            lines: stays.iter().map(|stay| stay.line).collect(),
            of_one_day: of_one_day.flag(columns.same_day),
            one_day: stays.iter().map(Stay::is_of_one_day).collect(),
            written: columns.written.written(),
            words: columns.words.clone(),
            cells,
            assumption,
        })
    }

    /// Tells the fit what had to be assumed about when watching began, by one rule for all models:
    /// what was assumed is always said, and tenures of which nothing says since when they were
    /// watched are the reading that goes wrong, so that is a warning. True for the latter.
    pub(crate) fn tell_assumption(&self, fit: &mut Fit) -> bool {
        fit.flags.extend(self.of_one_day.clone());
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

    /// Whether a row is of a customer seen at one tenure only.
    pub(crate) fn is_of_one_day(&self, row: usize) -> bool {
        self.one_day[row]
    }

    /// The customer of each row, by the column of their ids if there is one.
    pub(crate) fn customers(&self, columns: &Columns) -> anyhow::Result<Option<Vec<u64>>> {
        let Some(id) = &columns.id else {
            return Ok(None);
        };
        let (numbers, _) = self.numbered(id)?;
        Ok(Some(numbers.into_iter().map(u64::from).collect()))
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

    /// Columns as covariates: numbers as they are, words as indicators against the commonest; with what to
    /// say where some of them say nothing that others do not.
    pub(crate) fn covariates(
        &self,
        columns: &[String],
    ) -> anyhow::Result<(Covariates, Option<Flag>)> {
        let mut covariates = Covariates::new(self.observations.len());
        for name in columns {
            if self.is_of_words(name)? {
                covariates.push_factor(name, self.cells(name)?)?;
            } else {
                covariates.push_number(name, self.numbers(name)?)?;
            }
        }
        let (covariates, aliased) = covariates.without_aliased();
        Ok((covariates, left_out(&aliased)))
    }

    /// Levels of columns of words of which nobody left, or everybody: a regression has no estimate for
    /// them, nor for the others where they are what others are compared with.
    pub(crate) fn one_sided(&self, columns: &[String]) -> anyhow::Result<Vec<String>> {
        let mut found = Vec::new();
        for column in columns {
            if !self.is_of_words(column)? {
                continue;
            }
            let (numbers, names) = self.numbered(column)?;
            let mut sums = vec![(0.0, 0.0); names.len()];
            for (level, o) in numbers.iter().zip(&self.observations) {
                let (n, left) = &mut sums[*level as usize];
                *n += o.weight();
                *left += f64::from(u8::from(o.is_event())) * o.weight();
            }
            for (name, (n, left)) in names.iter().zip(sums) {
                if left == 0.0 {
                    found.push(format!("none of the {n} with {column} {name} left"));
                } else if left == n {
                    found.push(format!("all of the {n} with {column} {name} left"));
                }
            }
        }
        Ok(found)
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

fn left_out(aliased: &[CovariateError]) -> Option<Flag> {
    let told = aliased.iter().filter_map(|it| match it {
        CovariateError::Collinear { name, others } => {
            Some(format!("{name} (told by {})", others.join(", ")))
        }
        _ => None,
    });
    let told: Vec<String> = told.collect();
    let detail = format!(
        "left out, since other covariates say the same: {}",
        told.join("; ")
    );
    (!told.is_empty()).then(|| Flag::new("aliased", detail))
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
