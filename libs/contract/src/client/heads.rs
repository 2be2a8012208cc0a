//! Signed heads of the audit, of whichever service.

use super::{Client, ClientError, Reach};
use crate::{AuditHead, AuditHeadInput};

/// A service that heads are exchanged with.
#[derive(Debug, Clone)]
pub struct HeadsClient(Client);

impl HeadsClient {
    /// A client of the service of that name.
    ///
    /// # Errors
    /// [`ClientError`] when the HTTP client cannot be set up.
    pub fn new(service: &str, reach: Reach) -> Result<Self, ClientError> {
        Client::new(service, reach).map(Self)
    }

    /// The name of the service.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.0.service
    }

    /// Where its chain ends now.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn load_audit_head(&self) -> Result<AuditHead, ClientError> {
        self.0.get(&["audit-head"], &()).await
    }

    /// Leaves the head of another service there.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn keep_audit_head(&self, head: &str) -> Result<AuditHead, ClientError> {
        let head = head.to_owned();
        self.0
            .post(&["audit-heads:keep"], &AuditHeadInput { head })
            .await
    }
}
