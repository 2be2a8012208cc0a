//! The widening that would have held: a factor common to all segments, and one of each, which lasts.
//!
//! Of each rate the log error of segment `s` is its mean over the months, `e = mean ln(actual / median)`, and
//! `v` the variance that the forecast itself gives that mean: what passes within months averages out of
//! both. Beyond `v`, `e = c + o_s`, both by moments as DerSimonian and Laird take them (Controlled Clinical
//! Trials 7, 1986):
//!
//! - own: `(Q − (S − 1)) / (Σw − Σw²/Σw)` with `w = 1/v` and `Q = Σw(e − ē)²`,
//! - common: `ē² − 1/Σw` with `w = 1/(v + own²)`,
//!
//! never below 0. One past is one: the common factor was seen once, whatever the months and segments, and the
//! estimate says so in its freedom.

use std::collections::BTreeMap;

use keepworth_contract::Word;
use keepworth_contract::simulator::{ModelError, ShockOn, ShockSize};
use keepworth_sim::forecast::Counted;

use super::cell::{all_contacts, quantile};
use super::count::MonthCount;

/// Fewer expected are no rate whose logarithm tells anything.
const FEWEST: f64 = 5.0;
/// The least part of the median that a future counts as.
const LEAST: f64 = 0.01;

/// By what it acts on, and by segment.
pub(super) type Errors = BTreeMap<ShockOn, BTreeMap<String, Seen>>;

/// The log errors of a rate over the months of a segment, and those of its futures.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Seen {
    months: f64,
    error: f64,
    /// Sums of the logarithms over the medians of the months, by future.
    futures: Vec<f64>,
}

impl Seen {
    /// Adds a month, where the logarithm of its rate is known.
    pub(super) fn add(&mut self, rate: f64, draws: &[f64]) {
        let mut sorted = draws.to_vec();
        sorted.sort_by(f64::total_cmp);
        let [low, median] = [0.1, 0.5].map(|p| quantile(&sorted, p));
        if rate <= 0.0 || low <= 0.0 {
            return;
        }
        self.months += 1.0;
        self.error += (rate / median).ln();
        self.futures.resize(draws.len(), 0.0);
        for (sum, draw) in self.futures.iter_mut().zip(draws) {
            // A future without any count lies as far off as the least that is told.
            *sum += (draw / median).max(LEAST).ln();
        }
    }

    /// The mean error, and the variance that the forecast gives it; none without a month, or of a forecast
    /// without any.
    fn mean(&self) -> Option<(f64, f64)> {
        let n = self.futures.len() as f64;
        let centre = self.futures.iter().sum::<f64>() / n;
        let squares: f64 = self.futures.iter().map(|it| (it - centre).powi(2)).sum();
        let variance = squares / (n - 1.0) / (self.months * self.months);
        (variance > 0.0).then_some((self.error / self.months, variance))
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
    if let Some(revenue) = actual.revenue {
        let draws = over(&drawn.revenue[place]);
        found.push((ShockOn::Revenue, revenue / months, draws));
    }
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
        let seen = errors.get(&on)?.values().filter_map(Seen::mean);
        estimate(on, &seen.collect::<Vec<_>>())
    };
    ShockOn::all().filter_map(of).collect()
}

fn estimate(on: ShockOn, errors: &[(f64, f64)]) -> Option<ModelError> {
    if errors.is_empty() {
        return None;
    }
    let own = own_variance(errors);
    let (centre, variance) = mean(errors, own);
    let size = |variance: f64, freedom: f64| ShockSize {
        sd: variance.max(0.0).sqrt(),
        freedom,
    };
    Some(ModelError {
        on,
        common: size(centre * centre - variance, 1.0),
        own: size(own, errors.len() as f64 - 1.0),
        n: errors.len() as u64,
    })
}

/// Variance between segments beyond what the forecast gives them.
fn own_variance(errors: &[(f64, f64)]) -> f64 {
    let (centre, variance) = mean(errors, 0.0);
    let statistic: f64 = errors.iter().map(|(e, v)| (e - centre).powi(2) / v).sum();
    let squares: f64 = errors.iter().map(|(_, v)| 1.0 / (v * v)).sum();
    let scale = 1.0 / variance - squares * variance;
    let beyond = statistic - (errors.len() as f64 - 1.0);
    if errors.len() > 1 {
        (beyond / scale).max(0.0)
    } else {
        0.0
    }
}

/// The weighted mean of errors, and its variance, where segments vary by so much more.
fn mean(errors: &[(f64, f64)], own: f64) -> (f64, f64) {
    let (sum, weights) = errors
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_forecast_explains_is_no_shock() {
        let found = estimate(ShockOn::Revenue, &[(-0.1, 0.01), (0.1, 0.01)]).unwrap();
        // Q of 2 over one degree of freedom is 1 too much, of a scale of 100.
        assert_eq!((found.common.sd, found.n), (0.0, 2));
        assert!((found.own.sd - 0.1).abs() < 1e-9, "{found:?}");
        let single = estimate(ShockOn::Revenue, &[(0.05, 0.01)]).unwrap();
        assert_eq!((single.common.sd, single.own.sd), (0.0, 0.0));
    }

    #[test]
    fn a_shock_to_all_is_common_and_was_seen_once() {
        let found = estimate(ShockOn::Leaving, &[(0.3, 0.01); 4]).unwrap();
        // The square less the variance of a mean of four.
        assert!((found.common.sd - (0.09_f64 - 0.0025).sqrt()).abs() < 1e-12);
        assert_eq!((found.own.sd, found.common.freedom), (0.0, 1.0));
    }

    #[test]
    fn segments_that_lie_apart_have_shocks_of_their_own() {
        let errors = [0.4, -0.4, 0.4, -0.4, 0.4, -0.4].map(|error| (error, 0.01));
        let found = estimate(ShockOn::Won, &errors).unwrap();
        // Variance of six values of ±0.4 is 0.192, of which the forecast explains 0.01.
        assert!((found.own.sd - 0.182_f64.sqrt()).abs() < 1e-9, "{found:?}");
        assert_eq!((found.common.sd, found.own.freedom), (0.0, 5.0));
    }

    #[test]
    fn months_that_scatter_average_out() {
        let mut seen = Seen::default();
        for rate in [2.0, 0.5, 2.0, 0.5] {
            seen.add(rate, &[0.8, 1.0, 1.25]);
        }
        seen.add(0.0, &[0.8, 1.0, 1.25]);
        let (error, variance) = seen.mean().unwrap();
        assert!(error.abs() < 1e-12, "{error}");
        assert!(
            (variance - 1.25_f64.ln().powi(2)).abs() < 1e-12,
            "each future lasts"
        );
        assert_eq!(Seen::default().mean(), None);
    }
}
