use proptest::prelude::*;

use super::*;
use crate::covariate::Covariates;
use crate::cox::CoxModel;
use crate::survival::Observation;

/// `time, event, covariates…` a row; no covariate is called by name here.
fn data<const P: usize>(rows: &[(f64, u8, [f64; P])]) -> (Vec<Observation>, Covariates) {
    let observations = rows
        .iter()
        .map(|&(t, event, _)| Observation::new(0.0, t, event == 1).unwrap())
        .collect();
    let mut covariates = Covariates::new(rows.len());
    for i in 0..P {
        let column = rows.iter().map(|row| row.2[i]).collect();
        covariates.push_number(&format!("x{i}"), column).unwrap();
    }
    (observations, covariates)
}

fn fit<const P: usize>(rows: &[(f64, u8, [f64; P])]) -> CoxFit {
    let (observations, covariates) = data(rows);
    CoxModel::new(&observations, &covariates)
        .unwrap()
        .fit()
        .unwrap()
}

/// The covariates' statistics, then the global one.
fn chi2(fit: &CoxFit) -> Vec<f64> {
    let found = fit.proportionality();
    let each = found.tests.iter().map(|test| test.chi2);
    each.chain([found.global.chi2]).collect()
}

fn close(found: &[f64], expected: &[f64], tolerance: f64) {
    let near = |(a, b): (&f64, &f64)| (a - b).abs() <= tolerance * (1.0 + b.abs());
    assert!(
        found.len() == expected.len() && found.iter().zip(expected).all(near),
        "{found:?} is not {expected:?}"
    );
}

/// The approximation of 1994, whose figures are printed in older textbooks: the variance of the
/// score is the mean information times the spread of `g`.
fn older_form(fit: &CoxFit) -> Vec<f64> {
    let parts = fit.parts();
    let left: f64 = parts.iter().map(|part| part.left).sum();
    let spread: f64 = parts.iter().map(|part| part.left * part.g.powi(2)).sum();
    let terms = Interaction::of(&parts, fit.names().len());
    let covariance = terms.main.try_inverse().unwrap();
    let scaled = &covariance * &terms.score;
    let each = (0..scaled.len()).map(|i| scaled[i].powi(2) / covariance[(i, i)]);
    each.chain([terms.score.dot(&scaled)])
        .map(|u| left * u / spread)
        .collect()
}

/// Ovarian cancer (26 women; Edmunson et al. 1979) by age and performance, as in the example of
/// `cox.zph` of R's survival 3.
#[test]
fn ovarian_cancer() {
    #[rustfmt::skip]
    let rows = [
        (59.0, 1, [72.3315, 1.0]), (115.0, 1, [74.4932, 1.0]), (156.0, 1, [66.4658, 2.0]),
        (421.0, 0, [53.3644, 1.0]), (431.0, 1, [50.3397, 1.0]), (448.0, 0, [56.4301, 2.0]),
        (464.0, 1, [56.937, 2.0]), (475.0, 1, [59.8548, 2.0]), (477.0, 0, [64.1753, 1.0]),
        (563.0, 1, [55.1781, 2.0]), (638.0, 1, [56.7562, 2.0]), (744.0, 0, [50.1096, 1.0]),
        (769.0, 0, [59.6301, 2.0]), (770.0, 0, [57.0521, 1.0]), (803.0, 0, [39.2712, 1.0]),
        (855.0, 0, [43.1233, 2.0]), (1040.0, 0, [38.8932, 2.0]), (1106.0, 0, [44.6, 1.0]),
        (1129.0, 0, [53.9068, 1.0]), (1206.0, 0, [44.2055, 1.0]), (1227.0, 0, [59.589, 2.0]),
        (268.0, 1, [74.5041, 2.0]), (329.0, 1, [43.137, 1.0]), (353.0, 1, [63.2192, 2.0]),
        (365.0, 1, [64.4247, 1.0]), (377.0, 0, [58.3096, 1.0]),
    ];
    let found = fit(&rows);
    close(&chi2(&found), &[0.698, 2.371, 3.633], 3e-4);
    let tests = found.proportionality();
    assert_eq!((tests.tests[0].df, tests.global.df), (1, 2));
    assert!((tests.global.p - (-3.6335_f64 / 2.0).exp()).abs() < 1e-4);
}

/// The curve before a departure, with somebody censored between: 1.0138 in the older form with the
/// left-continuous curve (0.5793 with the curve at `t`), 2.28919 exactly (expanded model by hand).
#[test]
fn five_rows_one_censored() {
    let rows = [
        (5.269797, 1, [0.209325]),
        (6.601666, 1, [0.693919]),
        (7.335846, 1, [0.443804]),
        (11.684092, 0, [0.065636]),
        (12.678458, 1, [0.386294]),
    ];
    close(&older_form(&fit(&rows)), &[1.0138, 1.0138], 1e-5);
    close(&chi2(&fit(&rows)), &[2.289192, 2.289192], 1e-6);
}

/// Recidivism of 432 released prisoners by aid, age and convictions (Rossi, Berk & Lenihan 1980).
/// The older form is the table in Fox, "Cox Proportional-Hazards Regression" (2002), computed by an
/// R whose fits stopped a little earlier; the exact test by the expanded model, written apart.
#[test]
fn recidivism_with_tied_weeks() {
    let rows: Vec<(f64, u8, [f64; 3])> = include_str!("rossi.csv")
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
            (cells[0], cells[1] as u8, [cells[2], cells[3], cells[4]])
        })
        .collect();
    let found = fit(&rows);
    let published = [0.00507, 6.54118, 0.77286, 7.13046];
    close(&older_form(&found), &published, 5e-5);
    let exact = [0.063_841_55, 6.325_464_46, 0.518_710_58, 7.136_739_41];
    close(&chi2(&found), &exact, 1e-7);
}

/// 0.3 and 0.1 + 0.2 are one time: 0.643807 where three departures apart would give 0.549306, and
/// the test 0.002059 for 0.215829 (both by the expanded model, written apart).
#[test]
fn times_that_differ_by_rounding_are_tied() {
    let rows = [
        (0.1 + 0.2, 1, [1.0]),
        (0.3, 1, [0.0]),
        (0.3, 1, [1.0]),
        (0.5, 1, [0.0]),
        (1.0, 1, [1.0]),
        (2.0, 0, [0.0]),
    ];
    assert!(rows[0].0 > rows[1].0);
    let found = fit(&rows);
    close(
        &[found.find_estimate("x0").unwrap().value],
        &[0.643_806_85],
        1e-8,
    );
    close(&chi2(&found), &[0.002_059_15, 0.002_059_15], 1e-7);
    let entered = rows.map(|(t, event, _)| Observation::new(0.3, t + 1.0, event == 1).unwrap());
    let instant = Observation::new(0.3, 0.1 + 0.2, true).unwrap();
    let observations = [&entered[..], &[instant]].concat();
    let mut covariates = Covariates::new(observations.len());
    let column = (0..observations.len()).map(|i| i as f64).collect();
    covariates.push_number("x", column).unwrap();
    let refused = CoxModel::new(&observations, &covariates).unwrap().fit();
    assert!(matches!(refused, Err(crate::cox::CoxError::Survival(_))));
}

/// Departures that tell something at one time only: no trend could show.
#[test]
fn nothing_to_test_is_said() {
    let rows = [
        (1.0, 1, [0.0]),
        (1.0, 1, [1.0]),
        (1.0, 0, [3.0]),
        (1.0, 0, [1.0]),
        (2.0, 1, [2.0]),
    ];
    let found = fit(&rows).proportionality();
    assert_eq!(
        (found.global.chi2, found.global.df, found.global.p),
        (0.0, 0, 1.0)
    );
}

/// A row of the plain reference: entry, exit, event, stratum, covariates.
type Row = (f64, f64, bool, u32, [f64; 2]);

/// Score and information of covariates `(x, g·x)`, summed risk set by risk set.
fn expanded(rows: &[Row], beta: [f64; 2], g: impl Fn(f64) -> f64) -> (DVector<f64>, DMatrix<f64>) {
    let (mut score, mut information) = (DVector::zeros(4), DMatrix::zeros(4, 4));
    let mut times: Vec<(u32, f64)> = rows.iter().filter(|r| r.2).map(|r| (r.3, r.1)).collect();
    times.sort_by(|a, b| a.partial_cmp(b).unwrap());
    times.dedup();
    for (stratum, t) in times {
        let z = |r: &Row| DVector::from_vec(vec![r.4[0], r.4[1], g(t) * r.4[0], g(t) * r.4[1]]);
        let left = |r: &Row| r.2 && r.1 == t;
        let risk = rows
            .iter()
            .filter(|r| r.3 == stratum && r.0 < t && t <= r.1);
        let risk: Vec<&Row> = risk.collect();
        let d = risk.iter().filter(|r| left(r)).count();
        risk.iter().filter(|r| left(r)).for_each(|r| score += z(r));
        for taken in 0..d {
            let weight = |r: &Row| {
                let share = if left(r) {
                    1.0 - taken as f64 / d as f64
                } else {
                    1.0
                };
                share * (r.4[0] * beta[0] + r.4[1] * beta[1]).exp()
            };
            let total: f64 = risk.iter().map(|r| weight(r)).sum();
            let mean = risk
                .iter()
                .fold(DVector::zeros(4), |sum, r| sum + z(r) * weight(r))
                / total;
            score -= &mean;
            for r in &risk {
                let off = z(r) - &mean;
                information += &off * off.transpose() * (weight(r) / total);
            }
        }
    }
    (score, information)
}

/// `U' I⁻¹ U` of the main effects and the chosen terms.
fn quadratic(score: &DVector<f64>, information: &DMatrix<f64>, terms: &[usize]) -> f64 {
    let chosen: Vec<usize> = [0, 1].into_iter().chain(terms.iter().copied()).collect();
    let of = |i: usize| if chosen[i] < 2 { 0.0 } else { score[chosen[i]] };
    let u = DVector::from_fn(chosen.len(), |i, _| of(i));
    let v = DMatrix::from_fn(chosen.len(), chosen.len(), |i, j| {
        information[(chosen[i], chosen[j])]
    });
    u.dot(&v.lu().solve(&u).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// The test agrees with the enlarged model written out, with ties, strata, late entry and
    /// covariates that go together.
    #[test]
    fn equals_the_enlarged_model(
        people in prop::collection::vec(
            (0u8..3, 1u8..8, prop::bool::weighted(0.7), 0u32..2, -1.0..1.0_f64, -0.4..0.4_f64), 25..60)
    ) {
        let rows: Vec<Row> = people
            .iter()
            .map(|&(entry, length, event, stratum, x, y)| {
                let entry = f64::from(entry);
                (entry, entry + f64::from(length), event, stratum, [x, x + y])
            })
            .collect();
        let observations: Vec<Observation> =
            rows.iter().map(|r| Observation::new(r.0, r.1, r.2).unwrap()).collect();
        let strata: Vec<u32> = rows.iter().map(|r| r.3).collect();
        let mut covariates = Covariates::new(rows.len());
        for i in 0..2 {
            let column = rows.iter().map(|r| r.4[i]).collect();
            covariates.push_number(&format!("x{i}"), column).unwrap();
        }
        let model = CoxModel::new(&observations, &covariates).unwrap();
        let Ok(found) = model.with_strata(&strata).unwrap().fit() else { return Ok(()) };
        let beta = [0, 1].map(|i| found.find_estimate(&format!("x{i}")).unwrap().value);
        let curve = KaplanMeier::new(&observations).unwrap();
        let before = |t: f64| {
            let at = curve.points().iter().rfind(|point| point.t < t);
            1.0 - at.map_or(1.0, |point| point.value)
        };
        let (score, information) = expanded(&rows, beta, before);
        let of = |terms: &[usize]| quadratic(&score, &information, terms);
        close(&chi2(&found), &[of(&[2]), of(&[3]), of(&[2, 3])], 1e-5);
    }
}
