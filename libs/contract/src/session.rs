//! Sessions of a browser on the machine that Keepworth runs on.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What opens a session, once and soon. (Whoever can print it can log it: it has no `Debug`.)
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionTicket {
    /// It stands in the part of an address after `#`, which browsers send nowhere.
    pub ticket: String,
}

/// A session, until its server ends. (It has no `Debug` either.)
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// Sent as `Authorization: Bearer …`.
    pub key: String,
}
