//! Pareto/NBD: a customer may drop out at any time.
//!
//! The likelihood is usually written with two ₂F₁ that nearly cancel. It is the sum of two ways to
//! the same history, still active at `T`, or gone at some `τ` between `t_x` and `T`:
//!
//! `L = Γ(r+x)/Γ(r)·αʳβˢ·{(α+T)^−(r+x)·(β+T)^−s + s·∫_{t_x}^{T} (α+τ)^−(r+x)·(β+τ)^−(s+1) dτ}`
//!
//! (Fader & Hardie 2005, "A note on deriving the Pareto/NBD model", equation 13). The integrand is
//! positive and smooth, so that 32 nodes give it to double precision and nothing cancels.

use crate::expansion::Expansion;
use crate::number::{Number, ln_rising, scaled_exp_m1};
use crate::quadrature::{Rule, gauss_legendre};

use super::history::{History, Row};

/// What the integrand has fallen by, `e⁻³⁴`, counts as zero.
const NEGLIGIBLE: f64 = 34.0;

/// Parameters `r, α, s, β`.
#[derive(Debug, Clone, Copy)]
pub(super) struct GammaDropout<D> {
    pub r: D,
    pub alpha: D,
    pub s: D,
    pub beta: D,
}

impl<D: Number> GammaDropout<D> {
    /// Log-likelihood of rows sorted by `x`.
    pub(super) fn ln_likelihood(&self, rows: &[Row]) -> D {
        let prior = self.r * self.alpha.ln() + self.s * self.beta.ln();
        let mut total = D::from(0.0);
        for same_x in rows.chunk_by(|one, other| one.x() == other.x()) {
            let x = same_x[0].x();
            let weight: f64 = same_x.iter().map(|row| row.weight).sum();
            total += (prior - ln_rising(self.r, x)) * weight;
            let variables = self.variables(x);
            let point = variables.map(|v| v.re());
            let mut sum = Expansion::constant(0.0);
            for row in same_x {
                sum.add(row.weight, &ln_waiting(row.history, point));
            }
            total += sum.at(variables);
        }
        total
    }

    /// Probability that a customer with this history is still active (Schmittlein et al. 1987).
    pub(super) fn alive(&self, history: History) -> D {
        let variables = self.variables(history.purchases());
        let point = variables.map(|v| v.re());
        (ln_active(history, point).at(variables) - ln_waiting(history, point).at(variables)).exp()
    }

    /// What a history depends on: `r+x, α, s, β`.
    fn variables(&self, x: f64) -> [D; 4] {
        [self.r + x, self.alpha, self.s, self.beta]
    }

    /// Expected repeat purchases of a new customer up to age `t`:
    /// `rβ/(α(s−1))·[1 − (β/(β+t))^(s−1)]` (Fader & Hardie 2005, equation 27).
    pub(super) fn purchases(&self, t: f64) -> D {
        purchases_while_active(self.r, self.alpha, self.s, self.beta, t)
    }

    /// Expected purchases in the `t` after the end of observation: the chance of being active
    /// times those of an active customer whose parameters are updated to `r+x, α+T, s, β+T`.
    pub(super) fn future_purchases(&self, history: History, t: f64) -> D {
        let (x, age) = (history.purchases(), history.age());
        let active =
            purchases_while_active(self.r + x, self.alpha + age, self.s, self.beta + age, t);
        self.alive(history) * active
    }

    /// Purchases per time unit, `t` ahead, of a customer who is active now and of whom this history is known:
    /// `(r+x)/(α+T)·((β+T)/(β+T+t))ˢ`, the derivative of the expected purchases.
    pub(super) fn rate_while_active(&self, x: f64, age: f64, t: f64) -> D {
        let fade = (-((self.beta + age).recip() * t).ln_1p() * self.s).exp();
        (self.r + x) / (self.alpha + age) * fade
    }

    /// Share of new customers still active at age `t`, `(β/(β+t))ˢ`.
    pub(super) fn survival(&self, t: f64) -> D {
        (-(self.beta.recip() * t).ln_1p() * self.s).exp()
    }
}

/// `ln {(α+T)^−(r+x)·(β+T)^−s + s·∫_{t_x}^{T} (α+τ)^−(r+x)·(β+τ)^−(s+1) dτ}`.
fn ln_waiting(history: History, point: [f64; 4]) -> Expansion<4> {
    let active = ln_active(history, point);
    if history.recency() == history.age() {
        return active;
    }
    active.ln_add_exp(&ln_gone(history, point))
}

/// `ln [(α+T)^−(r+x)·(β+T)^−s]`.
fn ln_active(history: History, [shape, alpha, s, beta]: [f64; 4]) -> Expansion<4> {
    let mut active = Expansion::constant(0.0);
    active.add_ln_decay((0, shape), (1, alpha), history.age());
    active.add_ln_decay((2, s), (3, beta), history.age());
    active
}

/// `ln [s·∫_{t_x}^{T} (α+τ)^−(r+x)·(β+τ)^−(s+1) dτ]`.
///
/// The nodes are evenly spread in `ln(m+τ)`, `m` the smaller of α and β, where the integrand is
/// smoothest, up to where it has become negligible. Relative to the start of the interval nothing
/// under- or overflows.
fn ln_gone(history: History, [shape, alpha, s, beta]: [f64; 4]) -> Expansion<4> {
    let from = history.recency();
    let fade = |scale: f64, power: f64| (scale + from) * (NEGLIGIBLE / power).exp_m1();
    let span = (history.age() - from)
        .min(fade(alpha, shape))
        .min(fade(beta, s + 1.0));
    let offset = alpha.min(beta) + from;
    let start = -shape * (alpha + from).ln() - (s + 1.0) * (beta + from).ln();
    let end = (span / offset).ln_1p();
    // No fall of the integrand can exceed what both powers make of the nearer scale.
    let gentle = end < 3.0 && (shape + s) * end < 6.0;
    let rule = if gentle { Rule::Coarse } else { Rule::Fine };
    let mut moments = Moments::default();
    for (log, weight) in gauss_legendre(rule, 0.0, end) {
        let stretch = log.exp();
        let tau = from + offset * (stretch - 1.0);
        moments.add(
            weight * offset * stretch,
            start,
            [shape, alpha, s, beta],
            tau,
        );
    }
    let mut gone = moments.ln_mean(start);
    gone.value += s.ln();
    gone.slope[2] += 1.0 / s;
    gone.curvature[2][2] -= 1.0 / (s * s);
    gone
}

/// Sums over the nodes of an integral of `f`, of `f·∇ln f` and of `f·(∇²ln f + ∇ln f·∇ln fᵀ)`.
#[derive(Default)]
struct Moments {
    total: f64,
    slope: [f64; 4],
    curvature: [[f64; 4]; 4],
}

impl Moments {
    /// Adds the node `τ`, where `f = (α+τ)^−(r+x)·(β+τ)^−(s+1)` relative to `e^start`.
    fn add(&mut self, weight: f64, start: f64, [shape, alpha, s, beta]: [f64; 4], tau: f64) {
        let mut node = Expansion::<4>::constant(0.0);
        node.add_ln_decay((0, shape), (1, alpha), tau);
        node.add_ln_decay((2, s + 1.0), (3, beta), tau);
        let share = weight * (node.value - start).exp();
        self.total += share;
        for i in 0..4 {
            self.slope[i] += share * node.slope[i];
            for j in 0..=i {
                self.curvature[i][j] +=
                    share * (node.curvature[i][j] + node.slope[i] * node.slope[j]);
            }
        }
    }

    /// `ln` of the integral with its derivatives.
    fn ln_mean(&self, start: f64) -> Expansion<4> {
        let mut log = Expansion::constant(start + self.total.ln());
        log.slope = self.slope.map(|sum| sum / self.total);
        for i in 0..4 {
            for j in 0..=i {
                let bend = self.curvature[i][j] / self.total - log.slope[i] * log.slope[j];
                log.curvature[i][j] = bend;
                log.curvature[j][i] = bend;
            }
        }
        log
    }
}

fn purchases_while_active<D: Number>(r: D, alpha: D, s: D, beta: D, t: f64) -> D {
    let elapsed = (beta.recip() * t).ln_1p();
    r * beta / alpha * scaled_exp_m1(s - 1.0, elapsed)
}
