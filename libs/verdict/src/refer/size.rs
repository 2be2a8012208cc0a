//! How large evidence says an effect is, as the engine reads it.

use keepworth_contract::simulator::EvidenceSize;
use keepworth_sim::inputs::Distribution;
use statrs::distribution::{ContinuousCDF, Normal};

/// The level of a scenario's "low to high".
const USUAL: f64 = 0.90;

/// The size as a scenario would have it.
///
/// An interval is read as one in a scenario is: of a lognormal where both ends are above 0, else of a normal; one
/// of another level than 90% is stretched or shrunk within that family.
pub(super) fn distribution(size: &EvidenceSize) -> Distribution {
    match *size {
        EvidenceSize::MeanSd { mean, sd } => Distribution::Normal { mean, sd },
        EvidenceSize::Number { value } => Distribution::Fixed(value),
        EvidenceSize::Interval { low, high, level } => {
            let factor = if level == USUAL {
                1.0
            } else {
                quantile(USUAL) / quantile(level)
            };
            Distribution::Interval(stretched(low, high, factor))
        }
    }
}

fn stretched(low: f64, high: f64, factor: f64) -> [f64; 2] {
    if factor == 1.0 {
        return [low, high];
    }
    let about = |low: f64, high: f64| {
        let (middle, half) = ((low + high) / 2.0, (high - low) / 2.0 * factor);
        [middle - half, middle + half]
    };
    if low > 0.0 {
        about(low.ln(), high.ln()).map(f64::exp)
    } else {
        about(low, high)
    }
}

/// Standard errors from the middle of an interval to its end.
fn quantile(level: f64) -> f64 {
    Normal::standard().inverse_cdf(0.5 + level / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_of_another_level_is_of_the_same_law() {
        let interval =
            |low, high, level| distribution(&EvidenceSize::Interval { low, high, level });
        assert_eq!(
            interval(0.04, 0.13, 0.90),
            Distribution::Interval([0.04, 0.13])
        );
        // A normal of mean 0.05 and sd 0.05: its 95% interval is ±1.96 sd, its 90% one ±1.645.
        let Distribution::Interval([low, high]) =
            interval(0.05 - 1.959_964 * 0.05, 0.05 + 1.959_964 * 0.05, 0.95)
        else {
            panic!()
        };
        assert!((low - (0.05 - 1.644_854 * 0.05)).abs() < 1e-6, "{low}");
        assert!((high - (0.05 + 1.644_854 * 0.05)).abs() < 1e-6, "{high}");
        // Of a lognormal the ends move apart on the logarithm's scale.
        let Distribution::Interval([low, high]) = interval(0.02, 0.08, 0.80) else {
            panic!()
        };
        assert!((low * high - 0.02 * 0.08).abs() < 1e-12 && low < 0.02 && low > 0.0);
    }
}
