//! No input panics: whatever the numbers, a model gives a fit, a flag or a typed error.

use proptest::prelude::*;

use crate::bands::{BandEdges, Pooling, SegmentCounts, estimate};
use crate::covariate::Covariates;
use crate::cox::{CoxError, CoxModel};
use crate::fit::Fit;
use crate::fit::Level;
use crate::hazard::{Cells, HazardModel, Link, Prior, TenureGrid};
use crate::link::LinkModel;
use crate::pilot::{self, Target};
use crate::survival::{KaplanMeier, LogRank, Observation};

/// Ordinary numbers beside all that a file may hold.
fn wild() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => (-3i8..10).prop_map(f64::from),
        2 => -1e3..1e3,
        1 => prop_oneof![
            Just(f64::NAN), Just(f64::INFINITY), Just(-0.0), Just(1e300), Just(1e-300), Just(1e90), Just(1e-90)
        ],
    ]
}

fn two<T>(control: T, treated: T) -> pilot::Two<T> {
    pilot::Two { control, treated }
}

#[derive(Debug, Clone)]
struct Row {
    entry: f64,
    exit: f64,
    event: bool,
    weight: f64,
    x: [f64; 2],
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (wild(), wild(), any::<bool>(), wild(), [wild(), wild()]);
    let row = row.prop_map(|(entry, exit, event, weight, x)| Row {
        entry,
        exit,
        event,
        weight,
        x,
    });
    prop::collection::vec(row, 0..25)
}

/// Rows that pass the observation's own checks.
fn valid(rows: &[Row]) -> (Vec<Observation>, Vec<[f64; 2]>) {
    let keep = rows.iter().filter_map(|row| {
        let observation = Observation::new(row.entry, row.exit, row.event).ok()?;
        // Spreading an absurdly long life over periods is possible, but not worth the time here.
        (row.exit < 1e6).then_some(())?;
        Some((observation.with_weight(row.weight).ok()?, row.x))
    });
    keep.unzip()
}

/// What is handed over holds only finite numbers and can be drawn from.
fn usable(fit: &Fit) -> bool {
    let finite = |v: f64| v.is_finite();
    fit.estimates
        .values()
        .all(|e| finite(e.value) && finite(e.se))
        && (fit.covariance.is_none() || fit.sampler().is_ok())
        && serde_json::to_string(fit).is_ok()
}

fn columns(x: &[[f64; 2]]) -> Option<Covariates> {
    let mut covariates = Covariates::new(x.len());
    for (i, name) in ["a", "b"].into_iter().enumerate() {
        covariates
            .push_number(name, x.iter().map(|row| row[i]).collect())
            .ok()?;
    }
    Some(covariates)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn survival_never_panics(rows in rows(), p in wild(), t in wild()) {
        let (observations, _) = valid(&rows);
        if let Ok(curve) = KaplanMeier::new(&observations) {
            let _ = (curve.quantile(p), curve.restricted_mean(t), curve.at(t), curve.at_risk(t));
            prop_assert!(usable(&curve.hand_over()));
        }
        let half = observations.len() / 2;
        let _ = LogRank::new(&[observations[..half].to_vec(), observations[half..].to_vec()]);
    }

    #[test]
    fn hazard_never_panics(rows in rows(), logit in any::<bool>(), weak in any::<bool>()) {
        let (observations, x) = valid(&rows);
        let grid = TenureGrid::new(1.0, &[0, 2, 5]).unwrap();
        let mut cells = Cells::new(grid, &["a", "b"]).unwrap();
        for (o, x) in observations.iter().zip(&x) {
            let _ = cells.push(o, x);
        }
        let link = if logit { Link::Logit } else { Link::Cloglog };
        let model = HazardModel::new(link);
        let model = if weak { model.with_prior(Prior::WEAK) } else { model };
        if let Ok(fit) = model.fit(&cells) {
            let _ = (fit.calibration(&cells, 3), fit.concordance(&cells));
            let _ = fit.survival(&[1.0, 2.0], 0.0, 7.0);
            prop_assert!(fit.hand_over().is_ok_and(|fit| usable(&fit)));
        }
    }

    #[test]
    fn cox_never_panics(rows in rows(), robust in any::<bool>()) {
        let (observations, x) = valid(&rows);
        let Some(covariates) = columns(&x) else { return Ok(()) };
        let clusters: Vec<u64> = (0..observations.len() as u64).map(|i| i / 2).collect();
        let Ok(model) = CoxModel::new(&observations, &covariates) else { return Ok(()) };
        let model = if robust { model.with_clusters(&clusters).unwrap() } else { model };
        if let Ok(fit) = model.fit() {
            let _ = (fit.proportionality(), fit.baseline());
            prop_assert!(fit.hand_over().is_ok_and(|fit| usable(&fit)));
        }
    }

    #[test]
    fn link_never_panics(rows in rows(), with_confounder in any::<bool>()) {
        let (observations, x) = valid(&rows);
        let exposure: Vec<f64> = x.iter().map(|row| row[0]).collect();
        let mut confounders = Covariates::new(x.len());
        let grid = TenureGrid::new(1.0, &[0, 3]).unwrap();
        if with_confounder
            && confounders.push_number("b", x.iter().map(|row| row[1]).collect()).is_err()
        {
            return Ok(());
        }
        let model = LinkModel::new("a", &exposure, &observations, &confounders, &grid);
        let customers: Vec<u64> = (0..x.len() as u64).collect();
        if let Ok(report) = model.and_then(|m| m.with_customers(&customers)?.fit()) {
            prop_assert!(usable(&report.fit) && !report.fit.reason.is_empty());
        }
    }

    #[test]
    fn bands_never_panic(counts in prop::collection::vec((0u32..40, wild(), wild()), 0..20)) {
        let edges = BandEdges::new(&[0, 3, 12]).unwrap();
        let mut segments: Vec<SegmentCounts> =
            ["a", "b", "c"].map(|name| SegmentCounts::new(name, &edges)).to_vec();
        for (i, (month, at_risk, events)) in counts.into_iter().enumerate() {
            let _ = segments[i % 3].push_month(month, at_risk, events);
        }
        for pooling in [Pooling::None, Pooling::Hierarchical] {
            if let Ok(hazards) = estimate(&edges, &segments, pooling) {
                prop_assert!(usable(&hazards.whole));
                prop_assert!(hazards.segments.iter().all(|(_, fit)| usable(fit)));
            }
        }
    }

    #[test]
    fn pilots_are_read_or_refused(
        counts in [0_u64..50, 0..50, 0..50, 0..50], numbers in [wild(), wild(), wild(), wild()],
    ) {
        let [a, b, m, n] = counts;
        let [v, w, x, y] = numbers;
        let counts = |a, n| pilot::Counts::new(a, n).ok();
        let months = |a, v: f64| pilot::Exposure::new(a, v.abs()).ok();
        let sums = |n, v, w: f64| pilot::Sums::new(n, v, w.abs()).ok();
        let all = [
            counts(a, m).zip(counts(b, n)).map(|(a, b)| pilot::Arms::Rates(two(a, b))),
            months(a, v).zip(months(b, w)).map(|(a, b)| pilot::Arms::Hazards(two(a, b))),
            sums(a, v, w).zip(sums(b, x, y)).map(|(a, b)| pilot::Arms::Means(two(a, b))),
        ];
        let plan = pilot::Plan::new(1.0 + m as f64, 1.0 + n as f64).unwrap();
        for arms in all.into_iter().flatten() {
            let Ok(reading) = arms.read(plan, Level::USUAL) else { continue };
            let mut intervals = vec![reading.single_look];
            if let pilot::Always::Told { interval, information } = reading.always {
                prop_assert!(information > 0.0 && information.is_finite());
                intervals.push(interval);
            }
            for it in intervals {
                prop_assert!(it.low <= it.value && it.value <= it.high, "{it:?}");
                prop_assert!(it.low.is_finite() && it.high.is_finite(), "{it:?}");
            }
        }
        let group = |treated, means: [f64; 4]| pilot::Group::new(treated, means.to_vec());
        let groups = vec![
            group(false, numbers), group(false, [x, v, y, w]), group(true, [y, y, v, x]),
        ];
        if let Ok(found) = pilot::Panel::new(groups, 2).and_then(|panel| panel.effect(Level::USUAL)) {
            prop_assert!(found.low <= found.value && found.value <= found.high, "{found:?}");
            prop_assert!(found.high.is_finite() && found.low.is_finite(), "{found:?}");
        }
    }

    #[test]
    fn sample_size_never_panics(a in wild(), b in 0.0..1.0, c in wild(), d in 0.0..1.0) {
        let plan = |target: Target| target.per_arm(d, Level::USUAL, 1);
        let _ = Target::rate(b, a).and_then(plan);
        let _ = Target::rate(b, d).and_then(plan);
        let _ = Target::mean(a, c).and_then(plan);
        let _ = Target::hazard(a, d).and_then(plan);
    }
}

/// One row so far from the others that its residual is no number.
#[test]
fn robust_errors_that_overflow_are_refused() {
    let rows = [
        (778.681888401878, true, 321.06396613608996, [0.0, 0.0]),
        (1.0, false, 5.0, [2.0, 430.3852237412015]),
        (1.0, false, 75.98913700237375, [0.0, -835.5735218947957]),
        (2.0, true, 1.0, [0.0, 1.0]),
        (2.0, false, 1.0, [1.0, 0.0]),
    ];
    let observations: Vec<Observation> = rows
        .iter()
        .map(|&(exit, event, weight, _)| {
            let observation = Observation::new(0.0, exit, event).unwrap();
            observation.with_weight(weight).unwrap()
        })
        .collect();
    let covariates = columns(&rows.map(|row| row.3)).unwrap();
    let model = CoxModel::new(&observations, &covariates).unwrap();
    assert!(model.fit().is_ok());
    let robust = model.with_clusters(&[0, 0, 1, 1, 2]).unwrap();
    assert!(matches!(robust.fit(), Err(CoxError::Overflow)));
}
