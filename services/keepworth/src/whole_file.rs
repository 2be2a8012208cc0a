//! Files that are there whole or not at all.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, ensure};

/// Writes a file beside its place first, so that a run that fails leaves what was there. A link is
/// followed, and what there was keeps its permissions.
///
/// # Errors
/// That its place is a device or a folder, or cannot be written to; or what `produce` answers.
pub(crate) fn write(
    path: &Path,
    produce: impl FnOnce(&mut (dyn Write + Send)) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    write_beside(path, produce).with_context(|| format!("cannot write {}", path.display()))
}

/// The same of a text.
///
/// # Errors
/// As [`write`].
pub(crate) fn write_text(path: &Path, text: &str) -> anyhow::Result<()> {
    write(path, |out| Ok(out.write_all(text.as_bytes())?))
}

fn write_beside(
    path: &Path,
    produce: impl FnOnce(&mut (dyn Write + Send)) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    // What is not there yet is no link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let there = fs::metadata(&path).ok();
    if let Some(there) = &there {
        ensure!(
            there.is_file(),
            "it is a folder or a device, not a file; leave the option out to write to standard output"
        );
    }
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut out = BufWriter::new(builder.tempfile_in(folder)?);
    produce(&mut out)?;
    let file = out.into_inner()?;
    if let Some(there) = there {
        file.as_file().set_permissions(there.permissions())?;
    }
    file.persist(&path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn a_failure_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        write_text(&path, "whole").unwrap();
        let failed = write(&path, |out| {
            out.write_all(b"half")?;
            bail!("cancelled")
        });
        assert!(failed.is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_devices_refused() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        write_text(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&file, &link).unwrap();
        write_text(&link, "new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        for place in ["/dev/full", "/dev/null", folder.path().to_str().unwrap()] {
            let refused = write_text(Path::new(place), "x").unwrap_err();
            assert!(format!("{refused:#}").contains("not a file"), "{refused:#}");
        }
    }
}
