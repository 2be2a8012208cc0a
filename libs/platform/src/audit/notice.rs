//! What was refused, and who read records of many or the record itself: in the record, though nothing changed.
//!
//! The first of a kind is noticed at once. What the same caller is refused or reads within a minute after it is
//! counted, and noticed with that number: a flood makes two entries a minute.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, web};
use keepworth_access::{Act, Permission, Via};
use keepworth_store::Db;
use keepworth_store::audit::{self, Notice, Outcome};
use tokio::sync::{Notify, watch};

/// For how long more of the same is counted.
const WINDOW: Duration = Duration::from_secs(60);
/// How often it is looked whether it is over.
const PAUSE: Duration = Duration::from_secs(10);
/// The longest operation that a stranger can write into the record, in characters.
const LONGEST: usize = 200;
/// Whose readings of many are noticed.
const READ: [Permission; 3] = [
    Permission::PersonsRead,
    Permission::FeedsRead,
    Permission::AuditRead,
];

/// What a handler asked of the caller of a request.
pub(crate) struct Asked {
    pub(crate) act: Act,
    pub(crate) permission: Permission,
}

/// What counts as the same.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Kind {
    issuer: String,
    subject: String,
    via: Via,
    permission: Option<Permission>,
    outcome: Outcome,
    /// Of readings, of which list.
    of: Option<String>,
}

struct Counted {
    since: Instant,
    notice: Notice,
}

#[derive(Default)]
struct State {
    counted: HashMap<Kind, Counted>,
    due: Vec<Notice>,
}

/// What is to be noticed in a service's chain.
#[derive(Clone, Default)]
pub(crate) struct Notices(Arc<(Mutex<State>, Notify)>);

impl Notices {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, kind: Kind, notice: Notice) {
        let mut state = self.state();
        match state.counted.get_mut(&kind) {
            Some(counted) if counted.since.elapsed() < WINDOW => counted.notice.count += 1,
            old => {
                // What was counted before is told with the first of the next minute.
                let more = old.map_or(0, |it| it.notice.count);
                let (since, first) = (Instant::now(), notice.clone());
                state.due.push(Notice {
                    count: 1 + more,
                    ..first
                });
                let notice = Notice { count: 0, ..notice };
                state.counted.insert(kind, Counted { since, notice });
                self.0.1.notify_one();
            }
        }
    }

    /// What is to be written now: all that was counted for a minute, or at the end for less.
    fn due(&self, is_end: bool) -> Vec<Notice> {
        let mut state = self.state();
        let over = state
            .counted
            .extract_if(|_, it| is_end || it.since.elapsed() >= WINDOW);
        let over: Vec<_> = over.map(|(_, it)| it.notice).collect();
        let mut due = std::mem::take(&mut state.due);
        due.extend(over.into_iter().filter(|it| it.count > 0));
        due
    }

    /// Writes them until the service stops, and what is left then.
    pub(crate) async fn write(self, db: Db, mut stop: watch::Receiver<bool>) {
        let mut is_end = false;
        loop {
            for notice in self.due(is_end) {
                if let Err(error) = audit::notice(&db, notice).await {
                    tracing::error!(%error, "what was refused or read is not in the record");
                }
            }
            if is_end {
                return;
            }
            tokio::select! {
                () = self.0.1.notified() => {}
                () = tokio::time::sleep(PAUSE) => {}
                _ = stop.wait_for(|it| *it) => is_end = true,
            }
        }
    }
}

/// The services of a process by where they are mounted.
#[derive(Clone, Default)]
pub(crate) struct AllNotices(pub(crate) Vec<(String, Notices)>);

impl AllNotices {
    fn of(&self, path: &str) -> Option<&Notices> {
        let mut all = self.0.iter();
        let found = all.find(|(prefix, _)| {
            let rest = path.strip_prefix(prefix.as_str());
            rest.is_some_and(|it| it.starts_with("/v1/"))
        });
        found.map(|(_, notices)| notices)
    }
}

/// Middleware: notices what was refused or read.
pub(crate) async fn notice<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let answer = next.call(request).await?;
    let status = answer.status();
    if [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&status) {
        refused(&answer);
    } else if status.is_success() && answer.request().method() == Method::GET {
        read(&answer);
    }
    Ok(answer)
}

fn put<B>(answer: &ServiceResponse<B>, kind: Kind, notice: Notice) {
    let request = answer.request();
    let all = request.app_data::<web::Data<AllNotices>>();
    if let Some(notices) = all.and_then(|it| it.of(request.path())) {
        notices.put(kind, notice);
    }
}

fn refused<B>(answer: &ServiceResponse<B>) {
    let request = answer.request();
    let asked = request.extensions();
    let asked = asked.get::<Asked>();
    let mut notice = match asked {
        Some(asked) => of_caller(asked, Outcome::Refused),
        None => of_stranger(answer),
    };
    notice.operation = notice.operation.chars().take(LONGEST).collect();
    let kind = Kind {
        issuer: notice.issuer.clone(),
        subject: notice.subject.clone(),
        via: notice.via,
        permission: notice.permission,
        outcome: Outcome::Refused,
        of: None,
    };
    put(answer, kind, notice);
}

/// A list, or a feed: a path without a variable.
fn read<B>(answer: &ServiceResponse<B>) {
    let request = answer.request();
    let extensions = request.extensions();
    let Some(asked) = extensions.get::<Asked>() else {
        return;
    };
    let pattern = request.match_pattern().unwrap_or_default();
    if !READ.contains(&asked.permission) || pattern.contains('{') {
        return;
    }
    let notice = of_caller(asked, Outcome::Read);
    let kind = Kind {
        issuer: notice.issuer.clone(),
        subject: notice.subject.clone(),
        via: notice.via,
        permission: notice.permission,
        outcome: Outcome::Read,
        of: Some(pattern),
    };
    put(answer, kind, notice);
}

fn of_caller(asked: &Asked, outcome: Outcome) -> Notice {
    let caller = asked.act.caller();
    Notice {
        issuer: caller.issuer.clone(),
        subject: caller.subject.clone(),
        via: caller.via,
        permission: Some(asked.permission),
        operation: asked.act.operation().to_owned(),
        outcome,
        count: 1,
    }
}

/// Somebody who was not recognised; what they say of themselves is not believed.
fn of_stranger<B>(answer: &ServiceResponse<B>) -> Notice {
    let request = answer.request();
    let via = if request.headers().contains_key(AUTHORIZATION) {
        Via::Token
    } else {
        Via::Nothing
    };
    let path = request.path();
    let path = path.find("/v1/").map_or(path, |start| &path[start..]);
    Notice {
        issuer: "nobody".to_owned(),
        subject: "nobody".to_owned(),
        via,
        permission: None,
        operation: format!("{} {path}", request.method()),
        outcome: Outcome::Refused,
        count: 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(notices: &Notices, subject: &str) {
        let notice = Notice {
            issuer: "i".to_owned(),
            subject: subject.to_owned(),
            via: Via::Token,
            permission: None,
            operation: "GET /v1/runs".to_owned(),
            outcome: Outcome::Refused,
            count: 1,
        };
        let kind = Kind {
            issuer: "i".to_owned(),
            subject: subject.to_owned(),
            via: Via::Token,
            permission: None,
            outcome: Outcome::Refused,
            of: None,
        };
        notices.put(kind, notice);
    }

    #[test]
    fn a_flood_is_counted() {
        let notices = Notices::default();
        for _ in 0..1000 {
            put(&notices, "a");
        }
        put(&notices, "b");
        let counts = |due: Vec<Notice>| {
            let counts = due.into_iter().map(|it| (it.subject, it.count));
            let mut counts: Vec<_> = counts.collect();
            counts.sort();
            counts
        };
        let of = |subject: &str, count| (subject.to_owned(), count);
        assert_eq!(counts(notices.due(false)), [of("a", 1), of("b", 1)]);
        assert_eq!(counts(notices.due(false)), []);
        assert_eq!(counts(notices.due(true)), [of("a", 999)]);
        assert_eq!(counts(notices.due(true)), []);
    }

    #[test]
    fn the_service_is_found_by_its_place() {
        let all = |prefixes: &[&str]| {
            let all = prefixes.iter();
            AllNotices(
                all.map(|it| ((*it).to_owned(), Notices::default()))
                    .collect(),
            )
        };
        let several = all(&["/customers", "/finance"]);
        assert!(several.of("/finance/v1/accounts").is_some());
        assert!(several.of("/v1/accounts").is_none() && several.of("/").is_none());
        assert!(all(&[""]).of("/v1/accounts").is_some());
    }
}
