//! How far a rate of exchange moves in a year, from its months.

use statrs::distribution::{ChiSquared, ContinuousCDF};

/// Fewer changes tell too little.
const FEWEST_CHANGES: usize = 12;
/// Level of the interval.
pub const LEVEL: f64 = 0.95;

/// How far a rate moves in a year: the standard deviation of the logarithm of its change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Volatility {
    /// The estimate.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The logarithms of changes from one month's rate to that of the next, where both months have one.
pub fn changes(months: &[Option<f64>]) -> Vec<f64> {
    let pairs = months.windows(2);
    let change = |pair: &[Option<f64>]| Some((pair[1]? / pair[0]?).ln());
    pairs.filter_map(change).collect()
}

/// From changes of months: `√(12·Σx²/n)`, a walk without drift, whose square over the truth's is χ²/n; none of too few.
pub fn volatility(changes: &[f64]) -> Option<Volatility> {
    let n = changes.len() as f64;
    if changes.len() < FEWEST_CHANGES {
        return None;
    }
    let squares: f64 = changes.iter().map(|it| it * it).sum();
    let law = ChiSquared::new(n).ok()?;
    let of = |divisor: f64| (12.0 * squares / divisor).sqrt();
    let outside = (1.0 - LEVEL) / 2.0;
    Some(Volatility {
        value: of(n),
        low: of(law.inverse_cdf(1.0 - outside)),
        high: of(law.inverse_cdf(outside)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Up and down by 2% a month is √12·ln 1.02 = 6.86% a year; of 24 such χ² has the quantiles 12.401 and 39.364.
    #[test]
    fn by_hand() {
        let months =
            Vec::from_iter((0..25).map(|month| Some(if month % 2 == 0 { 1.0 } else { 1.02 })));
        let found = volatility(&changes(&months)).unwrap();
        assert!((found.value - 0.068_598).abs() < 1e-6, "{found:?}");
        assert!((found.low - found.value * (24.0_f64 / 39.364_08).sqrt()).abs() < 1e-6);
        assert!((found.high - found.value * (24.0_f64 / 12.401_15).sqrt()).abs() < 1e-6);
    }

    /// Walks of two years with a drift of 3% a year, which the estimate takes as none.
    #[test]
    fn intervals_hold_the_volatility_of_walks() {
        let (truth, walks) = (0.1_f64, 2_000);
        let mut luck = 20_251_231_u64;
        let mut uniform = || {
            luck = luck * 48_271 % 2_147_483_647;
            luck as f64 / 2_147_483_647.0
        };
        let mut held = 0;
        for _ in 0..walks {
            let change = |_| {
                let radius = (-2.0 * uniform().ln()).sqrt();
                let normal = radius * (std::f64::consts::TAU * uniform()).cos();
                0.03 / 12.0 + truth / 12.0_f64.sqrt() * normal
            };
            let found = volatility(&Vec::from_iter((0..24).map(change))).unwrap();
            held += i32::from(found.low < truth && truth < found.high);
        }
        // 1,900 are meant; three standard deviations are 29.
        assert!((1_871..=1_929).contains(&held), "{held} of {walks}");
    }

    #[test]
    fn months_without_a_rate_are_no_changes() {
        let months = [Some(1.0), None, Some(1.1), Some(1.21), None];
        let found = changes(&months);
        assert_eq!(found.len(), 1);
        assert!((found[0] - 1.1_f64.ln()).abs() < 1e-12);
        assert_eq!(volatility(&found), None);
    }
}
