//! A cash-flow statement in any of its three layouts: costs and benefits in time.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use anyhow::{bail, ensure};
use chrono::NaiveDate;
use keepworth_cashflow::tei::{self, Kind, Line, Summary};
use keepworth_cashflow::{Flows, Rate, Timing};

use super::column::{Column, next_row};
use keepworth_reading::date::DateFormat;
use keepworth_reading::table::{Row, Table};

/// The most flows of a statement. Finding all internal rates costs the square of the changes of
/// sign, and takes a second or two when that many flows change sign each time.
const MOST_FLOWS: usize = 4_000;

/// Which columns a statement has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// `period,amount[,kind]`.
    Periodic,
    /// `date,amount[,kind]`.
    Dated,
    /// `line,kind,risk_adjustment,initial,year1,…`.
    Tei,
}

/// Costs and benefits in time; both are positive amounts.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) layout: Layout,
    pub(crate) timing: Timing,
    /// Whether rows say what is cost and what is benefit, instead of their sign.
    pub(crate) has_kinds: bool,
    /// The times of the flows.
    pub(crate) clock: Flows<'static>,
    pub(crate) costs: Vec<f64>,
    pub(crate) benefits: Vec<f64>,
    tei: Option<tei::Table>,
}

impl Statement {
    /// Reads a statement; its header says which layout it has.
    ///
    /// # Errors
    /// What is wrong in which line and column, and how it should be written.
    pub(crate) fn read(
        table: Table,
        timing: Option<Timing>,
        dates: &DateFormat,
    ) -> anyhow::Result<Self> {
        let header: Vec<String> = table.header.iter().map(str::to_lowercase).collect();
        let file = File::read(table)?;
        let names: Vec<&str> = header.iter().map(String::as_str).collect();
        match names.as_slice() {
            ["period", "amount"] | ["period", "amount", "kind"] => {
                file.periodic(timing.unwrap_or_default())
            }
            ["date", "amount"] | ["date", "amount", "kind"] => {
                ensure!(
                    timing.is_none(),
                    "dated flows fall on their dates; leave --timing out"
                );
                file.dated(dates)
            }
            ["line", "kind", "risk_adjustment", "initial", years @ ..] if are_years(years) => {
                file.tei(timing.unwrap_or(Timing::Tei))
            }
            _ => bail!(
                "the header is `{}`; it must be period,amount or date,amount (then optionally kind), or \
                 line,kind,risk_adjustment,initial,year1",
                header.join(",")
            ),
        }
    }

    /// The summary that such a study prints, for a TEI table in its own timing.
    pub(crate) fn tei_summary(&self, rate: Rate) -> Option<Summary> {
        let table = self.tei.as_ref().filter(|_| self.timing == Timing::Tei)?;
        Some(table.summary(rate))
    }
}

/// Whether the columns are year1, year2, … in order, and at least one.
fn are_years(columns: &[&str]) -> bool {
    let mut numbered = (1..).zip(columns);
    !columns.is_empty() && numbered.all(|(year, column)| *column == format!("year{year}"))
}

/// A file's columns in order, and its rows.
struct File {
    columns: Vec<Column>,
    rows: Vec<Row>,
}

/// What a time costs and brings.
#[derive(Clone, Copy, Default)]
struct Amounts {
    cost: f64,
    benefit: f64,
}

impl File {
    fn read(mut table: Table) -> anyhow::Result<Self> {
        let columns = Column::all(&table);
        let mut rows = Vec::new();
        while let Some(row) = next_row(&mut table)? {
            rows.push(row);
        }
        Ok(Self { columns, rows })
    }

    fn periodic(&self, timing: Timing) -> anyhow::Result<Statement> {
        let fix = format!("is no period; write a whole number from 0 (now) to {MOST_FLOWS}");
        let by_period = self.amounts(|column, row| {
            let period = column.text(row).parse::<usize>();
            let period = period.ok().filter(|period| *period <= MOST_FLOWS);
            period.ok_or_else(|| column.refusal(row, &fix))
        })?;
        let last = by_period.last_key_value().map_or(0, |(last, _)| *last);
        let of = |period: usize| by_period.get(&period).copied().unwrap_or_default();
        Ok(Statement {
            layout: Layout::Periodic,
            timing,
            has_kinds: self.has_kinds(),
            clock: Flows::periodic(vec![0.0; last + 1], timing)?,
            costs: (0..=last).map(|period| of(period).cost).collect(),
            benefits: (0..=last).map(|period| of(period).benefit).collect(),
            tei: None,
        })
    }

    fn dated(&self, dates: &DateFormat) -> anyhow::Result<Statement> {
        let by_date = self.amounts(|column, row| column.day(row, dates))?;
        ensure!(
            by_date.len() <= MOST_FLOWS,
            "there are {} dates where {MOST_FLOWS} are the most; sum the flows by week or month",
            by_date.len()
        );
        let days: Vec<(NaiveDate, f64)> = by_date.keys().map(|on| (*on, 0.0)).collect();
        Ok(Statement {
            layout: Layout::Dated,
            timing: Timing::End,
            has_kinds: self.has_kinds(),
            clock: Flows::dated(&days)?,
            costs: by_date.values().map(|it| it.cost).collect(),
            benefits: by_date.values().map(|it| it.benefit).collect(),
            tei: None,
        })
    }

    fn tei(&self, timing: Timing) -> anyhow::Result<Statement> {
        let lines = self.rows()?.iter().map(|row| self.line(row));
        let table = tei::Table::new(lines.collect::<anyhow::Result<_>>()?)?;
        let (costs, benefits) = (table.total(Kind::Cost), table.total(Kind::Benefit));
        Ok(Statement {
            layout: Layout::Tei,
            timing,
            has_kinds: true,
            clock: Flows::periodic(vec![0.0; costs.len()], timing)?,
            costs,
            benefits,
            tei: Some(table),
        })
    }

    /// A line of a TEI table.
    fn line(&self, row: &Row) -> anyhow::Result<Line> {
        let risk_adjustment = self.columns[2].sum(row)?;
        if !(0.0..=1.0).contains(&risk_adjustment) {
            let fix = "is no risk adjustment; write a fraction, 0.20 for 20%";
            return Err(self.columns[2].refusal(row, fix));
        }
        let amounts = self.columns[3..].iter().map(|column| column.sum(row));
        let amounts: Vec<f64> = amounts.collect::<anyhow::Result<_>>()?;
        Ok(Line {
            name: self.columns[0].text(row).to_owned(),
            kind: kind(&self.columns[1], row)?,
            risk_adjustment,
            initial: amounts[0],
            years: amounts[1..].to_vec(),
        })
    }

    /// Costs and benefits by what `at` reads in the first column.
    fn amounts<T: Ord>(
        &self,
        at: impl Fn(&Column, &Row) -> anyhow::Result<T>,
    ) -> anyhow::Result<BTreeMap<T, Amounts>> {
        let mut found: BTreeMap<T, Amounts> = BTreeMap::new();
        let mut costs_are_positive = None;
        for row in self.rows()? {
            let at = at(&self.columns[0], row)?;
            let amount = self.columns[1].sum(row)?;
            let kind = match self.columns.get(2) {
                Some(column) => kind(column, row)?,
                None if amount < 0.0 => Kind::Cost,
                None => Kind::Benefit,
            };
            let sums = found.entry(at).or_default();
            if kind == Kind::Benefit {
                sums.benefit += amount;
                continue;
            }
            // Costs may be written as positive or as negative amounts, but what a change of sign
            // would mean, nobody can tell.
            let is_positive = amount > 0.0;
            if amount != 0.0 && *costs_are_positive.get_or_insert(is_positive) != is_positive {
                let fix = "has another sign than the costs above; write all costs with one sign, and a refund \
                           as a benefit";
                return Err(self.columns[1].refusal(row, fix));
            }
            sums.cost += amount.abs();
        }
        Ok(found)
    }

    fn has_kinds(&self) -> bool {
        self.columns.len() == 3
    }

    /// The rows, at least one.
    fn rows(&self) -> anyhow::Result<&[Row]> {
        ensure!(
            !self.rows.is_empty(),
            "there are no rows below the header; add at least one"
        );
        Ok(&self.rows)
    }
}

fn kind(column: &Column, row: &Row) -> anyhow::Result<Kind> {
    match column.text(row).to_lowercase().as_str() {
        "cost" => Ok(Kind::Cost),
        "benefit" => Ok(Kind::Benefit),
        _ => Err(column.refusal(row, "is no kind; write cost or benefit")),
    }
}
