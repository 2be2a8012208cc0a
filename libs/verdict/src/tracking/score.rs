//! How good a forecast was that is known by seven quantiles.

use keepworth_contract::simulator::{Coverage, ForecastPoint, TrackedMonth};

/// Levels of the central bands that are frozen, and their ends.
fn bands(of: &ForecastPoint) -> [(f64, [f64; 2]); 3] {
    [
        (0.5, [of.p25, of.p75]),
        (0.8, [of.p10, of.p90]),
        (0.95, [of.p2_5, of.p97_5]),
    ]
}

/// The weighted interval score: half the distance from the median, and of each band of level `1 − α` its width times `α/2`
/// and what lies outside of it, over `K + ½` for `K` bands (Bracher, Ray, Gneiting and Reich, PLOS Computational Biology
/// 17, 2021, e1008618). With ever more bands it is the continuous ranked probability score.
pub(super) fn score(forecast: &ForecastPoint, actual: f64) -> f64 {
    let bands = bands(forecast);
    let k = bands.len() as f64;
    let of_bands = bands.map(|(level, [low, high])| {
        let outside = (low - actual).max(0.0) + (actual - high).max(0.0);
        (1.0 - level) / 2.0 * (high - low) + outside
    });
    (0.5 * (actual - forecast.p50).abs() + of_bands.iter().sum::<f64>()) / (k + 0.5)
}

/// How many months lay within their bands.
pub(super) fn coverage(months: &[&TrackedMonth]) -> Vec<Coverage> {
    let level = |place: usize| {
        let holds = |it: &&&TrackedMonth| {
            let (_, [low, high]) = bands(&it.forecast)[place];
            (low..=high).contains(&it.actual)
        };
        let (held, n) = (
            months.iter().filter(holds).count() as u64,
            months.len() as u64,
        );
        Coverage {
            level: [0.5, 0.8, 0.95][place],
            held,
            n,
            share: held as f64 / n.max(1) as f64,
            // One company: its months and figures share their errors.
            interval: None,
        }
    };
    (0..3).map(level).collect()
}
