//! Uncertain inputs: distributions, their dependence, and the grades of evidence behind effects.

mod copula;
mod distribution;
mod grade;
mod interval;
mod matrix;
mod metalog;
mod moment;
mod posterior;
mod quantile;
mod table;
mod truncated;

pub use copula::{Copula, CopulaError, CorrelationScale, Moved, Repair};
pub use distribution::{Distribution, DistributionError};
pub use grade::{Grade, GradeChange, GradeError, GradePolicy, GradeRule};
pub use posterior::{Posterior, PosteriorError};
pub use quantile::Quantile;

#[cfg(test)]
mod tests;
