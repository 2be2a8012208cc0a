//! Files that are there whole or not at all.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

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
    let path = followed(path);
    let there = fs::metadata(&path).ok();
    if let Some(there) = &there {
        ensure!(
            there.is_file(),
            "it is a folder or a device, not a file; name a file"
        );
        ensure!(
            !there.permissions().readonly(),
            "it may not be written to; name another file, or allow it"
        );
    }
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    ensure!(
        folder.is_dir(),
        "there is no folder {}; make it first",
        folder.display()
    );
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

/// Where a link leads, even to what is not there yet.
fn followed(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| match (fs::read_link(path), path.parent()) {
        (Ok(target), Some(folder)) => folder.join(target),
        _ => path.to_owned(),
    })
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
        let (later, hanging) = (folder.path().join("later"), folder.path().join("hanging"));
        symlink("later", &hanging).unwrap();
        write_text(&hanging, "made").unwrap();
        assert_eq!(fs::read_to_string(&later).unwrap(), "made");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o440)).unwrap();
        let refused = write_text(&file, "x").unwrap_err();
        assert!(
            format!("{refused:#}").contains("may not be written"),
            "{refused:#}"
        );
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        let nowhere = write_text(&folder.path().join("no/where"), "x").unwrap_err();
        assert!(
            format!("{nowhere:#}").contains("make it first"),
            "{nowhere:#}"
        );
        for place in ["/dev/full", "/dev/null", folder.path().to_str().unwrap()] {
            let refused = write_text(Path::new(place), "x").unwrap_err();
            assert!(format!("{refused:#}").contains("not a file"), "{refused:#}");
        }
    }
}
