//! Pareto/NBD: a customer may drop out at any time.
//!
//! The likelihood is usually written with two ₂F₁ that nearly cancel. It is the sum of two ways to
//! the same history, still active at `T`, or gone at some `τ` between `t_x` and `T`:
//!
//! `L = Γ(r+x)/Γ(r)·αʳβˢ·{(α+T)^−(r+x)·(β+T)^−s + s·∫_{t_x}^{T} (α+τ)^−(r+x)·(β+τ)^−(s+1) dτ}`
//!
//! (Fader & Hardie 2005, "A note on deriving the Pareto/NBD model", equation 13). The integrand is
//! positive and smooth, so that 32 nodes give it to double precision and nothing cancels.

use crate::number::{Number, ln_add_exp, ln_gamma_ratio, scaled_exp_m1};
use crate::quadrature::gauss_legendre;

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
            let constant = if x > 0.0 {
                prior - ln_gamma_ratio(self.r, D::from(x))
            } else {
                prior
            };
            for row in same_x {
                let active = self.ln_active(row.history);
                let or_gone = self.ln_inverse_alive(row.history);
                total += (constant + active + or_gone) * row.weight;
            }
        }
        total
    }

    /// `ln [(α+T)^−(r+x)·(β+T)^−s]`.
    fn ln_active(&self, history: History) -> D {
        let purchasing = (self.r + history.purchases()) * (self.alpha + history.age()).ln();
        -(purchasing + self.s * (self.beta + history.age()).ln())
    }

    /// Probability that a customer with this history is still active (Schmittlein et al. 1987).
    pub(super) fn alive(&self, history: History) -> D {
        (-self.ln_inverse_alive(history)).exp()
    }

    /// `ln (1 + odds of being gone)`.
    fn ln_inverse_alive(&self, history: History) -> D {
        if history.recency() == history.age() {
            return D::from(0.0);
        }
        let ln_odds = self.s.ln() + self.ln_gone(history) - self.ln_active(history);
        ln_add_exp(D::from(0.0), ln_odds)
    }

    /// `ln ∫_{t_x}^{T} (α+τ)^−(r+x)·(β+τ)^−(s+1) dτ`.
    ///
    /// The nodes are evenly spread in `ln(m+τ)`, `m` the smaller of α and β, where the integrand
    /// is smoothest, up to where it has become negligible.
    fn ln_gone(&self, history: History) -> D {
        let (shape, decay) = (self.r + history.purchases(), self.s + 1.0);
        let from = history.recency();
        let fade = |offset: f64, power: f64| (offset + from) * (NEGLIGIBLE / power).exp_m1();
        let alpha_fade = fade(self.alpha.re(), shape.re());
        let span = (history.age() - from)
            .min(alpha_fade)
            .min(fade(self.beta.re(), decay.re()));
        let offset = self.alpha.re().min(self.beta.re()) + from;
        let start = shape * (self.alpha + from).ln() + decay * (self.beta + from).ln();
        let mut sum = D::from(0.0);
        for (log, weight) in gauss_legendre(0.0, (span / offset).ln_1p()) {
            let tau = from + offset * log.exp_m1();
            let falling = start - shape * (self.alpha + tau).ln() - decay * (self.beta + tau).ln();
            sum += falling.exp() * (weight * offset * log.exp());
        }
        sum.ln() - start
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

    /// Share of new customers still active at age `t`, `(β/(β+t))ˢ`.
    pub(super) fn survival(&self, t: f64) -> D {
        (-(self.beta.recip() * t).ln_1p() * self.s).exp()
    }
}

fn purchases_while_active<D: Number>(r: D, alpha: D, s: D, beta: D, t: f64) -> D {
    let elapsed = (beta.recip() * t).ln_1p();
    r * beta / alpha * scaled_exp_m1(s - 1.0, elapsed)
}
