//! Inputs of the engine from figures of the records: each drawn as well as it is known.
//!
//! | figure | distribution |
//! |---|---|
//! | positive: revenue, contacts, minutes, costs | lognormal with the figure as its median, as wide as its interval; Student's t of the logarithm where the interval is |
//! | count a month: customers won | gamma with the figure as its mean |
//! | leaving that experience could remove | beta, from the leavers for and against |
//! | another share: margin | normal within 0 to 1 (Student's t where the interval is), or beta near an end, with the figure as its mean |
//!
//! What has no interval is taken as certain. What segments have from the same shared costs, to the
//! digit, they share as one input; so do those for whom the company stands in. What they have from
//! them in part moves together.

use std::collections::{BTreeMap, BTreeSet};

use keepworth_contract::simulator::baseline::{Baseline, Figure};
use keepworth_contract::simulator::{FigureKey, FigureName};
use keepworth_contract::statistic::Interval;
use keepworth_sim::inputs::{CorrelationScale, Distribution};
use keepworth_sim::scenario::{CorrelationGroup, NamedInput, Quantity, SharedInput};

use super::student;
use crate::figure::is_shared;
use crate::interval::{Z, effective_events};

/// What inputs of the company as a whole are called by, in the place of a segment's name.
pub(super) const COMPANY: &str = "(company)";
/// What inputs are called by that segments have from the same costs.
const SHARED: &str = "(shared)";
/// Widest error of a logarithm: two or three customers would tell of means beyond all reason.
const WIDEST: f64 = 0.8;
/// An error narrower than this is none.
const NARROWEST: f64 = 1e-9;
/// A share closer to an end than this many errors is no normal.
const FAR_FROM_ENDS: f64 = 4.0;

/// What a figure can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Above 0.
    Positive,
    /// A count over a time.
    Count,
    /// From 0 to 1.
    Share,
}

/// The inputs named so far.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    named: BTreeMap<String, NamedInput>,
    /// Those that move together beside what the baseline says of its figures.
    ties: Vec<(String, String, f64)>,
}

impl Inputs {
    /// The figure as the engine takes it, an input of the name `records.SCOPE.FIGURE` where it is
    /// uncertain; fixed where it is not.
    pub(super) fn quantity(
        &mut self,
        (scope, name): (&str, FigureKey),
        (figure, value): (&Figure, f64),
        kind: Kind,
    ) -> Quantity {
        let Some(distribution) = distribution(figure, value, kind) else {
            return value.into();
        };
        let own = input(scope, &name);
        let shared = input(SHARED, &name);
        let made = NamedInput {
            distribution,
            unit: figure.unit.clone(),
            grade: None,
            note: note(figure),
        };
        let known = self.named.get(&shared).map(|known| is_same(known, &made));
        let input_name = match (is_shared(figure), known) {
            (true, None | Some(true)) => shared,
            _ => own,
        };
        self.named.entry(input_name.clone()).or_insert(made);
        Quantity::Shared(SharedInput {
            input: input_name,
            scale: 1.0,
        })
    }

    /// A figure of a scope's own with the distribution that is known of it.
    pub(super) fn drawn(
        &mut self,
        (scope, name): (&str, FigureKey),
        figure: &Figure,
        distribution: Distribution,
    ) -> Quantity {
        let own = input(scope, &name);
        let made = NamedInput {
            distribution,
            unit: figure.unit.clone(),
            grade: None,
            note: note(figure),
        };
        self.named.insert(own.clone(), made);
        Quantity::Shared(SharedInput {
            input: own,
            scale: 1.0,
        })
    }

    /// Standard normal causes that errors of a scope's figures have in common.
    pub(super) fn causes(&mut self, scope: &str, count: usize) -> Vec<String> {
        let cause = |number: usize| format!("records.{scope}.purchase_model_{number}");
        let names = Vec::from_iter((1..=count).map(cause));
        for name in &names {
            let made = NamedInput {
                distribution: Distribution::Normal { mean: 0.0, sd: 1.0 },
                unit: "standard deviations".to_owned(),
                grade: None,
                note: "from records: an error of the model of purchases".to_owned(),
            };
            self.named.insert(name.clone(), made);
        }
        names
    }

    /// Lets a figure of a scope move with a cause.
    pub(super) fn tie(&mut self, (scope, name): (&str, FigureKey), cause: &str, correlation: f64) {
        let figure = input(scope, &name);
        self.ties.push((figure, cause.to_owned(), correlation));
    }

    /// The groups of inputs that move together.
    pub(super) fn groups(&self, baseline: &Baseline) -> Vec<CorrelationGroup> {
        let scopes = baseline.segments.iter().map(|it| (it.name.as_str(), it));
        let of_customers = scopes
            .chain([(COMPANY, &baseline.company)])
            .flat_map(|(scope, segment)| {
                // What customers without a contract spend is told by their purchases, not by the ratio that pairs are of.
                let revenue = FigureKey::from(FigureName::Revenue);
                let is_own = segment.purchases.is_none();
                let pairs = segment.correlations.iter();
                let pairs = pairs.filter(move |it| is_own || (it.a != revenue && it.b != revenue));
                pairs.map(move |it| (scope, it))
            })
            .map(|(scope, it)| (input(scope, &it.a), input(scope, &it.b), it.correlation));
        let of_costs = baseline.correlations.iter().map(|it| {
            let (a, b) = (input(&it.a, &it.figure), input(&it.b, &it.figure));
            (a, b, it.correlation)
        });
        let known: Vec<(String, String, f64)> = of_customers
            .chain(of_costs)
            .chain(self.ties.iter().cloned())
            .filter(|(a, b, _)| self.named.contains_key(a) && self.named.contains_key(b))
            .collect();
        components(&known)
            .into_iter()
            .map(|inputs| group(inputs, &known))
            .collect()
    }

    /// The inputs.
    pub(super) fn into_named(self) -> BTreeMap<String, NamedInput> {
        self.named
    }
}

/// What the names of inputs begin with that a baseline brings.
const RECORDS: &str = "records.";

fn input(scope: &str, figure: &FigureKey) -> String {
    format!("{RECORDS}{scope}.{figure}")
}

/// Whether an input of a model is one that its baseline brings.
pub(crate) fn is_of_records(name: &str) -> bool {
    name.starts_with(RECORDS)
}

/// Whether two inputs tell the same, but for rounding.
fn is_same(one: &NamedInput, other: &NamedInput) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (a.abs() + b.abs());
    let (one, other) = (&one.distribution, &other.distribution);
    [0.025, 0.5, 0.975]
        .iter()
        .all(|u| near(one.quantile(*u), other.quantile(*u)))
}

fn note(figure: &Figure) -> String {
    let method = figure.interval.as_ref().map_or("", |it| it.method.as_str());
    format!(
        "from records: {} of {}, n {}, {method}",
        figure.definition.id,
        figure.sources.join(" and "),
        figure.n
    )
}

/// What is drawn for a figure; none where it is certain.
fn distribution(figure: &Figure, value: f64, kind: Kind) -> Option<Distribution> {
    let interval = figure.interval.as_ref()?;
    let half = (interval.high - interval.low) / (2.0 * Z);
    let is_known = half.is_finite() && half > NARROWEST * value.abs();
    let found = match kind {
        _ if !is_known => None,
        Kind::Share => student::share(value, interval).or_else(|| share(value, half)),
        Kind::Positive if value <= 0.0 => None,
        Kind::Count => Some(count(value, interval)),
        Kind::Positive => Some(positive(value, interval)),
    };
    found.filter(|it| it.validate().is_ok())
}

fn positive(value: f64, interval: &Interval) -> Distribution {
    if interval.low > 0.0 {
        let log_sd = ((interval.high / interval.low).ln() / (2.0 * Z)).min(WIDEST);
        return student::positive(value, log_sd * Z, interval.freedom).unwrap_or(
            Distribution::Lognormal {
                median: value,
                log_sd,
            },
        );
    }
    gamma(value, (interval.high - value) / Z)
}

/// As of the count that the lower end of its interval is exact for: the exact interval of few events is
/// wider than what is known of them.
fn count(value: f64, interval: &Interval) -> Distribution {
    let events = effective_events(interval.low / value);
    gamma(value, value / events.sqrt())
}

/// By its mean and standard deviation; at most as wide as an exponential.
fn gamma(mean: f64, sd: f64) -> Distribution {
    let sd = sd.min(mean);
    Distribution::Gamma {
        shape: mean * mean / (sd * sd),
        scale: sd * sd / mean,
    }
}

/// By its mean and standard deviation; none of a figure that is no share.
fn share(mean: f64, sd: f64) -> Option<Distribution> {
    let room = mean.min(1.0 - mean);
    if room <= 0.0 {
        return None;
    }
    if room >= FAR_FROM_ENDS * sd {
        return Some(Distribution::TruncatedNormal {
            mean,
            sd,
            low: 0.0,
            high: 1.0,
        });
    }
    let most = mean * (1.0 - mean);
    // No wider than a U: half of what the mean allows.
    let variance = (sd * sd).min(most / 2.0);
    let size = most / variance - 1.0;
    Some(Distribution::Beta {
        alpha: mean * size,
        beta: (1.0 - mean) * size,
        low: 0.0,
        high: 1.0,
    })
}

/// Names that pairs connect, in order.
fn components(pairs: &[(String, String, f64)]) -> Vec<Vec<String>> {
    let mut found: Vec<BTreeSet<String>> = Vec::new();
    for (a, b, _) in pairs {
        let mut joined = BTreeSet::from([a.clone(), b.clone()]);
        found.retain_mut(|other| {
            let touches = other.contains(a) || other.contains(b);
            if touches {
                joined.append(other);
            }
            !touches
        });
        found.push(joined);
    }
    found.sort();
    found
        .into_iter()
        .map(|names| names.into_iter().collect())
        .collect()
}

fn group(inputs: Vec<String>, pairs: &[(String, String, f64)]) -> CorrelationGroup {
    let between = |one: &String, other: &String| {
        let pair = pairs
            .iter()
            .find(|(a, b, _)| (a, b) == (one, other) || (b, a) == (one, other));
        pair.map_or(0.0, |(_, _, correlation)| *correlation)
    };
    let row = |one: &String| -> Vec<f64> {
        let cell = |other: &String| {
            if one == other {
                1.0
            } else {
                between(one, other)
            }
        };
        inputs.iter().map(cell).collect()
    };
    CorrelationGroup {
        matrix: inputs.iter().map(row).collect(),
        inputs,
        scale: CorrelationScale::Normal,
    }
}

#[cfg(test)]
mod tests;
