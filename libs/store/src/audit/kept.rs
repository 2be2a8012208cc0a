//! Signed heads that are kept: a service's own, and those that others left with it.

use diesel::prelude::*;
use keepworth_access::sign::{PublicKey, Signer};

use super::chain::{Broken, Head, Noted};
use super::signed::{HeadError, SignedHead};
use super::table;
use crate::{Conn, Db, StoreError, now, on_conn};

diesel::table! {
    audit_kept_heads (service, seq) {
        service -> Text,
        seq -> BigInt,
        head -> Text,
        kept_at -> Timestamp,
    }
}

#[derive(Insertable)]
#[diesel(table_name = audit_kept_heads)]
struct KeptRow<'a> {
    service: &'a str,
    seq: i64,
    head: String,
    kept_at: chrono::NaiveDateTime,
}

/// Why a head is not kept, or not signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unkept {
    /// It is no signed head.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// It is of the service that would keep it.
    #[error("a service keeps the heads of others")]
    Own,
    /// It is signed with a key that nobody here believes to be the service's.
    #[error(
        "the head of {service} is signed with the key {key}, and that of before with another, which does not \
         vouch for it; if it is right, name it in audit.believed_keys"
    )]
    OtherKey {
        /// Whose it says it is.
        service: String,
        /// The key.
        key: String,
    },
    /// The chain has fewer entries than it had.
    #[error(
        "the chain of {service} ended with entry {held}, and is said to end with entry {told}: its end was cut"
    )]
    Back {
        /// Whose.
        service: String,
        /// Where it ended.
        held: i64,
        /// Where it is said to end.
        told: i64,
    },
    /// The same entry has another hash than it had.
    #[error("entry {seq} of {service} had another hash: its chain was written anew")]
    Anew {
        /// Whose.
        service: String,
        /// Which.
        seq: i64,
    },
    /// The own chain is not that whose head was signed before.
    #[error("no head of {service} is signed: {broken}")]
    Broken {
        /// Whose.
        service: String,
        /// Where.
        broken: Broken,
    },
}

impl SignedHead {
    /// What it says, and who says so.
    #[must_use]
    pub fn noted(&self, by: &str) -> Noted {
        let at = self.at().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        Noted {
            head: self.head().clone(),
            by: format!("the head that was signed at {at} and {by}"),
        }
    }
}

/// Signs where the chain of a service ends, if it goes on from where the service signed it last.
///
/// # Errors
/// What the database answers; inside, why it is not signed.
pub fn sign(
    conn: &mut Conn,
    service: &str,
    signer: &Signer,
) -> Result<Result<SignedHead, Unkept>, StoreError> {
    let head = table::head(conn)?;
    if let Some(last) = last(conn, service)? {
        let broken = |broken| Unkept::Broken {
            service: service.to_owned(),
            broken,
        };
        let last = match last {
            Ok(last) => last.noted("is kept here"),
            Err(error) => return Ok(Err(error.into())),
        };
        if let Err(error) = last.is_in(&head, table::hash_of(conn, last.head.seq)?) {
            return Ok(Err(broken(error)));
        }
    }
    Ok(Ok(SignedHead::new(service, head, now(), signer)))
}

/// Signs where the chain of a service ends and keeps that; nothing when it is kept already.
///
/// # Errors
/// What the database answers; inside, why it is not signed.
pub async fn anchor(
    db: &Db,
    service: &'static str,
    signer: Signer,
) -> Result<Result<Option<SignedHead>, Unkept>, StoreError> {
    // Whoever writes waits for others, and is waited for: mostly there is nothing to write.
    let new = db.read(move |conn| {
        let signed = sign(conn, service, &signer)?;
        let is_new = match &signed {
            Ok(signed) => is_new(conn, signed)?,
            Err(_) => true,
        };
        Ok::<_, StoreError>(is_new.then_some(signed))
    });
    let signed = match new.await? {
        None => return Ok(Ok(None)),
        Some(Err(error)) => return Ok(Err(error)),
        Some(Ok(signed)) => signed,
    };
    db.write_beside(move |conn| {
        let is_first = insert(conn, &signed)?;
        Ok(Ok(is_first.then_some(signed)))
    })
    .await
}

/// Keeps the head of another service, unless that goes back, or is signed with a key that is neither the one of
/// before, nor one that it vouches for, nor believed. The first key of a service is believed.
///
/// # Errors
/// What the database answers; inside, why it is not kept.
pub async fn keep(
    db: &Db,
    own: &'static str,
    head: SignedHead,
    believed: Vec<PublicKey>,
) -> Result<Result<(), Unkept>, StoreError> {
    if head.service() == own {
        return Ok(Err(Unkept::Own));
    }
    let (asked, keys) = (head.clone(), believed.clone());
    let found = db.read(move |conn| {
        let checked = check(conn, &asked, &keys)?;
        Ok::<_, StoreError>((checked, is_new(conn, &asked)?))
    });
    match found.await? {
        (Ok(()), true) => {}
        (checked, _) => return Ok(checked),
    }
    db.write_beside(move |conn| {
        let checked = check(conn, &head, &believed)?;
        if checked.is_ok() {
            insert(conn, &head)?;
        }
        Ok(checked)
    })
    .await
}

/// Whether a head says something that is not kept yet. An empty chain's says nothing.
fn is_new(conn: &mut Conn, head: &SignedHead) -> Result<bool, StoreError> {
    use audit_kept_heads::{seq, service};
    let same =
        audit_kept_heads::table.filter(service.eq(head.service()).and(seq.eq(head.head().seq)));
    let kept: i64 = on_conn!(conn, |c| same.count().get_result(c))?;
    Ok(head.head().seq > 0 && kept == 0)
}

fn check(
    conn: &mut Conn,
    new: &SignedHead,
    believed: &[PublicKey],
) -> Result<Result<(), Unkept>, StoreError> {
    let service = new.service().to_owned();
    let last = match last(conn, &service)? {
        None => return Ok(Ok(())),
        Some(Ok(last)) => last,
        Some(Err(error)) => return Ok(Err(error.into())),
    };
    let key = new.lineage().key();
    let (held, told) = (last.head(), new.head());
    Ok(
        if !new.lineage().comes_from(last.lineage().key()) && !believed.contains(key) {
            let key = key.to_string();
            Err(Unkept::OtherKey { service, key })
        } else if told.seq < held.seq {
            let (held, told) = (held.seq, told.seq);
            Err(Unkept::Back {
                service,
                held,
                told,
            })
        } else if told.seq == held.seq && told.hash != held.hash {
            let seq = told.seq;
            Err(Unkept::Anew { service, seq })
        } else {
            Ok(())
        },
    )
}

/// Keeps one; whether it was not yet there.
fn insert(conn: &mut Conn, head: &SignedHead) -> Result<bool, StoreError> {
    let row = KeptRow {
        service: head.service(),
        seq: head.head().seq,
        head: head.to_string(),
        kept_at: now().naive_utc(),
    };
    let inserted = on_conn!(conn, |c| diesel::insert_into(audit_kept_heads::table)
        .values(&row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(inserted > 0)
}

/// The last that is kept of a service.
fn last(conn: &mut Conn, of: &str) -> Result<Option<Result<SignedHead, HeadError>>, StoreError> {
    use audit_kept_heads::{head, seq, service};
    let text: Option<String> = on_conn!(conn, |c| audit_kept_heads::table
        .filter(service.eq(of))
        .order(seq.desc())
        .select(head)
        .first(c)
        .optional())?;
    Ok(text.map(|it| it.parse()))
}

/// Every head that is kept here, as it is written here, and of which service it is to be.
///
/// # Errors
/// What the database answers.
pub fn kept(conn: &mut Conn) -> Result<Vec<(String, String)>, StoreError> {
    use audit_kept_heads::{head, seq, service};
    Ok(on_conn!(conn, |c| audit_kept_heads::table
        .order((service, seq))
        .select((service, head))
        .load(c))?)
}

impl Noted {
    /// Whether it is in the chain that ends with `own`, of which the entry of its number has this hash.
    fn is_in(&self, own: &Head, hash: Option<Vec<u8>>) -> Result<(), Broken> {
        match hash {
            Some(hash) if hash == self.head.hash => Ok(()),
            Some(_) => Err(Broken::Rewritten(self.head.seq, self.by.clone())),
            None => Err(Broken::Cut {
                found: own.seq,
                noted: self.head.seq,
                by: self.by.clone(),
            }),
        }
    }
}
