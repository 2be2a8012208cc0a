//! Blocks of trials: the unit of work that is shared between machines.

use serde::{Deserialize, Serialize};

use super::evaluator::Evaluation;
use super::monthly::Monthly;
use crate::outcome::Outcome;

/// What the trials of a block came to, tile by tile: as each was computed, because copying them
/// together takes longer than reading them apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Block {
    tiles: Vec<Evaluation>,
}

impl Block {
    /// From tiles in the order of their trials.
    pub(crate) fn new(tiles: Vec<Evaluation>) -> Self {
        Self { tiles }
    }

    /// The values of an outcome in the order of the trials, a slice for each tile.
    pub(crate) fn outcome(&self, outcome: Outcome) -> impl Iterator<Item = &[f64]> + Clone {
        self.tiles
            .iter()
            .map(move |tile| tile.outcomes.outcome(outcome))
    }

    /// Trials with several internal rates of return.
    pub(crate) fn several_irr(&self) -> u64 {
        self.tiles.iter().map(|tile| tile.several_irr).sum()
    }

    /// Figures by month, tile by tile.
    pub(crate) fn monthly(&self) -> impl Iterator<Item = &Monthly> {
        self.tiles.iter().filter_map(|tile| tile.monthly.as_ref())
    }

    /// The same, and nothing else is left.
    pub(crate) fn into_monthly(self) -> impl Iterator<Item = Monthly> {
        self.tiles.into_iter().filter_map(|tile| tile.monthly)
    }
}
