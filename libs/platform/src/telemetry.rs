//! Logs: one line an event, with the request's and the trace's id.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::settings::{Log, LogFormat};

/// Starts logging to standard error. Call once per process.
///
/// # Errors
/// When the level is not one, or logging was started already.
pub fn start(log: &Log) -> Result<(), TelemetryError> {
    let filter = EnvFilter::try_new(&log.level)
        .map_err(|error| TelemetryError(format!("log.level `{}`: {error}", log.level)))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let started = match log.format {
        LogFormat::Text => builder.with_target(false).try_init(),
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .try_init(),
    };
    started.map_err(|error| TelemetryError(error.to_string()))
}

/// Logging cannot start.
#[derive(Debug, thiserror::Error)]
#[error("logging cannot start: {0}")]
pub struct TelemetryError(String);
