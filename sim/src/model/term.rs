//! Figures of a model over a batch of trials.

use super::InputId;
use crate::kernel::{LANES, Lane};
use crate::trials::Columns;

/// A figure: known, or tied to an input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Term {
    /// The same in every trial.
    Fixed(f64),
    /// An input's value times a scale.
    Input {
        /// Which input.
        index: InputId,
        /// Factor.
        scale: f64,
    },
}

impl Term {
    /// The figure in each trial, from the values of all inputs.
    #[inline(always)]
    pub(crate) fn lane(self, values: &[Lane]) -> Lane {
        match self {
            Self::Fixed(value) => [value; LANES],
            Self::Input { index, scale } => {
                let mut lane = values[index];
                for value in &mut lane {
                    *value *= scale;
                }
                lane
            }
        }
    }

    /// The figure in one trial.
    pub(crate) fn at(self, values: &Columns, trial: usize) -> f64 {
        match self {
            Self::Fixed(value) => value,
            Self::Input { index, scale } => scale * values.column(index.0)[trial],
        }
    }

    /// So many times the figure.
    pub(crate) fn scaled(self, by: f64) -> Self {
        match self {
            Self::Fixed(value) => Self::Fixed(value * by),
            Self::Input { index, scale } => Self::Input {
                index,
                scale: scale * by,
            },
        }
    }

    /// The number, if it is the same in every trial.
    pub(crate) fn fixed(self) -> Option<f64> {
        match self {
            Self::Fixed(value) => Some(value),
            Self::Input { .. } => None,
        }
    }

    /// The input that it is tied to, if any.
    pub(crate) fn input(self) -> Option<InputId> {
        match self {
            Self::Fixed(_) => None,
            Self::Input { index, .. } => Some(index),
        }
    }
}
