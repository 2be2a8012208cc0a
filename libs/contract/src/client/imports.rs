//! Imports of a service of which only the name is known.

use uuid::Uuid;

use super::{Client, ClientError};
use crate::{Import, ImportPage, SequenceQuery};

impl Client {
    /// A page of the service's imports.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn list_imports(&self, query: &SequenceQuery) -> Result<ImportPage, ClientError> {
        self.get(&["imports"], query).await
    }

    /// How an import stands.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn load_import(&self, id: Uuid) -> Result<Import, ClientError> {
        self.get(&["imports", &id.to_string()], &()).await
    }

    /// Takes back what an import wrote.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn undo_import(&self, id: Uuid) -> Result<Import, ClientError> {
        self.post(&["imports", &format!("{id}:undo")], &()).await
    }
}
