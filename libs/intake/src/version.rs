//! Versions of a resource: which one may be replaced.
//!
//! A tag is the digest of the resource's JSON. Who read a resource and names its tag replaces that
//! version or nothing: what somebody else wrote in between is not lost.

use keepworth_access::{Act, Change};
pub use keepworth_contract::digest::tag;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::Failure;

/// Notes for the audit what a write does to the one record that it is of: the digests of it before and after.
/// Call it in the transaction that writes.
///
/// # Errors
/// When the record cannot be written as JSON.
pub fn note_change<T: Serialize>(before: Option<&T>, after: Option<&T>) -> Result<(), Failure> {
    let Some(act) = Act::current() else {
        return Ok(());
    };
    let digest = |it: &T| {
        let json = serde_json::to_vec(it).map_err(Failure::internal)?;
        let digest = Sha256::digest(json);
        Ok::<_, Failure>(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    };
    act.set_change(Change {
        before: before.map(digest).transpose()?,
        after: after.map(digest).transpose()?,
    });
    Ok(())
}

/// Which version of a resource may be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing is said: nothing that is there may change.
    None,
    /// Whatever is there, but something.
    Present,
    /// One of these versions.
    OneOf(Vec<String>),
}

impl Precondition {
    /// Holds the condition against the resource as it is now, and whether it `changes`. Call it in the
    /// transaction that replaces it, after locking.
    ///
    /// # Errors
    /// [`Kind::PreconditionFailed`](crate::Kind::PreconditionFailed) when the resource is not what
    /// the caller thinks, and [`Kind::PreconditionRequired`](crate::Kind::PreconditionRequired) when the
    /// caller does not say what they think and something else would be lost.
    pub fn check<T: Serialize>(&self, current: Option<&T>, changes: bool) -> Result<(), Failure> {
        if *self == Self::None {
            return match current {
                Some(_) if changes => Err(Failure::precondition_required(
                    "it is there and says something else; read it and send its ETag in If-Match, or * to replace whatever is there",
                )),
                _ => Ok(()),
            };
        }
        let Some(current) = current else {
            return Err(Failure::precondition_failed(
                "it is not there; leave out If-Match to write it",
            ));
        };
        let tag = tag(&serde_json::to_vec(current).map_err(Failure::internal)?);
        match self {
            Self::OneOf(tags) if !tags.contains(&tag) => Err(Failure::precondition_failed(
                "it has changed since it was read; read it again, and replace it with its new ETag",
            )),
            _ => Ok(()),
        }
    }
}
