//! The hazard of leaving by band of tenure: occurrences over exposure, small segments drawn
//! towards the company as a whole.
//!
//! `h = d/E`, leavers over customer-months under observation, of the whole record or, where churn
//! has [changed](crate::rule::change), of the last twelve months. The estimate with its uncertainty and
//! the pooling are those of [`keepworth_retention::bands`].

use keepworth_contract::simulator::baseline::HazardBand;
use keepworth_contract::simulator::curve::HazardChoice;
use keepworth_contract::simulator::fit::HazardFit;
use keepworth_contract::statistic::Interval;
use keepworth_contract::{Flag, FlagCode};
use keepworth_retention::bands::{BandEdges, BandError, Pooling, SegmentCounts, estimate};
use keepworth_retention::fit::Fit;

use crate::rule::change::{Change, changes};
use crate::rule::cohort::{Cohorts, Record};
use crate::rule::curve;
use crate::rule::fit::told;

/// First months of tenure of the usual bands.
const EDGES: [u32; 4] = [0, 3, 12, 24];
/// Fewer leavers of the whole company than this, and a band is merged with its neighbour.
const FEWEST_LEAVERS: u64 = 10;
/// Leavers below which a segment is called small.
const FEW_LEAVERS: u64 = 10;
/// Share from other leavers above which an estimate is called pooled.
const POOLED_SHARE: f64 = 0.5;

/// How the customers of a segment leave; empty where nobody at all left.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct SegmentHazard {
    pub(crate) bands: Vec<HazardBand>,
    /// The whole fit behind the bands, in the form of [`Fit`].
    pub(crate) fit: Option<HazardFit>,
    /// The last twelve months against those before, where there are any.
    pub(crate) change: Option<Change>,
    /// Why it is not pooled, where it is let go.
    let_go: Option<String>,
    /// What it is simulated with; none of the company as a whole, which stands in for no segment's.
    pub(crate) choice: Option<HazardChoice>,
}

impl SegmentHazard {
    /// Which part of the record the bands are from.
    pub(crate) fn record(&self) -> Record {
        let change = self.change.as_ref();
        change.map_or(Record::Whole, |change| change.record)
    }
}

/// Hazards of the company and of each segment, in the order given.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Hazards {
    pub(crate) company: SegmentHazard,
    pub(crate) segments: Vec<SegmentHazard>,
    /// Whether bands were merged.
    pub(crate) merged: bool,
}

/// Estimates all hazards; none where nobody at all left.
///
/// # Errors
/// What the estimate answers.
pub(crate) fn hazards(
    company: &Cohorts,
    segments: &[(&str, &Cohorts)],
) -> Result<Hazards, BandError> {
    if company.left() == 0 {
        return Ok(Hazards {
            segments: vec![SegmentHazard::default(); segments.len()],
            ..Hazards::default()
        });
    }
    let (mut whole, mut own) = changes(segments);
    let used = |own: &[Option<Change>], from: u32, to: Option<u32>| -> u64 {
        let each = segments.iter().zip(own);
        each.map(|((_, cohorts), change)| cohorts.between(record(change.as_ref()), from, to).1)
            .sum()
    };
    if used(&own, 0, None) == 0 {
        // Nobody left of late: only the whole record has hazards.
        for change in own.iter_mut().chain([&mut whole]).flatten() {
            change.record = Record::Whole;
        }
    }
    let starts = band_starts(|from, to| used(&own, from, to));
    let edges = BandEdges::new(&starts)?;
    let counted: Vec<SegmentCounts> = segments
        .iter()
        .zip(&own)
        .map(|((name, cohorts), change)| {
            counts(name, cohorts, record(change.as_ref()), &edges, &starts)
        })
        .collect::<Result<_, _>>()?;
    let found = estimate(&edges, &counted, Pooling::Hierarchical)?;
    let all = counts("company", company, record(whole.as_ref()), &edges, &starts)?;
    let all = estimate(&edges, &[all], Pooling::None)?;
    let names = edges.names();
    let of = |fit: &Fit, cohorts: &Cohorts, change: Option<Change>| -> SegmentHazard {
        let bands = names.iter().zip(&starts).enumerate();
        let bands = bands.filter_map(|(index, (name, from))| {
            let to = starts.get(index + 1).copied();
            let counted = cohorts.between(record(change.as_ref()), *from, to);
            band(fit, name, (*from, to), counted)
        });
        let let_go = fit.flags.iter().find(|flag| flag.code == "let_go");
        SegmentHazard {
            bands: bands.collect(),
            fit: Some(told(fit)),
            let_go: let_go.map(|flag| flag.detail.clone()),
            change,
            choice: None,
        }
    };
    Ok(Hazards {
        company: of(&all.whole, company, whole),
        segments: segments
            .iter()
            .zip(&found.segments)
            .zip(own)
            .map(|(((_, cohorts), (_, fit)), change)| of(fit, cohorts, change))
            .collect(),
        merged: starts.len() < EDGES.len(),
    })
}

/// What hazards are taken from.
fn record(change: Option<&Change>) -> Record {
    change.map_or(Record::Whole, |change| change.record)
}

/// The usual bands, those with too few leavers merged with the one before (the first with the one
/// after).
pub(crate) fn band_starts(left: impl Fn(u32, Option<u32>) -> u64) -> Vec<u32> {
    let mut starts = EDGES.to_vec();
    let thin = |starts: &[u32]| {
        (0..starts.len()).find(|index| {
            let to = starts.get(index + 1).copied();
            left(starts[*index], to) < FEWEST_LEAVERS
        })
    };
    while let Some(index) = thin(&starts).filter(|_| starts.len() > 1) {
        starts.remove(index.max(1));
    }
    starts
}

/// Counts from which the estimate finds `d/E`: it takes `−ln(1 − d/n)` for the hazard, so that
/// `n = d/(1 − exp(−d/E))`.
pub(crate) fn counts(
    name: &str,
    cohorts: &Cohorts,
    record: Record,
    edges: &BandEdges,
    starts: &[u32],
) -> Result<SegmentCounts, BandError> {
    let mut counts = SegmentCounts::new(name, edges);
    for (index, from) in starts.iter().enumerate() {
        let (exposure, left) = cohorts.between(record, *from, starts.get(index + 1).copied());
        let left = left as f64;
        let at_risk = if left > 0.0 {
            left / -(-left / exposure).exp_m1()
        } else {
            exposure
        };
        counts.push_month(*from, at_risk.max(left), left)?;
    }
    Ok(counts)
}

fn band(
    fit: &Fit,
    name: &str,
    (from_month, to_month): (u32, Option<u32>),
    (exposure_months, left): (f64, u64),
) -> Option<HazardBand> {
    let covariance = fit.covariance.as_ref()?;
    let index = covariance.names.iter().position(|it| it == name)?;
    let estimate = fit.estimates.get(name)?;
    let log_sd = covariance.se(index);
    Some(HazardBand {
        from_month,
        to_month,
        exposure_months,
        left,
        hazard: estimate.value,
        log_mean: covariance.mean[index],
        log_sd,
        interval: Interval {
            low: estimate.low,
            // Of next to nothing observed: JSON has no infinity, and what it cannot carry cannot be read back.
            high: estimate.high.min(f64::MAX),
            level: 0.95,
            method: "normal_on_log_scale".to_owned(),
            freedom: None,
        },
        // A band that is estimated alone borrows nothing.
        pooled_share: fit
            .data
            .get(&format!("borrowed {name}"))
            .copied()
            .unwrap_or_default(),
    })
}

/// What a reader must know of a segment's hazard.
pub(crate) fn flags(hazard: &SegmentHazard) -> Vec<Flag> {
    let bands = &hazard.bands;
    let mut flags: Vec<Flag> = hazard.change.iter().map(Change::flag).collect();
    flags.extend(hazard.choice.as_ref().and_then(curve::flag));
    let let_go = hazard.let_go.iter();
    flags.extend(let_go.map(|why| Flag::new(FlagCode::SegmentLetGo, why)));
    let left: u64 = bands.iter().map(|band| band.left).sum();
    let pooled = bands
        .iter()
        .map(|band| band.pooled_share)
        .fold(0.0, f64::max);
    if bands.is_empty() {
        flags.push(Flag::new(
            FlagCode::NobodyLeft,
            "nobody left under observation",
        ));
    } else if left < FEW_LEAVERS {
        flags.push(Flag::new(FlagCode::FewLeavers, format!("only {left} left")));
    }
    if pooled > POOLED_SHARE {
        let percent = 100.0 * pooled;
        let detail = format!("up to {percent:.0}% of a band's precision is the company's");
        flags.push(Flag::new(FlagCode::SmallSegmentPooled, detail));
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cohorts(cells: &[(u32, f64, u64)]) -> Cohorts {
        let at_risk = cells
            .iter()
            .map(|(month, exposure, left)| ((*month, 0), (*exposure, *left)));
        Cohorts {
            at_risk: at_risk.collect(),
            ..Cohorts::default()
        }
    }

    fn near(found: f64, expected: f64) {
        assert!(
            (found - expected).abs() < 1e-9 * expected,
            "{found}, not {expected}"
        );
    }

    #[test]
    fn a_hazard_is_occurrence_over_exposure() {
        let all = cohorts(&[
            (0, 100.0, 20),
            (5, 400.0, 40),
            (13, 500.0, 25),
            (40, 800.0, 16),
        ]);
        let found = hazards(&all, &[("all", &all)]).unwrap();
        let values: Vec<f64> = found.company.bands.iter().map(|band| band.hazard).collect();
        for (value, expected) in values.into_iter().zip([0.2, 0.1, 0.05, 0.02]) {
            near(value, expected);
        }
        // var(ln h) = 1/d, up to the square of the hazard.
        assert!((found.company.bands[3].log_sd - 0.25).abs() < 1e-4);
        let own = &found.segments[0].bands;
        let fit = found.segments[0].fit.as_ref().unwrap();
        let covariance = fit.covariance.as_ref().unwrap();
        assert_eq!(covariance.matrix.len(), own.len());
        assert_eq!((own[0].from_month, own[0].to_month), (0, Some(3)));
        assert_eq!((own[3].to_month, own[3].pooled_share), (None, 0.0));
    }

    #[test]
    fn small_segments_borrow_and_say_so() {
        let large = cohorts(&[
            (0, 1e4, 2_000),
            (5, 4e4, 4_000),
            (13, 5e4, 2_500),
            (40, 8e4, 1_600),
        ]);
        let small = cohorts(&[(0, 10.0, 0), (40, 50.0, 3)]);
        let mut all = large.clone();
        all.merge(&small);
        let found = hazards(&all, &[("large", &large), ("small", &small)]).unwrap();
        let (large, small) = (&found.segments[0].bands, &found.segments[1].bands);
        assert!(
            large.iter().all(|band| band.pooled_share < 0.25),
            "{large:?}"
        );
        assert!(
            small[0].pooled_share > 0.15,
            "nobody of its own left: {small:?}"
        );
        assert_eq!(small[1].pooled_share, 1.0, "nobody of its own was there");
        assert!(
            small[3].pooled_share > 0.2 && small[3].hazard < 0.06,
            "{small:?}"
        );
        assert!(
            flags(&found.segments[1])
                .iter()
                .any(|flag| flag.code == FlagCode::SmallSegmentPooled)
        );
        let few = Flag::new(FlagCode::FewLeavers, "only 3 left");
        assert!(flags(&found.segments[1]).contains(&few));
        assert!(flags(&found.segments[0]).is_empty());
    }

    #[test]
    fn bands_without_leavers_are_merged() {
        let all = cohorts(&[(0, 50.0, 3), (4, 100.0, 12), (30, 70.0, 30)]);
        let left = |from: u32, to: Option<u32>| all.between(Record::Whole, from, to).1;
        assert_eq!(band_starts(left), [0, 24]);
        let nobody = cohorts(&[(0, 50.0, 0)]);
        let found = hazards(&nobody, &[("all", &nobody)]).unwrap();
        assert!(found.company.bands.is_empty());
        assert_eq!(flags(&found.segments[0])[0].code, FlagCode::NobodyLeft);
    }
}
