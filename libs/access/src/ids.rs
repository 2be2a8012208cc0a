//! The ids of a request, which go with it from service to service.
//!
//! Whoever serves a request, or does a job for one, does it [under](RequestIds::around) its ids; every
//! client hands them on from there.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The ids of one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestIds {
    /// Names this request.
    pub request: String,
    /// Names the whole of what a caller set in motion: 32 hexadecimal digits (W3C Trace Context).
    pub trace: String,
}

tokio::task_local! {
    static CURRENT: RequestIds;
}

impl RequestIds {
    /// The ids that a caller gave as `X-Request-Id` and `traceparent`, and new ones in place of those that
    /// are missing or not well formed.
    #[must_use]
    pub fn of(request: Option<&str>, traceparent: Option<&str>) -> Self {
        let new = || Uuid::new_v4();
        Self {
            request: request
                .filter(|id| is_plain(id))
                .map_or_else(|| new().to_string(), str::to_owned),
            trace: traceparent
                .and_then(trace_id)
                .unwrap_or_else(|| new().simple().to_string()),
        }
    }

    /// Those under which this is called, when there are any.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Does something under these ids.
    pub async fn around<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }

    /// Does something under these ids, on this thread.
    pub(crate) fn within<T>(self, work: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self, work)
    }

    /// The headers that hand them on.
    #[must_use]
    pub fn headers(&self) -> [(&'static str, String); 2] {
        let parent = &Uuid::new_v4().simple().to_string()[..16];
        let trace = format!("00-{}-{parent}-01", self.trace);
        [
            ("x-request-id", self.request.clone()),
            ("traceparent", trace),
        ]
    }
}

/// A caller's id goes into logs: only what cannot break a line is taken.
fn is_plain(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn trace_id(traceparent: &str) -> Option<String> {
    let mut parts = traceparent.split('-');
    let (version, trace) = (parts.next()?, parts.next()?);
    let valid = version.len() == 2
        && trace.len() == 32
        && trace.bytes().all(|byte| byte.is_ascii_hexdigit())
        && trace.bytes().any(|byte| byte != b'0');
    valid.then(|| trace.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_well_formed_ids_are_taken_over() {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(
            trace_id(parent).as_deref(),
            Some("4bf92f3577b34da6a3ce929d0e0e4736")
        );
        assert_eq!(
            trace_id("00-00000000000000000000000000000000-00f067aa0ba902b7-01"),
            None
        );
        assert_eq!(trace_id("junk"), None);
        assert!(is_plain("abc-1.2_3") && !is_plain("a b") && !is_plain("") && !is_plain("x\ny"));
    }

    #[tokio::test]
    async fn they_are_handed_on_from_within_alone() {
        let ids = RequestIds::of(Some("abc"), None);
        let inside = ids.clone().around(async { RequestIds::current() }).await;
        assert_eq!(inside.as_ref(), Some(&ids));
        assert_eq!(RequestIds::current(), None);
        let [(_, request), (_, trace)] = ids.headers();
        assert_eq!(request, "abc");
        assert_eq!(trace_id(&trace), Some(ids.trace));
    }
}
