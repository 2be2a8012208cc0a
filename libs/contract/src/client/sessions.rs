//! What opens a session of a browser.

use super::{Client, ClientError};
use crate::session::SessionTicket;

impl Client {
    /// A ticket for a browser of the user's on this machine.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn create_session_ticket(&self) -> Result<SessionTicket, ClientError> {
        self.post(&["session-tickets"], &()).await
    }
}
