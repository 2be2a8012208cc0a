//! Tokens that are not right: who guesses is told to wait.
//!
//! It is the address that waits, which others may share with who guesses: so a token that was right lately is
//! looked at all the same, and one that was wrong lately is no new guess: a program that goes on with a token
//! which has expired keeps nobody beside it out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use keepworth_intake::Failure;
use sha2::{Digest, Sha256};

use super::neighbourhood;
use super::rate::Rate;
use crate::settings::Limits;

/// How long a token that was right is looked at whoever guesses beside it.
const LATELY: Duration = Duration::from_secs(15 * 60);
/// The most that are kept of either.
const MOST: usize = 10_000;

/// What a token is known by: nothing that could be shown in its place.
pub(crate) type Mark = [u8; 32];

/// Who showed tokens that were not right.
pub(crate) struct Refusals {
    rate: Rate<IpAddr>,
    /// Until when an address waits.
    waiting: Mutex<HashMap<IpAddr, Instant>>,
    /// When a token was right last.
    right: Mutex<HashMap<Mark, Instant>>,
    /// When a token was first found wrong.
    wrong: Mutex<HashMap<Mark, Instant>>,
}

impl Refusals {
    pub(crate) fn new(settings: &Limits) -> Self {
        let (rate, setting) = (
            settings.wrong_tokens_per_minute,
            "limits.wrong_tokens_per_minute",
        );
        Self {
            rate: Rate::per_minute(rate, "tokens that are not right", setting),
            waiting: Mutex::default(),
            right: Mutex::default(),
            wrong: Mutex::default(),
        }
    }

    /// The mark of a token.
    pub(crate) fn mark(token: &str) -> Mark {
        Sha256::digest(token).into()
    }

    /// Whether a token from there is looked at now.
    ///
    /// # Errors
    /// That it is not, and when it will be.
    pub(crate) fn admit(&self, address: IpAddr, mark: &Mark) -> Result<(), Failure> {
        let until = locked(&self.waiting).get(&neighbourhood(address)).copied();
        let now = Instant::now();
        let Some(pause) = until.and_then(|until| until.checked_duration_since(now)) else {
            return Ok(());
        };
        let seen = locked(&self.right).get(mark).copied();
        if pause.is_zero() || seen.is_some_and(|it| now.duration_since(it) < LATELY) {
            return Ok(());
        }
        Err(self.rate.refusal(pause))
    }

    /// Notes that a token was right.
    pub(crate) fn was_right(&self, mark: Mark) {
        keep(&self.right, mark, Instant::now());
    }

    /// Notes that a token from there was not right.
    pub(crate) fn was_wrong(&self, address: IpAddr, mark: Mark) {
        let now = Instant::now();
        let known = locked(&self.wrong).get(&mark).copied();
        if known.is_some_and(|it| now.duration_since(it) < LATELY) {
            return;
        }
        keep(&self.wrong, mark, now);
        let address = neighbourhood(address);
        let Some(pause) = self.rate.wait(&address) else {
            return;
        };
        let mut waiting = locked(&self.waiting);
        if waiting.len() >= MOST {
            waiting.retain(|_, until| *until > now);
        }
        waiting.insert(address, now + pause);
    }
}

/// Keeps when something was seen, while there is room beside what was seen lately.
fn keep(seen: &Mutex<HashMap<Mark, Instant>>, mark: Mark, now: Instant) {
    let mut seen = locked(seen);
    if seen.len() >= MOST {
        seen.retain(|_, at| now.duration_since(*at) < LATELY);
    }
    if seen.len() < MOST || seen.contains_key(&mark) {
        seen.insert(mark, now);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn refusals() -> Refusals {
        let rate = NonZeroU32::new(3).unwrap();
        Refusals {
            rate: Rate::per_minute(rate, "tokens", "limits.x"),
            waiting: Mutex::default(),
            right: Mutex::default(),
            wrong: Mutex::default(),
        }
    }

    #[test]
    fn an_address_waits_for_guesses_and_not_for_one_old_token() {
        let refusals = refusals();
        let [here, there] = ["10.0.0.1", "10.0.0.2"].map(|it| it.parse().unwrap());
        let mark = |text: &str| Refusals::mark(text);
        for _ in 0..100 {
            refusals.was_wrong(here, mark("expired"));
        }
        refusals.admit(here, &mark("new")).unwrap();
        refusals.was_right(mark("right"));
        for guess in ["a", "b", "c"] {
            refusals.was_wrong(here, mark(guess));
        }
        let refused = refusals.admit(here, &mark("new")).unwrap_err();
        assert!(refused.retry_after().unwrap() <= 20, "{refused}");
        refusals.admit(here, &mark("right")).unwrap();
        refusals.admit(there, &mark("new")).unwrap();
    }
}
