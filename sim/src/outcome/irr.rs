//! Internal rate of return of monthly flows.
//!
//! With `x = (1 + monthly rate)⁻¹` a rate is a root of `Σ flow(t)·xᵗ` in `(0, 1.25)`, that is above
//! −93% a year. By Descartes' rule, applied to `Σ flow(t)·xᵗ / (1 − x/1.25)`, there are at most as
//! many roots as sign changes in the cumulative sums of `flow(t)·1.25ᵗ`, and one change means
//! exactly one root.

use pulp::{Arch, Simd};

use crate::kernel::{LANES, Lane};
use crate::kernel::{Vector, kernel, parts};
use crate::math::{exp, ln};

/// Upper end of the search: −93% a year.
const WIDEST: f64 = 1.25;

/// Relative step at which Newton's next one would be about its square, below 1e-12.
const CLOSE: f64 = 1e-7;

/// Longest Newton iteration; bisection alone would need 60.
const MOST_STEPS: usize = 100;

/// The rate a year, −1 where there is none or several; and where there are several.
pub(super) fn annual_irr(arch: Arch, flows: &[Lane]) -> (Lane, [bool; LANES]) {
    let found = orientation(arch, flows);
    let single = found.changes.map(|count| f64::from(count == 1.0));
    let start = start(arch, &flows[0], &found);
    let roots = solve(arch, flows, &found.sign, &start, &single);
    let mut several = [false; LANES];
    let mut rates = [-1.0; LANES];
    for l in 0..LANES {
        if single[l] > 0.0 {
            rates[l] = annual(roots[l]);
        } else if found.changes[l] > 1.0 {
            let roots = scan(flows, l);
            several[l] = roots.count > 1;
            rates[l] = if roots.count == 1 {
                annual(roots.first)
            } else {
                -1.0
            };
        }
    }
    (rates, several)
}

/// The rate a year of a monthly discount factor; −1, none, where it is beyond all numbers.
fn annual(x: f64) -> f64 {
    let cube = x * x * x;
    let sixth = cube * cube;
    let rate = 1.0 / (sixth * sixth) - 1.0;
    if rate.is_finite() { rate } else { -1.0 }
}

/// What tells how many rates there are, and about where.
struct Orientation {
    /// The sign of the cumulative sums at the end.
    sign: Lane,
    /// Their sign changes.
    changes: Lane,
    /// Sum of the flows, undiscounted.
    sum: Lane,
    /// Sum of the flows times their months.
    moment: Lane,
}

kernel! {
    fn orientation<'a>(for S, simd; flows: &'a [Lane]) -> Orientation {
        let zero = [0.0; LANES];
        let mut found = Orientation { sign: zero, changes: zero, sum: zero, moment: zero };
        for part in 0..parts::<S>() {
            let number = |value| Vector::splat(simd, value);
            let (zero, one) = (number(0.0), number(1.0));
            let [mut widened, mut sign, mut changes, mut sum, mut moment] = [zero; 5];
            let mut power = 1.0;
            for (month, flow) in flows.iter().enumerate() {
                let flow = Vector::load(simd, flow, part);
                sum = sum + flow;
                moment = flow.mul_add(number(month as f64), moment);
                widened = flow.mul_add(number(power), widened);
                let side = widened.if_less(zero, -one, zero.if_less(widened, one, sign));
                changes = changes + (side * sign).if_less(zero, one, zero);
                sign = side;
                power *= WIDEST;
            }
            sign.store(&mut found.sign, part);
            changes.store(&mut found.changes, part);
            sum.store(&mut found.sum, part);
            moment.store(&mut found.moment, part);
        }
        found
    }
}

kernel! {
    /// Where `f(0) + (f(1) − f(0))·xᵖ`, which has the flows' value at 0 and 1 and their slope at 1, is 0.
    fn start<'a>(first: &'a Lane, found: &'a Orientation) -> Lane {
        let (first, sum, moment) = (*first, found.sum, found.moment);
        let mut start = [1.0; LANES];
        for l in 0..LANES {
            let rise = sum[l] - first[l];
            let quotient = -first[l] / rise;
            let x = exp(ln(quotient) * (rise / moment[l]));
            // Also false for what is no number.
            let inside = (x > 0.01) & (x < 0.99 * WIDEST);
            start[l] = if inside { x } else { 1.0 };
        }
        start
    }
}

kernel! {
    /// Newton's iteration, guarded by bisection, in every trial that has exactly one root.
    fn solve<'a>(
        for S, simd;
        flows: &'a [Lane],
        sign: &'a Lane,
        start: &'a Lane,
        single: &'a Lane,
    ) -> Lane {
        let mut roots = *start;
        for pair in (0..parts::<S>()).step_by(2) {
            let search = |part| Search::new(simd, part, sign, start, single);
            // One is computed while the other waits for its division.
            let mut searches = [search(pair), search(pair + 1)];
            for _ in 0..MOST_STEPS {
                if searches.iter().all(|search| search.moving.is_zero()) {
                    break;
                }
                for search in &mut searches {
                    search.step(simd, flows);
                }
            }
            for search in searches {
                search.x.store(&mut roots, search.part);
            }
        }
        roots
    }
}

/// The search for the roots of one part of the trials.
struct Search<S: Simd> {
    part: usize,
    sign: Vector<S>,
    x: Vector<S>,
    /// 0 where the root is found, or is not one, else 1.
    moving: Vector<S>,
    low: Vector<S>,
    high: Vector<S>,
}

impl<S: Simd> Search<S> {
    #[inline(always)]
    fn new(simd: S, part: usize, sign: &Lane, start: &Lane, single: &Lane) -> Self {
        Self {
            part,
            sign: Vector::load(simd, sign, part),
            x: Vector::load(simd, start, part),
            moving: Vector::load(simd, single, part),
            low: Vector::splat(simd, 0.0),
            high: Vector::splat(simd, WIDEST),
        }
    }

    #[inline(always)]
    fn step(&mut self, simd: S, flows: &[Lane]) {
        let number = |value| Vector::splat(simd, value);
        let (zero, x) = (number(0.0), self.x);
        let [value, slope] = horner(simd, self.part, flows, x);
        let above = value * self.sign;
        self.high = zero.if_less(above, x, self.high);
        self.low = zero.if_less(above, self.low, x);
        let newton = x - value / slope;
        let middle = number(0.5) * (self.low + self.high);
        // A step to an end stays: it is what the last step of a root looks like.
        let inside = self.high.if_less(newton, middle, newton);
        let next = newton.if_less(self.low, middle, inside);
        let next = zero.if_less(value.abs(), next, x);
        let arrived = x * number(CLOSE);
        let still = arrived.if_less((next - x).abs(), self.moving, zero);
        self.x = zero.if_less(self.moving, next, x);
        self.moving = still;
    }
}

/// `Σ flow(t)·xᵗ` and its derivative, as `A(x⁴) + x·B(x⁴) + x²·C(x⁴) + x³·D(x⁴)`: four short chains of
/// operations instead of one long one.
#[inline(always)]
fn horner<S: Simd>(simd: S, part: usize, flows: &[Lane], x: Vector<S>) -> [Vector<S>; 2] {
    let number = |value| Vector::splat(simd, value);
    let square = x * x;
    let (cube, fourth) = (square * x, square * square);
    let mut values = [number(0.0); 4];
    let mut slopes = values;
    let (fours, rest) = flows.as_chunks::<4>();
    for (value, flow) in values.iter_mut().zip(rest) {
        *value = Vector::load(simd, flow, part);
    }
    for four in fours.iter().rev() {
        for k in 0..4 {
            slopes[k] = slopes[k].mul_add(fourth, values[k]);
            values[k] = values[k].mul_add(fourth, Vector::load(simd, &four[k], part));
        }
    }
    let slope = x.polynomial(&slopes) * (number(4.0) * cube);
    let [_, b, c, d] = values;
    let slope = slope + x.polynomial(&[b, c + c, d * number(3.0)]);
    [x.polynomial(&values), slope]
}

struct Found {
    count: usize,
    first: f64,
}

/// Counts the roots of one trial where several are possible, by the sign on a fine grid.
fn scan(flows: &[Lane], lane: usize) -> Found {
    const STEPS: usize = 500;
    let value = |x: f64| {
        flows
            .iter()
            .rev()
            .fold(0.0, |sum, flow| sum * x + flow[lane])
    };
    let at = |step: usize| WIDEST * step as f64 / STEPS as f64;
    let mut found = Found {
        count: 0,
        first: 0.0,
    };
    // Just above 0 the first flow decides.
    let first = flows
        .iter()
        .map(|flow| flow[lane])
        .find(|&flow| flow != 0.0);
    let mut before = first.unwrap_or(0.0);
    for step in 1..=STEPS {
        let now = value(at(step));
        if before * now < 0.0 || now == 0.0 {
            if found.count == 0 {
                found.first = bisect(value, at(step - 1), at(step));
            }
            found.count += 1;
        }
        before = now;
    }
    found
}

fn bisect(value: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    let rising = value(high) > value(low);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if (value(middle) > 0.0) == rising {
            high = middle;
        } else {
            low = middle;
        }
    }
    0.5 * (low + high)
}
