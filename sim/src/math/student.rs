//! Student's t distribution.

use super::{Tails, beta_quantile};

/// The value that a t variable exceeds in size with probability `outside`, at `freedom` degrees of
/// freedom: `t² = ν(1 − x)/x` where `x` is a Beta(ν/2, ½) variable's quantile at `outside`.
pub fn student_bound(freedom: f64, outside: f64) -> f64 {
    let x = beta_quantile(0.5 * freedom, 0.5, Tails::of_uniform(outside));
    (freedom * (1.0 - x) / x).sqrt()
}

#[cfg(test)]
mod tests {
    use super::student_bound;

    /// NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.2, two-sided 5%.
    #[test]
    fn published_bounds() {
        for (freedom, bound) in [
            (1.0, 12.706),
            (3.0, 3.182),
            (7.0, 2.365),
            (15.0, 2.131),
            (100.0, 1.984),
        ] {
            let found = student_bound(freedom, 0.05);
            assert!(
                (found - bound).abs() < 5e-4,
                "{freedom}: {found} not {bound}"
            );
        }
    }
}
