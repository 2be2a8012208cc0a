use statrs::distribution::{ContinuousCDF, Normal};

/// Grid points by standard deviation of the step between two looks: Simpson's rule loses less than a
/// millionth by look from two on.
const FINENESS: f64 = 3.0;
/// Steps of more standard deviations than these are left out.
const FARTHEST: f64 = 9.0;
const ROOT_TAU: f64 = 2.506_628_274_631_000_5;

/// Probability that a drifting Brownian motion leaves `±boundary(s)·√s` at one of `looks` equally
/// spaced times of (0, 1].
///
/// The recursion of Armitage, McPherson & Rowe (JRSS A 132, 1969): the density of those who have
/// not left, from look to look. `drift` is the effect over its standard error at the planned end.
pub(super) fn crossing(drift: f64, looks: usize, boundary: impl Fn(f64) -> f64) -> f64 {
    let step = 1.0 / looks as f64;
    let edge = |look: usize| {
        let s = look as f64 * step;
        boundary(s) * s.sqrt()
    };
    if looks == 1 {
        let law = Normal::standard();
        return law.cdf(drift - edge(1)) + law.cdf(-drift - edge(1));
    }
    let sd = step.sqrt();
    let mut here = Grid::new(edge(1), sd);
    let mut density: Vec<f64> = (here.points())
        .map(|at| bell(at - drift * step, step))
        .collect();
    for look in 2..=looks {
        let next = Grid::new(edge(look), sd);
        let masses: Vec<(f64, f64)> = (here.points().zip(here.weights()))
            .zip(&density)
            .map(|((at, weight), density)| (at + drift * step, weight * density))
            .collect();
        let at = |to: f64| {
            let from = masses.partition_point(|mass| mass.0 < to - FARTHEST * sd);
            let near = masses[from..]
                .iter()
                .take_while(|mass| mass.0 <= to + FARTHEST * sd);
            near.map(|(from, mass)| mass * bell(to - from, step)).sum()
        };
        density = next.points().map(at).collect();
        here = next;
    }
    let inside: f64 = here.weights().zip(&density).map(|(w, d)| w * d).sum();
    (1.0 - inside).clamp(0.0, 1.0)
}

/// Normal density of mean 0.
fn bell(at: f64, variance: f64) -> f64 {
    (-at * at / (2.0 * variance)).exp() / (ROOT_TAU * variance.sqrt())
}

/// Equally spaced points from one edge to the other, an odd number for Simpson's rule.
struct Grid {
    edge: f64,
    last: usize,
}

impl Grid {
    fn new(edge: f64, sd: f64) -> Self {
        let last = 2 * (edge * FINENESS / sd).ceil().max(20.0) as usize;
        Self { edge, last }
    }

    fn width(&self) -> f64 {
        2.0 * self.edge / self.last as f64
    }

    fn points(&self) -> impl Iterator<Item = f64> {
        (0..=self.last).map(|i| i as f64 * self.width() - self.edge)
    }

    fn weights(&self) -> impl Iterator<Item = f64> {
        (0..=self.last).map(|i| match i {
            _ if i == 0 || i == self.last => self.width() / 3.0,
            _ if i % 2 == 1 => 4.0 * self.width() / 3.0,
            _ => 2.0 * self.width() / 3.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::boundary::Boundary;
    use super::*;

    /// Armitage, McPherson & Rowe 1969, table 2: a 5% test repeated on accumulating normal data.
    #[test]
    fn repeated_tests_as_published() {
        for (looks, published) in [(1, 0.05), (2, 0.083), (5, 0.142), (10, 0.193), (50, 0.320)] {
            let found = crossing(0.0, looks, |_| 1.959_963_984_540_054);
            assert!((found - published).abs() < 6e-4, "{looks}: {found}");
        }
    }

    /// Looked at every day of a year that ends long before the plan, at it, or long after.
    #[test]
    fn the_mixture_boundary_keeps_its_level_at_any_time() {
        let boundary = Boundary::new(0.05);
        for end in [0.1, 1.0, 50.0] {
            let found = crossing(0.0, 366, |s| boundary.at(end * s));
            println!("looked at daily to {end} of the plan: {found}");
            assert!(found > 1e-5 && found < 0.05, "{end}: {found}");
        }
    }

    /// Pocock's constant for five looks at 5% is 2.413 (Biometrika 64, 1977).
    #[test]
    fn pococks_boundary_keeps_its_level() {
        assert!((crossing(0.0, 5, |_| 2.413) - 0.05).abs() < 1e-4);
    }
}
