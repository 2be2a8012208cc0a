//! Customers who live by a model, drawn event by event: none of the model's formulas is used.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Beta, Distribution, Exp, Gamma};

use super::{Histories, History, Model};

/// What a customer who lives by the model does: ages of repeat purchases and of dropping out.
pub(super) struct Life {
    pub purchases: Vec<f64>,
    pub end: f64,
}

impl Life {
    /// A life up to age `until`.
    pub fn new(model: Model, [r, alpha, a, b]: [f64; 4], until: f64, rng: &mut ChaCha8Rng) -> Self {
        if model == Model::BgBb {
            return Self::at_opportunities([r, alpha, a, b], until, rng);
        }
        let wait = Exp::new(Gamma::new(r, 1.0 / alpha).unwrap().sample(rng).max(1e-12)).unwrap();
        // Pareto/NBD customers are gone at an exponential time, the others after a purchase.
        let (chance, end) = match model {
            Model::ParetoNbd => {
                let rate = Gamma::new(a, 1.0 / b).unwrap().sample(rng).max(1e-12);
                (0.0, Exp::new(rate).unwrap().sample(rng))
            }
            _ => (Beta::new(a, b).unwrap().sample(rng), f64::INFINITY),
        };
        let leaves = |rng: &mut ChaCha8Rng| rng.random::<f64>() < chance;
        let mut life = Self {
            purchases: Vec::new(),
            end,
        };
        if model == Model::MbgNbd && leaves(rng) {
            life.end = 0.0;
        }
        let mut now = wait.sample(rng);
        while now < life.end.min(until) {
            life.purchases.push(now);
            if leaves(rng) {
                life.end = now;
            }
            now += wait.sample(rng);
        }
        life
    }

    /// The life of a customer who may buy once a period and may drop out before each.
    fn at_opportunities(
        [alpha, beta, gamma, delta]: [f64; 4],
        until: f64,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let buys = Beta::new(alpha, beta).unwrap().sample(rng);
        let leaves = Beta::new(gamma, delta).unwrap().sample(rng);
        let mut life = Self {
            purchases: Vec::new(),
            end: f64::INFINITY,
        };
        for period in 1..=until as u32 {
            if rng.random::<f64>() < leaves {
                life.end = f64::from(period - 1);
                break;
            }
            if rng.random::<f64>() < buys {
                life.purchases.push(period.into());
            }
        }
        life
    }

    /// What is known of it at an age.
    pub fn history(&self, age: f64) -> History {
        let known = self.purchases.partition_point(|&at| at <= age);
        let last = self.purchases[..known].last().copied().unwrap_or(0.0);
        History::new(known as f64, last, age).unwrap()
    }
}

/// Customers who live by the model itself, observed for `weeks` after their first purchase.
pub(super) fn simulated(
    model: Model,
    parameters: [f64; 4],
    customers: usize,
    weeks: f64,
    seed: u64,
) -> Histories {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut histories = Histories::default();
    for _ in 0..customers {
        let life = Life::new(model, parameters, weeks, &mut rng);
        histories.add(life.history(weeks), 1.0).unwrap();
    }
    histories
}
