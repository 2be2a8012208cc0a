//! Whether leaving changes with the calendar, among customers who are alike in all else: its trend and its season.
//!
//! Who is alike is for the caller to say: a [`Group`] holds the customer-months and leavers of one segment and stretch of
//! tenure, calendar month by calendar month. Given how many of a group left in all, each left in a month with the
//! probability that its customer-months have, weighted by `exp(x'β)`: the group's own level, whatever it is, does not
//! enter (the conditional form of a Poisson regression with a parameter for each group; Cameron and Trivedi, Regression
//! Analysis of Count Data, 2013, section 9.4). `x` is the time in years and, where enough left, two pairs of harmonics of
//! the year.
//!
//! What shakes all customers of a month at once makes months scatter by more than counts do: errors are multiplied by
//! `√φ`, `φ` Pearson's statistic over months by its degrees of freedom, at least 1 (McCullagh and Nelder, Generalized
//! Linear Models, 1989, section 6.2), and intervals are Student's of these degrees of freedom.
//!
//! ```
//! use keepworth_retention::calendar::{Group, fit};
//!
//! // 1% leave in each of twenty-four months, and 1.2% in the year after.
//! let left = |month| if month < 24 { 100 } else { 120 };
//! let group = Group::new(vec![10_000.0; 36], (0..36).map(left).collect())?;
//! let found = fit(0, &[group])?;
//! assert!(found.trend.value > 0.0 && found.season.is_some());
//! # Ok::<(), keepworth_retention::calendar::CalendarError>(())
//! ```

#[cfg(test)]
mod tests;

use std::f64::consts::TAU;

use nalgebra::{DMatrix, DVector};
use statrs::distribution::{ContinuousCDF, FisherSnedecor, StudentsT};

use crate::ascent::{Ascent, Evaluated, ascend};
use crate::fit::Estimate;

/// Months of a year.
pub const YEAR: usize = 12;
/// Two years: with less, a season that is there once or in part is taken for a trend.
const FEWEST_MONTHS: usize = 24;
/// Pairs of harmonics: a season with two humps at most.
const HARMONICS: usize = 2;
/// Fewest leavers for each coefficient.
const LEAVERS_EACH: u64 = 10;
/// Probability below and above an interval together.
const OUTSIDE: f64 = 0.05;
/// Steps of the iteration.
const MOST_STEPS: usize = 100;

/// Why nothing can be said of the calendar.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CalendarError {
    /// Exposure and leavers are of different months, or are none.
    #[error(
        "a group has {exposure} months of exposure and {left} of leavers: give both for the same months"
    )]
    Months {
        /// Months of exposure.
        exposure: usize,
        /// Months of leavers.
        left: usize,
    },
    /// Customer-months that cannot be.
    #[error("{left} left in month {month} of {exposure} customer-months: impossible")]
    Exposure {
        /// The month, from 0.
        month: usize,
        /// Its customer-months.
        exposure: f64,
        /// Who left in it.
        left: u64,
    },
    /// The record is too short.
    #[error("{months} months are too few to tell a trend: it takes {FEWEST_MONTHS}")]
    TooShort {
        /// Its months.
        months: usize,
    },
    /// Too few left.
    #[error("{left} leavers are too few to tell a trend: it takes {needed}")]
    FewLeavers {
        /// Who left.
        left: u64,
        /// How many it takes.
        needed: u64,
    },
    /// The record does not tell one coefficient from the others.
    #[error(
        "leaving by the calendar cannot be told from the groups themselves: nobody of any group was there in different months"
    )]
    NotIdentified,
}

/// Customers who are alike in all but the calendar, by consecutive months that are the same for all groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    exposure: Vec<f64>,
    left: Vec<u64>,
}

impl Group {
    /// Customer-months under observation and leavers of each month.
    ///
    /// # Errors
    /// [`CalendarError::Months`] for lists of different lengths, [`CalendarError::Exposure`] for customer-months that are
    /// negative or not finite, or 0 in a month in which somebody left.
    pub fn new(exposure: Vec<f64>, left: Vec<u64>) -> Result<Self, CalendarError> {
        if exposure.len() != left.len() {
            let (exposure, left) = (exposure.len(), left.len());
            return Err(CalendarError::Months { exposure, left });
        }
        for (month, (&exposure, &left)) in exposure.iter().zip(&left).enumerate() {
            let is_possible =
                exposure.is_finite() && (exposure > 0.0 || (exposure == 0.0 && left == 0));
            if !is_possible {
                return Err(CalendarError::Exposure {
                    month,
                    exposure,
                    left,
                });
            }
        }
        Ok(Self { exposure, left })
    }

    fn total(&self) -> u64 {
        self.left.iter().sum()
    }
}

/// How leaving changes with the calendar.
#[derive(Debug, Clone, PartialEq)]
pub struct CalendarFit {
    /// Months of the record.
    pub months: usize,
    /// Who left in it.
    pub left: u64,
    /// Growth a year of the logarithm of every hazard, with Student's interval of 95%.
    pub trend: Estimate,
    /// By months of the year; none where too few left.
    pub season: Option<Season>,
    /// How many times as much months scatter as counts do, at least 1.
    pub dispersion: f64,
    /// Degrees of freedom of the intervals.
    pub freedom: f64,
}

/// How leaving changes with the months of a year.
#[derive(Debug, Clone, PartialEq)]
pub struct Season {
    /// Logarithms of each month's factor, January first; their mean is 0.
    pub log_factors: [Estimate; YEAR],
    /// Probability of such a season or a larger one where there is none (F).
    pub p: f64,
}

/// Fits trend and season; the first month is `month_of_year`, 0 for January.
///
/// # Errors
/// [`CalendarError`] where the record cannot tell.
pub fn fit(month_of_year: usize, groups: &[Group]) -> Result<CalendarFit, CalendarError> {
    let months = groups.first().map_or(0, |it| it.exposure.len());
    if let Some(other) = groups.iter().find(|it| it.exposure.len() != months) {
        return Err(CalendarError::Months {
            exposure: months,
            left: other.left.len(),
        });
    }
    if months < FEWEST_MONTHS {
        return Err(CalendarError::TooShort { months });
    }
    let left = groups.iter().map(Group::total).sum();
    let is_enough = |columns: usize| left >= LEAVERS_EACH * columns as u64;
    if !is_enough(1) {
        let needed = LEAVERS_EACH;
        return Err(CalendarError::FewLeavers { left, needed });
    }
    let with_season = is_enough(1 + 2 * HARMONICS);
    let design = Design::new(month_of_year, months, with_season);
    let start = DVector::zeros(design.columns());
    let evaluate = |beta: &DVector<f64>| Point::at(beta, groups, &design);
    let found = ascend(start, MOST_STEPS, evaluate, |_, _| {
        CalendarError::NotIdentified
    })?;
    Ok(design.told(&found, left))
}

/// What is known of each month.
struct Design {
    rows: Vec<DVector<f64>>,
    with_season: bool,
}

impl Design {
    /// Time in years from the middle of the record, then harmonics.
    fn new(month_of_year: usize, months: usize, with_season: bool) -> Self {
        let middle = (months as f64 - 1.0) / 2.0;
        let row = |month: usize| {
            let time = (month as f64 - middle) / YEAR as f64;
            let season = harmonics(month_of_year + month);
            let season = season.into_iter().filter(|_| with_season);
            DVector::from_vec(std::iter::once(time).chain(season).collect())
        };
        Self {
            rows: (0..months).map(row).collect(),
            with_season,
        }
    }

    fn columns(&self) -> usize {
        self.rows[0].len()
    }

    fn told(&self, found: &Ascent<Point>, left: u64) -> CalendarFit {
        let months = self.rows.len();
        let freedom = (months - 1 - self.columns()) as f64;
        let dispersion = (found.at.pearson() / freedom).max(1.0);
        let covariance = &found.covariance * dispersion;
        let linear = |weights: &DVector<f64>| {
            let value = weights.dot(&found.parameters);
            estimate(
                value,
                (weights.transpose() * &covariance * weights)[0].sqrt(),
                freedom,
            )
        };
        let mut time = DVector::zeros(self.columns());
        time[0] = 1.0;
        let season = self.with_season.then(|| {
            let factor = |month: usize| {
                let mut weights = DVector::zeros(self.columns());
                weights
                    .rows_mut(1, 2 * HARMONICS)
                    .copy_from_slice(&harmonics(month));
                linear(&weights)
            };
            Season {
                log_factors: std::array::from_fn(factor),
                p: seasonless(found, &covariance, freedom),
            }
        });
        CalendarFit {
            months,
            left,
            trend: linear(&time),
            season,
            dispersion,
            freedom,
        }
    }
}

/// Cosine and sine of once and twice a year. Over twelve months each has the mean 0.
fn harmonics(month: usize) -> [f64; 2 * HARMONICS] {
    std::array::from_fn(|column| {
        let angle = TAU * ((column / 2 + 1) * month) as f64 / YEAR as f64;
        if column % 2 == 0 {
            angle.cos()
        } else {
            angle.sin()
        }
    })
}

fn estimate(value: f64, se: f64, freedom: f64) -> Estimate {
    let reach = StudentsT::new(0.0, 1.0, freedom)
        .map_or(f64::INFINITY, |law| law.inverse_cdf(1.0 - OUTSIDE / 2.0));
    Estimate {
        value,
        se,
        low: value - reach * se,
        high: value + reach * se,
    }
}

/// Wald's test that all harmonics are 0, as an F.
fn seasonless(found: &Ascent<Point>, covariance: &DMatrix<f64>, freedom: f64) -> f64 {
    let columns = 2 * HARMONICS;
    let coefficients = found.parameters.rows(1, columns).into_owned();
    let block = covariance.view((1, 1), (columns, columns)).into_owned();
    let Some(factor) = block.cholesky() else {
        return 1.0;
    };
    let f = coefficients.dot(&factor.solve(&coefficients)) / columns as f64;
    FisherSnedecor::new(columns as f64, freedom).map_or(1.0, |law| law.sf(f))
}

/// The conditional likelihood at one point.
struct Point {
    objective: f64,
    gradient: DVector<f64>,
    information: DMatrix<f64>,
    /// Leavers of each month, counted and expected.
    by_month: Vec<(f64, f64)>,
}

impl Point {
    fn at(beta: &DVector<f64>, groups: &[Group], design: &Design) -> Self {
        let columns = design.columns();
        let weights: Vec<f64> = design.rows.iter().map(|x| x.dot(beta).exp()).collect();
        let mut point = Self {
            objective: 0.0,
            gradient: DVector::zeros(columns),
            information: DMatrix::zeros(columns, columns),
            by_month: vec![(0.0, 0.0); design.rows.len()],
        };
        for group in groups.iter().filter(|it| it.total() > 0) {
            point.add(group, &weights, design);
        }
        point
    }

    fn add(&mut self, group: &Group, weights: &[f64], design: &Design) {
        let total = group.total() as f64;
        let sum: f64 = group.exposure.iter().zip(weights).map(|(e, w)| e * w).sum();
        let mut mean = DVector::zeros(design.columns());
        let months = group.exposure.iter().zip(&group.left).zip(weights);
        for (month, ((exposure, left), weight)) in months.enumerate() {
            let share = exposure * weight / sum;
            let (left, expected) = (*left as f64, total * share);
            if left > 0.0 {
                self.objective += left * share.ln();
            }
            let x = &design.rows[month];
            self.gradient.axpy(left - expected, x, 1.0);
            self.information.ger(expected, x, x, 1.0);
            mean.axpy(share, x, 1.0);
            self.by_month[month].0 += left;
            self.by_month[month].1 += expected;
        }
        self.information.ger(-total, &mean, &mean, 1.0);
    }

    /// `Σ (counted − expected)²/expected` over months.
    fn pearson(&self) -> f64 {
        let months = self.by_month.iter().filter(|(_, expected)| *expected > 0.0);
        months
            .map(|(counted, expected)| (counted - expected).powi(2) / expected)
            .sum()
    }
}

impl Evaluated for Point {
    fn objective(&self) -> f64 {
        self.objective
    }

    fn gradient(&self) -> &DVector<f64> {
        &self.gradient
    }

    fn information(&self) -> &DMatrix<f64> {
        &self.information
    }
}
