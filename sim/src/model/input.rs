//! Uncertain inputs, and how a uniform becomes the value of one.

use super::InputId;
use crate::inputs::{Copula, Distribution, Grade, Quantile};

/// One uncertain input of a model. Its index in [`Model::inputs`](crate::Model::inputs) is the index of its uniform.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// Name: of `[inputs]`, or the path of the figure it belongs to.
    pub name: String,
    /// Unit, for the reader.
    pub unit: String,
    /// Evidence behind it, where stated.
    pub grade: Option<Grade>,
    /// Where it comes from.
    pub note: String,
    /// How a uniform becomes its value.
    pub draw: Draw,
    /// Index of its uniforms in the sampling plan: equal names share it when models are compared.
    pub(crate) stream: usize,
}

/// How a uniform becomes the value of an input.
#[derive(Debug, Clone, PartialEq)]
pub enum Draw {
    /// The distribution's quantile at the uniform.
    Quantile(Distribution),
    /// 1 where the uniform is below the probability, else 0.
    Success(f64),
}

impl Draw {
    /// Made ready for millions of uniforms.
    pub(crate) fn prepare(&self) -> Prepared {
        match self {
            Self::Quantile(distribution) => Prepared::Quantile(distribution.prepare()),
            Self::Success(probability) => Prepared::Success(*probability),
        }
    }
}

/// A [`Draw`] made ready.
#[derive(Debug)]
pub(crate) enum Prepared {
    Quantile(Quantile),
    Success(f64),
}

/// Inputs that a copula ties together.
#[derive(Debug, Clone)]
pub(crate) struct CorrelatedInputs {
    pub(crate) members: Vec<InputId>,
    pub(crate) copula: Copula,
}
