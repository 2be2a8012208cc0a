//! What is being done, and for whom.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde::{Deserialize, Serialize};

use crate::{Caller, Permission, RequestIds};

/// A request, or a job, while it is in work.
#[derive(Debug, Clone)]
pub struct Act(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    caller: Caller,
    permission: OnceLock<Permission>,
    operation: String,
    reason: Option<String>,
    content: OnceLock<String>,
    rows: OnceLock<usize>,
    change: Mutex<Change>,
}

/// What a write does to the one record that it is of, by digests of the record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Of what was there; none where nothing was.
    pub before: Option<String>,
    /// Of what is there then; none where it was removed.
    pub after: Option<String>,
}

tokio::task_local! {
    static CURRENT: Act;
}

impl Act {
    /// Something for a caller: which operation on what, such as `PUT /v1/accounts/6000`, and why, where the
    /// caller says so. Whether the caller may is not known yet.
    #[must_use]
    pub fn by(caller: Caller, operation: String, reason: Option<String>) -> Self {
        Self(Arc::new(Inner {
            caller,
            permission: OnceLock::new(),
            operation,
            reason,
            content: OnceLock::new(),
            rows: OnceLock::new(),
            change: Mutex::default(),
        }))
    }

    /// What is being done where this is called.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Does something as this.
    pub async fn around<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }

    /// Who it is done for.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.0.caller
    }

    /// What it is: the permission that it needed and had.
    #[must_use]
    pub fn permission(&self) -> Option<Permission> {
        self.0.permission.get().copied()
    }

    /// Which operation, and on what.
    #[must_use]
    pub fn operation(&self) -> &str {
        &self.0.operation
    }

    /// Why, where the caller says so.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The digest of what was sent, when it was.
    #[must_use]
    pub fn content(&self) -> Option<&str> {
        self.0.content.get().map(String::as_str)
    }

    /// Says of what digest that is which was sent.
    pub fn set_content(&self, digest: String) {
        self.0.content.get_or_init(|| digest);
    }

    /// How many records were sent, when it was a batch.
    #[must_use]
    pub fn rows(&self) -> Option<usize> {
        self.0.rows.get().copied()
    }

    /// Says how many records were sent.
    pub fn set_rows(&self, rows: usize) {
        self.0.rows.get_or_init(|| rows);
    }

    /// Says what the write that is in work does to its record.
    pub fn set_change(&self, change: Change) {
        *self.change() = change;
    }

    /// What the write that is in work does to its record; the next write is of another.
    #[must_use]
    pub fn take_change(&self) -> Change {
        std::mem::take(&mut self.change())
    }

    fn change(&self) -> std::sync::MutexGuard<'_, Change> {
        let change = self.0.change.lock();
        change.unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the caller may; says from now on that this is what is being done.
    #[must_use]
    pub fn is_allowed(&self, permission: Permission) -> bool {
        let may = self.0.caller.may(permission);
        if may {
            self.0.permission.get_or_init(|| permission);
        }
        may
    }
}

/// What is to be done later for a caller: as it is kept with a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    /// Who it is done for.
    pub caller: Caller,
    /// What it needs.
    pub permission: Permission,
    /// The ids of the request that ordered it.
    pub ids: RequestIds,
}

impl Errand {
    /// What is being done where this is called, for later.
    #[must_use]
    pub fn current() -> Option<Self> {
        let act = Act::current()?;
        Some(Self {
            caller: act.caller().clone(),
            permission: act.permission()?,
            ids: RequestIds::current().unwrap_or_else(|| RequestIds::of(None, None)),
        })
    }

    /// Begins it as an operation, unless the caller may no longer: what roles may is held against the list of today.
    #[must_use]
    pub fn begin(self, operation: String) -> Option<Surroundings> {
        let act = Act::by(self.caller, operation, None);
        act.is_allowed(self.permission).then_some(Surroundings {
            act: Some(act),
            ids: Some(self.ids),
        })
    }
}

/// For whom and under which ids something is done, to be carried to another task or thread.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    act: Option<Act>,
    ids: Option<RequestIds>,
}

impl Surroundings {
    /// Those in which this is called.
    #[must_use]
    pub fn current() -> Self {
        Self {
            act: Act::current(),
            ids: RequestIds::current(),
        }
    }

    /// Does something within them, on another thread.
    pub fn within<T>(self, work: impl FnOnce() -> T) -> T {
        let work = || match self.ids {
            Some(ids) => ids.within(work),
            None => work(),
        };
        match self.act {
            Some(act) => CURRENT.sync_scope(act, work),
            None => work(),
        }
    }

    /// Does something within them, in another task.
    pub async fn around<F: Future>(self, work: F) -> F::Output {
        let work = async {
            match self.ids {
                Some(ids) => ids.around(work).await,
                None => work.await,
            }
        };
        match self.act {
            Some(act) => act.around(work).await,
            None => work.await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Role, Via};

    fn reader() -> Act {
        let caller = Caller::new("local", "1000", Via::Socket, [Role::Reader]);
        Act::by(caller, "GET /v1/runs".to_owned(), None)
    }

    #[tokio::test]
    async fn what_is_done_is_known_within_alone() {
        let act = reader();
        let done = act.clone().around(async {
            let act = Act::current().unwrap();
            (
                act.is_allowed(Permission::BooksWrite),
                act.is_allowed(Permission::FiguresRead),
            )
        });
        assert_eq!(done.await, (false, true));
        assert_eq!(act.permission(), Some(Permission::FiguresRead));
        assert!(Act::current().is_none());
    }

    #[tokio::test]
    async fn it_is_carried_to_other_threads_and_to_later() {
        let ids = RequestIds::of(Some("abc"), None);
        let errand = async {
            assert!(Act::current().unwrap().is_allowed(Permission::FiguresRead));
            let here = Surroundings::current();
            std::thread::spawn(|| here.within(Errand::current))
                .join()
                .unwrap()
        };
        let errand = ids.around(reader().around(errand)).await.unwrap();
        assert_eq!(
            (errand.ids.request.as_str(), errand.permission),
            ("abc", Permission::FiguresRead)
        );
        let kept = serde_json::to_string(&errand).unwrap();
        let again: Errand = serde_json::from_str(&kept).unwrap();
        assert_eq!(again, errand);
        let later = again.begin("job RUN 1".to_owned()).unwrap();
        assert_eq!(
            later.around(async { Errand::current() }).await,
            Some(errand.clone())
        );
        let revoked = Errand {
            permission: Permission::BooksWrite,
            ..errand
        };
        assert!(revoked.begin(String::new()).is_none());
    }
}
