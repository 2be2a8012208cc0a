//! Configuration: defaults, file, environment, flags, in that order.

mod access;
mod audit;
mod database;
mod limits;
mod log;
mod server;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use actix_web::http::Uri;
use config::{Config, Environment, File, FileFormat};
use keepworth_contract::client::{Reach, Token};
use keepworth_store::{Beside, DbOptions, Source};
use serde::{Deserialize, Serialize};

use crate::access::LocalPlace;

pub use access::{Access, Grant, Issuer};
pub use audit::Audit;
pub use database::{Database, Endpoint, Erasure, Jobs, Services};
pub use limits::Limits;
pub use log::{Log, LogFormat};
pub use server::{Server, ServerTls};

const DEFAULTS: &str = include_str!("defaults.toml");
const SYSTEM_FILE: &str = "/etc/keepworth/config.toml";

/// Everything that can be configured.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How to listen.
    pub server: Server,
    /// Who is let in.
    pub access: Access,
    /// What one caller may ask for.
    pub limits: Limits,
    /// How the record of who did what is held fast.
    pub audit: Audit,
    /// How to log.
    pub log: Log,
    /// Databases in general.
    pub database: Database,
    /// Who does long work.
    pub jobs: Jobs,
    /// How services reach each other.
    pub services: Services,
    /// What is kept of those who were erased.
    pub erasure: Erasure,
    /// The customers service.
    pub customers: Endpoint,
    /// The experience service.
    pub experience: Endpoint,
    /// The finance service.
    pub finance: Endpoint,
    /// The simulator service.
    pub simulator: Endpoint,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("configuration: {0}; `keepworth config show` prints the values in force, with every key")]
pub struct SettingsError(String);

impl Settings {
    /// Loads the layers: defaults, `file` (or the system's file when there is one), `environment`
    /// (pairs of name and value; only names that begin with `KEEPWORTH__` count), `flags` (pairs
    /// of dotted key and value).
    ///
    /// # Errors
    /// A file that cannot be read, an unknown key, a value of the wrong type or out of range: the
    /// message names it.
    pub fn load(
        file: Option<&Path>,
        flags: &[(String, String)],
        environment: &[(String, String)],
    ) -> Result<Self, SettingsError> {
        let environment = environment.iter().cloned().collect();
        let mut builder = Config::builder()
            .add_source(File::from_str(DEFAULTS, FileFormat::Toml))
            .add_source(match file {
                Some(path) => File::from(path).format(FileFormat::Toml).required(true),
                None => File::new(SYSTEM_FILE, FileFormat::Toml).required(false),
            })
            .add_source(
                Environment::with_prefix("KEEPWORTH")
                    .prefix_separator("__")
                    .separator("__")
                    .try_parsing(true)
                    .source(Some(environment)),
            );
        for (key, value) in flags {
            builder = builder
                .set_override(key, value.as_str())
                .map_err(explained)?;
        }
        let settings: Self = builder
            .build()
            .map_err(explained)?
            .try_deserialize()
            .map_err(explained)?;
        settings.check()
    }

    fn check(self) -> Result<Self, SettingsError> {
        let wrong = |key: &str, reason: &str| Err(SettingsError(format!("{key} {reason}")));
        if self.database.pool_size == 0 {
            return wrong("database.pool_size", "is 0; give at least 1");
        }
        for (key, seconds) in [
            ("database.wait_seconds", self.database.wait_seconds),
            (
                "database.statement_seconds",
                self.database.statement_seconds,
            ),
        ] {
            if seconds == 0 {
                return wrong(key, "is 0; give at least 1 second");
            }
        }
        for (place, issuer) in self.access.issuers.iter().enumerate() {
            if let Some((key, reason)) = issuer.fault() {
                return wrong(&format!("access.issuers[{place}].{key}"), &reason);
            }
        }
        if let Some((key, reason)) = self.audit.fault() {
            return wrong(key, &reason);
        }
        let tls = &self.server.tls;
        for (key, one, other) in [
            (
                "server.tls.certificate_file",
                &tls.certificate_file,
                &tls.key_file,
            ),
            ("server.tls.key_file", &tls.key_file, &tls.certificate_file),
        ] {
            if one.as_os_str().is_empty() && !other.as_os_str().is_empty() {
                return wrong(
                    key,
                    "is empty, and its twin is not; name both files or none",
                );
            }
        }
        for (service, endpoint) in self.endpoints() {
            let file = named(&endpoint.database_url_file);
            if file.is_some() && !endpoint.database_url.is_empty() {
                let key = format!("{service}.database_url");
                return wrong(
                    &key,
                    "is set, and its twin database_url_file too; leave one empty",
                );
            }
        }
        if self.server.body_limit_bytes < 65_536 {
            return wrong(
                "server.body_limit_bytes",
                "is below 65536; batches need room",
            );
        }
        Ok(self)
    }

    /// A service's own section.
    #[must_use]
    pub fn endpoint(&self, service: &str) -> Option<&Endpoint> {
        let mut endpoints = self.endpoints().into_iter();
        let found = endpoints.find(|(name, _)| *name == service);
        found.map(|(_, endpoint)| endpoint)
    }

    fn endpoints(&self) -> [(&'static str, &Endpoint); 4] {
        [
            ("customers", &self.customers),
            ("experience", &self.experience),
            ("finance", &self.finance),
            ("simulator", &self.simulator),
        ]
    }

    /// Where a service answers, without `/v1`: its own `url`, or below its name in the one process
    /// that these settings describe.
    #[must_use]
    pub fn service_url(&self, service: &str) -> String {
        match self.endpoint(service) {
            Some(endpoint) if !endpoint.url.is_empty() => endpoint.url.clone(),
            _ => {
                let scheme = self.server.tls.scheme();
                let (host, port) = (&self.server.host, self.server.port);
                format!("{scheme}://{host}:{port}/{service}")
            }
        }
    }

    /// How a service is reached: on this machine over the socket beside its port, elsewhere with the token.
    #[must_use]
    pub fn reach(&self, service: &str) -> Reach {
        let reach = self.reach_at(self.service_url(service));
        let is_here = self.endpoint(service).is_none_or(|it| it.url.is_empty());
        let own = is_here.then(|| LocalPlace::new(&self.access.run_dir, self.server.port).socket());
        Reach {
            socket: own.or(reach.socket),
            ..reach
        }
    }

    /// How a server at an address is reached.
    #[must_use]
    pub fn reach_at(&self, url: String) -> Reach {
        let port = own_port(&url);
        let place = port.map(|port| LocalPlace::new(&self.access.run_dir, port));
        let file = named(&self.access.token_file);
        Reach {
            socket: place.map(|it| it.socket()),
            token: file.filter(|_| port.is_none()).map(Token::File),
            ca_file: named(&self.services.ca_file),
            url,
        }
    }

    /// Where a service's database is.
    #[must_use]
    pub fn database(&self, service: &str) -> Source {
        let endpoint = self.endpoint(service);
        if let Some(file) = endpoint.and_then(|it| named(&it.database_url_file)) {
            return Source::File(file);
        }
        match endpoint {
            Some(endpoint) if !endpoint.database_url.is_empty() => {
                endpoint.database_url.expose().into()
            }
            _ => {
                let path = self.database.data_dir.join(format!("{service}.db"));
                Source::Url(format!("sqlite://{}", path.display()))
            }
        }
    }

    /// How to open databases.
    #[must_use]
    pub fn db_options(&self) -> DbOptions {
        DbOptions {
            pool_size: self.database.pool_size,
            wait: Duration::from_secs(self.database.wait_seconds),
            statement: Duration::from_secs(self.database.statement_seconds),
            tls: self.database.tls,
            ca_file: named(&self.database.ca_file),
            beside: Some(self.beside()),
        }
    }

    /// Where that is which belongs to databases and is not in them.
    #[must_use]
    pub fn beside(&self) -> Beside {
        let usual = Beside::in_folder(&self.database.data_dir);
        Beside {
            secret_file: named(&self.erasure.key_file).unwrap_or(usual.secret_file),
            folder: named(&self.erasure.noted_dir).unwrap_or(usual.folder),
        }
    }
}

/// A file, where one is named.
fn named(file: &Path) -> Option<PathBuf> {
    Some(file.to_owned()).filter(|it| !it.as_os_str().is_empty())
}

/// Whether an address is of this machine, which nothing that is sent there leaves.
#[must_use]
pub fn is_own(url: &str) -> bool {
    own_port(url).is_some()
}

/// The port of an address on this machine.
fn own_port(url: &str) -> Option<u16> {
    let uri: Uri = url.parse().ok()?;
    let host = uri.host()?.trim_matches(['[', ']']);
    let is_own = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|it| it.is_loopback());
    uri.port_u16().filter(|_| is_own)
}

#[expect(clippy::needless_pass_by_value, reason = "used with map_err")]
fn explained(error: config::ConfigError) -> SettingsError {
    SettingsError(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn later_layers_win() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(
            &file,
            "[server]\nport = 1\nhost = \"10.0.0.1\"\nworkers = 3\n",
        )
        .unwrap();
        let environment = [
            pair("KEEPWORTH__SERVER__PORT", "2"),
            pair("KEEPWORTH__SERVER__HOST", "10.0.0.2"),
            pair("PATH", "x"),
        ];
        let settings =
            Settings::load(Some(&file), &[pair("server.port", "4")], &environment).unwrap();
        assert_eq!(
            (
                settings.server.port,
                settings.server.host.as_str(),
                settings.server.workers
            ),
            (4, "10.0.0.2", 3)
        );
    }

    #[test]
    fn an_unknown_key_is_named() {
        for (flags, environment) in [
            (vec![pair("server.prot", "1")], vec![]),
            (vec![], vec![pair("KEEPWORTH__SERVER__PROT", "1")]),
        ] {
            let error = Settings::load(None, &flags, &environment)
                .unwrap_err()
                .to_string();
            assert!(error.contains("prot"), "{error}");
        }
    }

    #[test]
    fn a_wrong_value_is_named() {
        let error = Settings::load(None, &[pair("server.port", "http")], &[])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("server.port") && error.contains("http"),
            "{error}"
        );
    }

    #[test]
    fn a_url_stands_in_one_place() {
        let file = pair("finance.database_url_file", "/run/secrets/url");
        let settings = Settings::load(None, std::slice::from_ref(&file), &[]).unwrap();
        assert!(matches!(settings.database("finance"), Source::File(_)));
        let both = [file, pair("finance.database_url", "postgres://db/finance")];
        let error = Settings::load(None, &both, &[]).unwrap_err().to_string();
        assert!(error.contains("finance.database_url is set"), "{error}");
    }

    #[test]
    fn no_password_is_shown() {
        let url = "postgres://fin:s3cret@db:5432/finance";
        let flags = [pair("finance.database_url", url)];
        let settings = Settings::load(None, &flags, &[]).unwrap();
        assert_eq!(settings.database("finance").url().unwrap(), url);
        for shown in [
            format!("{settings:?}"),
            serde_json::to_string(&settings).unwrap(),
        ] {
            assert!(
                !shown.contains("s3cret") && shown.contains("***"),
                "{shown}"
            );
        }
    }
}
