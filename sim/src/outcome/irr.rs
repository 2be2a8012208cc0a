//! Internal rate of return of monthly flows.
//!
//! With `x = (1 + monthly rate)⁻¹` a rate is a root of `Σ flow(t)·xᵗ` in `(0, 1.25)`, that is above
//! −93% a year. By Descartes' rule, applied to `Σ flow(t)·xᵗ / (1 − x/1.25)`, there are at most as
//! many roots as sign changes in the cumulative sums of `flow(t)·1.25ᵗ`, and one change means
//! exactly one root.

use pulp::Arch;

use crate::kernel::kernel;
use crate::model::{LANES, Lane};

/// Upper end of the search: −93% a year.
const WIDEST: f64 = 1.25;

/// Relative step at which Newton's next one would be below rounding.
const CLOSE: f64 = 1e-9;

/// Longest Newton iteration; bisection alone would need 60.
const MOST_STEPS: usize = 100;

/// The rate a year, −1 where there is none or several; and where there are several.
pub(super) fn annual_irr(arch: Arch, flows: &[Lane]) -> (Lane, [bool; LANES]) {
    let (sign, changes) = orientation(arch, flows);
    let single = changes.map(|count| count == 1.0);
    let roots = solve(arch, flows, &sign, &single);
    let mut several = [false; LANES];
    let mut rates = [-1.0; LANES];
    for l in 0..LANES {
        if single[l] {
            rates[l] = annual(roots[l]);
        } else if changes[l] > 1.0 {
            let found = scan(flows, l);
            several[l] = found.count > 1;
            rates[l] = if found.count == 1 {
                annual(found.first)
            } else {
                -1.0
            };
        }
    }
    (rates, several)
}

fn annual(x: f64) -> f64 {
    let cube = x * x * x;
    let sixth = cube * cube;
    1.0 / (sixth * sixth) - 1.0
}

kernel! {
    /// The sign at the end, and the sign changes of the cumulative sums.
    fn orientation<'a>(flows: &'a [Lane]) -> (Lane, Lane) {
        let mut sum = [0.0; LANES];
        let mut last = [0.0; LANES];
        let mut changes = [0.0; LANES];
        let mut power = 1.0;
        for flow in flows {
            let flow = *flow;
            for l in 0..LANES {
                sum[l] += flow[l] * power;
                let side = if sum[l] < 0.0 { -1.0 } else { last[l] };
                let side = if sum[l] > 0.0 { 1.0 } else { side };
                changes[l] += if side * last[l] < 0.0 { 1.0 } else { 0.0 };
                last[l] = side;
            }
            power *= WIDEST;
        }
        (last, changes)
    }
}

kernel! {
    /// Newton from `x = 1`, guarded by bisection, in every trial that has exactly one root.
    fn solve<'a>(flows: &'a [Lane], sign: &'a Lane, single: &'a [bool; LANES]) -> Lane {
        let sign = *sign;
        let mut x = [1.0; LANES];
        let mut low = [0.0; LANES];
        let mut high = [WIDEST; LANES];
        let mut moving = single.map(|single| if single { 1.0 } else { 0.0 });
        for _ in 0..MOST_STEPS {
            if moving.iter().all(|&moving| moving == 0.0) {
                break;
            }
            let (value, slope) = horner(flows, &x);
            for l in 0..LANES {
                let above = value[l] * sign[l] > 0.0;
                high[l] = if above { x[l] } else { high[l] };
                low[l] = if above { low[l] } else { x[l] };
                let newton = x[l] - value[l] / slope[l];
                let middle = 0.5 * (low[l] + high[l]);
                let inside = (newton > low[l]) & (newton < high[l]);
                let next = if inside { newton } else { middle };
                let next = if value[l] == 0.0 { x[l] } else { next };
                let arrived = (next - x[l]).abs() <= CLOSE * x[l];
                x[l] = if moving[l] > 0.0 { next } else { x[l] };
                moving[l] = if arrived { 0.0 } else { moving[l] };
            }
        }
        x
    }
}

/// `Σ flow(t)·xᵗ` and its derivative, as `A(x²) + x·B(x²)`: two short chains of operations instead of
/// one long one.
#[inline(always)]
fn horner(flows: &[Lane], x: &Lane) -> (Lane, Lane) {
    let zero = [0.0; LANES];
    let (mut even, mut odd, mut even_slope, mut odd_slope) = (zero, zero, zero, zero);
    let mut square = *x;
    for l in 0..LANES {
        square[l] *= x[l];
    }
    let (pairs, last) = flows.as_chunks::<2>();
    if let [last] = last {
        even = *last;
    }
    for [first, second] in pairs.iter().rev() {
        let (first, second) = (*first, *second);
        for l in 0..LANES {
            even_slope[l] = even_slope[l] * square[l] + even[l];
            odd_slope[l] = odd_slope[l] * square[l] + odd[l];
            even[l] = even[l] * square[l] + first[l];
            odd[l] = odd[l] * square[l] + second[l];
        }
    }
    let (mut value, mut slope) = (zero, zero);
    for l in 0..LANES {
        value[l] = even[l] + x[l] * odd[l];
        slope[l] = odd[l] + 2.0 * x[l] * (even_slope[l] + x[l] * odd_slope[l]);
    }
    (value, slope)
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
    let mut before = value(at(1));
    for step in 2..=STEPS {
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
