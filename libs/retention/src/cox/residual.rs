use nalgebra::{DMatrix, DVector};

use super::sweep::{Stratum, sweep};

/// Cumulative sums at one time of departure.
struct Step {
    t: f64,
    /// `ΔΛ` and `Δ(Λ·x̄)` for those who stayed.
    hazard: f64,
    mean: DVector<f64>,
}

/// Score residuals in standardised units, one row per observation of the data as given.
///
/// `r = δ(x − x̄) − e^η ∫ (x − x̄) dΛ` over the time at risk; at a tie those who leave share the
/// risk set as Efron's denominators do (Therneau & Grambsch 2000, 4.6).
pub(super) fn score_residuals(strata: &[Stratum], beta: &DVector<f64>, n: usize) -> DMatrix<f64> {
    let p = beta.len();
    let mut residuals = DMatrix::zeros(n, p);
    for stratum in strata {
        let predictors = stratum.predictors(beta);
        let mut steps: Vec<Step> = Vec::new();
        sweep(stratum, &predictors, false, |departure| {
            let d = departure.rows.len() as f64;
            let (mut hazard, mut shared) = (0.0, 0.0);
            let mut mean = DVector::zeros(p);
            let mut shared_mean = DVector::<f64>::zeros(p);
            let mut centre = DVector::<f64>::zeros(p);
            for (share, denominator) in departure.denominators() {
                let rate = departure.mean_weight / denominator;
                hazard += rate;
                shared += (1.0 - share) * rate;
                for i in 0..p {
                    let x = departure.mean(i, share, denominator);
                    mean[i] += rate * x;
                    shared_mean[i] += (1.0 - share) * rate * x;
                    centre[i] += x / d;
                }
            }
            for &row in departure.rows {
                // The step below takes Λ off everybody; those who left get back their share.
                let relative = predictors[row].exp();
                for (i, x) in stratum.row(row).iter().enumerate() {
                    let back = (x * hazard - mean[i]) - (x * shared - shared_mean[i]);
                    residuals[(stratum.origin[row], i)] += x - centre[i] + relative * back;
                }
            }
            steps.push(Step {
                t: departure.t,
                hazard,
                mean,
            });
        });
        steps.reverse();
        subtract_hazard(stratum, &predictors, &steps, &mut residuals);
    }
    residuals
}

fn subtract_hazard(
    stratum: &Stratum,
    predictors: &[f64],
    steps: &[Step],
    residuals: &mut DMatrix<f64>,
) {
    let p = stratum.p;
    let mut cumulative = vec![(0.0, DVector::zeros(p))];
    for step in steps {
        let last = &cumulative[cumulative.len() - 1];
        let next = (last.0 + step.hazard, &last.1 + &step.mean);
        cumulative.push(next);
    }
    let until = |t: f64| &cumulative[steps.partition_point(|step| step.t <= t)];
    for (row, observation) in stratum.observations.iter().enumerate() {
        let (from, to) = (until(observation.entry()), until(observation.exit()));
        let relative = predictors[row].exp();
        for (i, x) in stratum.row(row).iter().enumerate() {
            residuals[(stratum.origin[row], i)] -=
                relative * (x * (to.0 - from.0) - (to.1[i] - from.1[i]));
        }
    }
}

/// `Σ U U'` with `U` the sum of weighted residuals of a cluster.
pub(super) fn meat(residuals: &DMatrix<f64>, weights: &[f64], clusters: &[u64]) -> DMatrix<f64> {
    let p = residuals.ncols();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&i| clusters[i]);
    let mut meat = DMatrix::zeros(p, p);
    for members in order.chunk_by(|&a, &b| clusters[a] == clusters[b]) {
        let mut sum = DVector::zeros(p);
        for &i in members {
            for (total, residual) in sum.iter_mut().zip(residuals.row(i).iter()) {
                *total += weights[i] * residual;
            }
        }
        meat.ger(1.0, &sum, &sum, 1.0);
    }
    meat
}
