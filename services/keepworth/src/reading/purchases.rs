//! Customers one a row: how often they bought again, when last, and for how much.

mod periods;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use keepworth_retention::purchase::{Histories, History, Spends};

pub(crate) use periods::read_repeat_purchases;
use periods::{ByPeriod, Source};

use super::WrittenArgs;
use super::column::{Column, next_row, open};
use keepworth_reading::Written;
use keepworth_reading::table::Row;

/// Which column holds what, where the usual names do not.
#[derive(clap::Args)]
#[command(next_help_heading = "Columns")]
pub(crate) struct Columns {
    /// Column of repeat purchases.
    #[arg(long, value_name = "COLUMN")]
    x: Option<String>,
    /// Column of the age at the last purchase.
    #[arg(long, value_name = "COLUMN")]
    t_x: Option<String>,
    /// Column of the age at the end of observation.
    #[arg(long, value_name = "COLUMN")]
    age: Option<String>,
    /// Column of the mean spend per repeat purchase.
    #[arg(long, value_name = "COLUMN")]
    mean_spend: Option<String>,
    /// Column of how many customers a row stands for.
    #[arg(long, value_name = "COLUMN")]
    weights: Option<String>,
    /// Column of the segment, to value each by itself.
    #[arg(long, value_name = "COLUMN", requires = "horizon")]
    group: Option<String>,
    /// Columns of the periods after the first purchase, 1 for a purchase and 0 for none (bg-bb).
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',', conflicts_with_all = ["x", "t_x", "age"])]
    periods: Vec<String>,
    #[command(flatten)]
    written: WrittenArgs,
}

impl Columns {
    /// Whether there is a column for each period.
    pub(crate) fn has_periods(&self) -> bool {
        !self.periods.is_empty()
    }

    /// How the file is written.
    pub(crate) fn written(&self) -> Written {
        self.written.written()
    }
}

const X: &[&str] = &["x", "frequency"];
const T_X: &[&str] = &["t_x", "recency"];
const AGE: &[&str] = &["T", "age"];
const MEAN_SPEND: &[&str] = &["zbar", "monetary_value"];

/// What the purchase models need.
#[derive(Default)]
pub(crate) struct Records {
    pub(crate) customers: Histories,
    /// The same by segment, with spend; all in `all` without a column of segments.
    pub(crate) segments: BTreeMap<String, Histories>,
    pub(crate) spends: Spends,
    pub(crate) longest_age: f64,
    pub(crate) by_period: ByPeriod,
}

impl Records {
    pub(crate) fn read(file: &Path, columns: &Columns, with_spend: bool) -> anyhow::Result<Self> {
        let mut table = open(file, &columns.written())?;
        let source = Source::of(&table, columns)?;
        let weights = Column::find(&table, columns.weights.as_deref(), &[])?;
        let group = Column::find(&table, columns.group.as_deref(), &[])?;
        let spend = with_spend
            .then(|| {
                Column::need(
                    &table,
                    columns.mean_spend.as_deref(),
                    MEAN_SPEND,
                    "--mean-spend",
                )
            })
            .transpose()?;
        let mut records = Self::default();
        while let Some(row) = next_row(&mut table)? {
            let history = source.history(&row)?;
            let weight = weight(weights.as_ref(), &row)?;
            records.by_period.add(&source, &row, weight);
            let segment = group.as_ref().map_or("all", |column| column.text(&row));
            let mean = spend
                .as_ref()
                .map(|column| spend_of(column, &row, history.purchases()));
            records
                .add(history, weight, segment, mean.transpose()?)
                .with_context(|| line(&row))?;
        }
        records.by_period.check()?;
        Ok(records)
    }

    fn add(
        &mut self,
        history: History,
        weight: f64,
        segment: &str,
        mean: Option<f64>,
    ) -> anyhow::Result<()> {
        self.longest_age = self.longest_age.max(history.age());
        self.customers.add(history, weight)?;
        let Some(mean) = mean else { return Ok(()) };
        if !self.segments.contains_key(segment) {
            self.segments
                .insert(segment.to_owned(), Histories::default());
        }
        if let Some(customers) = self.segments.get_mut(segment) {
            customers.add_with_spend(history, weight, mean)?;
        }
        if history.purchases() > 0.0 {
            self.spends.add(history.purchases(), mean, weight)?;
        }
        Ok(())
    }
}

/// Mean spends of those who bought again.
pub(crate) fn read_spends(file: &Path, columns: &Columns) -> anyhow::Result<Spends> {
    let mut table = open(file, &columns.written())?;
    let x = Column::need(&table, columns.x.as_deref(), X, "--x")?;
    let mean = Column::need(
        &table,
        columns.mean_spend.as_deref(),
        MEAN_SPEND,
        "--mean-spend",
    )?;
    let weights = Column::find(&table, columns.weights.as_deref(), &[])?;
    let mut spends = Spends::default();
    while let Some(row) = next_row(&mut table)? {
        let purchases = x.number(&row)?;
        if purchases == 0.0 {
            continue;
        }
        spends
            .add(
                purchases,
                mean.number(&row)?,
                weight(weights.as_ref(), &row)?,
            )
            .with_context(|| line(&row))?;
    }
    Ok(spends)
}

/// The mean spend of a row, which may be empty for who never bought again.
fn spend_of(column: &Column, row: &Row, purchases: f64) -> anyhow::Result<f64> {
    if purchases == 0.0 {
        Ok(0.0)
    } else {
        column.number(row)
    }
}

fn weight(column: Option<&Column>, row: &Row) -> anyhow::Result<f64> {
    column.map_or(Ok(1.0), |column| column.number(row))
}

fn line(row: &Row) -> String {
    format!("line {}", row.line)
}
