//! Reading a cash-flow statement in any of its three layouts.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use keepworth_cashflow::tei::{Kind, Line, Summary, Table};
use keepworth_cashflow::{Flows, Rate, Timing};

use crate::command::cashflow::sheet::{Row, Sheet, StatementError};
use crate::reading::date::DateFormat;
use crate::reading::table::Table as FileTable;

/// The most flows of a statement. Finding all internal rates costs the square of the changes of
/// sign, and takes a second or two when that many flows change sign each time.
const MOST_FLOWS: usize = 4_000;

/// Which columns a statement has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// `period,amount[,kind]`.
    Periodic,
    /// `date,amount[,kind]`.
    Dated,
    /// `line,kind,risk_adjustment,initial,year1,…`.
    Tei,
}

/// Costs and benefits in time; both are positive amounts.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) layout: Layout,
    pub(super) timing: Timing,
    /// Whether rows say what is cost and what is benefit, instead of their sign.
    pub(super) has_kinds: bool,
    /// The times of the flows.
    pub(super) clock: Flows<'static>,
    pub(super) costs: Vec<f64>,
    pub(super) benefits: Vec<f64>,
    tei: Option<Table>,
}

impl Statement {
    pub(super) fn read(
        table: FileTable,
        timing: Option<Timing>,
        dates: &DateFormat,
    ) -> Result<Self, StatementError> {
        let sheet = Sheet::read(table)?;
        let columns: Vec<&str> = sheet.header.iter().map(String::as_str).collect();
        match columns.as_slice() {
            ["period", "amount"] | ["period", "amount", "kind"] => {
                periodic(&sheet, timing.unwrap_or_default())
            }
            ["date", "amount"] | ["date", "amount", "kind"] if timing.is_some() => {
                Err(StatementError::TimingOfDates)
            }
            ["date", "amount"] | ["date", "amount", "kind"] => dated(&sheet, dates),
            ["line", "kind", "risk_adjustment", "initial", years @ ..] if are_years(years) => {
                tei(&sheet, timing.unwrap_or(Timing::Tei))
            }
            _ => Err(StatementError::Header(sheet.header.join(","))),
        }
    }

    /// The summary that such a study prints, for a TEI table in its own timing.
    pub(super) fn tei_summary(&self, rate: Rate) -> Option<Summary> {
        let table = self.tei.as_ref().filter(|_| self.timing == Timing::Tei)?;
        Some(table.summary(rate))
    }
}

/// Whether the columns are year1, year2, … in order, and at least one.
fn are_years(columns: &[&str]) -> bool {
    let mut numbered = (1..).zip(columns);
    !columns.is_empty() && numbered.all(|(year, column)| *column == format!("year{year}"))
}

fn periodic(sheet: &Sheet, timing: Timing) -> Result<Statement, StatementError> {
    let rows = amounts(sheet, |row| {
        let fix = format!("is no period; write a whole number from 0 (now) to {MOST_FLOWS}");
        let period: usize = row.parse(0, &fix)?;
        if period <= MOST_FLOWS {
            Ok(period)
        } else {
            Err(row.fault(0, &fix))
        }
    })?;
    let last = rows
        .iter()
        .map(|row| row.at)
        .max()
        .ok_or(StatementError::NoRows)?;
    let (mut costs, mut benefits) = (vec![0.0; last + 1], vec![0.0; last + 1]);
    for row in rows {
        costs[row.at] += row.cost;
        benefits[row.at] += row.benefit;
    }
    let clock = Flows::periodic(vec![0.0; last + 1], timing)?;
    let (layout, has_kinds) = (Layout::Periodic, sheet.header.len() == 3);
    Ok(Statement {
        layout,
        timing,
        has_kinds,
        clock,
        costs,
        benefits,
        tei: None,
    })
}

fn dated(sheet: &Sheet, dates: &DateFormat) -> Result<Statement, StatementError> {
    let rows = amounts(sheet, |row| row.day(0, dates))?;
    let mut by_date: BTreeMap<NaiveDate, (f64, f64)> = BTreeMap::new();
    for row in rows {
        let (costs, benefits) = by_date.entry(row.at).or_default();
        *costs += row.cost;
        *benefits += row.benefit;
    }
    let days: Vec<_> = by_date.keys().map(|on| (*on, 0.0)).collect();
    match days.len() {
        0 => return Err(StatementError::NoRows),
        found if found > MOST_FLOWS => {
            return Err(StatementError::TooManyDates {
                found,
                most: MOST_FLOWS,
            });
        }
        _ => {}
    }
    let clock = Flows::dated(&days)?;
    let (costs, benefits) = by_date.into_values().unzip();
    let (layout, has_kinds) = (Layout::Dated, sheet.header.len() == 3);
    Ok(Statement {
        layout,
        timing: Timing::End,
        has_kinds,
        clock,
        costs,
        benefits,
        tei: None,
    })
}

fn tei(sheet: &Sheet, timing: Timing) -> Result<Statement, StatementError> {
    let line = |row: &Row<'_>| {
        let risk_adjustment = row.number(2)?;
        if !(0.0..=1.0).contains(&risk_adjustment) {
            return Err(row.fault(2, "is no risk adjustment; write a fraction, 0.20 for 20%"));
        }
        let amounts: Vec<f64> = (3..sheet.header.len())
            .map(|column| row.number(column))
            .collect::<Result<_, _>>()?;
        Ok(Line {
            name: row.cell(0).to_owned(),
            kind: row.kind(1)?,
            risk_adjustment,
            initial: amounts[0],
            years: amounts[1..].to_vec(),
        })
    };
    let lines: Vec<Line> = sheet
        .rows()
        .map(|row| line(&row))
        .collect::<Result<_, _>>()?;
    if lines.is_empty() {
        return Err(StatementError::NoRows);
    }
    let table = Table::new(lines)?;
    let (costs, benefits) = (table.total(Kind::Cost), table.total(Kind::Benefit));
    let clock = Flows::periodic(vec![0.0; costs.len()], timing)?;
    let (layout, has_kinds, tei) = (Layout::Tei, true, Some(table));
    Ok(Statement {
        layout,
        timing,
        has_kinds,
        clock,
        costs,
        benefits,
        tei,
    })
}

/// One row of `…,amount[,kind]`: either its cost or its benefit is zero.
struct Amount<T> {
    at: T,
    cost: f64,
    benefit: f64,
}

fn amounts<T>(
    sheet: &Sheet,
    at: impl Fn(&Row<'_>) -> Result<T, StatementError>,
) -> Result<Vec<Amount<T>>, StatementError> {
    let has_kinds = sheet.header.len() == 3;
    let mut sign_of_costs = None;
    let mut read = |row: &Row<'_>| {
        let (at, amount) = (at(row)?, row.number(1)?);
        let kind = match has_kinds {
            true => row.kind(2)?,
            false if amount < 0.0 => Kind::Cost,
            false => Kind::Benefit,
        };
        if kind == Kind::Benefit {
            return Ok(Amount {
                at,
                cost: 0.0,
                benefit: amount,
            });
        }
        // Costs may be written as positive or as negative amounts, but what a change of sign
        // would mean, nobody can tell.
        if amount != 0.0 && *sign_of_costs.get_or_insert(amount > 0.0) != (amount > 0.0) {
            let fix = "has another sign than the costs above; write all costs with one sign, and a refund as a benefit";
            return Err(row.fault(1, fix));
        }
        Ok(Amount {
            at,
            cost: amount.abs(),
            benefit: 0.0,
        })
    };
    sheet.rows().map(|row| read(&row)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::reading::Written;

    fn parse(content: &str, timing: Option<Timing>) -> Result<Statement, StatementError> {
        let bytes = std::io::Cursor::new(content.to_owned());
        let table = FileTable::open(bytes, &Written::default());
        let dates = DateFormat::from("%Y-%m-%d".to_owned());
        Statement::read(table.map_err(StatementError::Unreadable)?, timing, &dates)
    }

    #[test]
    fn dates_are_read_as_the_file_writes_them() {
        let content = "date;amount\n05.03.2025;-10\n05.03.2026;12\n";
        let read = |format: &str| {
            let bytes = std::io::Cursor::new(content.to_owned());
            let table = FileTable::open(bytes, &Written::default()).unwrap();
            Statement::read(table, None, &DateFormat::from(format.to_owned()))
        };
        let statement = read("%d.%m.%Y").unwrap();
        assert_eq!(statement.costs, [10.0, 0.0]);
        let short = read("%d.%m.%y").unwrap_err().to_string();
        assert!(short.ends_with("see --date-format"), "{short}");
    }

    fn error(content: &str) -> String {
        parse(content, None).unwrap_err().to_string()
    }

    #[test]
    fn faults_name_line_column_value_and_fix() {
        assert_eq!(
            error("period,amount\n0,-400\n1,ten\n"),
            "line 3, column amount: `ten` is not a number"
        );
        assert_eq!(
            error("period,amount,kind\n0,400,spend\n"),
            "line 2, column kind: `spend` is no kind; write cost or benefit"
        );
        assert_eq!(
            error("date,amount\n31.1.2026,5\n"),
            "line 2, column date: `31.1.2026` is not a date of the form %Y-%m-%d; see --date-format"
        );
        assert_eq!(
            error("line,kind,risk_adjustment,initial,year1\na,cost,20,1,1\n"),
            "line 2, column risk_adjustment: `20` is no risk adjustment; write a fraction, 0.20 for 20%"
        );
        assert!(
            error("period,amount\n-1,5\n").starts_with("line 2, column period: `-1` is no period")
        );
        assert!(error("period,amount\n99999999,5\n").starts_with("line 2, column period"));
        assert!(error("period,amount\n0,inf\n").starts_with("line 2, column amount: `inf`"));
        assert!(
            error("period,amount\n0,1,000\n").starts_with("line 2 has 3 cells, the header has 2")
        );
        assert!(error("month,amount\n0,1\n").starts_with("the header is `month,amount`"));
        assert!(error("line,kind,risk_adjustment,initial,year2\n").starts_with("the header is"));
        for header in [
            "period,amount",
            "date,amount",
            "line,kind,risk_adjustment,initial,year1",
        ] {
            assert_eq!(
                error(header),
                "there are no rows below the header; add at least one"
            );
        }
        let mixed = error("period,amount,kind\n0,400,cost\n1,-5,cost\n");
        assert!(
            mixed.starts_with("line 3, column amount: `-5` has another sign"),
            "{mixed}"
        );
    }

    #[test]
    fn dates_leave_no_choice_of_timing() {
        let dated = parse("date,amount\n2026-01-01,5\n", Some(Timing::Mid));
        assert!(matches!(dated, Err(StatementError::TimingOfDates)));
    }

    #[test]
    fn spreadsheets_are_read_as_they_are_written() {
        let content =
            "\u{feff}Period; Amount ;Kind\r\n2;10;Benefit\r\n0;-7;COST\r\n2;1;benefit\r\n";
        let statement = parse(content, None).unwrap();
        assert_eq!(statement.costs, [7.0, 0.0, 0.0]);
        assert_eq!(statement.benefits, [0.0, 0.0, 11.0]);
        assert!(statement.has_kinds);
    }

    #[test]
    fn dates_may_come_in_any_order() {
        let statement = parse(
            "date,amount\n2026-03-01,5\n2026-01-01,-4\n2026-03-01,1\n",
            None,
        );
        let statement = statement.unwrap();
        assert_eq!(
            (statement.costs, statement.benefits),
            (vec![4.0, 0.0], vec![0.0, 6.0])
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(content in "(period|date|line|amount|kind|[0-9.,;\n\"-]){0,60}") {
            let _ = parse(&content, None);
        }

        #[test]
        fn amounts_survive(amounts in prop::collection::vec(-1e9..1e9f64, 1..40)) {
            let mut content = "period,amount\n".to_owned();
            for (period, amount) in amounts.iter().enumerate() {
                content.push_str(&format!("{period},{amount}\n"));
            }
            let statement = parse(&content, None).unwrap();
            let net: Vec<f64> =
                statement.benefits.iter().zip(&statement.costs).map(|(b, c)| b - c).collect();
            prop_assert_eq!(net, amounts);
        }
    }
}
