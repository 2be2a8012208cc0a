//! Intervals of pooled segments hold the truth as often as they say.
//!
//! Companies are drawn from truths that the estimator does not know: customers who come under
//! observation at any tenure and are followed month by month, segments of 20 to 20,000 customers,
//! levels that differ by a lognormal of several spreads, by one segment that is unlike the others,
//! or not at all, and bands whose shape differs from segment to segment.
//!
//! `cargo test -p keepworth-retention --features slow-tests --test it pooling -- --nocapture`
//! runs 400 companies of each kind instead of 30 and prints the table.

use std::collections::BTreeMap;
use std::fmt;

use keepworth_retention::bands::{BandEdges, Pooling, SegmentCounts, estimate};
use keepworth_retention::fit::Fit;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Binomial, Distribution, StandardNormal};

const COMPANIES: u64 = if cfg!(feature = "slow-tests") {
    400
} else {
    30
};
const EDGES: [u32; 4] = [0, 3, 12, 24];
/// Monthly hazards of the typical segment.
const TYPICAL: [f64; 4] = [0.05, 0.03, 0.02, 0.012];
/// Shares of truths that intervals are to hold.
const LEVELS: [f64; 3] = [0.50, 0.80, 0.95];
/// Their two-sided normal quantiles.
const NORMAL: [f64; 3] = [0.674_489_75, 1.281_551_57, 1.959_963_98];
/// Months of the first three years in each band.
const MONTHS: [f64; 4] = [3.0, 9.0, 12.0, 12.0];
/// Customers below which a segment is called small in the table.
const SMALL: f64 = 200.0;

/// A kind of truth.
#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    segments: usize,
    /// Spread of the levels, and of the bands around them, on the log scale.
    level: f64,
    band: f64,
    /// Factor of one segment's hazards.
    outlier: f64,
}

const fn kind(name: &'static str, segments: usize, level: f64, band: f64, outlier: f64) -> Kind {
    Kind {
        name,
        segments,
        level,
        band,
        outlier,
    }
}

const KINDS: [Kind; 9] = [
    kind("8 segments, 0.2 and 0.1", 8, 0.2, 0.1, 1.0),
    kind("8 segments, 0.4 and 0.2", 8, 0.4, 0.2, 1.0),
    kind("8 segments, 0.8 and 0.3", 8, 0.8, 0.3, 1.0),
    kind("4 segments, 0.4 and 0.2", 4, 0.4, 0.2, 1.0),
    kind("25 segments, 0.4 and 0.2", 25, 0.4, 0.2, 1.0),
    kind("25 segments, 0.2 and 0.1", 25, 0.2, 0.1, 1.0),
    kind("25 segments, 0.4, shape equal", 25, 0.4, 0.0, 1.0),
    kind(
        "8 segments, 0.3 and 0.15, one of 4 times",
        8,
        0.3,
        0.15,
        4.0,
    ),
    kind("8 segments, all equal", 8, 0.0, 0.0, 1.0),
];

/// A segment's counts, its customers and its true hazards.
struct Segment {
    counts: SegmentCounts,
    customers: f64,
    truth: [f64; 4],
    left: [f64; 4],
    is_outlier: bool,
}

/// Customers at risk at the start of each month of tenure of a year's observation: half of them
/// are there already, at any tenure up to four years, the others come in over the year.
fn segment(rng: &mut ChaCha8Rng, edges: &BandEdges, index: usize, kind: Kind) -> Segment {
    let customers = (20.0 * 1000.0_f64.powf(rng.random::<f64>())).round();
    let normal = |rng: &mut ChaCha8Rng| -> f64 { StandardNormal.sample(rng) };
    let is_outlier = index == 0 && kind.outlier != 1.0;
    let level = kind.level * normal(rng) + if is_outlier { kind.outlier.ln() } else { 0.0 };
    let truth = TYPICAL.map(|hazard| hazard * (level + kind.band * normal(rng)).exp());
    let mut counts = SegmentCounts::new(&format!("s{index}"), edges);
    let mut left_by_band = [0.0; 4];
    // Cohorts of one tenure each.
    let cohorts = 24;
    for cohort in 0..cohorts {
        let (entry, months) = if cohort % 2 == 0 {
            (rng.random_range(0..48), 12)
        } else {
            (0, rng.random_range(1..=12))
        };
        let more = f64::from(u8::from(f64::from(cohort) < customers % f64::from(cohorts)));
        let mut at_risk = (customers / f64::from(cohorts)).floor() + more;
        for month in entry..entry + months {
            let band = EDGES.partition_point(|&edge| edge <= month) - 1;
            let leaving = 1.0 - (-truth[band]).exp();
            let left = Binomial::new(at_risk as u64, leaving).unwrap().sample(rng) as f64;
            if at_risk > 0.0 {
                counts.push_month(month, at_risk, left).unwrap();
            }
            left_by_band[band] += left;
            at_risk -= left;
        }
    }
    Segment {
        counts,
        customers,
        truth,
        left: left_by_band,
        is_outlier,
    }
}

/// How often intervals of each level held the truth.
#[derive(Default)]
struct Held {
    inside: [f64; 3],
    of: f64,
}

impl Held {
    /// Counts a truth by its distance from the estimate, held by levels up to their quantiles.
    fn add(&mut self, distance: f64, quantiles: [f64; 3]) {
        self.of += 1.0;
        for (inside, quantile) in self.inside.iter_mut().zip(quantiles) {
            *inside += f64::from(u8::from(distance <= quantile));
        }
    }

    /// Coverage and half the width of its 99% interval, by level.
    fn shares(&self) -> [(f64, f64); 3] {
        self.inside.map(|inside| {
            let share = inside / self.of;
            (share, 2.576 * (share * (1.0 - share) / self.of).sqrt())
        })
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:6}", self.of)?;
        for (share, half) in self.shares() {
            write!(f, "  {:5.1} ± {:3.1}", 100.0 * share, 100.0 * half)?;
        }
        Ok(())
    }
}

#[derive(Default)]
struct Coverage {
    /// By name: all intervals, those of small segments, of the youngest band, of bands in which
    /// nobody left, of three years together, and of the segment unlike the others.
    held: BTreeMap<&'static str, Held>,
    let_go: f64,
    outliers_let_go: f64,
}

fn study(kind: Kind) -> Coverage {
    let edges = BandEdges::new(&EDGES).unwrap();
    let mut coverage = Coverage::default();
    for seed in 0..COMPANIES {
        let mut rng = ChaCha8Rng::seed_from_u64(1_000 * seed + kind.segments as u64);
        let company: Vec<Segment> = (0..kind.segments)
            .map(|index| segment(&mut rng, &edges, index, kind))
            .collect();
        let counts: Vec<SegmentCounts> = company.iter().map(|it| it.counts.clone()).collect();
        let found = estimate(&edges, &counts, Pooling::Hierarchical).unwrap();
        for (segment, (_, fit)) in company.iter().zip(&found.segments) {
            coverage.add(segment, fit, &edges);
        }
    }
    coverage
}

impl Coverage {
    fn add(&mut self, segment: &Segment, fit: &Fit, edges: &BandEdges) {
        let covariance = fit.covariance.as_ref().unwrap();
        let is_let_go = fit.flags.iter().any(|flag| flag.code == "let_go");
        let truth = |name: &str| {
            let band = edges.names().iter().position(|it| it == name).unwrap();
            (band, segment.truth[band].ln())
        };
        if segment.is_outlier {
            self.outliers_let_go += f64::from(u8::from(is_let_go));
        } else {
            self.let_go += f64::from(u8::from(is_let_go));
            if covariance.names.len() == 4 {
                self.count(
                    "36 months",
                    distance_at_36_months(fit, &segment.truth),
                    LEVELS,
                );
            }
        }
        for (i, name) in covariance.names.iter().enumerate() {
            let (band, truth) = truth(name);
            let distance = (truth - covariance.mean[i]).abs() / covariance.se(i);
            if segment.is_outlier {
                self.count("outlier", distance, NORMAL);
                continue;
            }
            self.count("all", distance, NORMAL);
            if segment.customers < SMALL {
                self.count("small", distance, NORMAL);
            }
            if band == 0 {
                self.count("youngest", distance, NORMAL);
            }
            if segment.left[band] == 0.0 {
                self.count("nobody left", distance, NORMAL);
            }
        }
    }

    fn count(&mut self, name: &'static str, distance: f64, quantiles: [f64; 3]) {
        self.held.entry(name).or_default().add(distance, quantiles);
    }

    fn print(&self, kind: Kind) {
        let outliers = if kind.outlier == 1.0 { 0 } else { 1 };
        let ordinary = (kind.segments - outliers) as f64 * COMPANIES as f64;
        println!(
            "{}: {:.1}% let go",
            kind.name,
            100.0 * self.let_go / ordinary
        );
        if outliers > 0 {
            let share = 100.0 * self.outliers_let_go / COMPANIES as f64;
            println!("  of those unlike the others {share:.1}% let go");
        }
        for (name, held) in &self.held {
            println!("  {name:12}{held}");
        }
    }

    /// Nominal coverage lies in the 99% interval of what was counted, or a point beside it: bands
    /// and segments of a company err together. Where segments do not differ at all nobody can know
    /// that, and intervals are wider than needed.
    fn check(&self, kind: Kind) {
        for (name, held) in &self.held {
            for ((share, half), level) in held.shares().into_iter().zip(LEVELS) {
                let allowance = half + 0.01;
                let at_most = if kind.level == 0.0 || *name == "nobody left" {
                    1.0
                } else {
                    level + allowance
                };
                assert!(
                    (level - allowance..=at_most).contains(&share),
                    "{}, {name}: {share} of {} within {level}",
                    kind.name,
                    held.of
                );
            }
        }
    }
}

/// How far out the cumulative hazard of a new customer's first three years lies among draws of it:
/// it depends on how the bands vary together.
fn distance_at_36_months(fit: &Fit, truth: &[f64; 4]) -> f64 {
    let of = |hazards: &[f64]| {
        hazards
            .iter()
            .zip(MONTHS)
            .map(|(h, months)| h * months)
            .sum()
    };
    let truth: f64 = of(truth);
    let sampler = fit.sampler().unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let draws = 199;
    let below = (0..draws).filter(|_| {
        let hazards: Vec<f64> = sampler.draw(&mut rng).iter().map(|x| x.exp()).collect();
        let drawn: f64 = of(&hazards);
        drawn < truth
    });
    (2.0 * (below.count() as f64 + 0.5) / (f64::from(draws) + 1.0) - 1.0).abs()
}

#[test]
fn pooled_intervals_hold_the_truth() {
    let studies = KINDS.map(|kind| (kind, study(kind)));
    studies
        .iter()
        .for_each(|(kind, coverage)| coverage.print(*kind));
    studies
        .iter()
        .for_each(|(kind, coverage)| coverage.check(*kind));
}
