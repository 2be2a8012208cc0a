//! Published curves, from the counts behind them.
//!
//! Walton's flies and Rossi's recidivism data (432 released prisoners, 52 weeks; Rossi, Berk &
//! Lenihan 1980), as distributed with the lifelines package.

use super::*;

const CONTROL: [(f64, f64); 20] = [
    (7., 1.),
    (17., 1.),
    (32., 1.),
    (33., 1.),
    (38., 2.),
    (41., 7.),
    (45., 9.),
    (48., 8.),
    (51., 3.),
    (53., 7.),
    (54., 2.),
    (56., 18.),
    (58., 4.),
    (60., 15.),
    (61., 9.),
    (63., 9.),
    (66., 3.),
    (68., 9.),
    (69., 12.),
    (75., 1.),
];
const CONTROL_CENSORED: [(f64, f64); 6] = [
    (7., 1.),
    (45., 1.),
    (60., 1.),
    (61., 2.),
    (68., 1.),
    (69., 1.),
];
const MIR_137: [(f64, f64); 13] = [
    (6., 1.),
    (9., 3.),
    (13., 3.),
    (15., 2.),
    (19., 3.),
    (22., 4.),
    (26., 5.),
    (29., 5.),
    (33., 2.),
    (36., 2.),
    (43., 1.),
    (47., 1.),
    (62., 2.),
];
/// Arrests in weeks 1 to 52; the other 318 were free at week 52.
const ARRESTS: [u8; 52] = [
    1, 1, 1, 1, 1, 1, 1, 5, 2, 1, 2, 2, 1, 3, 2, 2, 3, 3, 2, 5, 2, 1, 1, 4, 3, 3, 2, 2, 0, 2, 1, 2,
    2, 2, 4, 3, 4, 1, 2, 4, 0, 2, 4, 2, 2, 4, 1, 2, 5, 3, 0, 4,
];

fn weighted(counts: &[(f64, f64)], event: bool) -> Vec<Observation> {
    let each = counts
        .iter()
        .map(|&(t, w)| Observation::new(0.0, t, event).unwrap().with_weight(w));
    each.collect::<Result<_, _>>().unwrap()
}

fn waltons() -> [Vec<Observation>; 2] {
    let control = [weighted(&CONTROL, true), weighted(&CONTROL_CENSORED, false)].concat();
    [control, weighted(&MIR_137, true)]
}

fn rossi() -> Vec<Observation> {
    let mut all: Vec<Observation> = (1u8..)
        .zip(ARRESTS)
        .filter(|(_, arrests)| *arrests > 0)
        .map(|(week, n)| {
            Observation::new(0.0, f64::from(week), true)
                .unwrap()
                .with_weight(f64::from(n))
                .unwrap()
        })
        .collect();
    all.push(
        Observation::new(0.0, 52.0, false)
            .unwrap()
            .with_weight(318.0)
            .unwrap(),
    );
    all
}

fn close(found: f64, published: f64, tolerance: f64) {
    assert!(
        (found - published).abs() <= tolerance,
        "{found} is not {published}"
    );
}

#[test]
fn waltons_kaplan_meier() {
    let groups = waltons();
    let curve = KaplanMeier::new(&groups.concat()).unwrap();
    for (t, value) in [
        (6.0, 0.993865),
        (7.0, 0.98773),
        (9.0, 0.96921),
        (13.0, 0.95069),
    ] {
        close(curve.at(t).value, value, 5e-6);
    }
    close(
        curve.restricted_mean(f64::INFINITY).unwrap().estimate.value,
        50.13397,
        5e-6,
    );
    assert_eq!(curve.median().value, Some(56.0));
    assert_eq!(
        KaplanMeier::new(&groups[0]).unwrap().median().value,
        Some(58.0)
    );
    assert_eq!(
        KaplanMeier::new(&groups[1]).unwrap().median().value,
        Some(26.0)
    );
    assert_eq!(curve.points()[0].at_risk, 163.0);
}

#[test]
fn waltons_log_rank() {
    let test = LogRank::new(&waltons()).unwrap();
    close(test.chi2, 122.2491, 5e-5);
    assert_eq!(test.df, 1);
    assert!(test.p < 1e-27 && test.p > 1e-29);
}

/// Freireich et al. (1963): remissions of 21 pairs, weeks with placebo and with 6-MP (negative where it
/// still lasted). Klein & Moeschberger, section 7.5: Z = (18 − 3)/√(18 + 3) = 3.27.
#[test]
fn matched_pairs_log_rank() {
    let pairs: [(f64, f64); 21] = [
        (1.0, 10.0),
        (22.0, 7.0),
        (3.0, -32.0),
        (12.0, 23.0),
        (8.0, 22.0),
        (17.0, 6.0),
        (2.0, 16.0),
        (11.0, -34.0),
        (8.0, -32.0),
        (12.0, -25.0),
        (2.0, -11.0),
        (5.0, -20.0),
        (4.0, -19.0),
        (15.0, 6.0),
        (8.0, -17.0),
        (23.0, -35.0),
        (5.0, 6.0),
        (11.0, 13.0),
        (4.0, -9.0),
        (1.0, -6.0),
        (8.0, -10.0),
    ];
    let of = |weeks: f64| vec![Observation::new(0.0, weeks.abs(), weeks > 0.0).unwrap()];
    let strata = pairs.map(|(placebo, drug)| [of(placebo), of(drug)]);
    let test = LogRank::within(&strata).unwrap();
    close(test.chi2.sqrt(), 3.27, 5e-3);
    close(test.chi2, 225.0 / 21.0, 1e-9);
    assert_eq!((test.df, test.groups[0].n), (1, 21.0));
    // Not held against their like, they differ more: 16.79 (R's survdiff of the same data).
    let side =
        |which: fn(&(f64, f64)) -> f64| pairs.iter().flat_map(|pair| of(which(pair))).collect();
    let test = LogRank::new(&[side(|pair| pair.0), side(|pair| pair.1)]).unwrap();
    close(test.chi2, 16.79, 5e-3);
}

#[test]
fn waltons_nelson_aalen() {
    let curve = NelsonAalen::new(&waltons().concat()).unwrap();
    for (t, value) in [(6.0, 0.006135), (7.0, 0.012308), (9.0, 0.031058)] {
        close(curve.at(t), value, 5e-7);
    }
}

#[test]
fn rossi_kaplan_meier() {
    let curve = KaplanMeier::new(&rossi()).unwrap();
    let published = [
        (1.0, 0.997685),
        (10.0, 0.965278),
        (20.0, 0.907407),
        (30.0, 0.861111),
        (40.0, 0.803241),
        (52.0, 0.736111),
    ];
    for (t, value) in published {
        close(curve.at(t).value, value, 5e-7);
    }
    let last = curve.at(52.0);
    close(last.se, 0.021205, 5e-7);
    close(last.low, 0.69186, 5e-6);
    close(last.high, 0.77506, 5e-6);
    assert_eq!(curve.median().value, None);
}
