//! Random choices of a scenario, all from one seed.

use serde_json::{Value, json};

/// A stream of random numbers (`SplitMix64`, G. Steele, D. Lea and C. Flood, 2014).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A uniform strictly between 0 and 1.
    pub fn unit(&mut self) -> f64 {
        ((self.next() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number from `low` to `high`, both possible.
    pub fn whole(&mut self, low: u32, high: u32) -> u32 {
        low + (self.unit() * f64::from(high - low + 1)) as u32
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.whole(0, from.len() as u32 - 1) as usize]
    }

    /// A figure between `low` and `high`: known, uncertain, or one of the named inputs.
    pub fn figure(&mut self, low: f64, high: f64) -> Value {
        match self.whole(0, 6) {
            0 => json!(self.between(low, high)),
            1 => json!({ "fixed": self.between(low, high) }),
            2 if low >= 0.0 && high > 1.0 => self.open_ended(low.max(0.01 * high), high),
            3 => {
                // Named inputs lie between 0.5 and 1; so the figure stays in its range.
                let name = *self.pick(&super::scenario::NAMED);
                if low < 0.0 {
                    json!({ "input": name, "scale": self.between(low, high.min(-low)) })
                } else if low <= 0.5 * high {
                    json!({ "input": name, "scale": self.between((2.0 * low).max(0.1 * high), high) })
                } else {
                    json!(self.between(low, high))
                }
            }
            _ => self.distribution(low, high),
        }
    }

    /// A distribution within `low` and `high`.
    pub fn distribution(&mut self, low: f64, high: f64) -> Value {
        let mut three: Vec<f64> = (0..3).map(|_| self.between(low, high)).collect();
        three.sort_by(f64::total_cmp);
        let (a, b, c) = (three[0], three[1], three[2]);
        match self.whole(0, 7) {
            0 => json!({ "uniform": [a, c] }),
            1 => json!({ "triangular": [a, b, c] }),
            2 | 3 => json!({ "pert": [a, b, c] }),
            4 => {
                json!({ "truncated_normal": { "mean": b, "sd": (c - a) / 2.0, "low": a, "high": c } })
            }
            5 => json!({ "beta": { "alpha": 2, "beta": 3.5, "low": a, "high": c } }),
            6 if low <= 0.0 && high >= 1.0 => json!({ "bernoulli": self.unit() }),
            6 => json!({ "discrete": { "values": [a, b, c], "weights": [1, 2, 1] } }),
            _ => json!({ "empirical": [a, b, c] }),
        }
    }

    /// A distribution above 0 without an upper end, most of it between `low` and `high`.
    pub fn open_ended(&mut self, low: f64, high: f64) -> Value {
        let a = self.between(low, 0.5 * (low + high));
        let b = self.between(a + 0.1 * (high - low), high);
        let median = (a * b).sqrt();
        match self.whole(0, 5) {
            0 => json!(format!("{a} to {b}")),
            1 => json!({ "interval": [a, b] }),
            2 => json!({ "lognormal": { "median": median, "log_sd": self.between(0.1, 0.5) } }),
            3 => json!({ "lognormal_p10_p90": [a, b] }),
            4 => json!({ "gamma": { "shape": self.between(2.0, 9.0), "scale": a / 4.0 } }),
            _ => {
                json!({ "metalog": { "quantiles": [[0.1, a], [0.5, median], [0.9, b]], "low": 0.0 } })
            }
        }
    }

    /// A covariance of so many logarithms: positive definite because made from a factor.
    pub fn covariance(&mut self, size: usize) -> Value {
        let mut factor = vec![vec![0.0; size]; size];
        for (i, row) in factor.iter_mut().enumerate() {
            for below in &mut row[..i] {
                *below = self.between(-0.1, 0.1);
            }
            row[i] = self.between(0.05, 0.3);
        }
        let dot =
            |i: usize, j: usize| -> f64 { (0..size).map(|k| factor[i][k] * factor[j][k]).sum() };
        let row = |i| (0..size).map(|j| dot(i, j)).collect::<Vec<f64>>();
        json!((0..size).map(row).collect::<Vec<_>>())
    }
}
