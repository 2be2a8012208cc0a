//! Documents as columns keep them: JSON.

use keepworth_intake::Failure;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What a column says.
pub(crate) fn read<T: DeserializeOwned>(json: &str) -> Result<T, Failure> {
    serde_json::from_str(json).map_err(Failure::internal)
}

/// As a column has it.
pub(crate) fn write(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(Failure::internal)
}
