//! Histories of customers who can buy once a period.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use keepworth_retention::purchase::{History, RepeatPurchases};

use super::super::column::{Column, next_row, open};
use super::{AGE, Columns, T_X, X};
use keepworth_reading::Written;
use keepworth_reading::table::{Row, Table};

/// Where a row tells its history.
pub(super) enum Source {
    /// `x`, `t_x` and `T`.
    Summary(Box<[Column; 3]>),
    /// A column a period, oldest first.
    Periods(Vec<Column>),
}

impl Source {
    pub(super) fn of(table: &Table, columns: &Columns) -> anyhow::Result<Self> {
        if columns.periods.is_empty() {
            return Ok(Self::Summary(Box::new([
                Column::need(table, columns.x.as_deref(), X, "--x")?,
                Column::need(table, columns.t_x.as_deref(), T_X, "--t-x")?,
                Column::need(table, columns.age.as_deref(), AGE, "--age")?,
            ])));
        }
        if let Some(twice) = find_twice(&columns.periods) {
            bail!("--periods names the column {twice} twice; each period has its own");
        }
        let named = (columns.periods.iter())
            .map(|name| Column::need(table, Some(name.trim()), &[], "--periods"));
        Ok(Self::Periods(named.collect::<Result<_, _>>()?))
    }

    pub(super) fn history(&self, row: &Row) -> anyhow::Result<History> {
        let line = || format!("line {}", row.line);
        let [x, t_x, age] = match self {
            Self::Summary(columns) => {
                let [x, t_x, age] = columns.as_ref();
                [x.number(row)?, t_x.number(row)?, age.number(row)?]
            }
            Self::Periods(columns) => counted(columns, row).with_context(line)?,
        };
        History::new(x, t_x, age).with_context(line)
    }
}

/// Repeat purchases by period, where the file has a column for each.
#[derive(Default)]
pub(crate) struct ByPeriod {
    purchases: Vec<f64>,
    rows: usize,
    /// Rows whose first period has a purchase.
    bought_at_once: usize,
}

/// So many customers do not all happen to buy in the first period after their first purchase.
const NO_CHANCE: usize = 10;

impl ByPeriod {
    pub(super) fn add(&mut self, source: &Source, row: &Row, weight: f64) {
        let Source::Periods(columns) = source else {
            return;
        };
        self.purchases.resize(columns.len(), 0.0);
        let mut cells = columns.iter().map(|column| column.text(row));
        let first = cells.find(|text| !text.is_empty());
        self.rows += 1;
        self.bought_at_once += usize::from(first == Some("1"));
        for (column, count) in columns.iter().zip(&mut self.purchases) {
            if column.text(row) == "1" {
                *count += weight;
            }
        }
    }

    /// Refuses periods that seem to have the first purchases in them.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        ensure!(
            self.rows < NO_CHANCE || self.bought_at_once < self.rows,
            "all of {} customers buy in the first of their periods, which seems to be that of their first \
             purchase; leave it empty, it is not counted",
            self.rows
        );
        Ok(())
    }

    /// Those of the last so many periods: from the first purchase of the earliest customer on.
    pub(crate) fn since(&self, longest_age: f64) -> Vec<RepeatPurchases> {
        let unused = self.purchases.len().saturating_sub(longest_age as usize);
        let periods = self.purchases.iter().skip(unused).enumerate();
        let period = |(before, purchases): (usize, &f64)| RepeatPurchases {
            t: before as f64 + 1.0,
            repeat_purchases: *purchases,
        };
        periods.map(period).collect()
    }
}

fn find_twice(names: &[String]) -> Option<&String> {
    let mut rest = names.iter().enumerate();
    let twice = rest.find(|(place, name)| names[..*place].contains(name));
    twice.map(|(_, name)| name)
}

/// `x`, `t_x` and `n` from the cells of the periods.
fn counted(columns: &[Column], row: &Row) -> anyhow::Result<[f64; 3]> {
    let (mut x, mut t_x, mut n) = (0.0, 0.0, 0.0);
    for column in columns {
        match column.text(row) {
            "" if n == 0.0 => continue,
            "0" => n += 1.0,
            "1" => {
                n += 1.0;
                x += 1.0;
                t_x = n;
            }
            "" => bail!(
                "a period is empty after another that is not: write 0 where the customer did not buy; only \
                 periods up to the first purchase are empty"
            ),
            other => bail!(
                "a period is `{other}`: write 1 where the customer bought, however often, and 0 where not"
            ),
        }
    }
    Ok([x, t_x, n])
}

/// Repeat purchases by period: columns `t` and `repeat_purchases`, as `keepworth rfm --track` writes them.
pub(crate) fn read_repeat_purchases(
    file: &Path,
    written: &Written,
) -> anyhow::Result<Vec<RepeatPurchases>> {
    let mut table = open(file, written)?;
    let t = Column::need(&table, None, &["t"], "t")?;
    let repeat_purchases = Column::need(&table, None, &["repeat_purchases"], "repeat_purchases")?;
    let mut periods = Vec::new();
    while let Some(row) = next_row(&mut table)? {
        periods.push(RepeatPurchases {
            t: t.number(&row)?,
            repeat_purchases: repeat_purchases.number(&row)?,
        });
    }
    Ok(periods)
}
