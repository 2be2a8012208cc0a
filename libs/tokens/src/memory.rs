//! What was found a moment ago, so that not each request asks the database.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use keepworth_access::Role;
use keepworth_store::RecordId;

use crate::Found;
use crate::secret::Digest;

/// How long what was found is believed.
pub const FRESH: Duration = Duration::from_secs(1);
/// How long roles that were seen are taken for those that are kept: another process may have seen others since.
const SEEN: Duration = Duration::from_secs(10);
/// The most tokens, and the most owners, that are remembered.
const MOST: usize = 10_000;

/// Issuer and subject.
type Owner = (String, String);

/// What was found of tokens, and seen of owners.
#[derive(Default)]
pub(crate) struct Memory {
    tokens: Mutex<HashMap<Digest, (Instant, Found)>>,
    /// Roles as they were last seen, by issuer and subject.
    owners: Mutex<HashMap<Owner, (Instant, BTreeSet<Role>)>>,
}

impl Memory {
    pub(crate) fn find(&self, digest: &Digest) -> Option<Found> {
        let tokens = locked(&self.tokens);
        let (at, found) = tokens.get(digest)?;
        (at.elapsed() < FRESH).then(|| found.clone())
    }

    /// Remembers what was looked up from `at` on: what has changed since is found within the time.
    pub(crate) fn keep(&self, digest: Digest, at: Instant, found: Found) {
        let mut tokens = locked(&self.tokens);
        if tokens.len() >= MOST {
            tokens.retain(|_, (at, _)| at.elapsed() < FRESH);
        }
        if tokens.len() < MOST {
            tokens.insert(digest, (at, found));
        }
    }

    /// Forgets a token, under each of its texts.
    pub(crate) fn forget(&self, id: RecordId) {
        locked(&self.tokens).retain(|_, (_, found)| found.id != id);
    }

    pub(crate) fn has_seen(&self, owner: &Owner, roles: &BTreeSet<Role>) -> bool {
        let owners = locked(&self.owners);
        let seen = owners.get(owner);
        seen.is_some_and(|(at, seen)| at.elapsed() < SEEN && seen == roles)
    }

    pub(crate) fn see(&self, owner: Owner, roles: BTreeSet<Role>) {
        let mut owners = locked(&self.owners);
        if owners.len() >= MOST {
            owners.retain(|_, (at, _)| at.elapsed() < SEEN);
        }
        if owners.len() < MOST || owners.contains_key(&owner) {
            owners.insert(owner, (Instant::now(), roles));
        }
    }

    /// Forgets the tokens of all: roles have changed.
    pub(crate) fn forget_tokens(&self) {
        locked(&self.tokens).clear();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
