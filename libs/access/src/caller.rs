//! Who calls.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use strum::Display;
use uuid::Uuid;

use crate::{Permission, Role};

/// How a caller was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Display)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Via {
    /// The kernel named the user at the other end of a socket.
    Socket,
    /// By a token of an issuer, or of the machine.
    Token,
    /// By a token that a service keeps for programs: the caller is its owner.
    MachineToken,
    /// By the key of a browser's session on the machine.
    Session,
    /// By having the credentials of the database.
    Database,
    /// Not at all: the installation lets everybody in.
    Nothing,
}

/// Somebody who was recognised.
///
/// A caller is kept with what is done for them later, so that its roles are held against the list of
/// permissions that is in force then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// Who vouches: the address of an identity provider, or `local` for this machine.
    pub issuer: String,
    /// Whom, by the issuer's own name.
    pub subject: String,
    /// How.
    pub via: Via,
    roles: BTreeSet<Role>,
    /// What of their permissions the caller was given, when not all.
    limit: Option<BTreeSet<Permission>>,
    /// By which token of theirs, where it is one that a service keeps.
    #[serde(default)]
    token: Option<Uuid>,
}

impl Caller {
    /// A caller with roles.
    #[must_use]
    pub fn new(
        issuer: &str,
        subject: &str,
        via: Via,
        roles: impl IntoIterator<Item = Role>,
    ) -> Self {
        Self {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            via,
            roles: roles.into_iter().collect(),
            limit: None,
            token: None,
        }
    }

    /// The same, with no more than some of the permissions that the roles have.
    #[must_use]
    pub fn limited_to(self, permissions: impl IntoIterator<Item = Permission>) -> Self {
        Self {
            limit: Some(permissions.into_iter().collect()),
            ..self
        }
    }

    /// The same, by a token of theirs that a service keeps.
    #[must_use]
    pub fn by_token(self, id: Uuid) -> Self {
        Self {
            token: Some(id),
            ..self
        }
    }

    /// By which token of theirs, where it is one that a service keeps.
    #[must_use]
    pub fn token(&self) -> Option<Uuid> {
        self.token
    }

    /// What the caller is there for.
    #[must_use]
    pub fn roles(&self) -> &BTreeSet<Role> {
        &self.roles
    }

    /// Whether the caller has a permission.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        let is_given = self
            .limit
            .as_ref()
            .is_none_or(|it| it.contains(&permission));
        is_given
            && permission
                .roles()
                .iter()
                .any(|role| self.roles.contains(role))
    }
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn a_limit_gives_nothing() {
        let all = Caller::new("i", "s", Via::Token, [Role::Reader]).limited_to(Permission::iter());
        assert!(all.may(Permission::FiguresRead) && !all.may(Permission::BooksWrite));
        assert!(!all.limited_to([]).may(Permission::FiguresRead));
    }
}
