//! How a caller would like to be answered: the `Prefer` header (RFC 7240).
//!
//! Long work is answered with 202 and the address of its job. A caller that would rather wait says how
//! long, `Prefer: wait=30`, and is answered with the result when it is there in time.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::time::Duration;

use actix_web::{FromRequest, HttpRequest, dev};
use utoipa::IntoParams;

/// The header, as contracts describe it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct PreferHeader {
    /// `wait=N` (RFC 7240): wait up to N seconds, at most 600, and answer at once with the result when it
    /// is there in time. Without it, or when it is not, 202 with the job and its `Location`.
    #[param(rename = "Prefer", example = "wait=30")]
    pub prefer: Option<String>,
}

/// The longest that anybody is let wait.
const LONGEST: Duration = Duration::from_secs(600);

/// What the caller prefers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Prefer {
    /// How long it would wait for the result.
    pub wait: Duration,
}

impl FromRequest for Prefer {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let mut values = request.headers().get_all("prefer");
        let wait = values.find_map(|it| find_wait(it.to_str().ok()?));
        let wait = wait.unwrap_or_default();
        ready(Ok(Self { wait }))
    }
}

/// Preferences that are not known, or not well formed, are as if they were not there (RFC 7240).
fn find_wait(preferences: &str) -> Option<Duration> {
    preferences.split(',').find_map(|preference| {
        let (preference, _) = preference.split_once(';').unwrap_or((preference, ""));
        let (name, value) = preference.split_once('=')?;
        let is_wait = name.trim().eq_ignore_ascii_case("wait");
        let seconds = value.trim().trim_matches('"').parse().ok();
        let wait = Duration::from_secs(seconds.filter(|_| is_wait)?);
        Some(wait.min(LONGEST))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_found_among_preferences() {
        let seconds = |text| find_wait(text).map(|it| it.as_secs());
        assert_eq!(seconds("wait=10"), Some(10));
        assert_eq!(
            seconds("respond-async, Wait = \"7\"; strict, wait=3"),
            Some(7)
        );
        assert_eq!(seconds("wait=99999"), Some(600));
        for none in [
            "",
            "respond-async",
            "wait",
            "wait=-1",
            "wait=soon",
            "await=3",
        ] {
            assert_eq!(seconds(none), None, "{none}");
        }
    }
}
