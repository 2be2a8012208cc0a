//! Results of some blocks of a run, which merge to the bytes of the whole.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::RunError;
use super::beside::beside;
use crate::model::Model;
use crate::outcome::Outcome;
use crate::summary::{Digest, RunResult, summarise, summarise_digest};
use crate::trials::{BLOCK_TRIALS, Block, RunOptions};

/// Results of some blocks of a run: plain data that travels between machines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Partial {
    engine_version: String,
    input_hash: String,
    options: RunOptions,
    blocks: BTreeMap<u64, Block>,
    /// What is left of the blocks of a run that is too long to keep them.
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
    /// Blocks that were merged twice.
    repeated: Option<u64>,
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
            digest: (options.trials > options.most_kept).then(|| Digest::new(options)),
            repeated: None,
        }
    }

    pub(super) fn insert(&mut self, index: u64, block: Block) {
        let is_new = match &mut self.digest {
            Some(digest) => digest.add(index, index * BLOCK_TRIALS, block),
            None => self.blocks.insert(index, block).is_none(),
        };
        if !is_new {
            self.repeated = Some(index);
        }
    }

    fn has(&self, index: u64) -> bool {
        match &self.digest {
            Some(digest) => digest.has(index),
            None => self.blocks.contains_key(&index),
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
        if let (Some(mine), Some(theirs)) = (&mut self.digest, other.digest) {
            self.repeated = self.repeated.or(mine.merge(theirs));
        }
        self.repeated = self.repeated.or(other.repeated);
        Ok(self)
    }

    /// The values of an outcome, in the order of the trials that are there; none of a run that is too
    /// long to keep them.
    pub fn values(&self, outcome: Outcome) -> Vec<f64> {
        self.blocks
            .values()
            .flat_map(|block| block.outcome(outcome))
            .flatten()
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
        if let Some(block) = (0..blocks).find(|index| !self.has(*index)) {
            return Err(RunError::Blocks {
                block,
                blocks,
                fault: "missing",
            });
        }
        let beside = beside(model, &self.options);
        if let Some(digest) = &self.digest {
            return Ok(summarise_digest(model, &self.options, digest, beside));
        }
        let blocks: Vec<Block> = self.blocks.into_values().collect();
        Ok(summarise(model, &self.options, &blocks, beside))
    }
}
