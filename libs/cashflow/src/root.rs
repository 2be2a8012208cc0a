//! All real zeros of an exponential sum `f(s) = Σ cᵢ·e^(−s·tᵢ)`, with `s = ln(1+r)`.
//!
//! The proof of Descartes' rule of signs is the algorithm. Multiplying by `e^(sτ)` moves no zero.
//! With `τ` between the times of two coefficients of unlike sign, the derivative's coefficients
//! `cᵢ·(τ − tᵢ)` have one change of sign less. So its zeros, found the same way, cut the line
//! into pieces on which `e^(sτ)·f` is monotone, and each piece holds one zero or none, which
//! signs at its ends tell. The depth is the number of sign changes, not of flows, and the times
//! need not be whole: periodic and dated flows take the same path.

use std::borrow::Cow;

/// Where zeros are looked for: `e^(±s)` must stay representable, and `r > −1` distinct from −1.
const LOWEST: f64 = -36.0;
const HIGHEST: f64 = 700.0;

/// An exponential sum. Times ascend strictly; without times they are 0, 1, 2, …
pub(crate) struct ExponentialSum<'a> {
    coefficients: Cow<'a, [f64]>,
    times: Option<&'a [f64]>,
}

impl<'a> ExponentialSum<'a> {
    /// Zeros at both ends are left off: they shift time, which moves no zero of the sum, and
    /// would let the others underflow far out.
    pub(crate) fn new(coefficients: &'a [f64], times: Option<&'a [f64]>) -> Self {
        let first = coefficients.iter().position(|c| *c != 0.0).unwrap_or(0);
        let end = coefficients
            .iter()
            .rposition(|c| *c != 0.0)
            .map_or(first, |last| last + 1);
        Self {
            coefficients: coefficients[first..end].into(),
            times: times.map(|times| &times[first..end]),
        }
    }

    /// The zeros in ascending order; one that touches without crossing is given once.
    pub(crate) fn zeros(&self) -> Vec<f64> {
        let turning_points = match (self.sign_changes(), self.first_sign_change()) {
            (_, None) => return Vec::new(),
            (1, _) => Vec::new(),
            (_, Some(tau)) => self.tilted_derivative(tau).zeros(),
        };
        let mut zeros = Vec::new();
        let mut from = Point {
            s: LOWEST,
            value: self.value(LOWEST),
        };
        for s in turning_points {
            let turn = Point {
                s,
                value: self.value(s),
            };
            if turn.value.abs() <= self.noise(s) {
                zeros.push(s);
                from = Point { s, value: 0.0 };
            } else {
                zeros.extend(self.crossing(from, turn));
                from = turn;
            }
        }
        zeros.extend(self.crossing(
            from,
            Point {
                s: HIGHEST,
                value: self.value(HIGHEST),
            },
        ));
        zeros
    }

    /// The zero between two points of unlike sign with a monotone piece between them.
    fn crossing(&self, low: Point, high: Point) -> Option<f64> {
        if !low.opposes(high) {
            return None;
        }
        let (low, high) = self.narrowed(low, high);
        Some(self.bracketed_zero(low, high))
    }

    /// A short bracket inside a possibly very long one: steps that double, away from where most
    /// rates lie, stopping when the sign has changed.
    fn narrowed(&self, low: Point, high: Point) -> (Point, Point) {
        let middle = self.at(0.0_f64.clamp(low.s, high.s));
        let upwards = middle.opposes(high);
        let (mut near, far) = if upwards {
            (middle, high)
        } else {
            (middle, low)
        };
        let mut step = if upwards { 0.0625 } else { -0.0625 };
        loop {
            let next = near.s + step;
            if (upwards && next >= far.s) || (!upwards && next <= far.s) {
                break;
            }
            let next = self.at(next);
            if !next.agrees(near) {
                return ordered(near, next);
            }
            near = next;
            step *= 2.0;
        }
        ordered(near, far)
    }

    /// Chandrupatla's method: inverse quadratic interpolation where it is safe, else bisection.
    /// T. R. Chandrupatla, Advances in Engineering Software 28 (1997) 145–149.
    fn bracketed_zero(&self, low: Point, high: Point) -> f64 {
        let (mut a, mut b) = (high, low);
        let mut fraction = 0.5;
        for _ in 0..200 {
            let next = self.at(a.s + fraction * (b.s - a.s));
            let c = if next.agrees(a) {
                a
            } else {
                std::mem::replace(&mut b, a)
            };
            a = next;
            let best = if a.value.abs() < b.value.abs() { a } else { b };
            let tolerance = f64::EPSILON * best.s.abs() + 1e-17;
            let limit = tolerance / (b.s - c.s).abs();
            if limit > 0.5 || best.value == 0.0 {
                return best.s;
            }
            let xi = (a.s - b.s) / (c.s - b.s);
            let phi = (a.value - b.value) / (c.value - b.value);
            fraction = if phi * phi < xi && (1.0 - phi).powi(2) < 1.0 - xi {
                a.value / (b.value - a.value) * c.value / (b.value - c.value)
                    + (c.s - a.s) / (b.s - a.s) * a.value / (c.value - a.value) * b.value
                        / (c.value - b.value)
            } else {
                0.5
            };
            fraction = fraction.clamp(limit, 1.0 - limit);
        }
        a.s
    }

    fn at(&self, s: f64) -> Point {
        Point {
            s,
            value: self.value(s),
        }
    }

    /// The sum at `s`, scaled by a positive factor so that no term overflows: relative to the
    /// first time for `s ≥ 0`, to the last for `s < 0`.
    fn value(&self, s: f64) -> f64 {
        self.horner(s, |c| c)
    }

    /// The rounding error of [`Self::value`] at `s`.
    fn noise(&self, s: f64) -> f64 {
        4.0 * f64::EPSILON * self.horner(s, f64::abs)
    }

    fn horner(&self, s: f64, term: impl Fn(f64) -> f64) -> f64 {
        let shrink = (-s.abs()).exp();
        let step = |value: f64, i: usize, gap: f64| {
            let factor = if gap == 1.0 { shrink } else { shrink.powf(gap) };
            value * factor + term(self.coefficients[i])
        };
        let indices = 0..self.coefficients.len();
        if s >= 0.0 {
            indices
                .rev()
                .fold(0.0, |value, i| step(value, i, self.gap(i + 1)))
        } else {
            indices.fold(0.0, |value, i| step(value, i, self.gap(i)))
        }
    }

    /// The time from coefficient `i − 1` to `i`; 1 at the ends, where it multiplies zero.
    fn gap(&self, i: usize) -> f64 {
        match self.times {
            Some(times) if (1..times.len()).contains(&i) => times[i] - times[i - 1],
            _ => 1.0,
        }
    }

    fn time(&self, i: usize) -> f64 {
        self.times.map_or(i as f64, |times| times[i])
    }

    fn sign_changes(&self) -> usize {
        self.signed()
            .zip(self.signed().skip(1))
            .filter(|(a, b)| a.1 != b.1)
            .count()
    }

    /// A time between the first two coefficients of unlike sign.
    fn first_sign_change(&self) -> Option<f64> {
        let mut pairs = self.signed().zip(self.signed().skip(1));
        let (before, after) = pairs.find(|(a, b)| a.1 != b.1)?;
        Some(f64::midpoint(self.time(before.0), self.time(after.0)))
    }

    /// Index and sign of each coefficient that is not zero.
    fn signed(&self) -> impl Iterator<Item = (usize, bool)> + '_ {
        let all = self.coefficients.iter().enumerate();
        all.filter(|(_, c)| **c != 0.0).map(|(i, c)| (i, *c > 0.0))
    }

    /// The derivative of `e^(sτ)·f(s)`, up to the factor `e^(sτ)` and a power of two that keeps
    /// the coefficients near one: over hundreds of derivatives they would leave the range of floats.
    fn tilted_derivative(&self, tau: f64) -> ExponentialSum<'a> {
        let largest = self
            .coefficients
            .iter()
            .fold(0.0_f64, |most, c| most.max(c.abs()));
        let span = self.time(self.coefficients.len() - 1) - self.time(0);
        let scale = (-(largest.log2() + span.log2()).ceil()).exp2();
        let terms = self.coefficients.iter().enumerate();
        let coefficients: Vec<f64> = terms
            .map(|(i, c)| c * scale * (tau - self.time(i)))
            .collect();
        ExponentialSum {
            coefficients: coefficients.into(),
            times: self.times,
        }
    }
}

#[derive(Clone, Copy)]
struct Point {
    s: f64,
    value: f64,
}

impl Point {
    /// Whether both values are positive or both negative; a product would underflow.
    fn agrees(self, other: Self) -> bool {
        (self.value > 0.0 && other.value > 0.0) || (self.value < 0.0 && other.value < 0.0)
    }

    /// Whether one value is positive and the other negative.
    fn opposes(self, other: Self) -> bool {
        (self.value < 0.0 && other.value > 0.0) || (self.value > 0.0 && other.value < 0.0)
    }
}

fn ordered(a: Point, b: Point) -> (Point, Point) {
    if a.s <= b.s { (a, b) } else { (b, a) }
}
