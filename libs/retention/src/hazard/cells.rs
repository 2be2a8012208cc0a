use std::collections::HashMap;

use foldhash::fast::RandomState;
use nalgebra::DMatrix;

use super::{HazardError, TenureGrid};
use crate::covariate::{CovariateError, find_collinear, is_measured};
use crate::separation::Separation;
use crate::survival::Observation;

/// Sufficient statistics: periods at risk and departures per covariate pattern and tenure band.
#[derive(Debug, Clone)]
pub struct Cells {
    grid: TenureGrid,
    names: Vec<String>,
    index: HashMap<Box<[u64]>, usize, RandomState>,
    /// The pattern looked up last, kept for its memory.
    key: Vec<u64>,
    /// Patterns row by row.
    patterns: Vec<f64>,
    /// Pattern-major, `patterns × bands`.
    at_risk: Vec<f64>,
    events: Vec<f64>,
    n: f64,
}

impl Cells {
    /// Empty cells for the named covariates.
    ///
    /// # Errors
    /// A name that occurs twice.
    pub fn new(grid: TenureGrid, names: &[impl AsRef<str>]) -> Result<Self, HazardError> {
        let names: Vec<String> = names.iter().map(|name| name.as_ref().to_owned()).collect();
        for (index, name) in names.iter().enumerate() {
            if names[..index].contains(name) {
                return Err(CovariateError::Duplicate(name.clone()).into());
            }
        }
        let (index, key, patterns) = (HashMap::default(), Vec::new(), Vec::new());
        Ok(Self {
            grid,
            names,
            index,
            key,
            patterns,
            at_risk: vec![],
            events: vec![],
            n: 0.0,
        })
    }

    /// Adds a customer watched from entry to exit under constant covariates.
    ///
    /// # Errors
    /// A wrong number of covariates or one that is not finite.
    pub fn push(
        &mut self,
        observation: &Observation,
        covariates: &[f64],
    ) -> Result<(), HazardError> {
        self.push_later(observation, covariates)?;
        self.n += observation.weight();
        Ok(())
    }

    /// Adds a further stretch of a customer's time whose first was given to [`Cells::push`], for
    /// covariates that change with time.
    ///
    /// # Errors
    /// As [`Cells::push`].
    pub fn push_later(
        &mut self,
        observation: &Observation,
        covariates: &[f64],
    ) -> Result<(), HazardError> {
        let row = self.pattern(covariates)? * self.grid.bands();
        let weight = observation.weight();
        self.grid.spread(observation, |band, at_risk, events| {
            self.at_risk[row + band] += weight * at_risk;
            self.events[row + band] += weight * events;
        });
        Ok(())
    }

    fn pattern(&mut self, covariates: &[f64]) -> Result<usize, HazardError> {
        if covariates.len() != self.names.len() {
            let (found, expected) = (covariates.len(), self.names.len());
            return Err(HazardError::Width { found, expected });
        }
        // Adding 0 turns −0 into 0, so that equal values have equal bits.
        self.key.clear();
        self.key
            .extend(covariates.iter().map(|x| (x + 0.0).to_bits()));
        if let Some(&row) = self.index.get(self.key.as_slice()) {
            return Ok(row);
        }
        if let Some(bad) = covariates.iter().position(|x| !is_measured(*x)) {
            let (name, value) = (self.names[bad].clone(), covariates[bad]);
            return Err(CovariateError::NotFinite {
                name,
                row: self.n as usize,
                value,
            }
            .into());
        }
        let row = self.index.len();
        self.index.insert(self.key.clone().into_boxed_slice(), row);
        self.patterns.extend_from_slice(covariates);
        let size = self.at_risk.len() + self.grid.bands();
        self.at_risk.resize(size, 0.0);
        self.events.resize(size, 0.0);
        Ok(row)
    }

    /// The same counts with the named covariates only; patterns that then agree are merged.
    ///
    /// # Errors
    /// A name the cells do not have.
    pub fn select(&self, names: &[impl AsRef<str>]) -> Result<Self, HazardError> {
        let mut selected = Self::new(self.grid.clone(), names)?;
        let position = |name: &String| self.names.iter().position(|n| n == name);
        let mut columns = Vec::with_capacity(names.len());
        for name in &selected.names {
            columns.push(position(name).ok_or_else(|| CovariateError::Unknown(name.clone()))?);
        }
        let bands = self.grid.bands();
        for row in 0..self.len() {
            let x: Vec<f64> = columns.iter().map(|&c| self.covariates(row)[c]).collect();
            let target = selected.pattern(&x)? * bands;
            for band in 0..bands {
                selected.at_risk[target + band] += self.at_risk[row * bands + band];
                selected.events[target + band] += self.events[row * bands + band];
            }
        }
        selected.n = self.n;
        Ok(selected)
    }

    /// Number of distinct covariate patterns.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// True before the first observation.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// The grid of periods and bands.
    pub fn grid(&self) -> &TenureGrid {
        &self.grid
    }

    /// Covariate names.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Customers (sum of weights).
    pub fn n(&self) -> f64 {
        self.n
    }

    /// Departures.
    pub fn events(&self) -> f64 {
        self.events.iter().sum()
    }

    /// Periods at risk.
    pub fn person_periods(&self) -> f64 {
        self.at_risk.iter().sum()
    }

    /// Covariates of pattern `row`.
    pub fn covariates(&self, row: usize) -> &[f64] {
        &self.patterns[row * self.names.len()..(row + 1) * self.names.len()]
    }

    /// `(periods at risk, departures)` by band of pattern `row`.
    pub fn counts(&self, row: usize) -> impl Iterator<Item = (f64, f64)> + '_ {
        let bands = self.grid.bands();
        let range = row * bands..(row + 1) * bands;
        let pair = |(at_risk, events): (&f64, &f64)| (*at_risk, *events);
        self.at_risk[range.clone()]
            .iter()
            .zip(&self.events[range])
            .map(pair)
    }

    /// Time at risk and departures by band over all patterns.
    pub fn band_totals(&self) -> Vec<(f64, f64)> {
        let mut totals = vec![(0.0, 0.0); self.grid.bands()];
        for row in 0..self.len() {
            for (total, (at_risk, events)) in totals.iter_mut().zip(self.counts(row)) {
                total.0 += at_risk;
                total.1 += events;
            }
        }
        totals
    }

    /// Refuses what no model can be fitted to; returns weighted means and standard deviations.
    pub(super) fn check(&self) -> Result<Vec<(f64, f64)>, HazardError> {
        let (person_periods, events) = (self.person_periods(), self.events());
        if person_periods <= 0.0 {
            return Err(HazardError::Empty);
        }
        if events <= 0.0 {
            return Err(HazardError::NoEvents { person_periods });
        }
        if events >= person_periods {
            return Err(HazardError::AllEvents { events });
        }
        let moments = self.moments(person_periods);
        for (column, &(mean, sd)) in moments.iter().enumerate() {
            if sd <= 1e-12 * mean.abs() {
                let (name, value) = (self.names[column].clone(), mean.to_string());
                return Err(CovariateError::Constant { name, value }.into());
            }
        }
        match find_collinear(&self.all_names(), &self.cross_products(&moments)) {
            Some(collinear) => Err(collinear.into()),
            None => Ok(moments),
        }
    }

    /// Names of bands with time at risk, then of covariates.
    fn all_names(&self) -> Vec<String> {
        let totals = self.band_totals();
        let bands = self.grid.names().into_iter().zip(&totals);
        let present = bands
            .filter(|(_, total)| total.0 > 0.0)
            .map(|(name, _)| name);
        present.chain(self.names.iter().cloned()).collect()
    }

    fn moments(&self, total: f64) -> Vec<(f64, f64)> {
        let p = self.names.len();
        let weight: Vec<f64> = (0..self.len())
            .map(|row| self.counts(row).map(|c| c.0).sum())
            .collect();
        let average = |f: &dyn Fn(usize) -> f64| -> f64 {
            (0..self.len()).map(|row| weight[row] * f(row)).sum::<f64>() / total
        };
        (0..p)
            .map(|c| {
                let mean = average(&|row| self.covariates(row)[c]);
                let variance = average(&|row| (self.covariates(row)[c] - mean).powi(2));
                (mean, variance.sqrt())
            })
            .collect()
    }

    /// Weighted cross products of band indicators and standardised covariates.
    fn cross_products(&self, moments: &[(f64, f64)]) -> DMatrix<f64> {
        let totals = self.band_totals();
        let present: Vec<usize> = (0..totals.len()).filter(|&b| totals[b].0 > 0.0).collect();
        let (b, p) = (present.len(), self.names.len());
        let mut cross = DMatrix::zeros(b + p, b + p);
        for (k, &band) in present.iter().enumerate() {
            cross[(k, k)] = totals[band].0;
        }
        for row in 0..self.len() {
            let x: Vec<f64> = self
                .covariates(row)
                .iter()
                .zip(moments)
                .map(|(x, (mean, sd))| (x - mean) / sd)
                .collect();
            let counts: Vec<f64> = self.counts(row).map(|c| c.0).collect();
            let weight: f64 = counts.iter().sum();
            for i in 0..p {
                for (k, &band) in present.iter().enumerate() {
                    cross[(k, b + i)] += counts[band] * x[i];
                }
                for j in i..p {
                    cross[(b + i, b + j)] += weight * x[i] * x[j];
                }
            }
        }
        cross.fill_lower_triangle_with_upper_triangle();
        cross
    }

    /// Bands and covariates that separate leavers from stayers, by name.
    pub(super) fn separating(&self) -> Vec<String> {
        let totals = self.band_totals();
        let lone = |total: &(f64, f64)| total.0 > 0.0 && (total.1 <= 0.0 || total.1 >= total.0);
        let bands = self.grid.names().into_iter().zip(&totals);
        let mut names: Vec<String> = bands
            .filter(|(_, total)| lone(total))
            .map(|(name, _)| name)
            .collect();
        let mut problem = Separation::new();
        let b = self.grid.bands();
        for row in 0..self.len() {
            for (band, (at_risk, events)) in self.counts(row).enumerate() {
                // The first band is the intercept; a band of one outcome is named above.
                if at_risk > 0.0 && !lone(&totals[band]) {
                    let mut x = vec![0.0; b - 1];
                    if band > 0 {
                        x[band - 1] = 1.0;
                    }
                    x.extend_from_slice(self.covariates(row));
                    problem.push(&x, events > 0.0, events < at_risk);
                }
            }
        }
        for found in problem.columns() {
            if let Some(covariate) = (found.column + 1).checked_sub(b) {
                names.push(self.names[covariate].clone());
            }
        }
        names
    }
}
