//! Intervals of 95 percent, each naming its method.

use keepworth_contract::simulator::baseline::Figure;
use keepworth_contract::statistic::Interval;
use statrs::distribution::{ChiSquared, ContinuousCDF, StudentsT};

/// Level of every interval.
const LEVEL: f64 = 0.95;
/// Probability on either side.
const TAIL: f64 = 0.025;
/// The standard normal quantile of a two-sided [`LEVEL`].
pub(crate) const Z: f64 = 1.959_963_984_540_054;

/// An interval of 95 percent by a method; none without two finite ends.
pub fn interval(low: f64, high: f64, method: &str) -> Option<Interval> {
    (low.is_finite() && high.is_finite()).then(|| Interval {
        low,
        high,
        level: LEVEL,
        method: method.to_owned(),
        freedom: None,
    })
}

/// The quantile of Student's t at probability `p`; none for degrees of freedom that are none.
pub fn student_quantile(freedom: f64, p: f64) -> Option<f64> {
    Some(StudentsT::new(0.0, 1.0, freedom).ok()?.inverse_cdf(p))
}

/// `value ± t·error`.
pub fn student(value: f64, error: f64, freedom: f64, method: &str) -> Option<Interval> {
    let half = student_quantile(freedom, 1.0 - TAIL)? * error;
    let made = interval(value - half, value + half, method)?;
    Some(Interval {
        freedom: Some(freedom),
        ..made
    })
}

/// `value · e^(±t·error)`, which cannot fall below 0.
pub fn log_student(value: f64, error: f64, freedom: f64, method: &str) -> Option<Interval> {
    let half = student_quantile(freedom, 1.0 - TAIL)? * error;
    let made = interval(value * (-half).exp(), value * half.exp(), method)?;
    Some(Interval {
        freedom: Some(freedom),
        ..made
    })
}

/// Wilson's score interval of a share (JASA 22, 1927).
pub fn wilson(successes: u64, trials: u64) -> Option<Interval> {
    wilson_share(successes as f64 / trials as f64, trials as f64, "wilson")
}

/// The same of a share of `n` trials, which need not be whole, as where they count less than they are.
pub fn wilson_share(p: f64, n: f64, method: &str) -> Option<Interval> {
    let shrink = 1.0 + Z * Z / n;
    let centre = (p + Z * Z / (2.0 * n)) / shrink;
    let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt() / shrink;
    interval((centre - half).max(0.0), (centre + half).min(1.0), method)
}

/// Garwood's exact interval of a Poisson rate (Biometrika 28, 1936): `χ²` quantiles of `2d` and
/// `2d + 2` degrees of freedom over twice the exposure.
pub fn poisson(events: u64, exposure: f64) -> Option<Interval> {
    overdispersed_poisson(events, exposure, 1.0)
}

/// The same where counts vary `dispersion` times as much as a Poisson count: as of so many times
/// fewer events (McCullagh and Nelder, Generalized Linear Models, 1989, section 6.2).
pub fn overdispersed_poisson(events: u64, exposure: f64, dispersion: f64) -> Option<Interval> {
    let d = events as f64 / dispersion;
    let quantile = |freedom: f64, p: f64| Some(ChiSquared::new(freedom).ok()?.inverse_cdf(p));
    let low = if events == 0 {
        0.0
    } else {
        quantile(2.0 * d, TAIL)?
    };
    let high = quantile(2.0 * d + 2.0, 1.0 - TAIL)?;
    let scale = dispersion / (2.0 * exposure);
    let method = if dispersion > 1.0 {
        "poisson_overdispersed"
    } else {
        "poisson_exact"
    };
    interval(low * scale, high * scale, method)
}

/// How many events the exact interval of a Poisson count is of, by its lower end as a part of the
/// count: `χ²(2d, 2.5%)/2d`, which rises with `d`.
pub fn effective_events(low: f64) -> f64 {
    const MOST: f64 = 1e9;
    let part = |events: f64| {
        let known = ChiSquared::new(2.0 * events).ok();
        known.map_or(0.0, |it| it.inverse_cdf(TAIL) / (2.0 * events))
    };
    let (mut least, mut most) = (0.0_f64, MOST.ln());
    for _ in 0..50 {
        let middle = f64::midpoint(least, most);
        if part(middle.exp()) < low {
            least = middle;
        } else {
            most = middle;
        }
    }
    f64::midpoint(least, most).exp()
}

/// The error of a figure's logarithm, as its interval has it; none of a figure without one, or that
/// may be 0.
pub fn log_error(figure: &Figure) -> Option<f64> {
    let interval = figure.interval.as_ref()?;
    let quantile = match interval.freedom {
        Some(freedom) => student_quantile(freedom, 1.0 - TAIL)?,
        None => Z,
    };
    let error = (interval.high / interval.low).ln() / (2.0 * quantile);
    (interval.low > 0.0 && error.is_finite()).then_some(error)
}

/// Adjusted Wald interval of a net share of `n` answers in points: ¾ is added for and against,
/// 3 to `n` (Rocks, 2016).
pub fn net_points(favour: u64, against: u64, n: u64) -> Option<Interval> {
    let n = n as f64 + 3.0;
    let (p, d) = ((favour as f64 + 0.75) / n, (against as f64 + 0.75) / n);
    let half = Z * ((p + d - (p - d) * (p - d)) / n).sqrt();
    let cut = |share: f64| (100.0 * share).clamp(-100.0, 100.0);
    interval(cut(p - d - half), cut(p - d + half), "adjusted_wald")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Option<Interval>, low: f64, high: f64) {
        let found = found.unwrap();
        assert!(
            (found.low - low).abs() < 5e-5 && (found.high - high).abs() < 5e-5,
            "{found:?}"
        );
    }

    #[test]
    fn published_intervals() {
        // 100 of 1,000: Wilson 8.2909 … 12.0152%.
        near(wilson(100, 1000), 0.082_909, 0.120_152);
        // Garwood's table: 10 events, 4.7954 to 18.3904; none, 0 to 3.6889.
        near(poisson(10, 1.0), 4.795_4, 18.390_4);
        near(poisson(0, 1.0), 0.0, 3.688_9);
        // 60 promoters, 15 detractors of 100: 29.3431 … 58.0355.
        near(net_points(60, 15, 100), 29.343_1, 58.035_5);
    }

    #[test]
    fn an_exact_interval_tells_its_count() {
        for (events, dispersion) in [(3, 1.0), (12, 1.0), (400, 1.0), (30, 2.5)] {
            let interval = overdispersed_poisson(events, 4.0, dispersion).unwrap();
            let found = effective_events(interval.low / (events as f64 / 4.0));
            let expected = events as f64 / dispersion;
            assert!(
                (found / expected - 1.0).abs() < 1e-6,
                "{found}, not {expected}"
            );
        }
    }
}
