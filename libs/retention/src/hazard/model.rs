use super::irls::{Evaluation, Problem};
use super::{Cells, HazardError, HazardFit, Link, Prior};
use crate::ascent::Ascent;
use crate::covariate::CovariateError;

/// What to fit: the link and what is believed beforehand.
#[derive(Debug, Clone, PartialEq)]
pub struct HazardModel {
    link: Link,
    prior: Prior,
    named: Vec<(String, Prior)>,
}

impl HazardModel {
    /// Maximum likelihood under a link.
    pub fn new(link: Link) -> Self {
        Self {
            link,
            prior: Prior::Flat,
            named: Vec::new(),
        }
    }

    /// One prior for all covariates. Unless it is flat, baselines get a wide Cauchy too, so that
    /// a tenure band without departures keeps a finite hazard.
    #[must_use]
    pub fn with_prior(mut self, prior: Prior) -> Self {
        self.prior = prior;
        self
    }

    /// Another prior for one covariate.
    #[must_use]
    pub fn with_prior_on(mut self, covariate: &str, prior: Prior) -> Self {
        self.named.push((covariate.to_owned(), prior));
        self
    }

    /// Fits by iteratively reweighted least squares (Fisher scoring).
    ///
    /// # Errors
    /// Cells without information, constant or collinear covariates, a bad prior, or separation
    /// that no prior tames. A fit that stops early is returned with its flag, not an error.
    pub fn fit(&self, cells: &Cells) -> Result<HazardFit, HazardError> {
        let moments = cells.check()?;
        let totals = cells.band_totals();
        let present: Vec<usize> = (0..totals.len()).filter(|&b| totals[b].0 > 0.0).collect();
        let priors = self.priors(cells, present.len())?;
        let problem = Problem {
            cells,
            link: self.link,
            moments: &moments,
            present: &present,
            priors: &priors,
        };
        let solution = problem.solve();
        let suspicious = solution.as_ref().map_or(true, |s| extreme(&problem, s));
        let separating = if suspicious {
            cells.separating()
        } else {
            Vec::new()
        };
        let names = names(cells, &present);
        let untamed = |name: &&String| {
            names
                .iter()
                .zip(&priors)
                .any(|(n, prior)| n == *name && *prior == Prior::Flat)
        };
        let infinite: Vec<String> = separating.iter().filter(untamed).cloned().collect();
        if !infinite.is_empty() {
            return Err(HazardError::Separated { names: infinite });
        }
        HazardFit::new(&problem, &solution?, names, &separating)
    }

    fn priors(&self, cells: &Cells, bands: usize) -> Result<Vec<Prior>, HazardError> {
        let known = |name: &String| cells.names().contains(name);
        if let Some((name, _)) = self.named.iter().find(|(name, _)| !known(name)) {
            return Err(CovariateError::Unknown(name.clone()).into());
        }
        let baseline = if self.prior == Prior::Flat {
            Prior::Flat
        } else {
            Prior::WEAK_BASELINE
        };
        let of = |name: &String| {
            let own = self.named.iter().rev().find(|(n, _)| n == name);
            own.map_or(self.prior, |(_, prior)| *prior)
        };
        let mut priors = vec![baseline; bands];
        priors.extend(cells.names().iter().map(of));
        priors.iter().try_for_each(|prior| prior.check())?;
        Ok(priors)
    }
}

/// A fitted probability within 1e-5 of 0 or 1 is what separation leads to.
fn extreme(problem: &Problem<'_>, solution: &Ascent<Evaluation>) -> bool {
    let parameters = &solution.parameters;
    let b = problem.present.len();
    let spread: f64 = parameters
        .rows_range(b..)
        .iter()
        .map(|gamma| gamma.abs())
        .sum();
    let baseline = parameters.rows_range(..b).amax();
    !solution.converged || spread > 8.0 || baseline > 12.0
}

fn names(cells: &Cells, present: &[usize]) -> Vec<String> {
    let bands = cells.grid().names();
    present
        .iter()
        .map(|&b| bands[b].clone())
        .chain(cells.names().iter().cloned())
        .collect()
}
