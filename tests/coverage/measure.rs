//! Coverage and bias, each with its interval.

use std::collections::BTreeMap;

use statrs::distribution::{Beta, ContinuousCDF, Normal, StudentsT};

use super::figure::Observation;

/// An estimate with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

impl Interval {
    pub fn contains(self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

/// A share of trials that need not be independent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    pub value: f64,
    /// Independent trials that would know it as well.
    trials: f64,
}

impl Share {
    /// Wilson's score interval (JASA 22, 1927).
    pub fn interval(self, confidence: f64) -> Interval {
        let Self { value, trials } = self;
        let z = Normal::new(0.0, 1.0)
            .unwrap()
            .inverse_cdf(0.5 + confidence / 2.0);
        let shrink = 1.0 + z * z / trials;
        let centre = (value + z * z / (2.0 * trials)) / shrink;
        let spread = value * (1.0 - value) / trials + z * z / (4.0 * trials * trials);
        let half = z * spread.sqrt() / shrink;
        Interval {
            value,
            low: (centre - half).max(0.0),
            high: (centre + half).min(1.0),
        }
    }

    /// Clopper and Pearson's exact interval (Biometrika 26, 1934). Of a few dozen trials Wilson's is far
    /// too short near the ends: 7 misses of 40 where 2 are expected come once in 300, not in 3,000.
    fn exact_interval(self, confidence: f64) -> Interval {
        let Self { value, trials } = self;
        let (held, missed) = (value * trials, (1.0 - value) * trials);
        let tail = (1.0 - confidence) / 2.0;
        let quantile = |a: f64, b: f64, p: f64| Beta::new(a, b).unwrap().inverse_cdf(p);
        Interval {
            value,
            low: if held > 0.0 {
                quantile(held, missed + 1.0, tail)
            } else {
                0.0
            },
            high: if missed > 0.0 {
                quantile(held + 1.0, missed, 1.0 - tail)
            } else {
                1.0
            },
        }
    }
}

/// What many observations of one figure say.
#[derive(Debug, Clone)]
pub struct Measured {
    pub n: usize,
    /// Share of the observations that the engine draws.
    pub drawn: f64,
    /// Of bands of 50, 80 and 95%.
    pub coverage: [Share; 3],
    bias: f64,
    bias_error: f64,
    companies: usize,
    /// Of the intervals of 95% that the baseline prints.
    pub printed: Option<Share>,
}

/// The bands.
pub const LEVELS: [f64; 3] = [0.50, 0.80, 0.95];

impl Measured {
    /// Observations of one figure; none without any.
    pub fn new(observations: &[&Observation]) -> Option<Self> {
        if observations.is_empty() {
            return None;
        }
        let n = observations.len() as f64;
        let within =
            |level: f64| coverage(observations, |it| (it.place - 0.5).abs() <= level / 2.0);
        let printed: Vec<&Observation> = observations
            .iter()
            .copied()
            .filter(|it| it.printed.is_some())
            .collect();
        let (bias, variance) = clustered(observations, |it| it.error);
        Some(Self {
            n: observations.len(),
            drawn: observations.iter().filter(|it| it.is_drawn).count() as f64 / n,
            coverage: LEVELS.map(within),
            printed: (!printed.is_empty())
                .then(|| coverage(&printed, |it| it.printed == Some(true))),
            bias,
            bias_error: variance.sqrt(),
            companies: by_company(observations).len(),
        })
    }

    /// The mean error, with Student's interval by company.
    pub fn bias(&self, confidence: f64) -> Interval {
        let freedom = (self.companies.max(2) - 1) as f64;
        let t = StudentsT::new(0.0, 1.0, freedom).unwrap();
        let half = t.inverse_cdf(0.5 + confidence / 2.0) * self.bias_error;
        Interval {
            value: self.bias,
            low: self.bias - half,
            high: self.bias + half,
        }
    }

    /// Whether coverage at every level is what it should be but for `slack`, as far as an interval of
    /// `confidence` about it can tell.
    pub fn holds(&self, confidence: f64, slack: f64) -> bool {
        LEVELS.iter().zip(&self.coverage).all(|(level, found)| {
            let it = found.exact_interval(confidence);
            it.low <= level + slack && it.high >= level - slack
        })
    }
}

/// The share of which something holds.
fn coverage(observations: &[&Observation], holds: impl Fn(&Observation) -> bool) -> Share {
    let n = observations.len() as f64;
    let (share, variance) = clustered(observations, |it| f64::from(u8::from(holds(it))));
    // Segments of a company are no independent trials: as many count as would have the variance that
    // is found between companies, but not more than there are.
    let independent = share * (1.0 - share) / n;
    let effect = if independent > 0.0 {
        (variance / independent).max(1.0)
    } else {
        1.0
    };
    Share {
        value: share,
        trials: n / effect,
    }
}

fn by_company<'a>(observations: &[&'a Observation]) -> BTreeMap<u64, Vec<&'a Observation>> {
    let mut companies: BTreeMap<u64, Vec<&Observation>> = BTreeMap::new();
    for it in observations {
        companies.entry(it.company).or_default().push(it);
    }
    companies
}

/// The mean, and its variance by companies: `G/(G−1) · Σ_g (Σ_i x − mean)² / n²`.
fn clustered(observations: &[&Observation], of: impl Fn(&Observation) -> f64) -> (f64, f64) {
    let n = observations.len() as f64;
    let mean = observations.iter().map(|it| of(it)).sum::<f64>() / n;
    let companies = by_company(observations);
    let squares = companies
        .values()
        .map(|its| its.iter().map(|it| of(it) - mean).sum::<f64>().powi(2));
    let groups = companies.len() as f64;
    let correction = groups / (groups - 1.0).max(1.0);
    (mean, correction * squares.sum::<f64>() / (n * n))
}

#[test]
fn intervals_are_those_of_the_books() {
    // 100 of 1,000: Wilson 8.2909 … 12.0152%.
    let share = Share {
        value: 0.1,
        trials: 1_000.0,
    };
    let found = share.interval(0.95);
    assert!((found.low - 0.082_909).abs() < 1e-6 && (found.high - 0.120_152).abs() < 1e-6);
    // Of 10 trials none held: 0 to 30.85% (1 − 0.025^(1/10)).
    let none = Share {
        value: 0.0,
        trials: 10.0,
    };
    let found = none.exact_interval(0.95);
    assert!(
        found.low == 0.0 && (found.high - 0.308_498).abs() < 1e-5,
        "{found:?}"
    );
}
