//! How a process listens.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

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
    /// The certificate to serve; without one the server speaks plain HTTP.
    pub tls: ServerTls,
}

/// The certificate that a server shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerTls {
    /// PEM file of the certificate, with those between it and its authority.
    pub certificate_file: PathBuf,
    /// PEM file of its private key.
    pub key_file: PathBuf,
}

impl ServerTls {
    /// Whether none is named.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.certificate_file.as_os_str().is_empty()
    }

    /// The scheme of the server's addresses.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if self.is_off() { "http" } else { "https" }
    }
}
