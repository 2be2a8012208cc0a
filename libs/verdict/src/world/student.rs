//! Figures whose interval is Student's are drawn in its shape: between its ends lies more in the middle
//! than a normal of the same ends has, and beyond them more in the tails.

use keepworth_contract::statistic::Interval;
use keepworth_sim::inputs::Distribution;

use super::input::Kind;
use crate::interval::{interval, student_quantile};

/// Probabilities of the quantiles that the shape passes through.
const AT: [f64; 9] = [0.005, 0.025, 0.1, 0.3, 0.5, 0.7, 0.9, 0.975, 0.995];
/// The upper end of an interval.
const END: f64 = 0.975;
/// With less freedom the mean of a figure is anything: as for a hardly known one, the ends count and
/// the shape does not.
const LEAST_FREEDOM: f64 = 3.0;
/// A t of more is a normal.
const MOST_FREEDOM: f64 = 200.0;

/// A figure above 0 whose logarithm is off by `half` at the ends of its interval.
pub(super) fn positive(median: f64, half: f64, freedom: Option<f64>) -> Option<Distribution> {
    let of = |t: f64| median * (half * t).exp();
    through(freedom?, of, Some(0.0), None)
}

/// A share with the figure in the middle of its interval.
pub(super) fn share(middle: f64, interval: &Interval) -> Option<Distribution> {
    let half = (interval.high - interval.low) / 2.0;
    let of = |t: f64| middle + half * t;
    through(interval.freedom?, of, Some(0.0), Some(1.0))
}

/// The interval of a `value` that rests on one observation, if it scatters as those of another figure of
/// its kind do; none where that figure's interval is not Student's.
pub(super) fn of_one(value: f64, other: &Interval, kind: Kind) -> Option<Interval> {
    let freedom = other.freedom?;
    let wider = (freedom + 1.0).sqrt();
    let (low, high) = if kind == Kind::Positive && other.low > 0.0 && value > 0.0 {
        let half = (other.high / other.low).ln() / 2.0 * wider;
        (value * (-half).exp(), value * half.exp())
    } else {
        let half = (other.high - other.low) / 2.0 * wider;
        (value - half, value + half)
    };
    let made = interval(low, high, "one_observation_scattered_as_the_company")?;
    Some(Interval {
        freedom: Some(freedom),
        ..made
    })
}

/// The values `of` Student's t as parts of its 97.5% quantile; none where there is no such smooth
/// distribution, or it has no variance.
fn through(
    freedom: f64,
    of: impl Fn(f64) -> f64,
    low: Option<f64>,
    high: Option<f64>,
) -> Option<Distribution> {
    if freedom > MOST_FREEDOM {
        return None;
    }
    let freedom = freedom.max(LEAST_FREEDOM);
    let end = student_quantile(freedom, END)?;
    let at = |u: &f64| Some([*u, of(student_quantile(freedom, *u)? / end)]);
    let quantiles = AT.iter().map(at).collect::<Option<Vec<_>>>()?;
    let found = Distribution::Metalog {
        quantiles,
        low,
        high,
    };
    (found.validate().is_ok() && found.variance().is_finite()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interval::{log_student, student, wilson};

    #[test]
    fn one_observation_is_as_wide_as_the_scatter_of_others() {
        let near = |found: Interval, expected: Interval| {
            let off = (found.low - expected.low).abs() + (found.high - expected.high).abs();
            assert!(off < 1e-9, "{found:?}, not {expected:?}");
        };
        // Nine of sd 0.3 on the log scale: the mean is off by 0.1.
        let company = log_student(10.0, 0.1, 8.0, "of_log").unwrap();
        let one = of_one(20.0, &company, Kind::Positive).unwrap();
        near(one, log_student(20.0, 0.3, 8.0, "of_log").unwrap());
        let company = student(0.6, 0.01, 3.0, "plain").unwrap();
        let one = of_one(0.5, &company, Kind::Share).unwrap();
        near(one, student(0.5, 0.02, 3.0, "plain").unwrap());
        assert_eq!(of_one(0.5, &wilson(3, 9).unwrap(), Kind::Share), None);
    }

    #[test]
    fn draws_lie_as_students_t_does() {
        for freedom in [3.0, 5.0, 11.0, 40.0] {
            let end = student_quantile(freedom, END).unwrap();
            for half in [0.05, 0.4] {
                let found = positive(20.0, half, Some(freedom)).unwrap();
                for u in [0.01, 0.025, 0.05, 0.2, 0.4, 0.5, 0.7, 0.85, 0.975, 0.99] {
                    let expected = half * student_quantile(freedom, u).unwrap() / end;
                    let drawn = (found.quantile(u) / 20.0).ln();
                    assert!(
                        (drawn - expected).abs() < 0.03 * half,
                        "{freedom} {half} {u}: {drawn}, not {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_mean_is_that_of_a_figure() {
        let of_three = |half| positive(20.0, half, Some(1.0)).map(|it| it.mean());
        assert!(of_three(0.2).is_some_and(|it| it < 20.5));
        assert!(
            of_three(1.5).is_none_or(|it| it < 40.0),
            "{:?}",
            of_three(1.5)
        );
        let interval = Interval {
            low: 0.4,
            high: 0.8,
            level: 0.95,
            method: "student".to_owned(),
            freedom: Some(5.0),
        };
        let margin = share(0.6, &interval).unwrap();
        assert!((margin.mean() - 0.6).abs() < 0.005, "{}", margin.mean());
        assert!((margin.quantile(0.975) - 0.8).abs() < 1e-9);
        assert_eq!(share(0.9, &interval), None, "beyond one");
    }
}
