//! TOML that people write for a service.

use std::path::Path;

use anyhow::{Context, ensure};
use serde::de::DeserializeOwned;

/// Reads a file that says `what`, such as a programme; a key that none is called by is refused with its place, since it
/// would be lost without a word.
///
/// # Errors
/// A file that cannot be read, or says something else.
pub(crate) fn read<T: DeserializeOwned>(file: &Path, what: &str) -> anyhow::Result<T> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("the {what} {} cannot be read", file.display()))?;
    let mut unknown = Vec::new();
    let read = toml::Deserializer::parse(&text)
        .and_then(|it| serde_ignored::deserialize(it, |path| unknown.push(path.to_string())))
        .with_context(|| format!("{} is no {what}", file.display()))?;
    ensure!(
        unknown.is_empty(),
        "{} says what no {what} says: {}; `keepworth {what} --help` shows what is in such a file",
        file.display(),
        unknown.join(", ")
    );
    Ok(read)
}
