//! Customers of one age, and how they leave.

use keepworth_sim::math::{ln_gamma, ndtri};
use keepworth_sim::scenario::{Band, Hazard, Quantity, Stretch};

use super::draws::{Draws, joint};

/// How customers of a segment leave in one future.
pub enum Leaving {
    /// A hazard for each completed month of tenure, the last one for all later months.
    ByAge(Vec<f64>),
    /// Customers differ, each with a constant hazard of their own: by completed month of tenure, that of those who are
    /// left as things are.
    Differing(Vec<f64>),
    /// Customers differ: B(α, β + t^c)/B(α, β) survive to age t.
    Mixture { alpha: f64, beta: f64, shape: f64 },
}

impl Leaving {
    pub fn new(draws: &Draws<'_>, hazard: &Hazard, segment: &str) -> Self {
        let name = |part: &str| format!("segments.{segment}.{part}");
        match hazard {
            Hazard::Constant {
                hazard,
                log_covariance,
            } => {
                let names = [name("hazard")];
                Self::ByAge(parameters(draws, &[hazard], log_covariance, &names))
            }
            Hazard::Bands {
                bands,
                log_covariance,
            } => {
                let of = |band: &Band| name(&format!("hazard from month {}", band.from));
                let names: Vec<String> = bands.iter().map(of).collect();
                let figures: Vec<&Quantity> = bands.iter().map(|band| &band.hazard).collect();
                let hazards = parameters(draws, &figures, log_covariance, &names);
                Self::banded(bands, &hazards)
            }
            Hazard::Sbg {
                alpha,
                beta,
                log_covariance,
            } => {
                let names = [name("alpha"), name("beta")];
                let drawn = parameters(draws, &[alpha, beta], log_covariance, &names);
                Self::mixture(&[drawn, vec![1.0]].concat())
            }
            Hazard::Bdw {
                alpha,
                beta,
                shape,
                log_covariance,
            } => {
                let names = [name("alpha"), name("beta"), name("shape")];
                Self::mixture(&parameters(
                    draws,
                    &[alpha, beta, shape],
                    log_covariance,
                    &names,
                ))
            }
            Hazard::Table { hazards, log_sd } => {
                let mut factor = 1.0;
                if *log_sd > 0.0 {
                    factor = (log_sd * ndtri(draws.uniform(&name("hazard level")))).exp();
                }
                Self::ByAge(hazards.iter().map(|h| h * factor).collect())
            }
            Hazard::Factors {
                stretches,
                mixture,
                causes,
            } => {
                let own = |cause| ndtri(draws.uniform(&name(&format!("hazard factor {cause}"))));
                let causes: Vec<f64> = if causes.is_empty() {
                    (1..=stretches[0].loadings.len()).map(own).collect()
                } else {
                    causes.iter().map(|name| draws.named(name)).collect()
                };
                let moved = |it: &Stretch| {
                    let terms = it.loadings.iter().zip(&causes);
                    let log: f64 = terms.map(|(load, cause)| load * cause).sum();
                    (it.from, it.hazard * log.exp())
                };
                Self::stretched(&stretches.iter().map(moved).collect::<Vec<_>>(), *mixture)
            }
        }
    }

    /// With every figure at its mean, and what is drawn around its estimate at that.
    pub fn on_average(draws: &Draws<'_>, hazard: &Hazard) -> Self {
        let mean = |figure: &Quantity| draws.mean(figure);
        match hazard {
            Hazard::Constant { hazard, .. } => Self::ByAge(vec![mean(hazard)]),
            Hazard::Bands { bands, .. } => {
                let hazards: Vec<f64> = bands.iter().map(|band| mean(&band.hazard)).collect();
                Self::banded(bands, &hazards)
            }
            Hazard::Sbg { alpha, beta, .. } => Self::mixture(&[mean(alpha), mean(beta), 1.0]),
            Hazard::Bdw {
                alpha, beta, shape, ..
            } => Self::mixture(&[mean(alpha), mean(beta), mean(shape)]),
            Hazard::Table { hazards, .. } => Self::ByAge(hazards.clone()),
            Hazard::Factors {
                stretches, mixture, ..
            } => {
                let median = stretches.iter().map(|it| (it.from, it.hazard));
                Self::stretched(&median.collect::<Vec<_>>(), *mixture)
            }
        }
    }

    /// The hazard of the month after so many completed ones.
    pub fn hazard(&self, age: f64) -> f64 {
        let mut one = Cohort::new(1.0, age);
        one.pass(self, 1.0);
        -one.left.ln()
    }

    /// Hazards from months on as hazards by month.
    fn stretched(hazards: &[(u32, f64)], mixture: bool) -> Self {
        let (last, _) = *hazards.last().unwrap();
        let at = |age: u32| hazards.iter().rfind(|(from, _)| *from <= age).unwrap().1;
        let by_age = (0..=last).map(at).collect();
        if mixture {
            Self::Differing(by_age)
        } else {
            Self::ByAge(by_age)
        }
    }

    /// Hazards by band as hazards by month.
    fn banded(bands: &[Band], hazards: &[f64]) -> Self {
        let last = bands.last().unwrap().from;
        let band_of = |age: u32| bands.iter().rposition(|band| band.from <= age);
        Self::ByAge(
            (0..=last)
                .map(|age| hazards[band_of(age).unwrap()])
                .collect(),
        )
    }

    fn mixture(parameters: &[f64]) -> Self {
        Self::Mixture {
            alpha: parameters[0],
            beta: parameters[1],
            shape: parameters[2],
        }
    }
}

/// Parameters: figures of their own, or drawn around their medians on the log scale.
fn parameters(
    draws: &Draws<'_>,
    figures: &[&Quantity],
    log_covariance: &Option<Vec<Vec<f64>>>,
    names: &[String],
) -> Vec<f64> {
    let Some(covariance) = log_covariance else {
        let drawn = figures
            .iter()
            .zip(names)
            .map(|(figure, name)| draws.figure(figure, name));
        return drawn.collect();
    };
    let normal = |name| ndtri(draws.uniform(&format!("{name} (posterior)")));
    let moves = joint(covariance, &names.iter().map(normal).collect::<Vec<f64>>());
    let median = |figure| draws.certain(figure).unwrap();
    figures
        .iter()
        .zip(moves)
        .map(|(figure, by)| median(figure) * by.exp())
        .collect()
}

/// Customers who entered together, at whatever age.
#[derive(Clone)]
pub struct Cohort {
    pub left: f64,
    entered: f64,
    age_then: f64,
    months: u32,
    /// Operational time passed: months, each times the factor on the hazard.
    clock: f64,
    /// Whether their ages are even over the month that is not yet complete.
    evenly: bool,
}

impl Cohort {
    pub fn new(customers: f64, age: f64) -> Self {
        Self {
            left: customers,
            entered: customers,
            age_then: age,
            months: 0,
            clock: 0.0,
            evenly: false,
        }
    }

    /// The same of customers whose ages are even over the month that is not yet complete.
    pub fn even(customers: f64, age: f64) -> Self {
        Self {
            evenly: true,
            ..Self::new(customers, age)
        }
    }

    /// A month in which every customer's hazard is multiplied by `factor`.
    pub fn pass(&mut self, leaving: &Leaving, factor: f64) {
        let age = self.age_then + f64::from(self.months);
        self.months += 1;
        match leaving {
            Leaving::ByAge(hazards) => {
                let at = |age: usize| hazards[age.min(hazards.len() - 1)];
                let (now, next) = (at(age as usize), at(age as usize + 1));
                let hazard = if self.evenly { (now + next) / 2.0 } else { now };
                self.left *= (-hazard * factor).exp();
            }
            Leaving::Differing(hazards) => {
                let then = self.age_then + if self.evenly { 0.5 } else { 0.0 };
                self.clock += factor;
                let log = cumulative(hazards, then) - cumulative(hazards, then + self.clock);
                self.left = self.entered * log.exp();
            }
            Leaving::Mixture { alpha, beta, shape } => {
                self.clock += factor * ((age + 1.0).powf(*shape) - age.powf(*shape));
                let then = beta + self.age_then.powf(*shape);
                let log = ln_beta(*alpha, then + self.clock) - ln_beta(*alpha, then);
                self.left = self.entered * log.exp();
            }
        }
    }
}

/// The hazard from tenure 0 to one that need not be whole, given that of each month.
fn cumulative(hazards: &[f64], tenure: f64) -> f64 {
    let last = hazards.len() - 1;
    let behind = |(month, hazard): (usize, &f64)| {
        let months = tenure - month as f64;
        let most = if month == last { f64::INFINITY } else { 1.0 };
        hazard * months.clamp(0.0, most)
    };
    hazards.iter().enumerate().map(behind).sum()
}

fn ln_beta(a: f64, b: f64) -> f64 {
    if b < 1e3 {
        return ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    }
    // Two logarithms of 10¹⁰ leave no digits of their difference: Stirling's formula of both, with what they
    // share taken out.
    let correction = |x: f64| 1.0 / (12.0 * x) - 1.0 / (360.0 * x.powi(3));
    let ratio = -(b - 0.5) * (a / b).ln_1p() - a * (a + b).ln() + a;
    ln_gamma(a) + ratio + correction(b) - correction(a + b)
}
