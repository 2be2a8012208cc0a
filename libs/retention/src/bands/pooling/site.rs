//! One band of one segment: Poisson departures around an uncertain log hazard.

use std::num::NonZeroUsize;
use std::sync::LazyLock;

use gauss_quad::GaussHermite;
use statrs::function::gamma::digamma;

use crate::number::trigamma;

/// From so many departures on, the likelihood of the log hazard is as good as normal.
const MANY: f64 = 50.0;
/// Nodes of the quadrature.
const NODES: usize = 15;

/// Nodes and weights of `∫ e^(−t²) f(t) dt`.
static HERMITE: LazyLock<Vec<(f64, f64)>> = LazyLock::new(|| {
    let degree = NonZeroUsize::new(NODES).expect("a positive constant");
    let rule = GaussHermite::new(degree);
    rule.as_node_weight_pairs().to_vec()
});

/// Departures and exposure; the hazard times the exposure is expected to leave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cell {
    pub events: f64,
    pub exposure: f64,
}

/// A normal distribution of a log hazard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Normal {
    pub mean: f64,
    pub variance: f64,
}

/// What a cell says of its log hazard, as the exponential of `log_scale − precision·λ²/2 + shift·λ`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Site {
    pub precision: f64,
    pub shift: f64,
    pub log_scale: f64,
}

impl Cell {
    /// A start: the likelihood of the log hazard, which has the form of a log gamma variable.
    pub fn first_site(self) -> Site {
        if self.exposure <= 0.0 {
            return Site::default();
        }
        let shape = if self.is_normal() {
            self.events
        } else {
            self.events + 0.5
        };
        let precision = trigamma(shape).recip();
        Site {
            precision,
            shift: precision * (digamma(shape) - self.exposure.ln()),
            log_scale: 0.0,
        }
    }

    /// Whether [`first_site`](Self::first_site) needs no improvement.
    pub fn is_normal(self) -> bool {
        self.exposure <= 0.0 || self.events >= MANY
    }

    /// Mass and first two moments of `Normal · Poisson likelihood`; the mass up to a factor that
    /// depends on the cell alone. Gauss–Hermite around the mode.
    pub fn tilt(self, Normal { mean, variance }: Normal) -> (f64, Normal) {
        let Self { events, exposure } = self;
        let log_density =
            |x: f64| -(x - mean).powi(2) / (2.0 * variance) + events * x - exposure * x.exp();
        // The mode solves x + v·E·eˣ = m + v·d.
        let target = mean + variance * events;
        let rise = wright_omega(target + (variance * exposure).ln());
        let mode = target - rise;
        let width = (variance / (1.0 + rise)).sqrt();
        let top = log_density(mode);
        let (mut mass, mut first, mut second) = (0.0, 0.0, 0.0);
        for &(node, weight) in HERMITE.iter() {
            let step = std::f64::consts::SQRT_2 * width * node;
            let w = weight * (log_density(mode + step) - top + node * node).exp();
            mass += w;
            first += w * step;
            second += w * step * step;
        }
        let shift = first / mass;
        let tilted = Normal {
            mean: mode + shift,
            variance: second / mass - shift * shift,
        };
        let scale = width / (std::f64::consts::PI * variance).sqrt();
        (top + (scale * mass).ln(), tilted)
    }

    /// The site that gives the cavity the moments of the tilted distribution.
    pub fn site(self, cavity: Normal) -> Site {
        let (log_mass, tilted) = self.tilt(cavity);
        let Normal { mean, variance } = cavity;
        let precision = (tilted.variance.recip() - variance.recip()).max(0.0);
        let shift = tilted.mean * (precision + variance.recip()) - mean / variance;
        let spread = 1.0 + variance * precision;
        let gauss = (shift * shift * variance + 2.0 * shift * mean - precision * mean * mean)
            / spread
            - spread.ln();
        Site {
            precision,
            shift,
            log_scale: log_mass - 0.5 * gauss,
        }
    }

    /// Chance of fewer departures than these, and half that of just as many, where the log hazard
    /// is normal.
    pub fn mid_tail(self, Normal { mean, variance }: Normal) -> f64 {
        let Self { events, exposure } = self;
        if events >= 10.0 || events.fract() > 0.0 {
            // As many or more departures are seen where Gamma(d + ½) is below the expected.
            let own = trigamma(events + 0.5);
            let z = (digamma(events + 0.5) - exposure.ln() - mean) / (variance + own).sqrt();
            return phi(z);
        }
        let below = |expected: f64| {
            let mut term = (-expected).exp();
            let mut sum = 0.0;
            for count in 1..=events as u32 {
                sum += term;
                term *= expected / f64::from(count);
            }
            sum + 0.5 * term
        };
        let sum: f64 = HERMITE
            .iter()
            .map(|&(node, weight)| {
                let x = mean + (2.0 * variance).sqrt() * node;
                weight * below(exposure * x.exp())
            })
            .sum();
        sum / std::f64::consts::PI.sqrt()
    }
}

/// The standard normal distribution function.
fn phi(z: f64) -> f64 {
    0.5 * statrs::function::erf::erfc(-z / std::f64::consts::SQRT_2)
}

/// The `y` with `y + ln y = a`, by Newton's method.
fn wright_omega(a: f64) -> f64 {
    let mut y = if a > 1.0 { a - a.ln() } else { a.exp() };
    for _ in 0..5 {
        y *= (1.0 + a - y.ln()) / (1.0 + y);
    }
    y
}
