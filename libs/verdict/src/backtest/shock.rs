//! The widening that would have held: a factor common to all segments, and one of each.
//!
//! Of each rate the log error in segment `s` and month `m` is `e = ln(actual / median)`, and `v` the variance
//! that the forecast itself gives it (a tenth of its draws on either side, as of a normal). Beyond it,
//! `e = c_m + o_sm`: both by moments, month by month, as DerSimonian and Laird take them (Controlled Clinical
//! Trials 7, 1986):
//!
//! - own: `(ΣQ_m − Σ(S_m − 1)) / Σ(Σw − Σw²/Σw)` with `w = 1/v` and `Q_m = Σw(e − ē_m)²`,
//! - common: the mean over months of `ē_m² − 1/Σw` with `w = 1/(v + own²)`,
//!
//! never below 0. One past is one: months in which the common factor stays the same count as one of it, by
//! their autocorrelation `r` as `n(1 − r)/(1 + r)`, segments as one each of their own. So the deviation to be
//! drawn with is larger, as Student's band of 80% is than a normal one.

use std::collections::{BTreeMap, BTreeSet};

use keepworth_contract::simulator::{ModelError, ShockOn, ShockSize};
use keepworth_contract::{Month, Word};
use keepworth_sim::forecast::Counted;

use super::cell::{all_contacts, quantile};
use super::count::MonthCount;
use crate::interval::student_quantile;

/// Fewer expected are no rate whose logarithm tells anything.
const FEWEST: f64 = 5.0;
/// The normal quantile of 90%: an end of a band of 80%.
const Z: f64 = 1.281_551_565_544_600_4;

/// By what it acts on.
pub(super) type Errors = BTreeMap<ShockOn, Vec<Seen>>;

/// A log error, and the variance that the forecast gives it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    month: Month,
    segment: String,
    error: f64,
    variance: f64,
}

impl Seen {
    /// The error of a rate; none where the logarithm of either is not known.
    pub(super) fn new(month: Month, segment: &str, rate: f64, mut draws: Vec<f64>) -> Option<Self> {
        draws.sort_by(f64::total_cmp);
        let [low, median, high] = [0.1, 0.5, 0.9].map(|p| quantile(&draws, p));
        let sd = (high / low).ln() / (2.0 * Z);
        let is_known = rate > 0.0 && low > 0.0 && sd > 0.0;
        is_known.then(|| Self {
            month,
            segment: segment.to_owned(),
            error: (rate / median).ln(),
            variance: sd * sd,
        })
    }
}

/// The rates of a month with their draws, as far as they are more than a handful of counts.
pub(super) fn rates(
    actual: &MonthCount,
    drawn: &Counted,
    place: usize,
) -> Vec<(ShockOn, f64, Vec<f64>)> {
    let heads = &drawn.customer_months[place];
    let over = |sums: &[f64]| {
        sums.iter()
            .zip(heads)
            .map(|(sum, heads)| sum / heads)
            .collect()
    };
    let is_many = |draws: &[f64]| draws.iter().sum::<f64>() >= FEWEST * draws.len() as f64;
    let contacts = all_contacts(&drawn.contacts, place);
    let months = actual.customer_months;
    let mut found = Vec::new();
    if months <= 0.0 {
        return found;
    }
    if is_many(&drawn.leavers[place]) {
        let draws = over(&drawn.leavers[place]);
        found.push((ShockOn::Leaving, actual.leavers / months, draws));
    }
    if is_many(&drawn.won[place]) {
        found.push((ShockOn::Won, actual.won, drawn.won[place].clone()));
    }
    found.push((
        ShockOn::Revenue,
        actual.revenue / months,
        over(&drawn.revenue[place]),
    ));
    if !contacts.is_empty() && is_many(&contacts) {
        found.push((
            ShockOn::Contacts,
            actual.all_contacts() / months,
            over(&contacts),
        ));
    }
    if let Some(cost) = actual.service_cost {
        let draws = over(&drawn.service_cost[place]);
        found.push((ShockOn::ServiceCost, cost / months, draws));
    }
    if let Some(cost) = actual.cost {
        found.push((ShockOn::Cost, cost / months, over(&drawn.cost[place])));
    }
    found
}

/// The widening of each rate.
pub(super) fn estimates(errors: &Errors) -> Vec<ModelError> {
    let of = |on: ShockOn| {
        let seen = errors.get(&on).filter(|seen| !seen.is_empty())?;
        Some(estimate(on, seen))
    };
    ShockOn::all().filter_map(of).collect()
}

fn estimate(on: ShockOn, seen: &[Seen]) -> ModelError {
    let mut months: BTreeMap<Month, Vec<(f64, f64)>> = BTreeMap::new();
    for it in seen {
        months
            .entry(it.month)
            .or_default()
            .push((it.error, it.variance));
    }
    let own = own_variance(months.values());
    let means: Vec<(f64, f64)> = months.values().map(|month| mean(month, own)).collect();
    let beyond = |(mean, variance): &(f64, f64)| mean * mean - variance;
    let common = means.iter().map(beyond).sum::<f64>() / means.len() as f64;
    let segments = seen
        .iter()
        .map(|it| &it.segment)
        .collect::<BTreeSet<_>>()
        .len();
    let means: Vec<f64> = means.into_iter().map(|(mean, _)| mean).collect();
    ModelError {
        on,
        common: size(common, independent(&means, 0.0)),
        own: size(own, segments as f64 - 1.0),
        n: seen.len() as u64,
    }
}

/// Variance between the segments of a month beyond what the forecast gives them.
fn own_variance<'a>(months: impl Iterator<Item = &'a Vec<(f64, f64)>>) -> f64 {
    let (mut beyond, mut scale) = (0.0, 0.0);
    for month in months {
        let (centre, variance) = mean(month, 0.0);
        let statistic: f64 = month.iter().map(|(e, v)| (e - centre).powi(2) / v).sum();
        let squares: f64 = month.iter().map(|(_, v)| 1.0 / (v * v)).sum();
        beyond += statistic - (month.len() as f64 - 1.0);
        scale += 1.0 / variance - squares * variance;
    }
    if scale > 0.0 {
        (beyond / scale).max(0.0)
    } else {
        0.0
    }
}

/// The weighted mean of errors, and its variance, where segments vary by so much more.
fn mean(month: &[(f64, f64)], own: f64) -> (f64, f64) {
    let (sum, weights) = month
        .iter()
        .fold((0.0, 0.0), |(sum, weights), (error, variance)| {
            let weight = 1.0 / (variance + own);
            (sum + weight * error, weights + weight)
        });
    (sum / weights, 1.0 / weights)
}

/// As how many independent values those in a row count, about a centre: `n(1 − r)/(1 + r)` by the
/// autocorrelation `r` of neighbours, from 1 to `n`.
pub(super) fn independent(values: &[f64], centre: f64) -> f64 {
    let n = values.len() as f64;
    let off: Vec<f64> = values.iter().map(|it| it - centre).collect();
    let squares: f64 = off.iter().map(|it| it * it).sum();
    let products: f64 = off.windows(2).map(|pair| pair[0] * pair[1]).sum();
    let r = products / squares * n / (n - 1.0);
    if !r.is_finite() {
        return n;
    }
    let r = r.clamp(0.0, 0.99);
    (n * (1.0 - r) / (1.0 + r)).clamp(1.0, n)
}

fn size(variance: f64, freedom: f64) -> ShockSize {
    let (sd, freedom) = (variance.max(0.0).sqrt(), freedom.max(1.0));
    let wider = student_quantile(freedom, 0.9).map_or(1.0, |t| t / Z);
    ShockSize {
        sd,
        freedom,
        drawn_sd: sd * wider.max(1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(month: i32, segment: usize, error: f64) -> Seen {
        Seen {
            month: Month::from_index(24_000 + month),
            segment: segment.to_string(),
            error,
            variance: 0.01,
        }
    }

    #[test]
    fn what_the_forecast_explains_is_no_shock() {
        let errors: Vec<Seen> = (0..12)
            .flat_map(|month| [-0.1, 0.1].map(|error| (month, error)))
            .enumerate()
            .map(|(at, (month, error))| seen(month, at % 2, error))
            .collect();
        let found = estimate(ShockOn::Revenue, &errors);
        assert_eq!(found.common.sd, 0.0);
        assert!(found.own.sd < 0.11, "{found:?}");
        assert_eq!(found.n, 24);
    }

    #[test]
    fn a_lasting_shock_is_common_and_was_seen_once() {
        let errors: Vec<Seen> = (0..12)
            .flat_map(|month| (0..4).map(move |segment| seen(month, segment, 0.3)))
            .collect();
        let found = estimate(ShockOn::Leaving, &errors);
        // ē² less the variance of a mean of four.
        assert!((found.common.sd - (0.09_f64 - 0.0025).sqrt()).abs() < 1e-12);
        assert_eq!((found.own.sd, found.common.freedom), (0.0, 1.0));
        // Student's t of one degree has 3.0777 where a normal has 1.2816.
        assert!((found.common.drawn_sd / found.common.sd - 3.077_68 / Z).abs() < 1e-3);
    }

    #[test]
    fn segments_that_lie_apart_have_shocks_of_their_own() {
        let errors: Vec<Seen> = (0..12)
            .flat_map(|month| {
                (0..6).map(move |s| seen(month, s, if s % 2 == 0 { 0.4 } else { -0.4 }))
            })
            .collect();
        let found = estimate(ShockOn::Won, &errors);
        // Variance of six values of ±0.4 is 0.192, of which the forecast explains 0.01.
        assert!((found.own.sd - 0.182_f64.sqrt()).abs() < 1e-9, "{found:?}");
        assert_eq!((found.common.sd, found.own.freedom), (0.0, 5.0));
    }
}
