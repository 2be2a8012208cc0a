//! What belongs to a database and is not in it: a secret that tells again whom it no longer knows, and a note of that
//! which outlives a backup.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::StoreError;

/// Where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// The file with the secret: 64 hexadecimal digits a line, the newest line first. It is made where it is missing
    /// and needed.
    pub secret_file: PathBuf,
    /// The folder for notes.
    pub folder: PathBuf,
}

/// One secret; it has no `Debug`, since whoever can print it can log it.
#[derive(Clone)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Beside {
    /// In a folder.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            secret_file: folder.join("erasure.key"),
            folder: folder.join("erased"),
        }
    }

    /// The secrets, the newest first; none where there is no file.
    ///
    /// # Errors
    /// [`StoreError::Beside`] for a file that cannot be read, or holds something else.
    pub fn secrets(&self) -> Result<Vec<SecretKey>, StoreError> {
        let text = match fs::read_to_string(&self.secret_file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => read.map_err(|error| self.wrong(&self.secret_file, &error))?,
        };
        let lines = text.lines().map(str::trim).filter(|it| !it.is_empty());
        let keys = lines.map(|it| {
            read_key(it).ok_or_else(|| {
                self.wrong(
                    &self.secret_file,
                    &"a line of it is not 64 hexadecimal digits",
                )
            })
        });
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(self.wrong(&self.secret_file, &"it is empty"));
        }
        Ok(keys)
    }

    /// The same, with a new one where there is none.
    ///
    /// # Errors
    /// As [`secrets`](Self::secrets), and that none can be made.
    pub fn secrets_or_new(&self) -> Result<Vec<SecretKey>, StoreError> {
        let found = self.secrets()?;
        if !found.is_empty() {
            return Ok(found);
        }
        let folder = self.secret_file.parent().unwrap_or(Path::new("."));
        let made = make_folder(folder).and_then(|()| self.make_secret(folder));
        made.map_err(|error| self.wrong(&self.secret_file, &error))?;
        self.secrets()
    }

    /// It appears whole, and where several processes make one, the first one's stays.
    fn make_secret(&self, folder: &Path) -> io::Result<()> {
        let unfinished = folder.join(format!(".{}", Uuid::new_v4()));
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&unfinished)?;
        file.write_all(format!("{}\n", new_key()).as_bytes())?;
        file.sync_all()?;
        let linked = fs::hard_link(&unfinished, &self.secret_file);
        fs::remove_file(&unfinished)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    }

    /// Adds a line to a note; it is on disk when this answers.
    ///
    /// # Errors
    /// [`StoreError::Beside`] where it cannot be written.
    pub fn note(&self, name: &str, line: &str) -> Result<(), StoreError> {
        let file = self.folder.join(name);
        let append = || {
            make_folder(&self.folder)?;
            let mut opened = OpenOptions::new()
                .append(true)
                .create(true)
                .mode(0o600)
                .open(&file)?;
            // A process that was killed in the middle of a line shall not spoil the next one.
            let start = if ends_within_a_line(&file)? { "\n" } else { "" };
            opened.write_all(format!("{start}{line}\n").as_bytes())?;
            opened.sync_all()
        };
        append().map_err(|error: io::Error| self.wrong(&file, &error))
    }

    /// The lines of a note.
    ///
    /// # Errors
    /// [`StoreError::Beside`] where it cannot be read.
    pub fn noted(&self, name: &str) -> Result<Vec<String>, StoreError> {
        let file = self.folder.join(name);
        match fs::read_to_string(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            read => {
                let text = read.map_err(|error| self.wrong(&file, &error))?;
                Ok(text.lines().map(str::to_owned).collect())
            }
        }
    }

    fn wrong(&self, path: &Path, reason: &dyn std::fmt::Display) -> StoreError {
        StoreError::Beside {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}

fn ends_within_a_line(file: &Path) -> io::Result<bool> {
    let text = fs::read(file)?;
    Ok(text.last().is_some_and(|last| *last != b'\n'))
}

fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// 32 bytes of the operating system's randomness, in hexadecimal digits.
fn new_key() -> String {
    // A UUID of version 4 has 122 random bits: three make more than 256.
    let bytes = [Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4()]
        .map(Uuid::into_bytes)
        .concat();
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read_key(digits: &str) -> Option<SecretKey> {
    let mut key = [0; 32];
    if digits.len() != 64 {
        return None;
    }
    for (at, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(SecretKey(key))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_secret_is_made_once_and_older_ones_stay() {
        let folder = tempfile::tempdir().unwrap();
        let beside = Beside::in_folder(&folder.path().join("data"));
        assert!(beside.secrets().unwrap().is_empty());
        let first = beside.secrets_or_new().unwrap();
        assert_eq!(
            beside.secrets_or_new().unwrap()[0].bytes(),
            first[0].bytes()
        );
        let mode = beside.secret_file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let old = fs::read_to_string(&beside.secret_file).unwrap();
        fs::write(&beside.secret_file, format!("{}\n{old}", new_key())).unwrap();
        let both = beside.secrets().unwrap();
        assert_eq!((both.len(), both[1].bytes()), (2, first[0].bytes()));
        for wrong in ["", "abc", "zz"] {
            fs::write(&beside.secret_file, wrong).unwrap();
            assert!(
                matches!(beside.secrets(), Err(StoreError::Beside { .. })),
                "{wrong}"
            );
        }
    }

    #[test]
    fn notes_grow() {
        let folder = tempfile::tempdir().unwrap();
        let beside = Beside::in_folder(folder.path());
        assert!(beside.noted("a").unwrap().is_empty());
        for line in ["1", "2"] {
            beside.note("a", line).unwrap();
        }
        assert_eq!(beside.noted("a").unwrap(), ["1", "2"]);
        // Killed in the middle of a line.
        fs::write(folder.path().join("erased/a"), "1\n2\nhal").unwrap();
        beside.note("a", "3").unwrap();
        assert_eq!(beside.noted("a").unwrap(), ["1", "2", "hal", "3"]);
    }
}
