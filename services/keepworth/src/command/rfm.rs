//! `keepworth rfm`: a transaction log summed up per customer.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use chrono::{Datelike, NaiveDate};
use clap::ValueEnum;
use keepworth_retention::purchase::{
    CustomerSummary, RepeatPurchases, RfmTerms, Summariser, Transaction,
};
use serde::Serialize;

use crate::command::Outcome;
use crate::present::number::{percent, whole};
use crate::present::{Cell, Presenting, Sheet, row};
use crate::reading::WrittenArgs;
use crate::reading::column::{Column, next_row, open};
use crate::whole_file;
use keepworth_reading::date::DateFormat;

/// Sum up a transaction log per customer: frequency, recency, age and mean spend.
#[derive(clap::Args)]
#[command(after_help = "\
FILE is a CSV with one transaction a row, in any order:

  customer, customer_id or ID    who bought
  date                           when, as YYYY-MM-DD or as --date-format says
  amount                         what was paid, refunds already taken off

Purchases of a customer on one day count as one. The first one starts the customer's clock; x counts
those after it, t_x is the age at the last of them, T the age at the end, zbar their mean spend.

Examples:
  keepworth rfm transactions.csv --unit week -o customers.csv    the customers, and the table too
  keepworth fit clv customers.csv --model bg-nbd
  keepworth rfm transactions.csv --calibration-end 2025-06-30 --format json

--format json prints {transactions, customers, repeat_buyers, unit, observation_end,
calibration_end, rows: [{customer, first_on, x, t_x, T, zbar, holdout_purchases,
holdout_duration}]}.")]
pub(crate) struct Args {
    /// The CSV file, or - for standard input.
    file: PathBuf,
    /// The time unit of ages.
    #[arg(long, value_enum, default_value_t)]
    unit: Unit,
    /// Last day of observation [default: the last day of the log].
    #[arg(long, value_name = "DATE")]
    end: Option<NaiveDate>,
    /// Last day of calibration; what follows until the end is held out.
    #[arg(long, value_name = "DATE")]
    calibration_end: Option<NaiveDate>,
    /// Column of the customer.
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    customer: Option<String>,
    /// Column of the date.
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    date: Option<String>,
    /// Column of the amount.
    #[arg(long, value_name = "COLUMN", help_heading = "Columns")]
    amount: Option<String>,
    /// How dates are written, such as %d.%m.%Y, or rfc3339, epoch_seconds, epoch_millis (days in UTC).
    #[arg(long, default_value = "%Y-%m-%d", help_heading = "Columns")]
    date_format: String,
    #[command(flatten)]
    written: WrittenArgs,
    /// Write repeat purchases by period to this CSV too, as `keepworth fit clv --track` reads them: to the
    /// end of observation, of those who came by the end of calibration.
    #[arg(long, value_name = "FILE.csv")]
    track: Option<PathBuf>,
    #[command(flatten)]
    presenting: Presenting,
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
enum Unit {
    /// Days.
    Day,
    /// Seven days.
    #[default]
    Week,
    /// A twelfth of 365.25 days.
    Month,
}

impl Unit {
    fn days(self) -> f64 {
        match self {
            Self::Day => 1.0,
            Self::Week => 7.0,
            Self::Month => 365.25 / 12.0,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Day => "days",
            Self::Week => "weeks",
            Self::Month => "months",
        }
    }
}

/// The result; its JSON is this struct, field by field.
#[derive(Serialize)]
struct Summary {
    transactions: u64,
    customers: usize,
    repeat_buyers: usize,
    unit: Unit,
    observation_end: NaiveDate,
    calibration_end: Option<NaiveDate>,
    rows: Vec<CustomerRow>,
}

/// One customer.
#[derive(Serialize)]
struct CustomerRow {
    customer: String,
    first_on: NaiveDate,
    x: f64,
    t_x: f64,
    #[serde(rename = "T")]
    age: f64,
    /// Null without a repeat purchase.
    zbar: Option<f64>,
    /// Null without `--calibration-end`.
    holdout_purchases: Option<u32>,
    holdout_duration: Option<f64>,
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let summary = self
            .summary()
            .with_context(|| self.file.display().to_string())?;
        let to = &self.presenting;
        to.show_rows(&summary, |it| vec![it.sheet()], |it| rows(&it.rows))?;
        to.tell(|| vec![summary.sheet()]);
        Ok(Outcome::Done)
    }

    fn summary(&self) -> anyhow::Result<Summary> {
        let mut table = open(&self.file, &self.written.written())?;
        let customer = Column::need(
            &table,
            self.customer.as_deref(),
            &["customer", "customer_id", "ID"],
            "--customer",
        )?;
        let date = Column::need(&table, self.date.as_deref(), &["date"], "--date")?;
        let amount = Column::need(&table, self.amount.as_deref(), &["amount"], "--amount")?;
        let dates = DateFormat::from(self.date_format.clone());
        let mut log = Summariser::default();
        let mut transactions = 0;
        while let Some(row) = next_row(&mut table)? {
            let line = || format!("line {}", row.line);
            let who = customer.text(&row);
            ensure!(!who.is_empty(), "line {}: the customer is empty", row.line);
            let day = date.day(&row, &dates)?.num_days_from_ce();
            let transaction = Transaction {
                customer: who.to_owned(),
                day,
                amount: amount.sum(&row)?,
            };
            log.add(transaction).with_context(line)?;
            transactions += 1;
        }
        let last_day = log
            .last_day()
            .context("there are no rows below the header; add at least one")?;
        let terms = RfmTerms {
            unit_days: self.unit.days(),
            observation_end: self.end.map_or(last_day, |end| end.num_days_from_ce()),
            calibration_end: self.calibration_end.map(|end| end.num_days_from_ce()),
        };
        if let Some(path) = &self.track {
            write(path, &log.repeat_purchases(terms))?;
        }
        let customers = log.finish(terms)?;
        ensure!(
            !customers.is_empty(),
            "nobody had bought anything by the day that observation or calibration ends; give a later --end \
             or --calibration-end"
        );
        Ok(Summary {
            transactions,
            customers: customers.len(),
            repeat_buyers: customers.iter().filter(|c| c.mean_spend.is_some()).count(),
            unit: self.unit,
            observation_end: date_of(terms.observation_end)?,
            calibration_end: self.calibration_end,
            rows: customers
                .into_iter()
                .map(CustomerRow::of)
                .collect::<Result<_, _>>()?,
        })
    }
}

fn date_of(day: i32) -> anyhow::Result<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(day).context("a date is out of range")
}

impl CustomerRow {
    fn of(summary: CustomerSummary<String>) -> anyhow::Result<Self> {
        Ok(Self {
            customer: summary.customer,
            first_on: date_of(summary.first_day)?,
            x: summary.history.purchases(),
            t_x: summary.history.recency(),
            age: summary.history.age(),
            zbar: summary.mean_spend,
            holdout_purchases: summary.holdout.map(|holdout| holdout.purchases),
            holdout_duration: summary.holdout.map(|holdout| holdout.duration),
        })
    }
}

/// Purchases over time, as `keepworth fit clv --track` reads them.
fn write(path: &Path, periods: &[RepeatPurchases]) -> anyhow::Result<()> {
    whole_file::write(path, |out| {
        let mut file = csv::Writer::from_writer(out);
        for period in periods {
            file.serialize(period)?;
        }
        Ok(file.flush()?)
    })
}

/// The customers, as `keepworth fit clv` reads them.
fn rows(customers: &[CustomerRow]) -> Sheet {
    let columns = "customer | first_on | x | t_x | T | zbar | holdout_purchases | holdout_duration";
    let mut sheet = Sheet::new("", columns);
    for it in customers {
        let holdout = it.holdout_duration.map(Cell::digits);
        row![sheet => &it.customer, it.first_on, Cell::whole(it.x), Cell::digits(it.t_x),
            Cell::digits(it.age), it.zbar.map(Cell::digits), it.holdout_purchases, holdout];
    }
    sheet
}

impl Summary {
    fn sheet(&self) -> Sheet {
        let columns = "repeat purchases | customers | share | mean spend | last at age | age";
        let mut sheet = Sheet::new("", columns);
        for (name, from, to) in [
            ("none", 0.0, 0.0),
            ("1", 1.0, 1.0),
            ("2", 2.0, 2.0),
            ("3 to 5", 3.0, 5.0),
            ("6 and more", 6.0, f64::INFINITY),
        ] {
            let those = || self.rows.iter().filter(|row| (from..=to).contains(&row.x));
            let n = those().count() as f64;
            let mean = |figure: fn(&CustomerRow) -> f64| match n {
                0.0 => Cell::Nothing,
                _ => Cell::places(those().map(figure).sum::<f64>() / n, 1),
            };
            let again = |figure| {
                if from > 0.0 {
                    mean(figure)
                } else {
                    Cell::Nothing
                }
            };
            let share = Cell::percent(n / self.rows.len().max(1) as f64, 1);
            row![sheet => name, Cell::whole(n), share, again(|row| row.zbar.unwrap_or_default()),
                again(|row| row.t_x), mean(|row| row.age)];
        }
        sheet.note(format!(
            "{} transactions of {} customers until {}, ages in {}: {} bought again.",
            whole(self.transactions as f64),
            whole(self.customers as f64),
            self.calibration_end.unwrap_or(self.observation_end),
            self.unit.name(),
            percent(self.repeat_buyers as f64 / self.customers.max(1) as f64, 0),
        ));
        sheet
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::on_file;

    fn summary(content: &str, options: &[&str]) -> anyhow::Result<Summary> {
        let (args, _file) = on_file::<Args>(content, options)?;
        args.summary()
    }

    #[test]
    fn a_log_becomes_customers_that_fit_clv_reads() {
        let log = "customer,date,amount\nann,01.03.2025,10\nbob,15.03.2025,5\nann,22.03.2025,20\nann,22.03.2025,4\n";
        let found = summary(log, &["--date-format", "%d.%m.%Y", "--end", "2025-03-29"]).unwrap();
        assert_eq!(
            (found.transactions, found.customers, found.repeat_buyers),
            (4, 2, 1)
        );
        let ann = &found.rows[0];
        assert_eq!(
            (ann.x, ann.t_x, ann.age, ann.zbar),
            (1.0, 3.0, 4.0, Some(24.0))
        );
        let mut csv = csv::Writer::from_writer(Vec::new());
        let rows = rows(&found.rows);
        rows.write_header(&mut csv).unwrap();
        rows.write_rows(&mut csv).unwrap();
        let text = String::from_utf8(csv.into_inner().unwrap()).unwrap();
        let ann = "customer,first_on,x,t_x,T,zbar,holdout_purchases,holdout_duration\nann,2025-03-01,1,3,4,24,,\n";
        assert!(text.starts_with(ann), "{text}");
    }

    #[test]
    fn faults_name_their_line() {
        let fault =
            |log: &str, options: &[&str]| format!("{:#}", summary(log, options).err().unwrap());
        let log = |line: &str| format!("customer,date,amount\n{line}");
        assert!(
            fault(&log("ann,2025-02-30,1\n"), &[])
                .starts_with("line 2, column date: `2025-02-30` is not a date")
        );
        assert!(fault(&log("ann,2025-02-03,-1\n"), &[]).starts_with("line 2: amount is -1"));
        assert!(fault(&log(",2025-02-03,1\n"), &[]).contains("customer is empty"));
        assert!(fault(&log(""), &[]).contains("no rows"));
        assert!(fault("who,date,amount\nann,2025-02-03,1\n", &[]).contains("--customer COLUMN"));
        let late = ["--calibration-end", "2025-02-03"];
        assert!(fault(&log("ann,2025-02-03,1\n"), &late).contains("calibration must end first"));
    }
}
