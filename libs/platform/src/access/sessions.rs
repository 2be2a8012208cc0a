//! Sessions of browsers on this machine: a ticket that opens once is traded for a key that the page keeps.
//!
//! A ticket goes to the browser in an address, where histories see it; so it opens once, and soon. The key never
//! stands in an address. Both live in the memory of the process, as digests, and die with it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::local::new_token;

/// How long a ticket opens.
pub(crate) const TICKET: Duration = Duration::from_secs(15 * 60);
/// The most tickets, and the most sessions, that are kept: older ones make room.
const MOST: usize = 100;

type Mark = [u8; 32];
/// What was given out, and when.
type Given = Mutex<HashMap<Mark, Instant>>;

/// Tickets that wait, and sessions that go on.
#[derive(Default)]
pub(crate) struct Sessions {
    tickets: Given,
    keys: Given,
}

impl Sessions {
    /// A new ticket.
    pub(crate) fn ticket(&self, now: Instant) -> String {
        give(&self.tickets, now)
    }

    /// The key of a new session, for a ticket that was not traded yet, and in time.
    pub(crate) fn trade(&self, ticket: &str, now: Instant) -> Option<String> {
        let given = locked(&self.tickets).remove(&mark(ticket))?;
        let is_in_time = now.duration_since(given) < TICKET;
        is_in_time.then(|| give(&self.keys, now))
    }

    /// Whether a key is that of a session.
    pub(crate) fn know(&self, key: &str) -> bool {
        // What is compared says nothing of the key, however long it takes.
        locked(&self.keys).contains_key(&mark(key))
    }
}

fn give(given: &Given, now: Instant) -> String {
    let text = new_token();
    let mut given = locked(given);
    if given.len() >= MOST {
        let oldest = given.iter().min_by_key(|(_, at)| **at);
        let oldest = oldest.map(|(mark, _)| *mark);
        oldest.and_then(|it| given.remove(&it));
    }
    given.insert(mark(&text), now);
    text
}

fn mark(text: &str) -> Mark {
    Sha256::digest(text).into()
}

fn locked(given: &Given) -> MutexGuard<'_, HashMap<Mark, Instant>> {
    given.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_opens_once_and_in_time() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let ticket = sessions.ticket(now);
        assert!(!sessions.know(&ticket), "a ticket is no key");
        assert_eq!(sessions.trade("forged", now), None);
        let soon = now + TICKET - Duration::from_secs(1);
        let key = sessions.trade(&ticket, soon).unwrap();
        assert!(sessions.know(&key) && key != ticket);
        assert_eq!(sessions.trade(&ticket, soon), None, "once");
        let late = sessions.ticket(now);
        assert_eq!(sessions.trade(&late, now + TICKET), None, "too late");
        assert!(!Sessions::default().know(&key), "another process");
    }

    #[test]
    fn older_ones_make_room() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let first = sessions.ticket(now);
        for later in 1..=MOST {
            sessions.ticket(now + Duration::from_secs(later as u64));
        }
        assert_eq!(sessions.trade(&first, now), None);
        assert_eq!(locked(&sessions.tickets).len(), MOST);
    }
}
