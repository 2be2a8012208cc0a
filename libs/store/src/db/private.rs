//! Database files that only their owner can read, before SQLite writes the first byte.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use crate::StoreError;

/// What group and others may do.
const OTHERS: u32 = 0o077;

/// Makes file and folder where they are missing, and refuses those that others can enter or read. (The logs
/// beside the file have its rights: SQLite sees to that.)
pub(super) fn make_private(file: &Path) -> Result<(), StoreError> {
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| cannot_open(folder, &error))?;
    refuse_exposed(folder)?;
    let created = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file);
    match created {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => refuse_exposed(file),
        Err(error) => Err(cannot_open(file, &error)),
    }
}

fn refuse_exposed(path: &Path) -> Result<(), StoreError> {
    let metadata = path.metadata().map_err(|error| cannot_open(path, &error))?;
    if metadata.mode() & OTHERS == 0 {
        return Ok(());
    }
    Err(StoreError::Exposed {
        path: path.to_owned(),
    })
}

fn cannot_open(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Open {
        what: path.display().to_string(),
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().mode() & 0o777
    }

    #[test]
    fn what_is_made_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data/demo/customers.db");
        make_private(&file).unwrap();
        assert_eq!([mode(file.parent().unwrap()), mode(&file)], [0o700, 0o600]);
        make_private(&file).unwrap();
    }

    #[test]
    fn what_others_can_read_is_refused_with_the_fix() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data/customers.db");
        make_private(&file).unwrap();
        for path in [file.as_path(), file.parent().unwrap()] {
            let before = path.metadata().unwrap().permissions();
            fs::set_permissions(path, Permissions::from_mode(0o750)).unwrap();
            let error = make_private(&file).unwrap_err().to_string();
            assert!(error.contains("chmod -R go="), "{error}");
            fs::set_permissions(path, before).unwrap();
        }
        make_private(&file).unwrap();
    }
}
