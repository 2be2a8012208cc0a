//! Where records are kept, and where services are.

use std::path::PathBuf;

use keepworth_store::Tls;
use serde::{Deserialize, Serialize};

use crate::DatabaseUrl;

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
    /// How much is asked of the connection to PostgreSQL.
    pub tls: Tls,
    /// PEM file of the authorities that sign certificates of PostgreSQL; empty is those of the system.
    pub ca_file: PathBuf,
}

/// One service.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Where others reach it; empty is this process.
    pub url: String,
    /// Its database; empty is a SQLite file in the data folder.
    pub database_url: DatabaseUrl,
    /// A file that holds it instead, read anew for each connection; empty is none.
    pub database_url_file: PathBuf,
}

/// How services reach each other, and commands reach them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Services {
    /// PEM file of the authorities whose certificates are believed; empty is those of the system.
    pub ca_file: PathBuf,
}

/// What is kept of those who were erased, outside of databases.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    /// The file with the secret that tells again who was erased; empty is `erasure.key` in the data folder.
    pub key_file: PathBuf,
    /// The folder where erasures are noted; empty is `erased` in the data folder.
    pub noted_dir: PathBuf,
}

/// Who does long work.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jobs {
    /// Whether services do it themselves, or leave it to `keepworth worker`.
    pub in_process: bool,
}
