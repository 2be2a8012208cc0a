//! Digests by which documents are told apart.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// SHA-256 of a value's JSON, in hexadecimal.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn of_json(value: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(hex(&Sha256::digest(serde_json::to_vec(value)?)))
}

/// The tag of a version of a resource, from its JSON: what its `ETag` has between quotation marks.
#[must_use]
pub fn tag(json: &[u8]) -> String {
    hex(&Sha256::digest(json)[..16])
}
