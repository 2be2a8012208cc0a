//! What is shown is looked up, and whom it speaks for is kept up to date.

use std::collections::BTreeSet;
use std::time::Instant;

use chrono::NaiveDateTime;
use keepworth_access::{Caller, Permission, Role, Via};
use keepworth_intake::Failure;
use keepworth_store::{Conn, RecordId};

use crate::Tokens;
use crate::secret::{Digest, Mistyped};
use crate::table::{self, TokenRow, written};

/// A token that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub id: RecordId,
    /// Who vouched for its owner.
    pub issuer: String,
    /// Its owner.
    pub subject: String,
    /// The owner's roles when the service last saw them.
    pub roles: BTreeSet<Role>,
    permissions: BTreeSet<Permission>,
    /// From when on what was shown opens nothing.
    until: NaiveDateTime,
}

impl Found {
    /// Reads what is kept; which of its texts was shown says how long it holds.
    pub(crate) fn of(row: &TokenRow, shown: Option<&Digest>) -> serde_json::Result<Self> {
        let is_old = shown.is_some_and(|it| it.0 != row.digest[..]);
        let old_until = row.old_until.filter(|_| is_old);
        Ok(Self {
            id: row.id,
            issuer: row.owner_issuer.clone(),
            subject: row.owner_subject.clone(),
            roles: serde_json::from_str(&row.owner_roles)?,
            permissions: serde_json::from_str(&row.permissions)?,
            until: old_until.map_or(row.expires_at, |it| it.min(row.expires_at)),
        })
    }

    /// Its owner, as one who has these roles now and no more permissions than the token was made for.
    #[must_use]
    pub fn caller(&self, roles: impl IntoIterator<Item = Role>) -> Caller {
        let owner = Caller::new(&self.issuer, &self.subject, Via::MachineToken, roles);
        let given = self.permissions.iter().copied();
        let given = given.filter(|it| it.is_for_tokens());
        owner.limited_to(given).by_token(self.id.0)
    }
}

impl Tokens {
    /// Looks up what was shown.
    ///
    /// # Errors
    /// That it is mistyped, not known or has expired, and what the database answers.
    pub async fn find(&self, shown: &str) -> Result<Found, Failure> {
        let digest = Digest::of(shown).map_err(|Mistyped| {
            Failure::unauthenticated(
                "the token is not whole: its checksum does not fit; copy all of it, from kwp_ on",
            )
        })?;
        let found = match self.memory.find(&digest) {
            Some(found) => found,
            None => self.look_up(digest).await?,
        };
        if keepworth_store::now().naive_utc() < found.until {
            return Ok(found);
        }
        Err(Failure::unauthenticated(
            "the token has expired, or was changed for a new one more than a day ago; make another with \
             `keepworth token create`",
        ))
    }

    async fn look_up(&self, digest: Digest) -> Result<Found, Failure> {
        let at = Instant::now();
        let row = self
            .db
            .read(move |conn| Ok::<_, Failure>(table::find_by_digest(conn, &digest)?))
            .await?;
        let row = row.ok_or_else(|| {
            Failure::unauthenticated(
                "the token is not known to this service: it was withdrawn, or made for others",
            )
        })?;
        let found = Found::of(&row, Some(&digest)).map_err(Failure::internal)?;
        self.note_use(&row).await;
        self.memory.keep(digest, at, found.clone());
        Ok(found)
    }

    /// Notes the day on which a token is used. It is no reason to refuse what is asked that it cannot be.
    async fn note_use(&self, row: &TokenRow) {
        let (id, now) = (row.id, keepworth_store::now());
        let today = now.date_naive();
        if row.last_used_on == Some(today) || row.expires_at <= now.naive_utc() {
            return;
        }
        let note = move |conn: &mut Conn| Ok::<_, Failure>(table::set_used(conn, id, today)?);
        if let Err(error) = self.db.write(note).await {
            tracing::warn!(%error, token_id = %id, "the use of a token cannot be noted");
        }
    }

    /// Hears of the roles that somebody has now: their tokens have no more from now on.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn note_roles(&self, caller: &Caller) -> Result<(), Failure> {
        let owner = (caller.issuer.clone(), caller.subject.clone());
        let roles = caller.roles().clone();
        if self.memory.has_seen(&owner, &roles) {
            return Ok(());
        }
        let (named, kept) = (owner.clone(), written(&roles).map_err(Failure::internal)?);
        let look = kept.clone();
        let differs = move |conn: &mut Conn| {
            let (issuer, subject) = &named;
            Ok::<_, Failure>(table::has_other_roles(conn, (issuer, subject), &look)?)
        };
        if self.db.read(differs).await? {
            let (issuer, subject) = owner.clone();
            let set = move |conn: &mut Conn| {
                Ok::<_, Failure>(table::set_roles(conn, (&issuer, &subject), &kept)?)
            };
            self.db.write(set).await?;
            self.memory.forget_tokens();
        }
        self.memory.see(owner, roles);
        Ok(())
    }
}
