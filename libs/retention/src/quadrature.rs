//! Gauss–Legendre quadrature, its nodes computed once.

use std::num::NonZeroUsize;
use std::sync::LazyLock;

use gauss_quad::GaussLegendre;

/// How fine a rule is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// 12 nodes: double precision for an integrand that falls by up to e⁻⁶ over the interval.
    Coarse,
    /// 32 nodes: the same for a fall by up to e⁻⁴⁰.
    Fine,
}

type Pairs = Vec<(f64, f64)>;

static COARSE: LazyLock<Pairs> = LazyLock::new(|| unit_rule(12));
static FINE: LazyLock<Pairs> = LazyLock::new(|| unit_rule(32));

/// Nodes and weights on `[0, 1]`.
fn unit_rule(degree: usize) -> Pairs {
    let degree = NonZeroUsize::new(degree).expect("degrees are the two constants above");
    let rule = GaussLegendre::new(degree);
    let pairs = rule.as_node_weight_pairs().iter();
    pairs
        .map(|&(node, weight)| (0.5 * (node + 1.0), 0.5 * weight))
        .collect()
}

/// Points of `[low, high]` with their weights: `∫ f ≈ Σ weight·f(point)`.
pub(crate) fn gauss_legendre(rule: Rule, low: f64, high: f64) -> impl Iterator<Item = (f64, f64)> {
    let width = high - low;
    let pairs = match rule {
        Rule::Coarse => &COARSE,
        Rule::Fine => &FINE,
    };
    pairs
        .iter()
        .map(move |&(node, weight)| (low + width * node, width * weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integrates_polynomials_and_steep_decay() {
        let cubic: f64 = gauss_legendre(Rule::Coarse, -1.0, 3.0)
            .map(|(x, w)| w * x * x * x)
            .sum();
        assert!((cubic - 20.0).abs() < 1e-13);
        let gentle: f64 = gauss_legendre(Rule::Coarse, 0.0, 6.0)
            .map(|(x, w)| w * (-x).exp())
            .sum();
        assert!((gentle + (-6.0_f64).exp_m1()).abs() < 1e-15);
        let decay: f64 = gauss_legendre(Rule::Fine, 0.0, 40.0)
            .map(|(x, w)| w * (-x).exp())
            .sum();
        assert!((decay - 1.0).abs() < 1e-14);
    }
}
