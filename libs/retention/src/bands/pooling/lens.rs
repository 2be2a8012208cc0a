//! One segment's cells seen through what segments share.
//!
//! The log hazards of a segment are `λ_b = μ_b + u + v_b`, `u ~ N(0, τ²)`, `v_b ~ N(0, ω²)`. With
//! normal sites `Π = diag(π)` and `η`, everything has a closed form in
//! `w_b = π_b/(1 + ω²π_b)`, `g_b = 1/(1 + ω²π_b)` and `k = τ²/(1 + τ²Σw)`:
//! what the segment says of `μ` has precision `W = diag(w) − k·w·wᵀ`, and given `μ` its log hazards
//! have covariance `V = diag(ω²g) + k·g·gᵀ` and mean `Gμ + Vη`, `G = diag(g)·(1 − k·1·wᵀ)`.

use nalgebra::{DMatrix, DVector};

use super::site::{Normal, Site};

/// How much segments differ: sd of their levels, and of their bands around it, on the log scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    pub level: f64,
    pub band: f64,
}

/// The closed forms of one segment.
pub(super) struct Lens<'a> {
    sites: &'a [Site],
    w: DVector<f64>,
    g: DVector<f64>,
    k: f64,
    band_variance: f64,
    /// `g·η`.
    pull: f64,
    log_determinant: f64,
}

/// Normal distribution of the company's log hazards.
#[derive(Debug, Clone)]
pub(super) struct Whole {
    pub mean: DVector<f64>,
    pub covariance: DMatrix<f64>,
    /// Logarithm of the mass, up to a constant.
    pub log_mass: f64,
}

impl Whole {
    /// From precision and shift; `None` where rounding has left no positive precision.
    pub fn new(precision: DMatrix<f64>, shift: &DVector<f64>) -> Option<Self> {
        let factor = precision.cholesky()?;
        let mean = factor.solve(shift);
        let half_log_determinant: f64 = factor.l_dirty().diagonal().iter().map(|l| l.ln()).sum();
        Some(Self {
            log_mass: 0.5 * shift.dot(&mean) - half_log_determinant,
            covariance: factor.inverse(),
            mean,
        })
    }
}

impl<'a> Lens<'a> {
    pub fn new(spread: Spread, sites: &'a [Site]) -> Self {
        let (level, band) = (spread.level.powi(2), spread.band.powi(2));
        let g = DVector::from_iterator(
            sites.len(),
            sites
                .iter()
                .map(|site| (1.0 + band * site.precision).recip()),
        );
        let w = DVector::from_fn(sites.len(), |b, _| sites[b].precision * g[b]);
        let widening = 1.0 + level * w.sum();
        Self {
            pull: sites.iter().zip(&g).map(|(site, g)| site.shift * g).sum(),
            log_determinant: widening.ln() - g.iter().map(|g| g.ln()).sum::<f64>(),
            sites,
            w,
            g,
            k: level / widening,
            band_variance: band,
        }
    }

    /// Adds what the segment says of the company's log hazards, `sign` times.
    pub fn add_to(&self, precision: &mut DMatrix<f64>, shift: &mut DVector<f64>, sign: f64) {
        for (b, site) in self.sites.iter().enumerate() {
            shift[b] += sign * (self.g[b] * site.shift - self.k * self.w[b] * self.pull);
            precision[(b, b)] += sign * self.w[b];
            for c in 0..self.sites.len() {
                precision[(b, c)] -= sign * self.k * self.w[b] * self.w[c];
            }
        }
    }

    /// Logarithm of the segment's factor in the mass, given the company's log hazards.
    pub fn log_mass(&self) -> f64 {
        let own: f64 = self
            .sites
            .iter()
            .zip(&self.g)
            .map(|(site, g)| site.log_scale + 0.5 * self.band_variance * g * site.shift.powi(2))
            .sum();
        own + 0.5 * (self.k * self.pull.powi(2) - self.log_determinant)
    }

    /// Means of the log hazards.
    pub fn mean(&self, whole: &Whole) -> DVector<f64> {
        let common = self.k * (self.pull - self.w.dot(&whole.mean));
        DVector::from_fn(self.sites.len(), |b, _| {
            let own = self.band_variance * self.sites[b].shift;
            self.g[b] * (whole.mean[b] + own + common)
        })
    }

    /// Their covariance as a function of two bands.
    pub fn covariance(&self, whole: &Whole) -> impl Fn(usize, usize) -> f64 + use<'_, 'a> {
        let company = whole.covariance.clone();
        let seen = &company * &self.w;
        let again = self.k * self.w.dot(&seen);
        move |b, c| {
            let of_whole = company[(b, c)] - self.k * (seen[b] + seen[c] - again);
            let own = if b == c {
                self.band_variance * self.g[b]
            } else {
                0.0
            };
            own + self.g[b] * self.g[c] * (self.k + of_whole)
        }
    }

    /// The distribution of band `b` without its own site.
    pub fn cavity(&self, b: usize, mean: f64, variance: f64) -> Normal {
        let site = self.sites[b];
        let precision = (variance.recip() - site.precision).max(1e-9);
        Normal {
            mean: (mean / variance - site.shift) / precision,
            variance: precision.recip(),
        }
    }
}
