//! Tokens for programs, of a service of which only the name is known.

use uuid::Uuid;

use super::{Client, ClientError};
use crate::SequenceQuery;
use crate::token::{Token, TokenInput, TokenPage, TokenRotation, TokenWithSecret};

impl Client {
    /// The operations of tokens, which are those of every service.
    pub const TOKEN_OPERATIONS: &'static [&'static str] = &[
        "create_token",
        "list_tokens",
        "load_token",
        "rotate_token",
        "delete_token",
    ];

    /// Makes a token.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn create_token(&self, token: &TokenInput) -> Result<TokenWithSecret, ClientError> {
        self.post(&["tokens"], token).await
    }

    /// A page of the caller's tokens, or of everybody's for who may see them.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn list_tokens(&self, query: &SequenceQuery) -> Result<TokenPage, ClientError> {
        self.get(&["tokens"], query).await
    }

    /// One token.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn load_token(&self, id: Uuid) -> Result<Token, ClientError> {
        self.get(&["tokens", &id.to_string()], &()).await
    }

    /// Gives a token a new text; the old one holds for a day beside it.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn rotate_token(
        &self,
        id: Uuid,
        rotation: &TokenRotation,
    ) -> Result<TokenWithSecret, ClientError> {
        self.post(&["tokens", &format!("{id}:rotate")], rotation)
            .await
    }

    /// Withdraws a token.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn delete_token(&self, id: Uuid) -> Result<Token, ClientError> {
        self.delete(&["tokens", &id.to_string()]).await
    }
}
