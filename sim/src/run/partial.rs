//! Results of some blocks of a run, which merge to the bytes of the whole.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::columns::{Columns, Monthly};
use super::evaluator::Evaluation;
use super::{RunError, RunOptions};
use crate::model::Model;
use crate::outcome::{OUTCOMES, Outcome};
use crate::summary::{RunResult, summarise};

/// Results of some blocks of a run: plain data that travels between machines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Partial {
    engine_version: String,
    input_hash: String,
    options: RunOptions,
    blocks: BTreeMap<u64, Block>,
    /// Blocks that were merged twice.
    repeated: Option<u64>,
}

/// What the trials of a block came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Block {
    pub(crate) outcomes: Columns,
    pub(crate) several_irr: u64,
    /// Figures by month, tile by tile.
    pub(crate) monthly: Vec<Monthly>,
}

impl Block {
    /// Joins tiles in the order of their trials.
    pub(super) fn from_tiles(tiles: Vec<Evaluation>) -> Self {
        let trials = tiles.iter().map(|tile| tile.outcomes.trials()).sum();
        let mut block = Self {
            outcomes: Columns::with_capacity(OUTCOMES, trials),
            several_irr: 0,
            monthly: Vec::new(),
        };
        for tile in tiles {
            block.outcomes.append(&tile.outcomes);
            block.several_irr += tile.several_irr;
            block.monthly.extend(tile.monthly);
        }
        block
    }
}

impl Partial {
    pub(super) fn new(model: &Model, options: &RunOptions) -> Self {
        Self {
            engine_version: env!("CARGO_PKG_VERSION").to_owned(),
            input_hash: model.input_hash.clone(),
            // Threads change nothing, so they are no part of what was run.
            options: RunOptions {
                threads: None,
                ..options.clone()
            },
            blocks: BTreeMap::new(),
            repeated: None,
        }
    }

    pub(super) fn insert(&mut self, index: u64, block: Block) {
        if self.blocks.insert(index, block).is_some() {
            self.repeated = Some(index);
        }
    }

    /// Adds the blocks of another shard; the order of merging does not matter.
    ///
    /// # Errors
    /// If the other shard belongs to another run.
    pub fn merge(mut self, other: Self) -> Result<Self, RunError> {
        let same = self.engine_version == other.engine_version
            && self.input_hash == other.input_hash
            && self.options == other.options;
        if !same {
            return Err(RunError::DifferentRuns);
        }
        for (index, block) in other.blocks {
            self.insert(index, block);
        }
        self.repeated = self.repeated.or(other.repeated);
        Ok(self)
    }

    /// The values of an outcome, in the order of the trials that are there.
    pub fn values(&self, outcome: Outcome) -> Vec<f64> {
        self.blocks
            .values()
            .flat_map(|block| block.outcomes.outcome(outcome))
            .copied()
            .collect()
    }

    /// The result of the whole run.
    ///
    /// # Errors
    /// If a block is missing or there twice, or the model is another.
    pub fn finish(self, model: &Model) -> Result<RunResult, RunError> {
        if model.input_hash != self.input_hash {
            return Err(RunError::DifferentRuns);
        }
        let blocks = self.options.blocks();
        if let Some(block) = self.repeated {
            return Err(RunError::Blocks {
                block,
                blocks,
                fault: "there twice",
            });
        }
        if let Some(block) = (0..blocks).find(|index| !self.blocks.contains_key(index)) {
            return Err(RunError::Blocks {
                block,
                blocks,
                fault: "missing",
            });
        }
        let blocks: Vec<Block> = self.blocks.into_values().collect();
        Ok(summarise(model, &self.options, &blocks))
    }
}
