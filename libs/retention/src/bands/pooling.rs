use super::Crude;
use crate::number::{ln_gamma_ratio, trigamma};

/// What segments share: the whole's hazards and how much segments and bands differ.
pub(super) struct Pool {
    whole: Vec<Crude>,
    /// Shape of the segments' levels around 1.
    level: f64,
    /// Shape of the bands around their segment's level.
    band: f64,
}

/// One band of a segment after pooling, on the log scale.
pub(super) struct Shrunk {
    pub log_mean: f64,
    /// Variance of the band around its segment's level, with that of the whole's hazard.
    pub own_variance: f64,
    /// Variance of the segment's level.
    pub level_variance: f64,
    /// Share of the band's estimate that its segment's level gives.
    pub borrowed: f64,
    /// Share of the level that the whole gives.
    pub level_borrowed: f64,
}

impl Pool {
    pub fn new(whole: &[Crude], segments: &[Vec<(f64, f64)>]) -> Self {
        let mut pool = Self {
            whole: whole.to_vec(),
            level: 1.0,
            band: 1.0,
        };
        let levels: Vec<(f64, f64)> = segments.iter().map(|bands| pool.totals(bands)).collect();
        pool.level = shape(&levels);
        let cells: Vec<(f64, f64)> = segments
            .iter()
            .flat_map(|bands| pool.cells(bands, pool.theta(bands)))
            .collect();
        pool.band = shape(&cells);
        pool
    }

    /// Departures of each band and those expected at the whole's hazard times `theta`.
    fn cells(&self, bands: &[(f64, f64)], theta: f64) -> Vec<(f64, f64)> {
        let each = bands
            .iter()
            .zip(&self.whole)
            .map(|(&(at_risk, events), whole)| {
                let own = Crude::new(at_risk, events);
                let exposure = if at_risk > 0.0 { own.exposure } else { 0.0 };
                (own.events, exposure * whole.hazard * theta)
            });
        each.collect()
    }

    fn totals(&self, bands: &[(f64, f64)]) -> (f64, f64) {
        let add = |sum: (f64, f64), cell: (f64, f64)| (sum.0 + cell.0, sum.1 + cell.1);
        self.cells(bands, 1.0).into_iter().fold((0.0, 0.0), add)
    }

    /// The segment's level relative to the whole.
    fn theta(&self, bands: &[(f64, f64)]) -> f64 {
        let (events, expected) = self.totals(bands);
        (self.level + events) / (self.level + expected)
    }

    pub fn shrink(&self, bands: &[(f64, f64)]) -> Vec<Shrunk> {
        let theta = self.theta(bands);
        let (events, expected) = self.totals(bands);
        let level_variance = trigamma(self.level + events);
        let level_borrowed = self.level / (self.level + expected);
        let cells = self.cells(bands, theta);
        let each = cells
            .iter()
            .zip(&self.whole)
            .map(|(&(events, expected), whole)| Shrunk {
                log_mean: (whole.hazard * theta * (self.band + events) / (self.band + expected))
                    .ln(),
                own_variance: trigamma(self.band + events)
                    + (self.band / (self.band + expected) * whole.log_se).powi(2),
                level_variance,
                borrowed: self.band / (self.band + expected),
                level_borrowed,
            });
        each.collect()
    }
}

/// The shape `k` of how cells differ, from `(departures, expected)` when departures are Poisson
/// around `expected · Gamma(k, k)`.
///
/// The spread is `σ = 1/√k`. Its likelihood often peaks at 0 when counts are small, and then
/// pooling would claim a certainty nobody has; so `k = 1/E[σ²]`, the mean over the posterior of
/// `σ` under a half-normal prior of scale 1 (hazards rarely differ by more than a factor of e).
fn shape(cells: &[(f64, f64)]) -> f64 {
    let grid: Vec<(f64, f64)> = (1..=400)
        .map(|step| {
            let sigma = f64::from(step) * 0.005;
            (
                sigma * sigma,
                loglik(cells, 1.0 / (sigma * sigma)) - 0.5 * sigma * sigma,
            )
        })
        .collect();
    let peak = grid
        .iter()
        .map(|point| point.1)
        .fold(f64::NEG_INFINITY, f64::max);
    let (mut weight, mut square) = (0.0, 0.0);
    for (variance, log) in grid {
        let w = (log - peak).exp();
        weight += w;
        square += w * variance;
    }
    weight / square
}

/// Negative binomial log-likelihood in `k`, up to a constant.
fn loglik(cells: &[(f64, f64)], k: f64) -> f64 {
    let of = |&(d, e): &(f64, f64)| {
        let gamma = if d > 0.0 { -ln_gamma_ratio(k, d) } else { 0.0 };
        // k·ln(k/(k + e)) without cancellation for large k.
        gamma - k * (e / k).ln_1p() - d * (k + e).ln()
    };
    cells.iter().map(of).sum()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;
    use rand_distr::{Distribution, Gamma, Poisson};

    use super::*;

    #[test]
    fn shape_is_recovered_from_many_cells() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let level = Gamma::new(8.0, 1.0 / 8.0).unwrap();
        let cells: Vec<(f64, f64)> = (0..4000)
            .map(|_| {
                let mean = 30.0 * level.sample(&mut rng);
                (Poisson::new(mean).unwrap().sample(&mut rng), 30.0)
            })
            .collect();
        let found = shape(&cells);
        assert!((7.2..8.9).contains(&found), "{found}");
    }

    #[test]
    fn equal_segments_are_pooled_much() {
        assert!(shape(&[(3000.0, 3000.0); 10]) > 1000.0);
    }
}
