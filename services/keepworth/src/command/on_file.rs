//! Commands in tests.

use std::io::Write;

use tempfile::NamedTempFile;

/// The arguments of a command whose file has this content, and the file.
pub(crate) fn on_file<A: clap::Args>(
    content: &str,
    options: &[&str],
) -> anyhow::Result<(A, NamedTempFile)> {
    let mut file = NamedTempFile::new()?;
    file.write_all(content.as_bytes())?;
    let path = file.path().display().to_string();
    let line = [&["command", path.as_str()], options].concat();
    let matches = A::augment_args(clap::Command::new("command")).try_get_matches_from(line)?;
    Ok((A::from_arg_matches(&matches)?, file))
}
