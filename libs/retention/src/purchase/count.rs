//! How many customers buy how often: `P(X(t) = n)` of a new customer.
//!
//! In continuous time purchases while active are negative binomial, so that each model is a mixture of
//! `P(N(τ) = n) = Γ(r+n)/(Γ(r)·n!)·(α/(α+τ))^r·(τ/(α+τ))ⁿ`, which is stepped from one `n` to the next;
//! at opportunities they are beta-binomial, see [`OpportunityCounts`].

use crate::number::Number;
use crate::quadrature::{Rule, gauss_legendre};

use super::beta_dropout::BetaDropout;
use super::gamma_dropout::GammaDropout;
use super::model::Process;
use super::opportunity::Opportunities;

/// Purchases within a time at a rate λ ~ Gamma(r, α), at the count that was reached.
struct Purchases<D> {
    r: D,
    /// `ln [τ/(α+τ)]`.
    ln_share: D,
    n: f64,
    /// `ln P(N = n)`.
    ln_mass: D,
    /// `P(N < n)`.
    below: D,
}

impl<D: Number> Purchases<D> {
    fn new(r: D, alpha: D, time: f64) -> Self {
        Self {
            r,
            ln_share: -(alpha / time).ln_1p(),
            n: 0.0,
            ln_mass: -r * (alpha.recip() * time).ln_1p(),
            below: D::from(0.0),
        }
    }

    fn mass(&self) -> D {
        self.ln_mass.exp()
    }

    fn step(&mut self) {
        self.below += self.mass();
        self.ln_mass += ((self.r + self.n) / (self.n + 1.0)).ln() + self.ln_share;
        self.n += 1.0;
    }
}

/// `P(X(t) = n)` for n = 0, 1, 2, … within the first `t > 0` of a customer.
pub(super) enum Counts<D> {
    Beta(BetaCounts<D>),
    Gamma(GammaCounts<D>),
    Opportunities(OpportunityCounts<D>),
}

impl<D: Number> Counts<D> {
    pub(super) fn new(process: &Process<D>, t: f64) -> Self {
        match process {
            Process::Beta(model) => Self::Beta(BetaCounts::new(model, t)),
            Process::Gamma(model) => Self::Gamma(GammaCounts::new(model, t)),
            Process::Opportunities(model) => Self::Opportunities(OpportunityCounts::new(model, t)),
        }
    }
}

impl<D: Number> Iterator for Counts<D> {
    type Item = D;

    fn next(&mut self) -> Option<D> {
        Some(match self {
            Self::Beta(counts) => counts.advance(),
            Self::Gamma(counts) => counts.advance(),
            Self::Opportunities(counts) => counts.advance(),
        })
    }
}

/// BG/NBD and MBG/NBD: still active after `n` purchases, or gone right after the `n`-th,
///
/// `P(X(t) = n) = B(a, b+k)/B(a, b)·P(N = n) + 1{k>0}·B(a+1, b+k−1)/B(a, b)·P(N ≥ n)`,
///
/// with `k` tosses, `n` in BG/NBD (Fader, Hardie & Lee 2005, equation 8) and `n + 1` in MBG/NBD.
pub(super) struct BetaCounts<D> {
    purchases: Purchases<D>,
    a: D,
    b: D,
    tosses: f64,
    /// `B(a, b+k)/B(a, b)`: surviving the tosses so far.
    survived: D,
    /// `B(a+1, b+k−1)/B(a, b)`: failing the last of them; 0 without one.
    failed: D,
}

impl<D: Number> BetaCounts<D> {
    fn new(model: &BetaDropout<D>, t: f64) -> Self {
        let mut counts = Self {
            purchases: Purchases::new(model.r, model.alpha, t),
            a: model.a,
            b: model.b,
            tosses: 0.0,
            survived: D::from(1.0),
            failed: D::from(0.0),
        };
        if model.first_tosses > 0.0 {
            counts.toss();
        }
        counts
    }

    fn toss(&mut self) {
        let outcomes = self.a + self.b + self.tosses;
        self.failed = self.survived * self.a / outcomes;
        self.survived *= (self.b + self.tosses) / outcomes;
        self.tosses += 1.0;
    }

    fn advance(&mut self) -> D {
        let reached = -self.purchases.below + 1.0;
        let mass = self.survived * self.purchases.mass() + self.failed * reached;
        self.purchases.step();
        self.toss();
        mass
    }
}

/// Pareto/NBD: still active at `t`, or gone at some `τ` before,
///
/// `P(X(t) = n) = P(N(t) = n)·(β/(β+t))ˢ + ∫₀ᵗ P(N(τ) = n)·s·βˢ·(β+τ)^−(s+1) dτ`
///
/// (Fader & Hardie 2006, "Deriving an expression for P(X(t) = x) under the Pareto/NBD model",
/// equation 5, integrated by quadrature: nothing cancels).
pub(super) struct GammaCounts<D> {
    /// Times of dropping out, or the end, with their probability.
    ways: Vec<(D, Purchases<D>)>,
}

impl<D: Number> GammaCounts<D> {
    fn new(model: &GammaDropout<D>, t: f64) -> Self {
        let mut ways = vec![(model.survival(t), Purchases::new(model.r, model.alpha, t))];
        // Evenly spread in ln(m+τ), m the smaller scale, as in the likelihood; a rule for each unit of
        // it, since a count far from 0 has a peak in between.
        let offset = model.alpha.re().min(model.beta.re());
        let end = (t / offset).ln_1p();
        let pieces = end.ceil().clamp(1.0, 64.0);
        for piece in 0..pieces as u32 {
            let from = end * f64::from(piece) / pieces;
            for (log, weight) in gauss_legendre(Rule::Fine, from, from + end / pieces) {
                let tau = offset * log.exp_m1();
                let leaving = model.s / (model.beta + tau) * model.survival(tau);
                ways.push((
                    leaving * (weight * (offset + tau)),
                    Purchases::new(model.r, model.alpha, tau),
                ));
            }
        }
        Self { ways }
    }

    fn advance(&mut self) -> D {
        let mut mass = D::from(0.0);
        for (chance, purchases) in &mut self.ways {
            mass += *chance * purchases.mass();
            purchases.step();
        }
        mass
    }
}

/// BG/BB: active at `m` of `t` opportunities, and buying at `n` of those,
///
/// `P(X(t) = n) = Σ_m C(m, n)·B(α+n, β+m−n)/B(α, β)·P(M = m)`,
///
/// `P(M = t) = B(γ, δ+t)/B(γ, δ)` and `P(M = m) = B(γ+1, δ+m)/B(γ, δ)` below (Fader, Hardie & Shang
/// 2010, equation 7).
pub(super) struct OpportunityCounts<D> {
    alpha: D,
    beta: D,
    n: f64,
    /// By `m ≥ n`, the logarithm of both chances together.
    ways: Vec<(f64, D)>,
}

impl<D: Number> OpportunityCounts<D> {
    fn new(model: &Opportunities<D>, t: f64) -> Self {
        let Opportunities {
            alpha,
            beta,
            gamma,
            delta,
        } = *model;
        let (mut ways, mut m, mut ln_none) = (Vec::new(), 0.0, D::from(0.0));
        while m < t {
            let gone = (gamma / (gamma + delta + m)).ln();
            ways.push((m, ln_none + gone));
            let stays = (delta + m) / (gamma + delta + m);
            ln_none += (stays * (beta + m) / (alpha + beta + m)).ln();
            m += 1.0;
        }
        ways.push((t, ln_none));
        Self {
            alpha,
            beta,
            n: 0.0,
            ways,
        }
    }

    /// 0 beyond `t`.
    fn advance(&mut self) -> D {
        let mut mass = D::from(0.0);
        for (_, ln_mass) in &self.ways {
            mass += ln_mass.exp();
        }
        let n = self.n;
        self.ways.retain(|(m, _)| *m > n);
        for (m, ln_mass) in &mut self.ways {
            let odds = (self.alpha + n) / (self.beta + (*m - n - 1.0));
            *ln_mass += (odds * ((*m - n) / (n + 1.0))).ln();
        }
        self.n += 1.0;
        mass
    }
}

#[cfg(test)]
mod tests {
    use super::super::Model;
    use super::*;

    fn counts(model: Model, parameters: [f64; 4], t: f64) -> Counts<f64> {
        Counts::new(&model.with(parameters), t)
    }

    /// `bgnbd.PlotFrequencyInCalibration`'s `bgnbd.pmf` of the R package BTYD (its manual, at the
    /// parameters of Fader, Hardie & Lee 2005).
    #[test]
    fn bg_nbd_reproduces_btyd() {
        let of = |t| counts(Model::BgNbd, [0.243, 4.414, 0.793, 2.426], t);
        let close = |found: f64, told: f64, digit: f64| {
            assert!((found - told).abs() <= digit, "{found} is not {told}");
        };
        close(of(2.0).nth(10).unwrap(), 1.078_69e-7, 5e-13);
        close(of(39.0).next().unwrap(), 0.573_786_4, 5e-8);
        let told = [
            0.001_999_521_4,
            0.001_517_023_6,
            0.001_163_315_0,
            0.000_900_314_8,
            0.000_702_363_8,
            0.000_551_790_2,
            0.000_436_191_3,
            0.000_346_717_1,
            0.000_276_961_3,
            0.000_222_226_0,
        ];
        for (found, told) in of(30.0).skip(11).zip(told) {
            close(found, told, 5e-11);
        }
    }

    /// They sum to one and have the mean that the model gives by its own formula.
    #[test]
    fn counts_have_the_mean_of_the_model() {
        for (model, parameters) in [
            (Model::BgNbd, [0.8, 5.0, 0.9, 2.5]),
            (Model::MbgNbd, [1.2, 6.0, 0.9, 1.8]),
            (Model::ParetoNbd, [0.9, 8.0, 0.8, 14.0]),
            (Model::ParetoNbd, [30.0, 80.0, 0.3, 2.0]),
            (Model::BgBb, [1.2, 0.75, 0.66, 2.8]),
            (Model::BgBb, [30.0, 80.0, 1.0, 2.0]),
        ] {
            let (mut all, mut mean) = (0.0, 0.0);
            for (n, mass) in counts(model, parameters, 40.0).take(2_000).enumerate() {
                all += mass;
                mean += n as f64 * mass;
            }
            let told: f64 = model.with(parameters).purchases(40.0);
            assert!((all - 1.0).abs() < 1e-7, "{model:?} {all}");
            assert!((mean / told - 1.0).abs() < 1e-7, "{model:?} {mean} {told}");
        }
    }
}
