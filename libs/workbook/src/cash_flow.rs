//! The sheet of the cash flow: from benefits and costs to what is left, month by month, in formulas.

use keepworth_contract::simulator::{Case, LedgerLineName, Losses, Timing};
use rust_xlsxwriter::utility::{
    cell_range_absolute, column_number_to_name, row_col_to_cell, row_col_to_cell_absolute,
};
use rust_xlsxwriter::{Worksheet, XlsxError};

use crate::Made;
use crate::benefits::{self, FIRST_ROW};
use crate::costs;
use crate::figure::Figure;
use crate::inputs::{CAPITAL, OPERATING};
use crate::names::Names;
use crate::page::Page;
use crate::reckoning::{Column, begins_a_year, months};
use crate::style::Look;

/// Its name.
const SHEET: &str = "Cash flow";

const NOTES: [&str; 3] = [
    "Formulas: one case, in which every uncertain input lies at its median. It is not the mean of the futures, nor their median.",
    "Month 0 is the decision. What is paid is taken off, so that what is left is above 0 where more comes in than goes out.",
    "Amounts are at the prices of their months; where results are real, what is left is put into the money of month 0.",
];

impl Column {
    fn title(self) -> &'static str {
        match self {
            Self::Month => "Month",
            Self::Benefit => "Benefit, engine",
            Self::Realised => "Benefit that comes true",
            Self::Operating => "Operating cost",
            Self::Capital => "Capital",
            Self::Depreciation => "Depreciation",
            Self::YearToDate => "Profit, year to date",
            Self::LossesBefore => "Losses of years before",
            Self::TaxToDate => "Tax, year to date",
            Self::Tax => "Tax",
            Self::Receivables => "Receivables",
            Self::Nominal => "Net, nominal",
            Self::Deflator => "Money of month 0",
            Self::Net => "Net",
            Self::Cumulative => "Cumulative",
            Self::Factor => "Discount factor",
            Self::Present => "Present value",
            Self::CumulativePresent => "Cumulative, discounted",
        }
    }

    /// What formulas call its months, where they do.
    fn name(self) -> Option<&'static str> {
        match self {
            Self::Month => Some("flow_month"),
            Self::Operating => Some("flow_operating"),
            Self::Capital => Some("flow_capital"),
            Self::Deflator => Some("flow_deflator"),
            Self::Net => Some("flow_net"),
            Self::Cumulative => Some("flow_cumulative"),
            Self::Factor => Some("flow_factor"),
            Self::Present => Some("flow_present"),
            Self::CumulativePresent => Some("flow_cumulative_present"),
            _ => None,
        }
    }

    fn look(self) -> Look {
        match self {
            Self::Month => Look::Whole,
            Self::Deflator | Self::Factor => Look::Factor,
            _ => Look::Money,
        }
    }
}

/// The sheet.
pub(crate) fn sheet(made: Made<'_>, names: &mut Names) -> Result<Worksheet, XlsxError> {
    let columns: Vec<Column> = made.reckoning.columns().collect();
    let flow = Flow {
        made,
        case: made.contents.case,
        columns: &columns,
    };
    let mut page = Page::new(SHEET, made.style)?;
    page.widths(&vec![14.0; columns.len()])?;
    page.title(&format!("{SHEET}, {}", flow.case.currency), &NOTES)?;
    let heads: Vec<&str> = columns.iter().map(|it| it.title()).collect();
    page.fixed_heads(FIRST_ROW - 1, &heads)?;
    for (place, column) in (0..).zip(&columns) {
        for (month, value) in made.reckoning.of(*column).iter().enumerate() {
            let row = FIRST_ROW + month as u32;
            match flow.formula(*column, month) {
                None => page.number(row, place, *value, column.look())?,
                Some(formula) => {
                    let comes_to = Figure::Number(*value);
                    page.formula(row, place, &format!("={formula}"), comes_to, column.look())?;
                }
            }
        }
        if let Some(name) = column.name() {
            names.column(name, SHEET, [FIRST_ROW, flow.row(flow.last())], place);
        }
    }
    Ok(page.sheet)
}

/// The formulas of the sheet.
struct Flow<'a> {
    made: Made<'a>,
    case: &'a Case,
    columns: &'a [Column],
}

impl Flow<'_> {
    fn last(&self) -> usize {
        months(self.case).saturating_sub(1)
    }

    fn row(&self, month: usize) -> u32 {
        FIRST_ROW + month as u32
    }

    fn place(&self, column: Column) -> Option<u16> {
        let place = self.columns.iter().position(|it| *it == column);
        place.map(|it| it as u16)
    }

    /// A cell; 0 in place of one that the case has not.
    fn cell(&self, column: Column, month: usize) -> String {
        let place = self.place(column);
        place.map_or("0".to_owned(), |it| row_col_to_cell(self.row(month), it))
    }

    /// The cells of some months of a column, wherever the formula is.
    fn cells(&self, column: Column, from: usize, to: usize) -> String {
        let place = self.place(column).unwrap_or(0);
        cell_range_absolute(self.row(from), place, self.row(to), place)
    }

    /// The formula of a cell; none of a value.
    fn formula(&self, column: Column, month: usize) -> Option<String> {
        let here = |column| self.cell(column, month);
        Some(match column {
            Column::Month | Column::Deflator => return None,
            Column::Benefit => {
                let total = 1 + self.case.benefits.len() as u16;
                let cell = row_col_to_cell(self.row(month), total);
                format!("{}!{cell}", benefits::SHEET)
            }
            Column::Realised => format!("{}*benefit_in_force", here(Column::Benefit)),
            Column::Operating => self.spent(OPERATING, month),
            Column::Capital => self.spent(CAPITAL, month),
            Column::Depreciation => self.depreciation(month),
            Column::YearToDate => self.year_to_date(month),
            Column::LossesBefore => self.losses_before(month),
            Column::TaxToDate => {
                let profit = format!(
                    "{}-{}",
                    here(Column::YearToDate),
                    here(Column::LossesBefore)
                );
                format!("tax_rate*MAX(0,{profit})")
            }
            Column::Tax => self.tax(month),
            Column::Receivables => self.receivables(month),
            Column::Nominal => self.left(month),
            Column::Net if self.case.deflator.is_some() => {
                format!("{}*{}", here(Column::Nominal), here(Column::Deflator))
            }
            Column::Net => self.left(month),
            Column::Cumulative => self.so_far(Column::Net, Column::Cumulative, month),
            Column::Factor => self.factor(month),
            Column::Present => format!("{}*{}", here(Column::Net), here(Column::Factor)),
            Column::CumulativePresent => {
                self.so_far(Column::Present, Column::CumulativePresent, month)
            }
        })
    }

    /// What the cost lines that are booked in one way come to.
    fn spent(&self, booked: &str, month: usize) -> String {
        let last = costs::last_column(&self.case.costs);
        if last == 0 {
            return "0".to_owned();
        }
        let row = self.row(month);
        let ways = cell_range_absolute(costs::BOOKED_ROW, 1, costs::BOOKED_ROW, last);
        let (first, end) = (column_number_to_name(1), column_number_to_name(last));
        let amounts = format!("${first}{}:${end}{}", row + 1, row + 1);
        let sheet = costs::SHEET;
        format!("SUMIF({sheet}!{ways},\"{booked}\",{sheet}!{amounts})")
    }

    /// The share of what was bought in as many months before; at the horizon what is left.
    fn depreciation(&self, month: usize) -> String {
        let capital = self.cells(Column::Capital, 0, self.last());
        match month {
            0 => "0".to_owned(),
            month if month == self.last() => {
                let before = self.cells(Column::Depreciation, 0, month - 1);
                format!("SUM({capital})-SUM({before})")
            }
            month => {
                let months = self.cells(Column::Month, 0, self.last());
                let now = self.cell(Column::Month, month);
                format!(
                    "SUMIFS({capital},{months},\"<\"&{now},{months},\">=\"&({now}-depreciation_months))/depreciation_months"
                )
            }
        }
    }

    /// What is taxed of a month.
    fn profit(&self, month: usize) -> String {
        let cell = |column| self.cell(column, month);
        format!(
            "{}-{}-{}",
            cell(Column::Realised),
            cell(Column::Operating),
            cell(Column::Depreciation)
        )
    }

    fn year_to_date(&self, month: usize) -> String {
        let profit = self.profit(month);
        if month == 0 || begins_a_year(month) {
            return profit;
        }
        format!("{}+{profit}", self.cell(Column::YearToDate, month - 1))
    }

    fn losses_before(&self, month: usize) -> String {
        if month == 0 {
            return "0".to_owned();
        }
        let before = self.cell(Column::LossesBefore, month - 1);
        if !begins_a_year(month) {
            return before;
        }
        let year = self.cell(Column::YearToDate, month - 1);
        format!("MAX(0,{before}-{year})")
    }

    fn tax(&self, month: usize) -> String {
        if self.case.losses == Losses::RelievedAtOnce {
            return format!("tax_rate*({})", self.profit(month));
        }
        let due = self.cell(Column::TaxToDate, month);
        if month == 0 || begins_a_year(month) {
            return due;
        }
        format!("{due}-{}", self.cell(Column::TaxToDate, month - 1))
    }

    /// What customers owed at the month's beginning less what they owe at its end, at which nobody owes at the horizon.
    fn receivables(&self, month: usize) -> String {
        let revenue = benefits::column_of(self.made, LedgerLineName::Revenue);
        let owed = |month: usize| match month {
            0 => "0".to_owned(),
            month if month == self.last() => "0".to_owned(),
            month => {
                let cell = row_col_to_cell(self.row(month), revenue);
                format!("{}!{cell}", benefits::SHEET)
            }
        };
        if month == 0 {
            return "0".to_owned();
        }
        let change = format!("{}-{}", owed(month - 1), owed(month));
        format!("receivable_months*benefit_in_force*({change})")
    }

    fn left(&self, month: usize) -> String {
        let cell = |column| self.cell(column, month);
        format!(
            "{}-{}-{}-{}+{}",
            cell(Column::Realised),
            cell(Column::Operating),
            cell(Column::Capital),
            cell(Column::Tax),
            cell(Column::Receivables)
        )
    }

    fn so_far(&self, of: Column, sum: Column, month: usize) -> String {
        let now = self.cell(of, month);
        match month {
            0 => now,
            month => format!("{}+{now}", self.cell(sum, month - 1)),
        }
    }

    fn factor(&self, month: usize) -> String {
        let cell = self.cell(Column::Month, month);
        let years = match self.case.timing {
            _ if month == 0 => return "1".to_owned(),
            Timing::End => format!("{cell}/12"),
            Timing::Mid => format!("({cell}-0.5)/12"),
            Timing::Tei => format!("ROUNDUP({cell}/12,0)"),
        };
        format!("(1+discount_rate)^-({years})")
    }
}

/// The cells of all months of a column; none where the case has it not.
pub(crate) fn months_of(made: Made<'_>, column: Column) -> Option<String> {
    let place = made.reckoning.columns().position(|it| it == column)? as u16;
    let last = FIRST_ROW + months(made.contents.case).saturating_sub(1) as u32;
    let cells = cell_range_absolute(FIRST_ROW, place, last, place);
    Some(format!("'{SHEET}'!{cells}"))
}

/// The cell of the last sum, which says whether the money is back.
pub(crate) fn last_sum(made: Made<'_>, column: Column) -> String {
    let place = made.reckoning.columns().take_while(|it| *it != column);
    let row = FIRST_ROW + months(made.contents.case).saturating_sub(1) as u32;
    let cell = row_col_to_cell_absolute(row, place.count() as u16);
    format!("'{SHEET}'!{cell}")
}
