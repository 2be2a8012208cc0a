use serde::{Deserialize, Serialize};
use statrs::distribution::{Continuous, ContinuousCDF, Normal};

use super::difference::moments;
use super::{PilotError, Sums};
use crate::fit::{Estimate, Level, Scale};

/// Rise that a group picked for scoring below `cutoff` shows at the next wave with nothing done.
///
/// For normal scores with retest correlation `ρ`: `(1 − ρ)·σ·φ(z)/Φ(z)`, `z = (cutoff − μ)/σ`
/// (Davis 1976).
///
/// ```
/// # use keepworth_retention::pilot::expected_rise;
/// // Picking the lower half of scores with sd 10 and retest correlation 0.5.
/// let rise = expected_rise(50.0, 10.0, 0.5, 50.0).expect("a standard deviation and a share");
/// assert!((rise - 3.989).abs() < 0.001);
/// ```
///
/// # Errors
/// [`PilotError::Share`] when the correlation is not in (0, 1), [`PilotError::Group`] when mean,
/// sd or cutoff are not finite or the sd is not above 0.
pub fn expected_rise(mean: f64, sd: f64, correlation: f64, cutoff: f64) -> Result<f64, PilotError> {
    if !(correlation > 0.0 && correlation < 1.0) {
        return Err(PilotError::Share {
            field: "retest correlation",
            value: correlation,
        });
    }
    let z = (cutoff - mean) / sd;
    if !(sd > 0.0 && z.is_finite()) {
        return Err(PilotError::Group("targeted"));
    }
    let law = Normal::standard();
    // Far below the mean the ratio φ/Φ tends to −z, where both are 0 in f64.
    let ratio = if z < -30.0 {
        -z
    } else {
        law.pdf(z) / law.cdf(z)
    };
    Ok((1.0 - correlation) * sd * ratio)
}

/// A targeted group's rise, with regression to the mean taken out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Correction {
    /// What the targeted group rose by, as seen.
    pub seen: f64,
    /// What customers picked the same way rose by with nothing done.
    pub expected: f64,
    /// The difference, the only part that may be credited to the treatment.
    pub effect: Estimate,
}

/// Compares the targeted with untreated customers who scored below the same cutoff.
///
/// Pairs are `(first score, next score)`; untreated customers at or above the cutoff are ignored,
/// since they were not picked by the rule that picked the targeted.
///
/// # Errors
/// [`PilotError::Group`] when either group has fewer than two pairs below the cutoff.
pub fn rise_beyond_regression(
    targeted: &[(f64, f64)],
    untreated: &[(f64, f64)],
    cutoff: f64,
) -> Result<Correction, PilotError> {
    let rises = |pairs: &[(f64, f64)]| -> Vec<f64> {
        pairs
            .iter()
            .filter(|(first, _)| *first < cutoff)
            .map(|(first, next)| next - first)
            .collect()
    };
    let (t, u) = (rises(targeted), rises(untreated));
    let (seen, expected) = (moments("targeted", &t)?, moments("untreated", &u)?);
    let se = (seen.1 + expected.1).sqrt();
    let effect = Estimate::wald(Scale::Identity, seen.0 - expected.0, se, Level::USUAL);
    Ok(Correction {
        seen: seen.0,
        expected: expected.0,
        effect,
    })
}

/// As [`rise_beyond_regression`] where nobody was left untreated: the rise expected of such a group
/// comes from the law of scores before, by [`expected_rise`].
///
/// `rises` are each customer's second score less the first. The expected rise is taken as known:
/// the error is that of the rises alone, and the answer is only as good as the retest correlation.
/// Two arms drawn by lot among the same customers need none of this: both regress alike.
///
/// # Errors
/// [`PilotError::NoSpread`] where all rose by the same, [`PilotError::Group`] for an expected rise
/// that is not finite.
pub fn rise_beyond_expected(rises: Sums, expected: f64) -> Result<Correction, PilotError> {
    let se = (rises.variance() / rises.n).sqrt();
    if se == 0.0 {
        return Err(PilotError::NoSpread { field: "rises" });
    }
    if !expected.is_finite() {
        return Err(PilotError::Group("targeted"));
    }
    let seen = rises.mean();
    let effect = Estimate::wald(Scale::Identity, seen - expected, se, Level::USUAL);
    Ok(Correction {
        seen,
        expected,
        effect,
    })
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;
    use rand_distr::{Distribution, StandardNormal};

    use super::*;

    /// Scores that share a stable part: retest correlation 0.5, nothing done to anybody.
    fn waves(seed: u64, n: usize) -> Vec<(f64, f64)> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        (0..n)
            .map(|_| {
                let [stable, first, next]: [f64; 3] =
                    std::array::from_fn(|_| StandardNormal.sample(&mut rng));
                (
                    50.0 + 7.071_07 * (stable + first),
                    50.0 + 7.071_07 * (stable + next),
                )
            })
            .collect()
    }

    #[test]
    fn formula_agrees_with_simulation() {
        let rises: Vec<f64> = waves(1, 200_000)
            .iter()
            .filter(|w| w.0 < 45.0)
            .map(|w| w.1 - w.0)
            .collect();
        let mean = rises.iter().sum::<f64>() / rises.len() as f64;
        let expected = expected_rise(50.0, 10.0, 0.5, 45.0).unwrap();
        assert!((mean - expected).abs() < 0.15, "{mean} and {expected}");
    }

    #[test]
    fn a_group_with_nothing_done_has_no_effect() {
        let mut without_effect = 0;
        for seed in 0..100 {
            let (targeted, untreated) = (waves(seed, 1000), waves(seed + 1000, 1000));
            let correction = rise_beyond_regression(&targeted, &untreated, 45.0).unwrap();
            assert!(correction.seen > 3.0);
            let Estimate { low, high, .. } = correction.effect;
            without_effect += usize::from(low < 0.0 && high > 0.0);
        }
        assert!(
            (89..=100).contains(&without_effect),
            "{without_effect} of 100"
        );
    }

    #[test]
    fn without_untreated_the_law_of_scores_tells_what_to_expect() {
        let expected = expected_rise(50.0, 10.0, 0.5, 45.0).unwrap();
        let mut without_effect = 0;
        for seed in 0..100 {
            let rises: Vec<f64> = (waves(seed, 1000).iter())
                .filter(|w| w.0 < 45.0)
                .map(|w| w.1 - w.0)
                .collect();
            let squares = rises.iter().map(|r| r * r).sum();
            let sums = Sums::new(rises.len() as u64, rises.iter().sum(), squares).unwrap();
            let correction = rise_beyond_expected(sums, expected).unwrap();
            assert!(correction.seen > 3.0);
            let Estimate { low, high, .. } = correction.effect;
            without_effect += usize::from(low < 0.0 && high > 0.0);
        }
        assert!(
            (89..=100).contains(&without_effect),
            "{without_effect} of 100"
        );
    }

    #[test]
    fn groups_too_small_to_compare_are_refused() {
        assert!(rise_beyond_regression(&[], &waves(3, 50), 45.0).is_err());
        assert!(expected_rise(50.0, 0.0, 0.5, 45.0).is_err());
        assert!(expected_rise(50.0, 10.0, 1.0, 45.0).is_err());
        assert!(expected_rise(50.0, 10.0, 0.5, f64::NAN).is_err());
        assert!(expected_rise(50.0, 10.0, 0.5, -1e4).unwrap() > 0.0);
    }
}
