/// Boundary of an asymptotic confidence sequence, in standard errors on either side of an estimate.
///
/// Robbins' normal mixture: with `x = t·ρ²` at the sample `t`,
/// `√((1 + 1/x)·(ln(1 + x) − 2 ln α))` (Waudby-Smith et al. 2024, theorem 2.2, in units of the
/// standard error). `ρ²` is chosen such that the boundary is lowest at the planned end, where `x`
/// solves `x = ln(1 + x) − 2 ln α` (ibid., appendix on `ρ`, in its exact form by Lambert's
/// `W₋₁`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Boundary {
    error: f64,
    planned: f64,
}

impl Boundary {
    /// Boundary that is crossed with probability of at most `alpha` in all time.
    pub(super) fn new(alpha: f64) -> Self {
        let error = -2.0 * alpha.ln();
        // At x the right side grows by 1/(1 + x) of the left one's pace, so that rounds come nearer
        // fast at customary levels; at others the boundary is as valid and a little higher.
        let planned = (0..60).fold(error + 1.0, |x, _| x.ln_1p() + error);
        Self { error, planned }
    }

    /// At a share of the planned information, above 0; 1 is the planned end.
    pub(super) fn at(self, fraction: f64) -> f64 {
        let x = fraction * self.planned;
        ((1.0 + x.recip()) * (x.ln_1p() + self.error)).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `x = −W₋₁(−α²/e) − 1`: at 5% `W₋₁(−0.000 919 7) = −9.2104`, hence `x = 8.210`.
    #[test]
    fn lowest_at_the_planned_end() {
        let boundary = Boundary::new(0.05);
        let w = -(boundary.planned + 1.0);
        assert!((w * w.exp() + 0.0025 / std::f64::consts::E).abs() < 1e-12);
        assert!((boundary.at(1.0) - 3.0348).abs() < 1e-3);
        for fraction in [0.01, 0.5, 0.99, 1.01, 2.0, 100.0] {
            assert!(boundary.at(fraction) > boundary.at(1.0));
        }
    }

    /// The paper's own form, `σ·√(2(tρ² + 1)/(t²ρ²)·ln(√(tρ² + 1)/α))`.
    #[test]
    fn as_in_the_paper() {
        let (t, rho2, alpha) = (100.0_f64, 0.1_f64, 0.05_f64);
        let x = t * rho2;
        let margin = (2.0 * (x + 1.0) / (t * x) * ((x + 1.0).sqrt() / alpha).ln()).sqrt();
        let boundary = Boundary::new(alpha);
        let ours = boundary.at(x / boundary.planned) / t.sqrt();
        assert!((ours - margin).abs() < 1e-12);
    }
}
