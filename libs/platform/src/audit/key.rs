//! The file of the key that heads are signed with.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use keepworth_access::sign::Signer;

use crate::settings::Settings;

/// Its name in the data folder.
const NAME: &str = "audit-signing.key";

/// Where the key is. It is read anew for each signature, so that one that was changed needs no new start.
#[derive(Debug, Clone)]
pub struct KeyFile(PathBuf);

impl KeyFile {
    /// The file that the settings name, or the one in the data folder, which is made where there is none.
    ///
    /// # Errors
    /// Where it cannot be read or made, or others can read the one in the data folder; the message says what to do.
    pub fn open(settings: &Settings) -> io::Result<Self> {
        let named = &settings.audit.signing_key_file;
        if !named.as_os_str().is_empty() {
            let file = Self(named.clone());
            file.signer()?;
            return Ok(file);
        }
        let folder = &settings.database.data_dir;
        let file = Self(Self::in_folder(folder));
        if !file.0.exists() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .map_err(|error| at(folder, &error))?;
            let made = Self::create(&file.0);
            // Another process on this folder may have been first.
            if made.is_err() && !file.0.exists() {
                return made;
            }
        }
        let mode = fs::metadata(&file.0).map_err(|error| at(&file.0, &error))?;
        if mode.mode() & 0o077 != 0 {
            let path = file.0.display();
            let why = format!("others can read it; run `chmod 600 {path}`, and change the key");
            return Err(at(&file.0, &why));
        }
        file.signer()?;
        Ok(file)
    }

    /// Where it is or would be made.
    #[must_use]
    pub fn place(settings: &Settings) -> PathBuf {
        let named = &settings.audit.signing_key_file;
        if named.as_os_str().is_empty() {
            Self::in_folder(&settings.database.data_dir)
        } else {
            named.clone()
        }
    }

    /// Where it is in a data folder.
    #[must_use]
    pub fn in_folder(folder: &Path) -> PathBuf {
        folder.join(NAME)
    }

    /// The same, where it is there.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub fn find(settings: &Settings) -> io::Result<Option<Self>> {
        let is_named = !settings.audit.signing_key_file.as_os_str().is_empty();
        let is_there = is_named || Self::place(settings).exists();
        is_there.then(|| Self::open(settings)).transpose()
    }

    /// Makes a file with a new key, for its owner alone.
    ///
    /// # Errors
    /// Where it is there already, or cannot be written.
    pub fn create(path: &Path) -> io::Result<Self> {
        let signer = Signer::generate().map_err(io::Error::other)?;
        let whole = written_beside(path, &signer)?;
        // Unlike a new name, a link replaces nothing.
        let linked = fs::hard_link(&whole, path).map_err(|error| at(path, &error));
        fs::remove_file(&whole)?;
        linked.map(|()| Self(path.to_owned()))
    }

    /// Puts a new key in the place of this one, which vouches for it.
    ///
    /// # Errors
    /// Where the key cannot be read, or the file not written.
    pub fn rotate(&self) -> io::Result<()> {
        let next = self.signer()?.successor().map_err(io::Error::other)?;
        let whole = written_beside(&self.0, &next)?;
        fs::rename(whole, &self.0).map_err(|error| at(&self.0, &error))
    }

    /// The key.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn signer(&self) -> io::Result<Signer> {
        let text = fs::read_to_string(&self.0).map_err(|error| at(&self.0, &error))?;
        Signer::from_file(&text).map_err(|error| at(&self.0, &error))
    }
}

/// A whole file of a name that nobody looks for yet.
fn written_beside(path: &Path, signer: &Signer) -> io::Result<PathBuf> {
    let whole = path.with_extension(format!("{}.new", std::process::id()));
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600);
    let mut opened = opened.open(&whole).map_err(|error| at(&whole, &error))?;
    opened.write_all(signer.to_file().as_bytes())?;
    opened.sync_all()?;
    Ok(whole)
}

fn at(path: &Path, reason: &dyn std::fmt::Display) -> io::Error {
    io::Error::other(format!("{}: {reason}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn settings(folder: &Path, more: &[(&str, &Path)]) -> Settings {
        let path = |it: &Path| it.display().to_string();
        let mut flags = vec![("database.data_dir".to_owned(), path(folder))];
        flags.extend(more.iter().map(|(key, it)| ((*key).to_owned(), path(it))));
        Settings::load(None, &flags, &[]).unwrap()
    }

    #[test]
    fn it_is_made_once_and_changed_by_who_vouches_for_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let file = KeyFile::open(&settings(&data, &[])).unwrap();
        let first = file.signer().unwrap().lineage().clone();
        let again = KeyFile::open(&settings(&data, &[])).unwrap();
        assert_eq!(again.signer().unwrap().lineage(), &first);
        assert_eq!(file.0.metadata().unwrap().mode() & 0o777, 0o600);
        again.rotate().unwrap();
        let second = file.signer().unwrap().lineage().clone();
        assert!(second.key() != first.key() && second.comes_from(first.key()));
        assert_eq!(file.0.metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&data).unwrap().count(), 1);
    }

    #[test]
    fn one_that_others_can_read_or_that_is_none_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = KeyFile::open(&settings(folder.path(), &[])).unwrap();
        fs::set_permissions(&file.0, Permissions::from_mode(0o640)).unwrap();
        let refused = |settings: &Settings| KeyFile::open(settings).unwrap_err().to_string();
        assert!(refused(&settings(folder.path(), &[])).contains("chmod 600"));
        let key = "audit.signing_key_file";
        let missing = folder.path().join("none");
        assert!(refused(&settings(folder.path(), &[(key, &missing)])).contains("none"));
        fs::write(&missing, "x").unwrap();
        let text = refused(&settings(folder.path(), &[(key, &missing)]));
        assert!(text.contains("keepworth audit key --new"), "{text}");
        assert!(KeyFile::create(&missing).is_err(), "nothing is replaced");
    }
}
