//! Whether what is counted (leavers, contacts, money) changes with the calendar, among customers who are alike in all
//! else: its trend and its season.
//!
//! Who is alike is for the caller to say: a [`Group`] holds the customer-months and the counts of one segment and stretch of
//! tenure, calendar month by calendar month. Given how much of a group was counted in all, each count fell in a month with the
//! probability that its customer-months have, weighted by `exp(x'β)`: the group's own level, whatever it is, does not
//! enter (the conditional form of a Poisson regression with a parameter for each group; Cameron and Trivedi, Regression
//! Analysis of Count Data, 2013, section 9.4). `x` is the time in years and, where enough was counted, two pairs of
//! harmonics of the year.
//!
//! What shakes all customers of a month at once makes months scatter by more than counts do: errors are multiplied by
//! `√φ`, `φ` Pearson's statistic over months by its degrees of freedom, at least 1 (McCullagh and Nelder, Generalized
//! Linear Models, 1989, section 6.2), and intervals are Student's of these degrees of freedom. Money is a count of its
//! smallest units, whose scatter `φ` is large and takes their size away.
//!
//! What lasts longer than a month makes neighbouring months alike, and a trend looks surer than it is: errors are those under months whose residuals go together as `ρ^|i − j|`, `ρ` the first
//! autocorrelation of Pearson's residuals freed of its bias, from 0 to 0.9 (the sandwich of Liang and Zeger, Biometrika
//! 73, 1986, with that correlation; the bias after Marriott and Pope, Biometrika 41, 1954). Degrees of freedom are those
//! that are left of months which go together so. Customers who bring much or little, and stay, do the same: where their
//! records come in random parts ([`fit_parts`]), what customers vary by is the jackknife's over these (Wolter, Introduction
//! to Variance Estimation, 2007, section 4.2), which nobody who is there for long can make too small, and what shakes months
//! is what months scatter by beyond that; the two variances add up, with Satterthwaite's degrees of freedom.
//!
//! ```
//! use keepworth_retention::calendar::{Group, fit};
//!
//! // 1% leave in each of twenty-four months, and 1.2% in the year after.
//! let left = |month| if month < 24 { 100.0 } else { 120.0 };
//! let group = Group::new(vec![10_000.0; 36], (0..36).map(left).collect())?;
//! let found = fit(0, &[group])?;
//! assert!(found.trend.value > 0.0 && found.season.is_some());
//! # Ok::<(), keepworth_retention::calendar::CalendarError>(())
//! ```

mod group;
mod point;
mod record;
mod scatter;
#[cfg(test)]
mod tests;

use crate::fit::Estimate;
pub use group::Group;
use record::{FEWEST_MONTHS, Record};
use scatter::{Customers, jackknife};

/// Months of a year.
pub const YEAR: usize = 12;

/// Why nothing can be said of the calendar.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CalendarError {
    /// Exposure and counts are of different months, or are none.
    #[error(
        "a group has {exposure} months of exposure and {counted} of counts: give both for the same months"
    )]
    Months {
        /// Months of exposure.
        exposure: usize,
        /// Months of counts.
        counted: usize,
    },
    /// Customer-months that cannot be.
    #[error("{counted} were counted in month {month} of {exposure} customer-months: impossible")]
    Exposure {
        /// The month, from 0.
        month: usize,
        /// Its customer-months.
        exposure: f64,
        /// What was counted in it.
        counted: f64,
    },
    /// The record is too short.
    #[error("{months} months are too few to tell a trend: it takes {FEWEST_MONTHS}")]
    TooShort {
        /// Its months.
        months: usize,
    },
    /// Too little was counted.
    #[error("{counted} are too few to tell a trend: it takes {needed}")]
    Few {
        /// What was counted.
        counted: f64,
        /// How many it takes.
        needed: f64,
    },
    /// Parts of customers do not go together.
    #[error("parts of customers have different groups or months: give each the same")]
    Parts,
    /// The record does not tell one coefficient from the others.
    #[error(
        "changes with the calendar cannot be told from the groups themselves: nobody of any group was there in different months"
    )]
    NotIdentified,
}

/// How a rate changes with the calendar.
#[derive(Debug, Clone, PartialEq)]
pub struct CalendarFit {
    /// Months of the record.
    pub months: usize,
    /// What was counted in it.
    pub counted: f64,
    /// Growth a year of the rate's logarithm, with Student's interval of 95%.
    pub trend: Estimate,
    /// By months of the year; none where too little was counted.
    pub season: Option<Season>,
    /// How many times as much months scatter as counts do, at least 1.
    pub dispersion: f64,
    /// How far residuals of neighbouring months go together, 0 to 0.9.
    pub autocorrelation: f64,
    /// Degrees of freedom of the intervals.
    pub freedom: f64,
}

/// How a rate changes with the months of a year.
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
    let record = Record::of(month_of_year, groups)?;
    let found = record.ascend(groups, record.start())?;
    Ok(record.told(&found, None))
}

/// Fits trend and season to the groups of customers who were put into parts at random, each with all their months: the
/// same groups in each part.
///
/// # Errors
/// [`CalendarError`] where the record cannot tell, or parts have different groups or months.
pub fn fit_parts(month_of_year: usize, parts: &[Vec<Group>]) -> Result<CalendarFit, CalendarError> {
    let whole = sum(parts, None)?;
    let record = Record::of(month_of_year, &whole)?;
    let found = record.ascend(&whole, record.start())?;
    let mut without = Vec::new();
    for part in 0..parts.len() {
        let others = sum(parts, Some(part))?;
        let found = record.ascend(&others, found.parameters.clone())?;
        without.push((found.parameters, found.at.off()));
    }
    let (estimates, off): (Vec<_>, Vec<_>) = without.into_iter().unzip();
    let customers = Customers {
        of_estimates: jackknife(&estimates),
        of_months: jackknife(&off).covariance.diagonal(),
    };
    Ok(record.told(&found, Some(&customers)))
}

/// The groups of all parts but one.
fn sum(parts: &[Vec<Group>], but: Option<usize>) -> Result<Vec<Group>, CalendarError> {
    let mut taken = parts.iter().enumerate().filter(|(i, _)| Some(*i) != but);
    let mut whole = taken
        .next()
        .map_or(Vec::new(), |(_, groups)| groups.clone());
    for (_, groups) in taken {
        if groups.len() != whole.len() {
            return Err(CalendarError::Parts);
        }
        for (sum, group) in whole.iter_mut().zip(groups) {
            sum.add(group)?;
        }
    }
    Ok(whole)
}
