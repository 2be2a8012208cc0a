//! Where a database is said to be, and connections to where it is said to be now.

use std::path::{Path, PathBuf};

use diesel::r2d2::{Error, ManageConnection, R2D2Connection};
use diesel::{Connection, ConnectionError, PgConnection};

use super::{DbOptions, tls};
use crate::StoreError;

/// Where a database is: its URL, which may hold a password, or a file that holds the URL.
#[derive(Clone)]
pub enum Source {
    /// The URL itself.
    Url(String),
    /// A file that holds it, and may hold one with another password for the next connection.
    File(PathBuf),
}

impl From<&str> for Source {
    fn from(url: &str) -> Self {
        Self::Url(url.to_owned())
    }
}

impl From<&String> for Source {
    fn from(url: &String) -> Self {
        Self::Url(url.clone())
    }
}

impl From<&Path> for Source {
    fn from(file: &Path) -> Self {
        Self::File(file.to_owned())
    }
}

impl Source {
    /// The URL as it is now.
    ///
    /// # Errors
    /// [`StoreError::UrlFile`] for a file that cannot be read.
    pub fn url(&self) -> Result<String, StoreError> {
        match self {
            Self::Url(url) => Ok(url.clone()),
            Self::File(file) => match std::fs::read_to_string(file) {
                Ok(text) => Ok(text.trim().to_owned()),
                Err(error) => Err(StoreError::UrlFile {
                    file: file.clone(),
                    reason: error.to_string(),
                }),
            },
        }
    }
}

/// Connects to a PostgreSQL.
pub struct Connects {
    source: Source,
    options: DbOptions,
}

impl Connects {
    /// To where the source says at each connection, as safely as the options ask for.
    pub(super) fn new(source: &Source, options: &DbOptions) -> Self {
        Self {
            source: source.clone(),
            options: options.clone(),
        }
    }

    /// What libpq is told.
    pub(super) fn url(&self) -> Result<String, StoreError> {
        let (tls, ca_file) = (self.options.tls, self.options.ca_file.as_deref());
        Ok(tls::secured(&self.source.url()?, tls, ca_file)?)
    }
}

impl ManageConnection for Connects {
    type Connection = PgConnection;
    type Error = Error;

    fn connect(&self) -> Result<PgConnection, Error> {
        let refused = |error: StoreError| ConnectionError::BadConnection(error.to_string());
        let url = self.url().map_err(refused);
        url.and_then(|url| PgConnection::establish(&url))
            .map_err(Error::ConnectionError)
    }

    fn is_valid(&self, connection: &mut PgConnection) -> Result<(), Error> {
        connection.ping().map_err(Error::QueryError)
    }

    fn has_broken(&self, connection: &mut PgConnection) -> bool {
        std::thread::panicking() || connection.is_broken()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_for_every_connection() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("url");
        let connects = Connects::new(&Source::from(&*file), &DbOptions::default());
        let away = connects.url().unwrap_err().to_string();
        assert!(away.contains("database_url_file"), "{away}");
        for password in ["old", "new"] {
            let url = format!("postgres://fin:{password}@localhost/finance");
            std::fs::write(&file, format!("{url}\n")).unwrap();
            assert_eq!(connects.url().unwrap(), format!("{url}?sslmode=disable"));
        }
    }
}
