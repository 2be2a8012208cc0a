//! What is being done, and for whom.

use std::sync::{Arc, OnceLock};

use crate::{Caller, Permission};

/// A request, or a job, while it is in work.
#[derive(Debug, Clone)]
pub struct Act(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    caller: Caller,
    permission: OnceLock<Permission>,
}

tokio::task_local! {
    static CURRENT: Act;
}

impl Act {
    /// Something for a caller, of which it is not yet known what.
    #[must_use]
    pub fn by(caller: Caller) -> Self {
        let permission = OnceLock::new();
        Self(Arc::new(Inner { caller, permission }))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Role, Via};

    #[tokio::test]
    async fn what_is_done_is_known_within_alone() {
        let act = Act::by(Caller::new("local", "1000", Via::Socket, [Role::Reader]));
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
}
