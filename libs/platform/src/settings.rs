//! Configuration: defaults, file, environment, flags, in that order.

use std::path::{Path, PathBuf};
use std::time::Duration;

use config::{Config, Environment, File, FileFormat};
use keepworth_store::DbOptions;
use serde::{Deserialize, Serialize};

use crate::DatabaseUrl;

const DEFAULTS: &str = include_str!("defaults.toml");
const SYSTEM_FILE: &str = "/etc/keepworth/config.toml";

/// Everything that can be configured.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How to listen.
    pub server: Server,
    /// How to log.
    pub log: Log,
    /// Databases in general.
    pub database: Database,
    /// Who does long work.
    pub jobs: Jobs,
    /// The customers service.
    pub customers: Endpoint,
    /// The experience service.
    pub experience: Endpoint,
    /// The finance service.
    pub finance: Endpoint,
    /// The simulator service.
    pub simulator: Endpoint,
}

/// Who does long work.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jobs {
    /// Whether services do it themselves, or leave it to `keepworth worker`.
    pub in_process: bool,
}

/// How to listen.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address to listen on.
    pub host: String,
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// Names that others reach it by, with commas between them.
    pub names: String,
    /// Threads that serve requests; 0 is one per core.
    pub workers: usize,
    /// The largest request body, in bytes.
    pub body_limit_bytes: usize,
    /// The largest file that is taken in, in bytes; it is held in memory while it is read.
    pub import_limit_bytes: usize,
    /// Seconds between "not ready" and closing the port.
    pub shutdown_delay_seconds: u64,
    /// Seconds that requests in flight have to finish.
    pub shutdown_timeout_seconds: u64,
}

/// How to log.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// For people or for machines.
    pub format: LogFormat,
    /// A level or directives.
    pub level: String,
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Databases in general.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Folder for SQLite files.
    pub data_dir: PathBuf,
    /// Connections per service.
    pub pool_size: u32,
    /// Seconds that a request waits for a connection or a lock.
    pub wait_seconds: u64,
    /// Seconds that one statement may take on PostgreSQL.
    pub statement_seconds: u64,
    /// Bring schemas up to date at start.
    pub migrate_at_start: bool,
}

/// One service.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Where others reach it; empty is this process.
    pub url: String,
    /// Its database; empty is a SQLite file in the data folder.
    pub database_url: DatabaseUrl,
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
        match service {
            "customers" => Some(&self.customers),
            "experience" => Some(&self.experience),
            "finance" => Some(&self.finance),
            "simulator" => Some(&self.simulator),
            _ => None,
        }
    }

    /// Where a service answers, without `/v1`: its own `url`, or below its name in the one process
    /// that these settings describe.
    #[must_use]
    pub fn service_url(&self, service: &str) -> String {
        match self.endpoint(service) {
            Some(endpoint) if !endpoint.url.is_empty() => endpoint.url.clone(),
            _ => format!("http://{}:{}/{service}", self.server.host, self.server.port),
        }
    }

    /// The URL of a service's database.
    #[must_use]
    pub fn database_url(&self, service: &str) -> DatabaseUrl {
        match self.endpoint(service) {
            Some(endpoint) if !endpoint.database_url.is_empty() => endpoint.database_url.clone(),
            _ => {
                let path = self.database.data_dir.join(format!("{service}.db"));
                DatabaseUrl::from(format!("sqlite://{}", path.display()))
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
        }
    }
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
    fn no_password_is_shown() {
        let url = "postgres://fin:s3cret@db:5432/finance";
        let flags = [pair("finance.database_url", url)];
        let settings = Settings::load(None, &flags, &[]).unwrap();
        assert_eq!(settings.database_url("finance").expose(), url);
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
