//! Customers who were erased: they are known again, and by nobody else, by a keyed digest (HMAC-SHA256) of whom they
//! were. Nothing that names one is taken in again.
//!
//! The key is a [file's](keepworth_store::Beside): the database alone says of nobody whether they were erased. The
//! service's migrations make the tables:
//!
//! ```sql
//! CREATE TABLE tombstone_keys (key_id TEXT NOT NULL PRIMARY KEY);
//! CREATE TABLE tombstones (
//!     mac BYTEA NOT NULL PRIMARY KEY, -- BLOB on SQLite
//!     id_mac BYTEA NOT NULL,
//!     erasure_id TEXT NOT NULL,
//!     recorded_at TIMESTAMP NOT NULL
//! );
//! CREATE INDEX tombstones_id_mac ON tombstones (id_mac);
//! ```

use std::collections::{BTreeMap, HashSet};

use aws_lc_rs::hmac;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use keepworth_contract::subject::Subject;
use keepworth_store::{Beside, Conn, RecordId, SecretKey, StoreError, on_conn};

mod screen;

pub use screen::{Screened, screen};

mod schema {
    diesel::table! {
        tombstone_keys (key_id) {
            key_id -> Text,
        }
    }

    diesel::table! {
        tombstones (mac) {
            mac -> Binary,
            id_mac -> Binary,
            erasure_id -> Text,
            recorded_at -> Timestamp,
        }
    }
}
use schema::{tombstone_keys, tombstones};

/// What is left of somebody who was erased.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = tombstones)]
pub struct Tombstone {
    /// Digest of the customer's source and id there.
    pub mac: Vec<u8>,
    /// Digest of the id alone: rows that are kept because they could not be read do not say of which source.
    pub id_mac: Vec<u8>,
    /// By which erasure.
    pub erasure_id: RecordId,
    /// When.
    pub recorded_at: NaiveDateTime,
}

/// HMAC-SHA256 of parts, each with its length before it.
fn digest(key: &SecretKey, tag: &str, parts: &[&str]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.bytes());
    let mut context = hmac::Context::with_key(&key);
    for part in [tag].iter().chain(parts) {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    context.sign().as_ref().to_vec()
}

fn subject_mac(key: &SecretKey, source: &str, external_id: &str) -> Vec<u8> {
    digest(key, "keepworth-tombstone-1", &[source, external_id])
}

fn id_mac(key: &SecretKey, external_id: &str) -> Vec<u8> {
    digest(key, "keepworth-tombstone-id-1", &[external_id])
}

/// What a key is called where it must not be shown.
#[must_use]
pub fn key_id(key: &SecretKey) -> String {
    let digest = digest(key, "keepworth-key-1", &[]);
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

impl Tombstone {
    /// That of a customer.
    #[must_use]
    pub fn of(
        key: &SecretKey,
        subject: &Subject,
        erasure_id: RecordId,
        now: NaiveDateTime,
    ) -> Self {
        Self {
            mac: subject_mac(key, &subject.source, &subject.external_id),
            id_mac: id_mac(key, &subject.external_id),
            erasure_id,
            recorded_at: now,
        }
    }
}

/// Lets nobody be erased before the transaction ends: what it looks up and writes is not overtaken.
///
/// # Errors
/// What the database answers.
pub fn hold(conn: &mut Conn) -> QueryResult<()> {
    conn.lock_shared("tombstones")
}

/// Waits for whoever takes records in, and holds them off until the transaction ends.
///
/// # Errors
/// What the database answers.
pub fn hold_alone(conn: &mut Conn) -> QueryResult<()> {
    conn.lock_alone("tombstones")
}

/// The keys by which those who were erased are known again; none where nobody was.
struct Known(Vec<SecretKey>);

/// Nobody is looked up where nobody was erased; where the key is gone, nothing can be taken in.
fn known(conn: &mut Conn, beside: &Beside) -> Result<Option<Known>, StoreError> {
    let used: Vec<String> = on_conn!(conn, |c| tombstone_keys::table
        .select(tombstone_keys::key_id)
        .load(c))?;
    if used.is_empty() {
        return Ok(None);
    }
    let keys = beside.secrets()?;
    let ids: HashSet<String> = keys.iter().map(key_id).collect();
    match used.iter().find(|id| !ids.contains(*id)) {
        None => Ok(Some(Known(keys))),
        Some(missing) => Err(StoreError::Beside {
            path: beside.secret_file.clone(),
            reason: format!(
                "customers were erased under the key {missing}, which is not in it, and could come back; put that \
                 key back"
            ),
        }),
    }
}

fn present(conn: &mut Conn, macs: &[Vec<u8>]) -> QueryResult<HashSet<Vec<u8>>> {
    /// Values of one statement: SQLite refuses more than 32,766.
    const AT_ONCE: usize = 10_000;
    let mut found = HashSet::new();
    for macs in macs.chunks(AT_ONCE) {
        let rows: Vec<Vec<u8>> = on_conn!(conn, |c| tombstones::table
            .filter(tombstones::mac.eq_any(macs))
            .select(tombstones::mac)
            .load(c))?;
        found.extend(rows);
    }
    Ok(found)
}

/// Those of the customers who were erased. Until the transaction ends nobody else is.
///
/// # Errors
/// [`StoreError::Beside`] where somebody was erased and the key is gone; what the database answers.
pub fn erased<'a>(
    conn: &mut Conn,
    beside: &Beside,
    subjects: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<HashSet<(&'a str, &'a str)>, StoreError> {
    hold(conn)?;
    let Some(Known(keys)) = known(conn, beside)? else {
        return Ok(HashSet::new());
    };
    let distinct: HashSet<_> = subjects.collect();
    let mut of = BTreeMap::new();
    for subject in distinct {
        for key in &keys {
            of.insert(subject_mac(key, subject.0, subject.1), subject);
        }
    }
    let macs: Vec<Vec<u8>> = of.keys().cloned().collect();
    let present = present(conn, &macs)?;
    Ok(of
        .into_iter()
        .filter(|(mac, _)| present.contains(mac))
        .map(|(_, subject)| subject)
        .collect())
}

/// Those of the texts that are the id of somebody who was erased, of whichever source.
///
/// # Errors
/// Those of [`erased`].
pub fn erased_ids<'a>(
    conn: &mut Conn,
    beside: &Beside,
    texts: impl Iterator<Item = &'a str>,
) -> Result<HashSet<&'a str>, StoreError> {
    let Some(Known(keys)) = known(conn, beside)? else {
        return Ok(HashSet::new());
    };
    let mut found = HashSet::new();
    let distinct: HashSet<&str> = texts.collect();
    for text in distinct {
        for key in &keys {
            let mac = id_mac(key, text);
            let is_there: Option<Vec<u8>> = on_conn!(conn, |c| tombstones::table
                .filter(tombstones::id_mac.eq(mac))
                .select(tombstones::mac)
                .first(c)
                .optional())?;
            if is_there.is_some() {
                found.insert(text);
            }
        }
    }
    Ok(found)
}

/// Whether anybody was erased.
///
/// # Errors
/// What the database answers.
pub fn is_any(conn: &mut Conn) -> QueryResult<bool> {
    let first: Option<String> = on_conn!(conn, |c| tombstone_keys::table
        .select(tombstone_keys::key_id)
        .first(c)
        .optional())?;
    Ok(first.is_some())
}

/// Whether this customer was erased.
///
/// # Errors
/// Those of [`erased`].
pub fn is_erased(conn: &mut Conn, beside: &Beside, subject: &Subject) -> Result<bool, StoreError> {
    let one = std::iter::once((subject.source.as_str(), subject.external_id.as_str()));
    Ok(!erased(conn, beside, one)?.is_empty())
}

/// The tombstones that are there.
///
/// # Errors
/// What the database answers.
pub fn load(conn: &mut Conn) -> QueryResult<Vec<Tombstone>> {
    on_conn!(conn, |c| tombstones::table
        .select(Tombstone::as_select())
        .load(c))
}

/// Keeps a tombstone that was made with this key; one that is there stays.
///
/// # Errors
/// What the database answers.
pub fn keep(conn: &mut Conn, key_id: &str, tombstone: &Tombstone) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(tombstone_keys::table)
        .values(tombstone_keys::key_id.eq(key_id))
        .on_conflict_do_nothing()
        .execute(c))?;
    on_conn!(conn, |c| diesel::insert_into(tombstones::table)
        .values(tombstone)
        .on_conflict_do_nothing()
        .execute(c))
    .map(|_| ())
}
