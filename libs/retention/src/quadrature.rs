//! Gauss–Legendre quadrature, its nodes computed once.

use std::num::NonZeroUsize;
use std::sync::LazyLock;

use gauss_quad::GaussLegendre;

/// Nodes of a rule; with 32 an integrand that falls by e⁻⁴⁰ over the interval is still exact to
/// double precision.
const DEGREE: NonZeroUsize = NonZeroUsize::new(32).expect("32 is not zero");

static RULE: LazyLock<Vec<(f64, f64)>> = LazyLock::new(|| {
    let rule = GaussLegendre::new(DEGREE);
    let pairs = rule.as_node_weight_pairs().iter();
    pairs
        .map(|&(node, weight)| (0.5 * (node + 1.0), 0.5 * weight))
        .collect()
});

/// Points of `[low, high]` with their weights: `∫ f ≈ Σ weight·f(point)`.
pub(crate) fn gauss_legendre(low: f64, high: f64) -> impl Iterator<Item = (f64, f64)> {
    let width = high - low;
    RULE.iter()
        .map(move |&(node, weight)| (low + width * node, width * weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integrates_polynomials_and_steep_decay() {
        let cubic: f64 = gauss_legendre(-1.0, 3.0).map(|(x, w)| w * x * x * x).sum();
        assert!((cubic - 20.0).abs() < 1e-13);
        let decay: f64 = gauss_legendre(0.0, 40.0).map(|(x, w)| w * (-x).exp()).sum();
        assert!((decay - 1.0).abs() < 1e-14);
    }
}
