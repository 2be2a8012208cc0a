//! What every Keepworth service is made of.
//!
//! **For:** configuration, start-up and shutdown, logs with request and trace ids, problems,
//! requests that come twice, versions of resources, feeds, events and webhooks, health, and the
//! contract document. **Must not know:** customers, scores,
//! money or simulations: whatever only one service needs lives there.
//!
//! A service is a type that implements [`Service`]; [`server::run`] serves one or several.
//!
//! ```
//! use keepworth_platform::settings::Settings;
//!
//! // The compiled-in defaults alone are a complete configuration.
//! let settings = Settings::load(None, &[("server.port".into(), "8080".into())], &[])?;
//! assert_eq!(settings.server.port, 8080);
//! assert_eq!(settings.server.host, "127.0.0.1");
//! # Ok::<(), keepworth_platform::settings::SettingsError>(())
//! ```

pub mod access;
pub mod audit;
mod body;
mod capability;
mod database_url;
pub mod document;
pub mod download;
pub mod error;
pub mod feed;
mod form;
mod guard;
pub mod health;
pub mod idempotency;
pub mod imports;
pub mod jobs;
mod limits;
mod pace;
pub mod precondition;
pub mod prefer;
pub mod reason;
mod routes;
pub mod server;
mod service;
mod session;
pub mod settings;
mod subject;
pub mod telemetry;
mod tls;
mod tokens;
pub mod trace;
mod webhook;

pub use access::{Allowed, ReasonHeader};
pub use body::{BatchBody, Body, read_file};
pub use database_url::DatabaseUrl;
pub use document::document;
pub use error::{
    ApiError, ApiResult, PreconditionProblems, ReadProblems, RemoveProblems, WriteProblems,
};
pub use form::{Form, FormFile};
pub use service::{Background, Covered, Service};
