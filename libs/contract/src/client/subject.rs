//! What the customers service asks of every service, of which only the name is known.

use super::{Client, ClientError};
use crate::subject::{ServiceExport, SignedReceipt, Subject, SubjectErasure};

impl Client {
    /// The service's name.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }

    /// Erases what the service holds of a customer, or counts it.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn erase_subject(
        &self,
        order: &SubjectErasure,
    ) -> Result<SignedReceipt, ClientError> {
        self.post(&["subjects:erase"], order).await
    }

    /// Everything that the service holds of a customer.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn export_subject(&self, subject: &Subject) -> Result<ServiceExport, ClientError> {
        self.post(&["subjects:export"], subject).await
    }
}
