//! What a base of customers without a contract will spend, as the engine carries customers: a level, and hazards by
//! month at which it declines.
//!
//! Who is active and buys often spends more and, where dropping out comes with buying, drops out sooner. A share of
//! active customers by age cannot tell both what they are and what they spend. So customers are weighed by what they
//! spend: of the expected spend per month `V(t) = Σᵢ P(alive)ᵢ·E[λᵢ·1{active at t} | history]·E[mean spend]ᵢ`, the
//! hazard is `−d ln V/dt`, the mean dropout rate of customers weighed by their spend. All of it is dropout, as only
//! dropping out lets `V` fall, so that a share of leaving that is avoided takes its share of the hazard. What a
//! customer does, given that it is active, depends on `x` and `T` alone, so that the base is a few hundred cells.
//!
//! Hazards of the base hold at its marks (the mean of those of the months around), those of new customers on average
//! over the month of age that begins there: the first are of one moment, the others come evenly through months.

use std::collections::BTreeMap;

use nalgebra::{DVector, Matrix3, Matrix4, SVector, SymmetricEigen};
use num_dual::{DualNum, DualSVec64, gradient, jacobian};

use crate::fit::Estimate;
use crate::number::Number;
use crate::optimise::Range;

use super::history::Row;
use super::model::Process;
use super::spend::expected_spend;
use super::{Histories, PurchaseError, PurchaseFit, SpendFit, positive};

/// Independent causes of error that hazards share: the model's parameters.
pub const FACTORS: usize = 4;
/// Months of the year ahead.
const YEAR: usize = 12;
/// Months between which the hazard is told; the last one holds for ever.
const MARKS: [u32; 25] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 18, 21, 24, 30, 36, 48, 60, 84, 120, 180, 240,
];

/// What a purchase is worth.
#[derive(Debug, Clone, Copy)]
pub enum Spending<'a> {
    /// Customers differ, by a fitted model.
    Fitted(&'a SpendFit),
    /// The same for all, where nothing was fitted.
    Mean(f64),
}

/// The hazard of a stretch of months.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// Its first month.
    pub from_month: u32,
    /// Cumulative hazard over a month, customers weighed by their spend.
    pub hazard: f64,
    /// How far its logarithm moves with each of the independent standard normal causes of error.
    pub loadings: [f64; FACTORS],
}

/// What a base of customers will do.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    /// Customers expected to be active now.
    pub active: Estimate,
    /// The same by completed months since the first purchase.
    pub active_by_month: Vec<f64>,
    /// Purchases of all of them over the next twelve months.
    pub purchases: Estimate,
    /// What each active one spends now, per month: what all of them spend over how many are expected to be active. Its
    /// error is that of the former alone, which is known better than either: who is there unseen buys little.
    pub spend_per_month: Estimate,
    /// How far the logarithm of that moves with each of the independent standard normal causes of error that hazards
    /// have; what is left of its error is of the spends.
    pub spend_loadings: [f64; FACTORS],
    /// What a new customer spends after the first purchase, per month, over that.
    pub new_customer: f64,
    /// How what the base spends declines, by months from now on.
    pub base: Vec<Stretch>,
    /// How what a new customer spends declines, by months since the first purchase.
    pub new: Vec<Stretch>,
}

impl PurchaseFit {
    /// What customers, each with a mean spend ([`Histories::add_with_spend`]), will do; `unit` is a month in the
    /// data's time unit.
    ///
    /// # Errors
    /// Without customers, for an unusable unit or spend, and for BG/BB, which has no rate.
    pub fn outlook(
        &self,
        spending: Spending<'_>,
        customers: &Histories,
        unit: f64,
    ) -> Result<Outlook, PurchaseError> {
        let rows = customers.rows();
        spending.check()?;
        positive("units per month", unit)?;
        if rows.iter().map(|row| row.weight).sum::<f64>() <= 0.0 {
            return Err(PurchaseError::Empty);
        }
        let base = Base { rows: &rows, unit };
        let root = root(&self.covariance);
        let logs = SVector::<f64, 4>::from(self.parameters).map(f64::ln);
        let mut failed = false;
        let (values, slopes) = jacobian(
            |logs: SVector<DualSVec64<4>, 4>| {
                let process = self.model.with(std::array::from_fn(|i| logs[i].exp()));
                let figures = base.figures(&process, spending);
                failed = figures.is_none();
                DVector::from_vec(figures.unwrap_or_default())
            },
            &logs,
        );
        if failed {
            return Err(PurchaseError::NoRate {
                model: self.model.name(),
            });
        }
        let loadings = |index: usize| -> [f64; FACTORS] {
            (root.transpose() * slopes.row(index).transpose()).into()
        };
        let process = self.model.with(self.parameters);
        let of_spend = base.spend_variance(&process, spending);
        let active = values[ACTIVE].exp();
        let estimate = |index: usize, over: f64, more: f64| {
            let variance = loadings(index).iter().map(|it| it * it).sum::<f64>() + more;
            let value = values[index].exp() / over;
            Range::Positive.estimate(value, value * variance.sqrt(), self.hand_over().level)
        };
        let decline = |first: usize| {
            let each = MARKS.iter().enumerate().take(MARKS.len() - 1);
            let stretch = |(place, from_month): (usize, &u32)| {
                let hazard = positive("hazard", values[first + place].exp())?;
                Ok(Stretch {
                    from_month: *from_month,
                    hazard,
                    loadings: loadings(first + place),
                })
            };
            each.map(stretch).collect::<Result<Vec<_>, PurchaseError>>()
        };
        Ok(Outlook {
            active: estimate(ACTIVE, 1.0, 0.0),
            active_by_month: base.active_by_month(&process),
            purchases: estimate(PURCHASES, 1.0, 0.0),
            spend_per_month: estimate(SPEND, active, of_spend),
            spend_loadings: loadings(SPEND),
            new_customer: values[NEW].exp() * active,
            base: decline(HAZARDS)?,
            new: decline(HAZARDS + MARKS.len() - 1)?,
        })
    }
}

// Places of the figures whose logarithms are found together.
const ACTIVE: usize = 0;
const PURCHASES: usize = 1;
const SPEND: usize = 2;
const NEW: usize = 3;
const HAZARDS: usize = 4;

/// Customers as they are now.
struct Base<'a> {
    rows: &'a [Row],
    unit: f64,
}

/// Customers who go on alike, if they are active.
struct Cell<D> {
    x: f64,
    /// Mean age.
    age: f64,
    customers: f64,
    active: D,
    /// The mean spends of those who are active.
    spend: D,
}

impl Base<'_> {
    /// Logarithms of all figures; none where the model has no rate.
    fn figures<D: Number>(&self, process: &Process<D>, spending: Spending<'_>) -> Option<Vec<D>> {
        let cells = self.cells(process, |row| spending.of(row));
        let month = |mark: u32| f64::from(mark) * self.unit;
        let sum = |of: fn(&Cell<D>) -> D, t: f64| -> Option<D> {
            let each = cells.iter();
            let each = each.map(|it| Some(of(it) * process.rate_while_active(it.x, it.age, t)?));
            each.sum::<Option<D>>()
        };
        let active: D = cells.iter().map(|it| it.active).sum();
        let rates = (0..=YEAR as u32).map(|it| sum(|cell| cell.active, month(it)));
        let rates: Vec<D> = rates.collect::<Option<_>>()?;
        let spends = MARKS
            .iter()
            .map(|mark| sum(|cell| cell.spend, month(*mark)));
        let spends: Vec<D> = spends.collect::<Option<_>>()?;
        let alive = active_at_first(process);
        let new = MARKS
            .iter()
            .map(|mark| process.rate_while_active(0.0, 0.0, month(*mark)));
        let new: Vec<D> = new.map(|rate| Some(alive * rate?)).collect::<Option<_>>()?;
        let mut figures = vec![
            active.ln(),
            (simpson(&rates) * self.unit).ln(),
            (spends[0] * self.unit).ln(),
            (new[0] * spending.of_new() / spends[0]).ln(),
        ];
        figures.extend(at_marks(&hazards(&spends)).iter().map(DualNum::ln));
        figures.extend(hazards(&new).iter().map(DualNum::ln));
        Some(figures)
    }

    /// Customers by `x` and by months since the first purchase.
    fn cells<D: Number>(&self, process: &Process<D>, spend: impl Fn(&Row) -> D) -> Vec<Cell<D>> {
        let mut cells: BTreeMap<(u64, u64), Cell<D>> = BTreeMap::new();
        for row in self.rows {
            let months = (row.age() / self.unit).floor() as u64;
            let cell = cells.entry((row.x() as u64, months)).or_insert(Cell {
                x: row.x(),
                age: 0.0,
                customers: 0.0,
                active: D::from(0.0),
                spend: D::from(0.0),
            });
            let alive = process.alive(row.history);
            cell.age += row.age() * row.weight;
            cell.customers += row.weight;
            cell.active += alive * row.weight;
            cell.spend += alive * spend(row);
        }
        let of_one = |mut cell: Cell<D>| {
            cell.age /= cell.customers;
            cell
        };
        let there = cells.into_values().filter(|cell| cell.customers > 0.0);
        there.map(of_one).collect()
    }

    fn active_by_month(&self, process: &Process<f64>) -> Vec<f64> {
        let mut months: Vec<f64> = Vec::new();
        for row in self.rows {
            let month = (row.age() / self.unit).floor() as usize;
            months.resize(months.len().max(month + 1), 0.0);
            months[month] += row.weight * process.alive(row.history);
        }
        months
    }

    /// Variance of the logarithm of what customers spend now, by the error of the spend model.
    fn spend_variance(&self, process: &Process<f64>, spending: Spending<'_>) -> f64 {
        let Spending::Fitted(fitted) = spending else {
            return 0.0;
        };
        let total = |parameters: SVector<DualSVec64<3>, 3>| {
            let parameters = std::array::from_fn(|i| parameters[i].exp());
            let of = |row: &Row| {
                let rate = process.rate_while_active(row.x(), row.age(), 0.0);
                let buys = process.alive(row.history) * rate.unwrap_or_default();
                row_spend(parameters, row) * buys
            };
            self.rows.iter().map(of).sum::<DualSVec64<3>>().ln()
        };
        let logs = SVector::<f64, 3>::from(fitted.parameters).map(f64::ln);
        let (_, slope) = gradient(total, &logs);
        let covariance: &Matrix3<f64> = &fitted.covariance;
        slope.dot(&(covariance * slope)).max(0.0)
    }
}

impl Spending<'_> {
    fn check(self) -> Result<(), PurchaseError> {
        match self {
            Self::Fitted(fitted) => fitted.finite_mean(),
            Self::Mean(mean) => positive("mean spend", mean).map(|_| ()),
        }
    }

    /// Sum over the customers of a row of their expected mean spend.
    fn of<D: Number>(self, row: &Row) -> D {
        D::from(match self {
            Self::Fitted(fitted) => row_spend(fitted.parameters, row),
            Self::Mean(mean) => row.weight * mean,
        })
    }

    fn of_new(self) -> f64 {
        match self {
            Self::Fitted(fitted) => expected_spend(fitted.parameters, 0.0, 0.0),
            Self::Mean(mean) => mean,
        }
    }
}

fn row_spend<D: Number>(parameters: [D; 3], row: &Row) -> D {
    let mean = row.spend / row.weight.max(f64::MIN_POSITIVE);
    expected_spend(parameters, row.x(), D::from(row.x() * mean).re()) * row.weight
}

/// Share of customers who are active after their first purchase: some may drop out with it.
fn active_at_first<D: Number>(process: &Process<D>) -> D {
    process.survival(0.0)
}

/// `∫₀¹² f`, by Simpson's rule over months.
fn simpson<D: Number>(months: &[D]) -> D {
    let last = months.len() - 1;
    let weight = |month: usize| match month {
        0 => 1.0,
        month if month == last => 1.0,
        month if month % 2 == 1 => 4.0,
        _ => 2.0,
    };
    let each = months.iter().enumerate();
    each.map(|(month, value)| *value * (weight(month) / 3.0))
        .sum()
}

/// Mean hazard of a month between one mark and the next.
fn hazards<D: Number>(values: &[D]) -> Vec<D> {
    let between = values.windows(2).zip(MARKS.windows(2));
    let hazard = |(values, marks): (&[D], &[u32])| {
        (values[0] / values[1]).ln() * (1.0 / f64::from(marks[1] - marks[0]))
    };
    between.map(hazard).collect()
}

/// Hazards at marks a month apart, from those between them; later ones are as they are.
fn at_marks<D: Number>(between: &[D]) -> Vec<D> {
    let at = |place: usize| match place {
        0 => between[0] + (between[0] - between[1]) * 0.5,
        place if place < YEAR => (between[place - 1] + between[place]) * 0.5,
        place => between[place],
    };
    (0..between.len()).map(at).collect()
}

/// `C` with `C·Cᵀ = Σ`.
fn root(covariance: &Matrix4<f64>) -> Matrix4<f64> {
    let eigen = SymmetricEigen::new(*covariance);
    let scale = eigen.eigenvalues.map(|it| it.max(0.0).sqrt());
    eigen.eigenvectors * Matrix4::from_diagonal(&scale)
}

#[cfg(test)]
mod tests;
