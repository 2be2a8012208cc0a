//! BG/BB: a customer buys or does not at each of a row of opportunities.
//!
//! The first purchase is not counted; after it come opportunities 1, 2, … `n`, one a period: a yearly
//! appeal, a weekly draw. At the beginning of each a customer drops out with an own probability
//! θ ~ Beta(γ, δ); who is still active buys once with an own probability p ~ Beta(α, β). With `x`
//! purchases, the last at opportunity `t_x`, out of `n`,
//!
//! `L = B(α+x, β+n−x)/B(α, β)·B(γ, δ+n)/B(γ, δ) + Σ_{m=t_x}^{n−1} B(α+x, β+m−x)/B(α, β)·B(γ+1, δ+m)/B(γ, δ)`
//!
//! (Fader, Hardie & Shang 2010, equation 5): active all along, or gone after opportunity `m`. All terms
//! are positive. With the first of them taken out, what is left is a chain that is summed backwards,
//!
//! `Wₙ = 1,  W_m = γ/(γ+δ+m) + (δ+m)/(γ+δ+m)·(β+m−x)/(α+β+m)·W_{m+1}`,
//! `L = B(α+x, β+t_x−x)/B(α, β)·B(γ, δ+t_x)/B(γ, δ)·W_{t_x}`,
//!
//! which gives all `t_x` of one `(x, n)` in one go.

use crate::hypergeometric::unit_2f1;
use crate::number::{Number, ln_add_exp, ln_gamma_ratio, ln_rising};

use super::history::{History, Row};

/// Closer to 1 than this, `γ` is stepped around: see [`active_periods`].
const NEAR_ONE: f64 = 1e-4;

/// Parameters `α, β` of buying and `γ, δ` of dropping out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opportunities<D> {
    pub alpha: D,
    pub beta: D,
    pub gamma: D,
    pub delta: D,
}

impl<D: Number> Opportunities<D> {
    /// Log-likelihood of rows, in any order.
    pub(super) fn ln_likelihood(&self, rows: &[Row]) -> D {
        let mut rows: Vec<&Row> = rows.iter().collect();
        rows.sort_unstable_by_key(|row| [row.x(), row.age(), row.t_x()].map(f64::to_bits));
        let mut total = D::from(0.0);
        for same in rows.chunk_by(|one, other| one.x() == other.x() && one.age() == other.age()) {
            total += self.ln_likelihood_of(same);
        }
        total
    }

    /// That of rows with the same `x` and `n`, sorted by `t_x`.
    fn ln_likelihood_of(&self, rows: &[&Row]) -> D {
        let (x, n) = (rows[0].x(), rows[0].age());
        let mut tail = Tail::new(self, x, n);
        let mut total = D::from(0.0);
        for row in rows.iter().rev() {
            tail.back_to(row.t_x());
            total += (self.ln_known(x, row.t_x()) + tail.ln_sum) * row.weight;
        }
        total
    }

    /// `ln {B(α+x, β+t_x−x)/B(α, β)·B(γ, δ+t_x)/B(γ, δ)}`: active and buying up to the last purchase.
    fn ln_known(&self, x: f64, t_x: f64) -> D {
        self.ln_bought(x, t_x) + self.ln_survival(t_x)
    }

    /// `ln [B(α+x, β+m−x)/B(α, β)]`: buying at `x` given ones of `m` opportunities.
    fn ln_bought(&self, x: f64, m: f64) -> D {
        ln_rising(self.alpha + self.beta, m)
            - ln_rising(self.alpha, x)
            - ln_rising(self.beta, m - x)
    }

    /// `ln [B(γ, δ+m)/B(γ, δ)]`.
    fn ln_survival(&self, m: f64) -> D {
        ln_gamma_ratio(self.delta + m, self.gamma) - ln_gamma_ratio(self.delta, self.gamma)
    }

    /// Probability of having been active at opportunity `n`, the last one observed.
    fn ln_active(&self, history: History) -> D {
        let (x, t_x, n) = (history.purchases(), history.recency(), history.age());
        let mut tail = Tail::new(self, x, n);
        tail.back_to(t_x);
        self.ln_known(x, n) - self.ln_known(x, t_x) - tail.ln_sum
    }

    /// Probability of being active at the next opportunity, `n + 1` (equation 11).
    pub(super) fn alive(&self, history: History) -> D {
        let stays = (self.gamma / (self.delta + history.age())).ln_1p();
        (self.ln_active(history) - stays).exp()
    }

    /// Expected purchases of a new customer at the first `t` opportunities (equation 8).
    pub(super) fn purchases(&self, t: f64) -> D {
        self.alpha / (self.alpha + self.beta) * active_periods(self.gamma, self.delta, t)
    }

    /// Expected purchases at the next `t` opportunities (equation 13): the chance of having been active
    /// at the last one times the purchases of a new customer whose parameters are updated to
    /// `α+x, β+n−x, γ, δ+n`.
    pub(super) fn future_purchases(&self, history: History, t: f64) -> D {
        self.ln_active(history).exp() * self.updated(history).purchases(t)
    }

    /// The parameters of a customer who was active at the last opportunity.
    fn updated(&self, history: History) -> Self {
        let (x, n) = (history.purchases(), history.age());
        Self {
            alpha: self.alpha + x,
            beta: self.beta + (n - x),
            gamma: self.gamma,
            delta: self.delta + n,
        }
    }

    /// Purchases still to come, those `k` opportunities ahead discounted by `(1+rate)ᵏ` (equation 14).
    pub(super) fn discounted_residual(&self, history: History, rate: f64) -> D {
        let Self {
            alpha,
            beta,
            gamma,
            delta,
        } = self.updated(history);
        let discount = 1.0 / (1.0 + rate);
        let outlook = unit_2f1(delta + 1.0, gamma + delta + 1.0, discount);
        let next = delta / (gamma + delta) * discount;
        self.ln_active(history).exp() * alpha / (alpha + beta) * next * outlook
    }

    /// Share of new customers still active at opportunity `t`.
    pub(super) fn survival(&self, t: f64) -> D {
        self.ln_survival(t).exp()
    }
}

/// `W_m` of the module's text, from `m = n` backwards.
struct Tail<'a, D> {
    model: &'a Opportunities<D>,
    x: f64,
    m: f64,
    ln_sum: D,
}

impl<'a, D: Number> Tail<'a, D> {
    fn new(model: &'a Opportunities<D>, x: f64, n: f64) -> Self {
        Self {
            model,
            x,
            m: n,
            ln_sum: D::from(0.0),
        }
    }

    fn back_to(&mut self, t_x: f64) {
        let Opportunities {
            alpha,
            beta,
            gamma,
            delta,
        } = *self.model;
        while self.m > t_x {
            self.m -= 1.0;
            let gone = (gamma / (gamma + delta + self.m)).ln();
            let stays = (delta + self.m) / (gamma + delta + self.m);
            let waits = (beta + (self.m - self.x)) / (alpha + beta + self.m);
            self.ln_sum = ln_add_exp(gone, (stays * waits).ln() + self.ln_sum);
        }
    }
}

/// `Σ_{k=1}^{t} B(γ, δ+k)/B(γ, δ) = δ/(γ−1)·{1 − Γ(γ+δ)/Γ(γ+δ+t)·Γ(1+δ+t)/Γ(1+δ)}`: opportunities at
/// which a new customer is active (equation 8). At `γ = 1` it is 0/0; there the mean of both sides is
/// taken, which is off by less than 1e-8.
fn active_periods<D: Number>(gamma: D, delta: D, t: f64) -> D {
    let at = |gamma: D| {
        let excess = gamma - 1.0;
        let start = delta + 1.0;
        let ln_rest = ln_gamma_ratio(start + t, excess) - ln_gamma_ratio(start, excess);
        -ln_rest.exp_m1() * delta / excess
    };
    let distance = gamma.re() - 1.0;
    if distance.abs() >= NEAR_ONE {
        return at(gamma);
    }
    (at(gamma - distance + NEAR_ONE) + at(gamma - distance - NEAR_ONE)) * 0.5
}

#[cfg(test)]
mod property;
#[cfg(test)]
mod published;
