//! Tokens made, listed, changed and withdrawn: each in the caller's transaction.

use chrono::{DateTime, TimeDelta, Utc};
use keepworth_access::{Caller, Permission};
use keepworth_contract::token::{Token, TokenInput, TokenPage, TokenRotation, TokenWithSecret};
use keepworth_contract::{InvalidParam, ProblemCode, SequenceQuery};
use keepworth_intake::{Failure, fault as faults, page};
use keepworth_store::{Conn, RecordId, StoreError};
use strum::IntoEnumIterator;

use crate::found::Found;
use crate::secret::{Digest, Secret};
use crate::table::{self, Owner, TokenRow, written};
use crate::{Tokens, fault};

/// How long the text before a new one holds beside it.
const BOTH: TimeDelta = TimeDelta::hours(24);
/// The longest name, in characters.
const LONGEST_NAME: usize = 100;

impl Tokens {
    /// Makes a token of a caller's.
    ///
    /// # Errors
    /// What cannot be taken, a name or a digest that is there already, and what the database answers.
    pub fn create(
        conn: &mut Conn,
        caller: &Caller,
        new: &TokenInput,
    ) -> Result<TokenWithSecret, Failure> {
        let now = keepworth_store::now();
        let mut wrong = Vec::from_iter(faults::text("name", &new.name, LONGEST_NAME));
        let permissions = fault::permissions(&new.permissions, caller);
        let permissions = permissions.map_err(|more| wrong.extend(more)).ok();
        let terms = terms(new.days, new.sha256.as_deref(), now);
        let terms = terms.map_err(|more| wrong.extend(more)).ok();
        let (Some(permissions), Some((expires_at, opening)), true) =
            (permissions, terms, wrong.is_empty())
        else {
            return Err(Failure::invalid(wrong));
        };
        let (digest, secret) = opening.open()?;
        let row = TokenRow {
            id: RecordId::generate(),
            name: new.name.clone(),
            owner_issuer: caller.issuer.clone(),
            owner_subject: caller.subject.clone(),
            owner_roles: written(caller.roles()).map_err(Failure::internal)?,
            permissions: serde_json::to_string(&permissions).map_err(Failure::internal)?,
            digest: digest.0.to_vec(),
            old_digest: None,
            old_until: None,
            expires_at: expires_at.naive_utc(),
            last_used_on: None,
            created_at: now.naive_utc(),
        };
        table::insert(conn, &row).map_err(taken)?;
        let token = row.try_into()?;
        Ok(TokenWithSecret { token, secret })
    }

    /// The tokens that a caller may see, in the order of their making.
    ///
    /// # Errors
    /// A page that cannot be, and what the database answers.
    pub fn list(
        conn: &mut Conn,
        caller: &Caller,
        query: &SequenceQuery,
    ) -> Result<TokenPage, Failure> {
        let (after, limit) = (page::after(query)?, query.limit());
        let rows = table::list(conn, &visible(caller), after, limit + 1)?;
        page::sequence(rows, limit, |row| row.id)
    }

    /// A token that a caller may see.
    ///
    /// # Errors
    /// [`Kind::NotFound`](keepworth_intake::Kind::NotFound), and what the database answers.
    pub fn load(conn: &mut Conn, caller: &Caller, id: RecordId) -> Result<Token, Failure> {
        find(conn, &visible(caller), id)?.try_into()
    }

    /// Gives a token of the caller's own a new text: whoever sees it is its owner. The one before holds for a day
    /// beside it, and one before that no more.
    ///
    /// # Errors
    /// As [`load`](Self::load), and what cannot be taken.
    pub fn rotate(
        conn: &mut Conn,
        caller: &Caller,
        id: RecordId,
        rotation: &TokenRotation,
    ) -> Result<TokenWithSecret, Failure> {
        let now = keepworth_store::now();
        let terms = terms(rotation.days, rotation.sha256.as_deref(), now);
        let (expires_at, opening) = terms.map_err(Failure::invalid)?;
        let row = find(conn, &own(caller), id)?;
        let (digest, secret) = opening.open()?;
        let until = (now + BOTH).naive_utc();
        let expires_at = expires_at.naive_utc();
        table::rotate(conn, &row, &digest, until, expires_at).map_err(taken)?;
        let token = find(conn, &own(caller), id)?.try_into()?;
        Ok(TokenWithSecret { token, secret })
    }

    /// Withdraws a token that the caller may see; answers what it was. What is remembered of it goes with
    /// [`forget`](Self::forget), once the transaction has ended.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn delete(conn: &mut Conn, caller: &Caller, id: RecordId) -> Result<Token, Failure> {
        let row = find(conn, &visible(caller), id)?;
        table::delete(conn, id)?;
        row.try_into()
    }

    /// Forgets what was found of a token that was changed or withdrawn.
    pub fn forget(&self, id: RecordId) {
        self.memory.forget(id);
    }
}

/// Until when it holds, and what opens.
fn terms(
    days: u32,
    sha256: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(DateTime<Utc>, Opening), Vec<InvalidParam>> {
    match (fault::expiry(days, now), Opening::of(sha256)) {
        (Ok(end), Ok(opening)) => Ok((end, opening)),
        (end, opening) => Err(end.err().into_iter().chain(opening.err()).collect()),
    }
}

/// What shall open: a new text, or one that was made elsewhere.
enum Opening {
    New,
    Known(Digest),
}

impl Opening {
    fn of(sha256: Option<&str>) -> Result<Self, InvalidParam> {
        sha256.map_or(Ok(Self::New), |digits| {
            Ok(Self::Known(fault::digest(digits)?))
        })
    }

    fn open(self) -> Result<(Digest, Option<String>), Failure> {
        match self {
            Self::Known(digest) => Ok((digest, None)),
            Self::New => {
                let secret = Secret::generate()?;
                Ok((secret.digest(), Some(secret.reveal())))
            }
        }
    }
}

/// Two tokens have neither one name nor one text.
fn taken(error: diesel::result::Error) -> Failure {
    match StoreError::from(error) {
        StoreError::Duplicate(_) => Failure::conflict(
            ProblemCode::Duplicate,
            "a token of yours has this name already, or a token this text; give another name, or withdraw that \
             token first",
        ),
        other => other.into(),
    }
}

fn own(caller: &Caller) -> Owner {
    Some((caller.issuer.clone(), caller.subject.clone()))
}

fn visible(caller: &Caller) -> Owner {
    own(caller).filter(|_| !caller.may(Permission::TokensManage))
}

/// A token of an owner's, or anybody's.
fn find(conn: &mut Conn, owner: &Owner, id: RecordId) -> Result<TokenRow, Failure> {
    let row = table::find(conn, id)?;
    let is_seen = |row: &TokenRow| {
        owner.as_ref().is_none_or(|(issuer, subject)| {
            (&row.owner_issuer, &row.owner_subject) == (issuer, subject)
        })
    };
    row.filter(is_seen).ok_or_else(|| {
        Failure::not_found(format!(
            "no token of yours has the id {id}; GET /v1/tokens lists them"
        ))
    })
}

impl TryFrom<TokenRow> for Token {
    type Error = Failure;

    fn try_from(row: TokenRow) -> Result<Self, Failure> {
        let now = keepworth_store::now();
        let found = Found::of(&row, None).map_err(Failure::internal)?;
        let can = found.caller(found.roles.iter().copied());
        let effective = Permission::iter().filter(|it| can.may(*it));
        let old_until = row.old_until.map(|it| it.and_utc());
        Ok(Self {
            id: row.id.0,
            permissions: serde_json::from_str(&row.permissions).map_err(Failure::internal)?,
            name: row.name,
            owner_issuer: row.owner_issuer,
            owner_subject: row.owner_subject,
            effective_permissions: effective.map(|it| it.name().to_owned()).collect(),
            expires_at: row.expires_at.and_utc(),
            last_used_on: row.last_used_on,
            old_until: old_until.filter(|until| now < *until),
            created_at: row.created_at.and_utc(),
        })
    }
}
