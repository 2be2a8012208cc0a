//! A record's months, and what they tell.

use std::f64::consts::TAU;

use nalgebra::DVector;

use super::group::Group;
use super::point::Point;
use super::scatter::{Customers, Scatter, Scatters, seasonless};
use super::{CalendarError, CalendarFit, Season, YEAR};
use crate::ascent::{Ascent, ascend};

/// Two years: with less, a season that is there once or in part is taken for a trend.
pub(super) const FEWEST_MONTHS: usize = 24;
/// Pairs of harmonics: a season with two humps at most.
pub(super) const HARMONICS: usize = 2;
/// Fewest counts for each coefficient.
const COUNTS_EACH: f64 = 10.0;
/// Steps of the iteration.
const MOST_STEPS: usize = 100;

/// What is known of each month.
pub(super) struct Record {
    rows: Vec<DVector<f64>>,
    with_season: bool,
    counted: f64,
}

impl Record {
    /// Time in years from the middle of the record, then harmonics.
    pub(super) fn of(month_of_year: usize, groups: &[Group]) -> Result<Self, CalendarError> {
        let months = groups.first().map_or(0, |it| it.exposure.len());
        if let Some(other) = groups.iter().find(|it| it.exposure.len() != months) {
            return Err(CalendarError::Months {
                exposure: months,
                counted: other.counted.len(),
            });
        }
        if months < FEWEST_MONTHS {
            return Err(CalendarError::TooShort { months });
        }
        let counted = groups.iter().map(Group::total).sum();
        let is_enough = |columns: usize| counted >= COUNTS_EACH * columns as f64;
        if !is_enough(1) {
            let needed = COUNTS_EACH;
            return Err(CalendarError::Few { counted, needed });
        }
        let with_season = is_enough(1 + 2 * HARMONICS);
        let middle = (months as f64 - 1.0) / 2.0;
        let row = |month: usize| {
            let time = (month as f64 - middle) / YEAR as f64;
            let season = harmonics(month_of_year + month);
            let season = season.into_iter().filter(|_| with_season);
            DVector::from_vec(std::iter::once(time).chain(season).collect())
        };
        Ok(Self {
            rows: (0..months).map(row).collect(),
            with_season,
            counted,
        })
    }

    fn columns(&self) -> usize {
        self.rows[0].len()
    }

    pub(super) fn start(&self) -> DVector<f64> {
        DVector::zeros(self.columns())
    }

    pub(super) fn ascend(
        &self,
        groups: &[Group],
        start: DVector<f64>,
    ) -> Result<Ascent<Point>, CalendarError> {
        let evaluate = |beta: &DVector<f64>| Point::at(beta, groups, &self.rows);
        ascend(start, MOST_STEPS, evaluate, |_, _| {
            CalendarError::NotIdentified
        })
    }

    /// What was found, with errors by months, or by what customers vary and months beyond that.
    pub(super) fn told(&self, found: &Ascent<Point>, customers: Option<&Customers>) -> CalendarFit {
        let months = self.rows.len();
        let apart = (months - 1 - self.columns()) as f64;
        let autocorrelation = found.at.autocorrelation(self.columns());
        let together = autocorrelation * autocorrelation;
        let freedom = (apart * (1.0 - together) / (1.0 + together)).max(1.0);
        let dispersion = (found.at.pearson() / apart).max(1.0);
        let shaken = customers.map_or(dispersion, |customers| {
            let by_customers = found.at.by_chance(&customers.of_months);
            ((found.at.pearson() - by_customers) / apart).max(0.0)
        });
        let bread = &found.covariance;
        let meat = found.at.meat(autocorrelation);
        let by_months = Scatter {
            covariance: bread * meat * bread * shaken,
            freedom,
        };
        let scatters = Scatters {
            by_months,
            by_customers: customers.map(|it| &it.of_estimates),
        };
        let linear =
            |weights: &DVector<f64>| scatters.estimate(weights.dot(&found.parameters), weights);
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
                p: seasonless(&found.parameters, &scatters),
            }
        });
        CalendarFit {
            months,
            counted: self.counted,
            trend: linear(&time),
            season,
            dispersion,
            autocorrelation,
            freedom: scatters.freedom(&time),
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
