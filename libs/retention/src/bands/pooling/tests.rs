//! The closed forms and approximations against plain sums over grids, and what is let go.

use super::predictive;
use super::*;

/// Cells of one band: departures and exposure by segment.
fn one_band(cells: &[(f64, f64)]) -> Cells {
    let each = cells
        .iter()
        .map(|&(events, exposure)| Cell { events, exposure });
    Cells {
        bands: 1,
        cells: each.collect(),
    }
}

#[test]
fn given_the_spread_moments_are_those_of_a_plain_sum() {
    // Three segments of one band. The prior covariance of their log hazards is τ² on the diagonal
    // and everywhere that of the company's, 5² + 1.5², around the crude hazard.
    let cells = one_band(&[(0.0, 40.0), (3.0, 100.0), (30.0, 900.0)]);
    let spread = Spread {
        level: 0.5,
        band: 0.0,
    };
    let at = Conditional::crude(&cells, spread).unwrap();
    let at = at.converged(&cells, None).unwrap();
    let crude = (33.5_f64 / 1040.0).ln();
    let prior = DMatrix::from_fn(3, 3, |i, j| 27.25 + if i == j { 0.25 } else { 0.0 });
    let precision = prior.try_inverse().unwrap();
    let axis: Vec<f64> = (0..90).map(|i| -7.5 + 0.07 * f64::from(i)).collect();
    let (mut mass, mut first, mut second) = (0.0, DVector::zeros(3), DVector::zeros(3));
    for &x in &axis {
        for &y in &axis {
            for &z in &axis {
                let log_hazards = DVector::from_vec(vec![x, y, z]);
                let off = log_hazards.add_scalar(-crude);
                let likelihood: f64 = cells
                    .cells
                    .iter()
                    .zip(&log_hazards)
                    .map(|(cell, x)| cell.events * x - cell.exposure * x.exp())
                    .sum();
                let weight = (likelihood + 140.0 - 0.5 * off.dot(&(&precision * &off))).exp();
                mass += weight;
                first += weight * &log_hazards;
                second += weight * log_hazards.component_mul(&log_hazards);
            }
        }
    }
    let nodes = [Node::only(at)];
    for segment in 0..3 {
        let found = mixture(&nodes, segment, 1);
        let mean: f64 = first[segment] / mass;
        let sd = (second[segment] / mass - mean * mean).sqrt();
        assert!(
            (found.mean[0] - mean).abs() < 0.01 * sd,
            "{segment}: {mean}, {}",
            found.mean[0]
        );
        let found = found.covariance[(0, 0)].sqrt();
        assert!((found / sd - 1.0).abs() < 0.01, "{segment}: {sd}, {found}");
    }
}

#[test]
fn a_record_like_the_others_lies_within_and_one_unlike_them_without() {
    let others = [
        (50.0, 1000.0),
        (40.0, 1000.0),
        (60.0, 1000.0),
        (45.0, 1000.0),
        (52.0, 1000.0),
    ];
    let tail = |own: (f64, f64)| {
        let cells = one_band(&[&others[..], &[own]].concat());
        let nodes = spread::wide(&cells);
        predictive::tail(&nodes, 5, &cells.cells[5..])
    };
    assert!(tail((50.0, 1000.0)) > 0.5);
    assert!(tail((200.0, 1000.0)) < 0.01);
    // The same hazard from too few customers to tell.
    assert!(tail((2.0, 10.0)) > 0.05);
    assert!(
        (tail((0.0, 0.0)) - 1.0).abs() < 1e-9,
        "nobody at risk is nothing seen"
    );
}

#[test]
fn one_unlike_the_others_leaves_the_pool_to_them() {
    let alike = |count: f64| vec![(1000.0, count), (2000.0, count), (3000.0, count)];
    let ordinary = [
        alike(50.0),
        alike(55.0),
        alike(45.0),
        alike(52.0),
        alike(48.0),
        alike(51.0),
    ];
    let few = [vec![(20.0, 1.0), (30.0, 1.0), (10.0, 0.0)]];
    let far = [alike(400.0)];
    let with = pool(&[&ordinary[..], &few[..], &far[..]].concat()).unwrap();
    let without = pool(&[&ordinary[..], &few[..]].concat()).unwrap();
    assert!(with.segments[7].is_let_go && with.segments[7].tail < 0.01);
    assert!((with.level_sd - without.level_sd).abs() < 1e-9);
    let of = |pool: &Pool| pool.segments[6].log_hazards.mean.clone();
    assert!((of(&with) - of(&without)).amax() < 1e-9);
    let own = with.segments[7].log_hazards.mean[0].exp();
    let crude = -(0.6_f64).ln();
    assert!((own / crude - 1.0).abs() < 0.01, "{own}, {crude}");
}
