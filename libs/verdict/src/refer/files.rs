//! What is handed over in files, where nobody keeps a library.

use keepworth_sim::scenario::WhichBacktest;

use super::{FoundBacktest, FoundEvidence, FoundLink, FoundRate, Library};

/// Evidence and a backtest, as they were written into files.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Files {
    /// The evidence.
    pub evidence: Vec<FoundEvidence>,
    /// The backtest, if one was handed over: then `"backtest"` means this one.
    pub backtest: Option<FoundBacktest>,
    /// The currency of the baseline, empty without one.
    pub currency: String,
}

/// What was found already leads where it led: the same key, or the same key and version.
impl Library for Files {
    type Error = NoLinks;

    fn evidence(&mut self, key: &str) -> Result<Option<FoundEvidence>, NoLinks> {
        let is_it = |it: &&FoundEvidence| it.key == key || it.pinned() == key;
        Ok(self.evidence.iter().find(is_it).cloned())
    }

    fn link(&mut self, _: &str) -> Result<Option<FoundLink>, NoLinks> {
        Err(NoLinks)
    }

    fn backtest(&mut self, which: &WhichBacktest) -> Result<Option<FoundBacktest>, NoLinks> {
        let is_it = |it: &&FoundBacktest| match which {
            WhichBacktest::Newest => true,
            WhichBacktest::Id(id) => it.id == *id,
        };
        Ok(self.backtest.as_ref().filter(is_it).cloned())
    }

    fn currency(&self) -> &str {
        &self.currency
    }

    fn exchange(&mut self, _: &str) -> Result<Option<FoundRate>, NoLinks> {
        Ok(None)
    }
}

/// Files know no links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the scenario goes through a link, and links are kept by the simulator service alone: send the scenario to POST \
     /simulator/v1/runs, or write size and grade in place of it"
)]
pub struct NoLinks;
