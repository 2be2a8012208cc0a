//! Baselines that are asked about, checked and kept at hand: reading one takes longer than an answer may.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keepworth_intake::Failure;
use keepworth_store::Conn;
use keepworth_verdict::SealedBaseline;
use lru::LruCache;

use super::written::{failure, load_baseline};

/// How many are kept at hand, the last ones that somebody asked about.
const AT_HAND: NonZeroUsize = NonZeroUsize::MIN.saturating_add(7);

/// Baselines at hand, by their hashes. They never change, so that none is ever out of date.
#[derive(Debug)]
pub(crate) struct OpenedBaselines(Mutex<LruCache<String, Arc<SealedBaseline>>>);

impl OpenedBaselines {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(LruCache::new(AT_HAND)))
    }

    /// The baseline of a hash.
    ///
    /// # Errors
    /// Where none is kept under it; where what is kept is not what was sealed.
    pub(crate) fn open(&self, conn: &mut Conn, hash: &str) -> Result<Arc<SealedBaseline>, Failure> {
        if let Some(found) = self.at_hand().get(hash) {
            return Ok(found.clone());
        }
        let baseline = load_baseline(conn, hash)?;
        let opened = SealedBaseline::open(baseline).map_err(|error| failure(error.into()))?;
        let opened = Arc::new(opened);
        self.at_hand().put(hash.to_owned(), opened.clone());
        Ok(opened)
    }

    fn at_hand(&self) -> MutexGuard<'_, LruCache<String, Arc<SealedBaseline>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
