//! The case added up by month, as the sheet's formulas add it up.

use std::collections::BTreeMap;

use keepworth_contract::simulator::{Case, CaseCost, LedgerLineName, Losses, OutcomeName, Timing};

use crate::WorkbookError;

/// Months of a tax year; the first one has month 0 too.
const YEAR: usize = 12;

/// Half of the smallest amount that anybody sees.
const HALF_A_CENT: f64 = 0.005;

/// A column of the cash flow, in the order of the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Column {
    /// The month.
    Month,
    /// Benefit as the engine has it.
    Benefit,
    /// The part of it that comes true.
    Realised,
    /// Cost that is not capital.
    Operating,
    /// Capital expenditure.
    Capital,
    /// What of it is deducted from profit.
    Depreciation,
    /// Taxable profit of the year so far.
    YearToDate,
    /// Losses of the years before.
    LossesBefore,
    /// Tax of the year so far.
    TaxToDate,
    /// Tax.
    Tax,
    /// What customers owe less than in the month before.
    Receivables,
    /// What is left, at the prices of the month.
    Nominal,
    /// Money of month 0 that one of the month is worth.
    Deflator,
    /// What is left.
    Net,
    /// Its sum so far.
    Cumulative,
    /// Factor to present value.
    Factor,
    /// Present value of what is left.
    Present,
    /// Its sum so far.
    CumulativePresent,
}

/// The case's months, one vector for each column that the case has.
pub(crate) struct Reckoning {
    columns: BTreeMap<Column, Vec<f64>>,
}

/// Whether a year of tax begins with a month.
pub(crate) fn begins_a_year(month: usize) -> bool {
    month > 1 && month % YEAR == 1
}

/// Months of a case, of which the last is the horizon.
pub(crate) fn months(case: &Case) -> usize {
    case.benefits.values().map(Vec::len).max().unwrap_or(0)
}

/// What a cost line comes to in a month.
pub(crate) fn spent(cost: &CaseCost, month: usize) -> f64 {
    let within = cost.first_month..cost.first_month + cost.months;
    if within.contains(&month) {
        cost.amount * cost.factors[month]
    } else {
        0.0
    }
}

impl Reckoning {
    /// Adds a case up.
    ///
    /// # Errors
    /// If that is not what the engine came to: then the sheet would tell something else.
    pub(crate) fn new(case: &Case) -> Result<Self, WorkbookError> {
        let mut reckoning = Self {
            columns: BTreeMap::new(),
        };
        reckoning.add_up(case);
        reckoning.check(case)?;
        Ok(reckoning)
    }

    /// The columns that the case has, in the order of the sheet.
    pub(crate) fn columns(&self) -> impl Iterator<Item = Column> {
        self.columns.keys().copied()
    }

    /// A column by month.
    pub(crate) fn of(&self, column: Column) -> &[f64] {
        self.columns.get(&column).map_or(&[], Vec::as_slice)
    }

    /// A column in a month, 0 where the case has it not.
    pub(crate) fn at(&self, column: Column, month: usize) -> f64 {
        self.of(column).get(month).copied().unwrap_or(0.0)
    }

    fn put(&mut self, column: Column, months: usize, value: impl Fn(&Self, usize) -> f64) {
        for month in 0..months {
            let value = value(self, month);
            self.columns.entry(column).or_default().push(value);
        }
    }

    fn add_up(&mut self, case: &Case) {
        let months = months(case);
        let cost = |capital: bool| {
            move |month: usize| -> f64 {
                let lines = case.costs.iter().filter(|it| it.capital == capital);
                lines.map(|it| spent(it, month)).sum()
            }
        };
        let (operating, capital) = (cost(false), cost(true));
        self.put(Column::Month, months, |_, month| month as f64);
        self.put(Column::Benefit, months, |_, month| {
            case.benefits.values().map(|line| line[month]).sum()
        });
        self.put(Column::Realised, months, |it, month| {
            it.at(Column::Benefit, month)
        });
        self.put(Column::Operating, months, |_, month| operating(month));
        self.put(Column::Capital, months, |_, month| capital(month));
        if case.tax_rate > 0.0 {
            self.tax(case, months);
        }
        if let Some(owed) = case.receivable_months {
            let revenue = case.benefits.get(&LedgerLineName::Revenue);
            let revenue = revenue.map(Vec::as_slice).unwrap_or_default();
            let owed = |month: usize| match month {
                0 => 0.0,
                last if last + 1 == months => 0.0,
                month => owed * revenue[month],
            };
            self.put(Column::Receivables, months, |_, month| match month {
                0 => 0.0,
                month => owed(month - 1) - owed(month),
            });
        }
        self.net(case, months);
    }

    fn tax(&mut self, case: &Case, months: usize) {
        let (life, rate) = (case.depreciation_months, case.tax_rate);
        self.put(Column::Depreciation, months, |it, month| {
            if month + 1 == months {
                let all: f64 = it.of(Column::Capital).iter().sum();
                let before: f64 = it.of(Column::Depreciation).iter().sum();
                return all - before;
            }
            let bought = &it.of(Column::Capital)[month.saturating_sub(life)..month];
            bought.iter().sum::<f64>() / life as f64
        });
        let taxable = |it: &Self, month: usize| {
            let less = it.at(Column::Operating, month) + it.at(Column::Depreciation, month);
            it.at(Column::Realised, month) - less
        };
        if case.losses == Losses::RelievedAtOnce {
            self.put(Column::Tax, months, |it, month| rate * taxable(it, month));
            return;
        }
        let before = |it: &Self, column: Column, month: usize| match month {
            0 => 0.0,
            month => it.at(column, month - 1),
        };
        self.put(Column::YearToDate, months, |it, month| {
            let so_far = before(it, Column::YearToDate, month);
            let so_far = if begins_a_year(month) { 0.0 } else { so_far };
            so_far + taxable(it, month)
        });
        self.put(Column::LossesBefore, months, |it, month| {
            let losses = before(it, Column::LossesBefore, month);
            if begins_a_year(month) {
                (losses - before(it, Column::YearToDate, month)).max(0.0)
            } else {
                losses
            }
        });
        self.put(Column::TaxToDate, months, |it, month| {
            rate * (it.at(Column::YearToDate, month) - it.at(Column::LossesBefore, month)).max(0.0)
        });
        self.put(Column::Tax, months, |it, month| {
            let paid = before(it, Column::TaxToDate, month);
            let paid = if begins_a_year(month) { 0.0 } else { paid };
            it.at(Column::TaxToDate, month) - paid
        });
    }

    fn net(&mut self, case: &Case, months: usize) {
        let left = |it: &Self, month: usize| {
            it.at(Column::Realised, month)
                - it.at(Column::Operating, month)
                - it.at(Column::Capital, month)
                - it.at(Column::Tax, month)
                + it.at(Column::Receivables, month)
        };
        if let Some(deflator) = &case.deflator {
            self.put(Column::Nominal, months, left);
            self.put(Column::Deflator, months, |_, month| deflator[month]);
            self.put(Column::Net, months, |it, month| {
                it.at(Column::Nominal, month) * it.at(Column::Deflator, month)
            });
        } else {
            self.put(Column::Net, months, left);
        }
        let sum_of = |column: Column| {
            move |it: &Self, month: usize| it.of(column)[..=month].iter().sum::<f64>()
        };
        self.put(Column::Cumulative, months, sum_of(Column::Net));
        self.put(Column::Factor, months, |_, month| {
            (1.0 + case.discount_rate).powf(-years(case.timing, month))
        });
        self.put(Column::Present, months, |it, month| {
            it.at(Column::Net, month) * it.at(Column::Factor, month)
        });
        self.put(Column::CumulativePresent, months, sum_of(Column::Present));
    }

    fn check(&self, case: &Case) -> Result<(), WorkbookError> {
        let figure = |name| case.figures.get(&name).copied().unwrap_or(0.0);
        let engine = figure(OutcomeName::Npv);
        let present: f64 = self.of(Column::Present).iter().sum();
        let sheet = present + figure(OutcomeName::TerminalValue);
        let moved: f64 = self.of(Column::Present).iter().map(|it| it.abs()).sum();
        // Beyond some 10¹² a float no longer tells cents of a sum.
        if (engine - sheet).abs() <= HALF_A_CENT.max(1e-13 * moved) {
            Ok(())
        } else {
            Err(WorkbookError::DoesNotTie { engine, sheet })
        }
    }
}

/// Years by which a month is discounted.
fn years(timing: Timing, month: usize) -> f64 {
    let month = month as f64;
    match timing {
        _ if month == 0.0 => 0.0,
        Timing::End => month / 12.0,
        Timing::Mid => (month - 0.5) / 12.0,
        Timing::Tei => (month / 12.0).ceil(),
    }
}
