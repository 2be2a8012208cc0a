//! Callers on this machine: the user that the process runs as, and nobody else.
//!
//! Beside its port a server listens on a socket in a folder that only its user can enter, so that the kernel
//! vouches for who is at either end: commands need no secret, and no other program that has taken the port
//! receives what they send. Who cannot use a socket shows a token, which lies beside it and ends with the
//! process.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use keepworth_access::{Caller, Role, Via};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::sessions::Sessions;

/// Where the socket and the token of a server on this machine lie, by its port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalPlace {
    folder: PathBuf,
    port: u16,
}

impl LocalPlace {
    /// In `folder`, or in the user's own where that is empty.
    #[must_use]
    pub fn new(folder: &Path, port: u16) -> Self {
        let folder = if folder.as_os_str().is_empty() {
            users_folder()
        } else {
            folder.to_owned()
        };
        Self { folder, port }
    }

    /// The socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.folder.join(format!("{}.sock", self.port))
    }

    /// The file with the token.
    #[must_use]
    pub fn token(&self) -> PathBuf {
        self.folder.join(format!("{}.token", self.port))
    }

    /// The page that sends a browser on with its ticket.
    #[must_use]
    pub fn page(&self) -> PathBuf {
        self.folder.join(format!("{}.html", self.port))
    }
}

fn users_folder() -> PathBuf {
    match std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from) {
        Some(folder) if folder.is_absolute() => folder.join("keepworth"),
        _ => std::env::temp_dir().join(format!("keepworth-{}", uid())),
    }
}

fn uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Who vouches for callers on this machine.
pub(super) const LOCAL: &str = "local";

/// What the user of the machine is there for, beside whom there is nobody.
pub(super) const ALONE: [Role; 2] = [Role::Admin, Role::Approver];

/// The user that the process runs as, and how it is recognised.
pub struct Local {
    pub(super) uid: u32,
    pub(super) token_digest: Vec<u8>,
    pub(super) sessions: Sessions,
    place: LocalPlace,
}

impl Local {
    /// Makes socket and token.
    ///
    /// # Errors
    /// Where they cannot be made, or the folder is not the user's own: the message says what to do.
    pub fn open(place: LocalPlace) -> io::Result<(Self, UnixListener)> {
        make_own(&place.folder)?;
        let socket = place.socket();
        // That of a process which was killed; the port is ours, so nobody listens on it.
        remove(&socket)?;
        let listener = UnixListener::bind(&socket).map_err(|error| at(&socket, &error))?;
        listener.set_nonblocking(true)?;
        let token = new_token();
        write_private(&place.token(), &token)?;
        let (uid, token_digest) = (uid(), Sha256::digest(&token).to_vec());
        let local = Self {
            uid,
            token_digest,
            sessions: Sessions::default(),
            place,
        };
        Ok((local, listener))
    }

    pub(super) fn caller(&self, via: Via) -> Caller {
        Caller::new(LOCAL, &self.uid.to_string(), via, ALONE)
    }

    #[cfg(test)]
    pub(super) fn for_tests(folder: &Path) -> (Self, String) {
        let place = LocalPlace::new(&folder.join("run"), 1);
        let (local, _) = Self::open(place.clone()).unwrap();
        (local, fs::read_to_string(place.token()).unwrap())
    }
}

impl Local {
    /// Removes socket and token.
    pub(super) fn close(&self) {
        for path in [self.place.socket(), self.place.token(), self.place.page()] {
            if let Err(error) = remove(&path) {
                tracing::warn!(%error, "it stays behind");
            }
        }
    }
}

/// 32 bytes of the operating system's, in hexadecimal digits.
pub(super) fn new_token() -> String {
    // A UUID of version 4 has 122 random bits of the same source: three make more than 256.
    let bytes = [Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4()]
        .map(Uuid::into_bytes)
        .concat();
    let digits = Sha256::digest(bytes);
    digits.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes a folder that only its owner can enter, or sees that it is one: in a folder for all, somebody else
/// may have made it.
fn make_own(folder: &Path) -> io::Result<()> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).map_err(|error| at(parent, &error))?;
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(at(folder, &error));
        }
        _ => {}
    }
    let found = fs::symlink_metadata(folder).map_err(|error| at(folder, &error))?;
    if found.is_dir() && found.uid() == uid() && found.mode() & 0o077 == 0 {
        return Ok(());
    }
    let why = "it is not a folder of this user's that nobody else can enter; remove it, or name another with \
               --set access.run_dir=DIR";
    Err(at(folder, &why))
}

/// Writes a file that nobody else can read, in the place of one that was there.
///
/// # Errors
/// Where it cannot be written; the message names it.
pub fn write_private(file: &Path, text: &str) -> io::Result<()> {
    remove(file)?;
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(file);
    let mut opened = opened.map_err(|error| at(file, &error))?;
    opened
        .write_all(text.as_bytes())
        .map_err(|error| at(file, &error))
}

fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(file, &error)),
        _ => Ok(()),
    }
}

fn at(path: &Path, reason: &dyn std::fmt::Display) -> io::Error {
    io::Error::other(format!("{}: {reason}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn what_is_made_is_private_and_goes_with_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let place = LocalPlace::new(&folder.path().join("run"), 7979);
        let (local, _listener) = Local::open(place.clone()).unwrap();
        let mode = |path: &Path| path.metadata().unwrap().mode() & 0o777;
        assert_eq!([mode(&place.folder), mode(&place.token())], [0o700, 0o600]);
        assert_eq!(fs::read_to_string(place.token()).unwrap().len(), 64);
        // A process that was killed leaves them behind.
        drop(local);
        let (again, _listener) = Local::open(place.clone()).unwrap();
        again.close();
        assert!(!place.socket().exists() && !place.token().exists());
    }

    #[test]
    fn a_folder_of_others_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::create_dir(&real).unwrap();
        fs::set_permissions(&real, Permissions::from_mode(0o750)).unwrap();
        symlink(&real, &link).unwrap();
        for wrong in [&real, &link] {
            let error = Local::open(LocalPlace::new(wrong, 1))
                .err()
                .unwrap()
                .to_string();
            assert!(error.contains("access.run_dir"), "{error}");
        }
    }
}
