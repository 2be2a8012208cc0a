//! Uncertain inputs: distributions, their dependence, and the grades of evidence behind effects.
//!
//! A [`Distribution`] is what a scenario says about one number; [prepared](Distribution::prepare) it
//! turns columns of uniforms into columns of values at a few nanoseconds each. Inputs that move
//! together hang on a [`Copula`], a fitted model's parameters on a [`Posterior`]. What an effect's
//! evidence is worth stands in one place, the [`GradePolicy`]. Nothing here knows what an input
//! means, nor draws a random number: uniforms come from [`sampling`](crate::sampling).
//!
//! ```
//! use keepworth_sim::inputs::{Copula, CorrelationScale, Distribution};
//! use keepworth_sim::math::ndtri_each;
//!
//! let fewer_contacts: Distribution = serde_json::from_str(r#""4% to 13%""#)?;
//! let margin = Distribution::Pert([0.48, 0.58, 0.66]);
//! margin.validate()?;
//!
//! // Two inputs with a rank correlation of −0.3, two trials of each.
//! let names = vec!["fewer contacts".to_owned(), "margin".to_owned()];
//! let correlations = [vec![1.0, -0.3], vec![-0.3, 1.0]];
//! let (copula, repaired) = Copula::new(names, &correlations, CorrelationScale::Rank)?;
//! assert!(repaired.is_none());
//! let mut columns = [[0.05, 0.95], [0.5, 0.5]];
//! columns.iter_mut().for_each(|uniforms| ndtri_each(uniforms));
//! copula.transform(&mut columns);
//! fewer_contacts.prepare().apply_normal(&mut columns[0]);
//! margin.prepare().apply_normal(&mut columns[1]);
//!
//! assert!((columns[0][0] - 0.04).abs() < 1e-12 && (columns[0][1] - 0.13).abs() < 1e-12);
//! assert!(columns[1][0] > columns[1][1]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod copula;
mod distribution;
mod grade;
mod interval;
mod matrix;
mod metalog;
mod moment;
mod nearest;
mod posterior;
mod quantile;
mod table;
mod truncated;
mod validation;

pub use copula::{Copula, CopulaError, CorrelationScale};
pub use distribution::Distribution;
pub use grade::{Grade, GradeChange, GradeError, GradePolicy, GradeRule};
pub use nearest::{Moved, Repair};
pub use posterior::{Posterior, PosteriorError};
pub use quantile::Quantile;
pub use validation::DistributionError;

#[cfg(test)]
mod tests;
