//! Maximum likelihood of shares with two parameters, by Fisher scoring.

/// People reached at one level of spend, in units of the mean spend, so that both parameters are
/// of order one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) spend: f64,
    pub(crate) people: f64,
    pub(crate) answered: f64,
}

/// A share as a function of spend and two parameters.
pub(crate) trait Model {
    /// The share at spend `x`, and its derivatives by the parameters.
    fn share(&self, at: [f64; 2], x: f64) -> (f64, [f64; 2]);
}

/// `C(1 − e^(−kx))` in `(logit C, ln k)`.
pub(crate) struct Curve;

impl Model for Curve {
    fn share(&self, [logit_c, ln_k]: [f64; 2], x: f64) -> (f64, [f64; 2]) {
        let (ceiling, k) = (logistic_function(logit_c), ln_k.exp());
        let reached = -(-k * x).exp_m1();
        let share = ceiling * reached;
        (
            share,
            [share * (1.0 - ceiling), ceiling * k * x * (-k * x).exp()],
        )
    }
}

/// `1/(1 + e^−(a + bx))`.
pub(crate) struct Logistic;

impl Model for Logistic {
    fn share(&self, [a, b]: [f64; 2], x: f64) -> (f64, [f64; 2]) {
        let share = logistic_function(a + b * x);
        let slope = share * (1.0 - share);
        (share, [slope, slope * x])
    }
}

pub(crate) fn logistic_function(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

pub(crate) fn logit(p: f64) -> f64 {
    (p / (1.0 - p)).ln()
}

/// A maximum of the likelihood.
#[derive(Debug, Clone)]
pub(crate) struct Estimate {
    pub(crate) at: [f64; 2],
    /// Inverse Fisher information; zero in the rows and columns of parameters held fixed.
    pub(crate) covariance: [[f64; 2]; 2],
    pub(crate) log_likelihood: f64,
    pub(crate) converged: bool,
}

/// Squared length of a Newton step, in standard errors, at which the maximum is reached.
const SMALL_STEP: f64 = 1e-10;

/// Climbs from `start` along the parameters that are `free`. Steps are damped (Levenberg and
/// Marquardt) so that none goes down.
pub(crate) fn maximise(
    model: &impl Model,
    start: [f64; 2],
    rows: &[Row],
    free: [bool; 2],
) -> Estimate {
    let total = |at| -> f64 {
        rows.iter()
            .map(|row| log_likelihood(row, model.share(at, row.spend).0))
            .sum()
    };
    let (mut at, mut log_likelihood) = (start, total(start));
    let (mut damping, mut converged) = (1e-3, false);
    for _ in 0..500 {
        let (score, information) = score_and_information(model, at, rows, free);
        let newton = times(inverse(information), score);
        if newton[0] * score[0] + newton[1] * score[1] < SMALL_STEP {
            converged = true;
            break;
        }
        let mut damped = information;
        damped[0][0] *= 1.0 + damping;
        damped[1][1] *= 1.0 + damping;
        let step = times(inverse(damped), score);
        let next = [at[0] + step[0], at[1] + step[1]];
        let reached = total(next);
        // Written so that a step to where there is no likelihood counts as one down.
        if reached >= log_likelihood {
            (at, log_likelihood, damping) = (next, reached, damping / 10.0);
        } else {
            damping *= 10.0;
        }
        if damping > 1e12 {
            break;
        }
    }
    let mut covariance = inverse(score_and_information(model, at, rows, free).1);
    for parameter in [0, 1] {
        if !free[parameter] {
            covariance[parameter][parameter] = 0.0;
        }
    }
    Estimate {
        at,
        covariance,
        log_likelihood,
        converged,
    }
}

/// The binomial log-likelihood of one row, up to a constant.
pub(crate) fn log_likelihood(row: &Row, share: f64) -> f64 {
    let term = |count: f64, p: f64| if count == 0.0 { 0.0 } else { count * p.ln() };
    term(row.answered, share) + term(row.people - row.answered, 1.0 - share)
}

type Matrix = [[f64; 2]; 2];

/// The gradient of the log-likelihood and its expected curvature. A fixed parameter has gradient
/// zero and a curvature of one, which leaves it where it is.
fn score_and_information(
    model: &impl Model,
    at: [f64; 2],
    rows: &[Row],
    free: [bool; 2],
) -> ([f64; 2], Matrix) {
    let (mut score, mut information) = ([0.0; 2], [[0.0; 2]; 2]);
    for row in rows {
        let (share, slope) = model.share(at, row.spend);
        let variance = share * (1.0 - share);
        if variance.is_nan() || variance <= 0.0 {
            continue;
        }
        for i in 0..2 {
            score[i] += (row.answered - row.people * share) / variance * slope[i];
            for j in 0..2 {
                information[i][j] += row.people / variance * slope[i] * slope[j];
            }
        }
    }
    for i in [0, 1] {
        if !free[i] {
            score[i] = 0.0;
            information[i] = [0.0; 2];
            information[1 - i][i] = 0.0;
            information[i][i] = 1.0;
        }
    }
    (score, information)
}

fn inverse([[a, b], [c, d]]: Matrix) -> Matrix {
    let determinant = a * d - b * c;
    [
        [d / determinant, -b / determinant],
        [-c / determinant, a / determinant],
    ]
}

fn times(matrix: Matrix, vector: [f64; 2]) -> [f64; 2] {
    matrix.map(|row| row[0] * vector[0] + row[1] * vector[1])
}
