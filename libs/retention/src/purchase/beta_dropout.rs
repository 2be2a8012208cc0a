//! BG/NBD and MBG/NBD: a customer may drop out right after a purchase.
//!
//! The two differ in one thing: whether the coin is tossed after the first purchase too. With
//! `k` tosses survived by a customer who is still active (`x` in BG/NBD, `x + 1` in MBG/NBD),
//!
//! `L = Γ(r+x)/Γ(r) · αʳ · {B(a, b+k)/B(a, b)·(α+T)^−(r+x) + 1{k>0}·B(a+1, b+k−1)/B(a, b)·(α+t_x)^−(r+x)}`
//!
//! (Fader, Hardie & Lee 2005, equation 6; Batislam et al. 2007, equation 4).

use crate::expansion::Expansion;
use crate::hypergeometric::gauss_2f1;
use crate::number::{Number, ln_add_exp, ln_rising};
use crate::optimise::ALIKE;

use super::history::{History, Row};

/// Closer to 1 than this, `a` is stepped around: see [`BetaDropout::purchases_while_active`].
const NEAR_ONE: f64 = 1e-4;

/// From this `a−r` on, Euler's form sums terms that grow beyond measure, and Pfaff's converges fast.
const ALIKE_BESIDE_RATES: f64 = 11.0;
/// Up to here exponentials are numbers with room for what they are multiplied by.
const LARGEST_LOGARITHM: f64 = 600.0;

/// Parameters `r, α, a, b` and the tosses after the first purchase: 0 for BG/NBD, 1 for MBG/NBD.
#[derive(Debug, Clone, Copy)]
pub(super) struct BetaDropout<D> {
    pub r: D,
    pub alpha: D,
    pub a: D,
    pub b: D,
    pub first_tosses: f64,
}

impl<D: Number> BetaDropout<D> {
    /// Log-likelihood of rows sorted by `x`: the gamma functions are needed once per `x` only, and
    /// so are the derivatives with respect to the parameters.
    pub(super) fn ln_likelihood(&self, rows: &[Row]) -> D {
        let prior = self.r * self.alpha.ln();
        let mut total = D::from(0.0);
        for same_x in rows.chunk_by(|one, other| one.x() == other.x()) {
            let x = same_x[0].x();
            let weight: f64 = same_x.iter().map(|row| row.weight).sum();
            total += (prior - ln_rising(self.r, x) + self.ln_survived(x)) * weight;
            let ln_odds = self.ln_odds_of_last_toss(x).unwrap_or(D::from(0.0));
            let variables = [self.r + x, self.alpha, ln_odds];
            total += self
                .ln_waiting(same_x, variables.map(|v| v.re()))
                .at(variables);
        }
        total
    }

    /// `Σ ln {(α+T)^−(r+x) + odds·(α+t_x)^−(r+x)}` in the variables `r+x, α, ln odds`.
    fn ln_waiting(&self, rows: &[Row], [shape, alpha, ln_odds]: [f64; 3]) -> Expansion<3> {
        let mut sum = Expansion::constant(0.0);
        for row in rows {
            let mut active = Expansion::constant(0.0);
            active.add_ln_decay((0, shape), (1, alpha), row.age());
            if row.x() + self.first_tosses > 0.0 {
                let mut gone = Expansion::constant(ln_odds);
                gone.slope[2] = 1.0;
                gone.add_ln_decay((0, shape), (1, alpha), row.t_x());
                active = active.ln_add_exp(&gone);
            }
            sum.add(row.weight, &active);
        }
        sum
    }

    /// Probability that a customer with this history is still active (Fader, Hardie & Lee 2008,
    /// "Computing P(alive) using the BG/NBD model"; Batislam et al. 2007, equation 8).
    pub(super) fn alive(&self, history: History) -> D {
        (-self.ln_inverse_alive(history)).exp()
    }

    /// `ln (1 + odds of being gone)`, the odds `a/(b+k−1)·((α+T)/(α+t_x))^(r+x)`, 0 for `k = 0`.
    fn ln_inverse_alive(&self, history: History) -> D {
        let Some(ln_odds) = self.ln_odds_of_last_toss(history.purchases()) else {
            return D::from(0.0);
        };
        let silence = ((self.alpha + history.age()) / (self.alpha + history.recency())).ln();
        ln_add_exp(
            D::from(0.0),
            ln_odds + (self.r + history.purchases()) * silence,
        )
    }

    /// `ln [a/(b+k−1)]`: odds of having failed the last toss rather than survived it; none for
    /// `k = 0`.
    fn ln_odds_of_last_toss(&self, x: f64) -> Option<D> {
        let tosses = x + self.first_tosses;
        (tosses > 0.0).then(|| (self.a / (self.b + (tosses - 1.0))).ln())
    }

    /// `ln [B(a, b+k)/B(a, b)]`: surviving the tosses after `x` repeat purchases.
    fn ln_survived(&self, x: f64) -> D {
        let tosses = x + self.first_tosses;
        ln_rising(self.a + self.b, tosses) - ln_rising(self.b, tosses)
    }

    /// Expected repeat purchases of a new customer up to age `t` (Fader, Hardie & Lee 2005,
    /// equation 9; for MBG/NBD those who survive the first toss make all of them).
    pub(super) fn purchases(&self, t: f64) -> D {
        let active = self.purchases_while_active(self.r, self.alpha, self.b + self.first_tosses, t);
        self.ln_survived(0.0).exp() * active
    }

    /// Expected purchases in the `t` after the end of observation (Fader, Hardie & Lee 2005,
    /// equation 10): the chance of being active times those of an active customer whose
    /// parameters are updated to `r+x, α+T, a, b+k`.
    pub(super) fn future_purchases(&self, history: History, t: f64) -> D {
        let x = history.purchases();
        let b = self.b + (x + self.first_tosses);
        self.alive(history)
            * self.purchases_while_active(self.r + x, self.alpha + history.age(), b, t)
    }

    /// Share of new customers still active at age `t`, `E[e^(−λpt)] = ₂F₁(r, a; a+b; −t/α)`.
    pub(super) fn survival(&self, t: f64) -> D {
        let b = self.b + self.first_tosses;
        let argument = -(self.alpha.recip() * t);
        self.ln_survived(0.0).exp() * gauss_2f1(self.r, self.a, self.a + b, argument)
    }

    /// Purchases per time unit, `t` ahead, of a customer who is active now and of whom this history is known:
    /// `E[λ·e^(−λpt)] = ρ/(α+T)·₂F₁(ρ+1, a; a+b+k; −t/(α+T))` with `ρ = r+x`, the derivative of the expected
    /// purchases.
    pub(super) fn rate_while_active(&self, x: f64, age: f64, t: f64) -> D {
        let (shape, scale) = (self.r + x, self.alpha + age);
        let b = self.b + (x + self.first_tosses);
        let argument = -(scale.recip() * t);
        shape / scale * gauss_2f1(shape + 1.0, self.a, self.a + b, argument)
    }

    /// `E[(1 − e^(−λpt))/p]` with `λ ~ Gamma(r, α)`, `p ~ Beta(a, b)`:
    /// `(a+b−1)/(a−1)·[1 − (α/(α+t))^r·₂F₁(r, b; a+b−1; t/(α+t))]`.
    ///
    /// After Euler's transformation this is `[c − (1−z)^(a−1)·c·₂F₁(c−r, a−1; c; z)]/(a−1)` with
    /// `c = a+b−1` and `z = t/(α+t)`: nothing grows with `r` or `b`. At `a = 1` it is 0/0; there
    /// the mean of both sides is taken, which is off by less than 1e-8.
    fn purchases_while_active(&self, r: D, alpha: D, b: D, t: f64) -> D {
        if t == 0.0 {
            return D::from(0.0);
        }
        if self.a.re() > ALIKE || (self.a - r).re() > ALIKE_BESIDE_RATES {
            return self.purchases_of_alike(r, alpha, b, t);
        }
        let z = (alpha + t).recip() * t;
        let ln_rest = (alpha / (alpha + t)).ln();
        let at = |a: D| {
            let (excess, c) = (a - 1.0, a + b - 1.0);
            (c - (excess * ln_rest).exp() * scaled_2f1(c - r, excess, c, z)) / excess
        };
        let distance = self.a.re() - 1.0;
        if distance.abs() >= NEAR_ONE {
            return at(self.a);
        }
        (at(self.a - distance + NEAR_ONE) + at(self.a - distance - NEAR_ONE)) * 0.5
    }

    /// The same where customers hardly differ in how likely they drop out: with a large `a` Euler's form is `0·∞`. By
    /// Pfaff's transformation it is `(a+b−1)/(a−1)·[1 − ₂F₁(r, a−1; a+b−1; −t/α)]`, for any `a` above 1.
    ///
    /// The function is `E[(1 + pt/α)^−r]` with `p ~ Beta(a−1, b)`. Where `r` is so large that its series overflows, that
    /// is taken at the mean of `p`: it is next to nothing there.
    fn purchases_of_alike(&self, r: D, alpha: D, b: D, t: f64) -> D {
        let (excess, c) = (self.a - 1.0, self.a + b - 1.0);
        let ahead = alpha.recip() * t;
        let idle = if (r * ahead.ln_1p()).re() < LARGEST_LOGARITHM {
            gauss_2f1(r, excess, c, -ahead)
        } else {
            (-r * (excess / c * ahead).ln_1p()).exp()
        };
        c / excess * (-idle + 1.0)
    }
}

/// `c·₂F₁(a, b; c; z)` for `c > −1`, regular through `c = 0`.
///
/// Below ½ by the contiguous relation that reaches `c + 1` and `c + 2`
/// (<https://dlmf.nist.gov/15.5.E18>).
fn scaled_2f1<D: Number>(a: D, b: D, c: D, z: D) -> D {
    if c.re() > 0.5 {
        return c * gauss_2f1(a, b, c, z);
    }
    let up = c + 1.0;
    let once = (c - (c * 2.0 + 1.0 - a - b) * z) * gauss_2f1(a, b, up, z);
    let twice = (up - a) * (up - b) * z / up * gauss_2f1(a, b, up + 1.0, z);
    (once + twice) / (-z + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customers(a: f64, chance: f64) -> BetaDropout<f64> {
        BetaDropout {
            r: 0.7,
            alpha: 4.7,
            a,
            b: a * (1.0 / chance - 1.0),
            first_tosses: 0.0,
        }
    }

    #[test]
    fn both_forms_agree_where_one_takes_over() {
        for (r, t) in [(0.7, 0.1), (0.7, 5.0), (0.7, 26.0), (2.7, 5.0)] {
            let model = customers(r + ALIKE_BESIDE_RATES, 0.4);
            let one = model.purchases_while_active(r, 4.7, model.b, t);
            let other = model.purchases_of_alike(r, 4.7, model.b, t);
            assert!((one / other - 1.0).abs() < 1e-8, "{r} {t}: {one} {other}");
        }
    }

    /// All drop out with the same chance `p`: `(1 − (1 + pt/α)^−r)/p`.
    #[test]
    fn customers_who_are_alike_have_their_limit() {
        for a in [1e6, 4e7, 1e12] {
            for (r, t) in [(0.7, 0.1), (0.7, 520.0), (9.7, 52.0), (900.0, 52.0)] {
                let model = customers(a, 0.13);
                let limit = (1.0 - (1.0 + 0.13 * t / 4.7_f64).powf(-r)) / 0.13;
                let found = model.purchases_while_active(r, 4.7, model.b, t);
                assert!((found / limit - 1.0).abs() < 1e-5, "{a} {r} {t}: {found}");
            }
        }
    }

    #[test]
    fn scaled_2f1_is_continuous_where_it_changes_its_way() {
        for z in [0.1, 0.7, 0.95] {
            let (below, above): (f64, f64) = (
                scaled_2f1(-0.3, -0.6, 0.5, z),
                scaled_2f1(-0.3, -0.6, 0.5 + 1e-12, z),
            );
            assert!((below - above).abs() < 1e-11, "{below} {above}");
        }
        // The limit of c·₂F₁ at c = 0 is ab·z·₂F₁(a+1, b+1; 2; z).
        let limit = 0.8 * 1.3 * 0.4 * gauss_2f1(1.8, 2.3, 2.0, 0.4);
        let at_zero: f64 = scaled_2f1(0.8, 1.3, 0.0, 0.4);
        assert!((at_zero - limit).abs() < 1e-13);
    }
}
