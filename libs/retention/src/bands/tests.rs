//! Occurrence over exposure, pooled and alone.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Binomial, Distribution, Gamma};

use super::*;

const EDGES: [u32; 3] = [0, 3, 12];
const TRUTH: [f64; 3] = [0.04, 0.02, 0.01];

fn counts(name: &str, bands: [(f64, f64); 3]) -> SegmentCounts {
    let mut segment = SegmentCounts::new(name, &BandEdges::new(&EDGES).unwrap());
    for (month, (at_risk, events)) in EDGES.into_iter().zip(bands) {
        segment.push_month(month, at_risk, events).unwrap();
    }
    segment
}

/// Segments whose level and bands scatter around the truth, with their true hazards.
fn simulated(seed: u64, at_risk: f64) -> Vec<(SegmentCounts, [f64; 3])> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let level = Gamma::new(20.0, 1.0 / 20.0).unwrap();
    let band = Gamma::new(50.0, 1.0 / 50.0).unwrap();
    (0..20)
        .map(|s| {
            let theta = level.sample(&mut rng);
            let hazards = TRUTH.map(|h| h * theta * band.sample(&mut rng));
            let left = hazards.map(|h| {
                let law = Binomial::new(at_risk as u64, 1.0 - (-h).exp()).unwrap();
                (at_risk, law.sample(&mut rng) as f64)
            });
            (counts(&format!("s{s}"), left), hazards)
        })
        .collect()
}

#[test]
fn alone_is_occurrence_over_exposure() {
    let segment = counts("a", [(1000.0, 40.0), (500.0, 10.0), (400.0, 0.0)]);
    let edges = BandEdges::new(&EDGES).unwrap();
    let hazards = estimate(&edges, &[segment], Pooling::None).unwrap();
    let fit = &hazards.segments[0].1;
    assert_eq!(fit.estimates, hazards.whole.estimates);
    let first = fit.estimates["tenure 0-2"];
    assert!((first.value + (0.96_f64).ln()).abs() < 1e-12);
    // Delta method on p = 0.04 by hand: se(h) = √(0.04/(1000·0.96)).
    assert!((first.se - (0.04_f64 / 960.0).sqrt()).abs() < 1e-12);
    assert_eq!(fit.flags[0].code, "all_or_none_left");
}

#[test]
fn pooling_is_nearer_the_truth_and_its_intervals_hold_it() {
    let edges = BandEdges::new(&EDGES).unwrap();
    let (mut alone, mut pooled, mut inside, mut all) = (0.0, 0.0, 0, 0);
    for seed in 0..30 {
        let world = simulated(seed, 400.0);
        let segments: Vec<SegmentCounts> = world.iter().map(|w| w.0.clone()).collect();
        let raw = estimate(&edges, &segments, Pooling::None).unwrap();
        let near = estimate(&edges, &segments, Pooling::Hierarchical).unwrap();
        for (i, (_, truth)) in world.iter().enumerate() {
            for (name, h) in edges.names().iter().zip(truth) {
                let estimate = near.segments[i].1.estimates[name];
                alone += (raw.segments[i].1.estimates[name].value / h).ln().powi(2);
                pooled += (estimate.value / h).ln().powi(2);
                inside += usize::from(estimate.low <= *h && *h <= estimate.high);
                all += 1;
            }
        }
    }
    assert!(pooled < 0.5 * alone, "{pooled} against {alone}");
    let coverage = inside as f64 / all as f64;
    assert!((0.90..0.99).contains(&coverage), "{coverage}");
}

#[test]
fn large_segments_keep_their_own_hazard() {
    let edges = BandEdges::new(&EDGES).unwrap();
    let far = |f: f64| [(1e6, 4e4 * f), (1e6, 2e4 * f), (1e6, 1e4 * f)];
    let segments = [
        counts("a", far(0.5)),
        counts("b", far(1.0)),
        counts("c", far(2.0)),
    ];
    let near = estimate(&edges, &segments, Pooling::Hierarchical).unwrap();
    let raw = estimate(&edges, &segments, Pooling::None).unwrap();
    for (x, y) in near.segments.iter().zip(&raw.segments) {
        let ratio = x.1.estimates["tenure 0-2"].value / y.1.estimates["tenure 0-2"].value;
        assert!((ratio - 1.0).abs() < 0.01, "{ratio}");
    }
    assert!(
        near.segments[0]
            .1
            .flags
            .iter()
            .any(|flag| flag.code == "pooled")
    );
}

#[test]
fn impossible_counts_are_refused() {
    let edges = BandEdges::new(&EDGES).unwrap();
    let mut segment = SegmentCounts::new("a", &edges);
    for (at_risk, events) in [(1.0, 2.0), (-1.0, -2.0), (f64::NAN, 0.0), (1.0, f64::NAN)] {
        assert!(segment.push_month(0, at_risk, events).is_err());
    }
    assert_eq!(
        estimate(&edges, &[segment], Pooling::None).unwrap_err(),
        BandError::Empty
    );
    let nobody = counts("a", [(10.0, 0.0); 3]);
    let error = estimate(&edges, &[nobody], Pooling::None).unwrap_err();
    assert_eq!(error, BandError::NoEvents(30.0));
    assert!(BandEdges::new(&[]).is_err());
}
