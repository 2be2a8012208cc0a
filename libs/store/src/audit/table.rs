//! The tables of a chain.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Text;
use keepworth_access::Act;

use super::chain::{self, Broken, Head, Noted, Verified, Walk};
use super::entry::{Entry, Notice};
use crate::{Conn, Db, StoreError, now, on_conn};

diesel::table! {
    audit_entries (seq) {
        seq -> BigInt,
        entry -> Text,
        hash -> Binary,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    audit_heads (id) {
        id -> BigInt,
        seq -> BigInt,
        hash -> Binary,
    }
}

/// An entry as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_entries)]
pub struct AuditRow {
    /// Its number, from 1 on, without a gap.
    pub seq: i64,
    /// What was done, as JSON: its text is what the hash is of.
    pub entry: String,
    /// The hash of the chain up to it.
    pub hash: Vec<u8>,
    /// When.
    pub recorded_at: NaiveDateTime,
}

/// The one row of the table of heads.
const HEAD: i64 = 1;

/// Adds what is being done here to the chain, as the last statement of its transaction: whoever comes next
/// waits from here on only. What nobody ordered leaves no entry.
pub(crate) fn append(conn: &mut Conn) -> Result<(), StoreError> {
    let Some(act) = Act::current() else {
        return Ok(());
    };
    let at = now();
    match Entry::of_act(&act, at) {
        Some(entry) => add(conn, &entry, at),
        None => Ok(()),
    }
}

/// Adds something that changed nothing to the chain.
///
/// # Errors
/// What the database answers.
pub async fn notice(db: &Db, notice: Notice) -> Result<(), StoreError> {
    db.write_beside(move |conn| {
        let at = now();
        add(conn, &Entry::of_notice(&notice, at), at)
    })
    .await
}

fn add(conn: &mut Conn, entry: &Entry<'_>, at: DateTime<Utc>) -> Result<(), StoreError> {
    let entry = serde_json::to_string(entry)
        .map_err(|error| diesel::result::Error::SerializationError(error.into()))?;
    let last = locked_head(conn)?;
    let seq = last.seq + 1;
    let row = AuditRow {
        hash: chain::hash(seq, &last.hash, &entry),
        seq,
        entry,
        recorded_at: at.naive_utc(),
    };
    on_conn!(conn, |c| diesel::insert_into(audit_entries::table)
        .values(&row)
        .execute(c))?;
    on_conn!(conn, |c| diesel::update(audit_heads::table.find(HEAD))
        .set((audit_heads::seq.eq(seq), audit_heads::hash.eq(&row.hash)))
        .execute(c))?;
    Ok(())
}

fn locked_head(conn: &mut Conn) -> QueryResult<Head> {
    let head = audit_heads::table
        .find(HEAD)
        .select((audit_heads::seq, audit_heads::hash));
    let (seq, hash) = match conn {
        // The one writer is us.
        Conn::Sqlite(c) => head.first(&mut **c),
        Conn::Pg(c) => head.for_update().first(&mut **c),
    }?;
    Ok(Head { seq, hash })
}

/// Where the chain ends.
///
/// # Errors
/// What the database answers.
pub fn head(conn: &mut Conn) -> Result<Head, StoreError> {
    let (seq, hash) = on_conn!(conn, |c| audit_heads::table
        .find(HEAD)
        .select((audit_heads::seq, audit_heads::hash))
        .first(c))?;
    Ok(Head { seq, hash })
}

/// The hash of an entry, where there is one of that number.
pub(super) fn hash_of(conn: &mut Conn, number: i64) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(on_conn!(conn, |c| audit_entries::table
        .find(number)
        .select(audit_entries::hash)
        .first(c)
        .optional())?)
}

impl AuditRow {
    /// Its hash in hexadecimal digits.
    #[must_use]
    pub fn hash_in_digits(&self) -> String {
        self.hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Which entries.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Those after this one.
    pub after: i64,
    /// Those of this subject.
    pub subject: Option<String>,
    /// Those that took this permission.
    pub permission: Option<String>,
    /// Those of this moment or after it.
    pub since: Option<NaiveDateTime>,
}

/// What an entry's text has where a field is a value; nothing where any is wanted, which every text has.
fn part(field: &str, value: Option<&String>) -> String {
    let value = value.map(|it| serde_json::Value::from(it.as_str()));
    value.map_or_else(String::new, |it| format!("\"{field}\":{it}"))
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// Where a text has another, on SQLite; 0 where it has not.
    fn instr(text: Text, part: Text) -> Integer;
    /// The same on PostgreSQL.
    fn strpos(text: Text, part: Text) -> Integer;
}

/// Entries in their order.
///
/// # Errors
/// What the database answers.
pub fn list(conn: &mut Conn, wanted: &Wanted, limit: i64) -> Result<Vec<AuditRow>, StoreError> {
    use audit_entries::{entry, recorded_at, seq};
    // Whoever is looked for by name is found in the text that the hash is of, not in a copy of it.
    let subject = part("subject", wanted.subject.as_ref());
    let permission = part("permission", wanted.permission.as_ref());
    let since = wanted.since.unwrap_or(DateTime::UNIX_EPOCH.naive_utc());
    /// The query with the function that finds one text in another, which each database calls by its own name.
    macro_rules! entries {
        ($conn:expr, $find:ident) => {
            audit_entries::table
                .filter(seq.gt(wanted.after).and(recorded_at.ge(since)))
                .filter(
                    $find(entry, subject)
                        .gt(0)
                        .and($find(entry, permission).gt(0)),
                )
                .order(seq)
                .limit(limit)
                .select(AuditRow::as_select())
                .load(&mut **$conn)
        };
    }
    Ok(match conn {
        Conn::Sqlite(c) => entries!(c, instr),
        Conn::Pg(c) => entries!(c, strpos),
    }?)
}

/// How many entries are looked at at once.
const PIECE: i64 = 10_000;

/// Looks at every entry of the chain, and whether every end that was noted elsewhere is in it.
///
/// # Errors
/// What the database answers.
pub fn verify(conn: &mut Conn, noted: &[Noted]) -> Result<Result<Verified, Broken>, StoreError> {
    conn.snapshot(|conn| {
        let own = head(conn)?;
        let mut walk = Walk::new(noted);
        loop {
            let wanted = Wanted {
                after: walk.last(),
                ..Wanted::default()
            };
            let rows = list(conn, &wanted, PIECE)?;
            if rows.is_empty() {
                return Ok(walk.end(&own));
            }
            for row in rows {
                if let Err(broken) = walk.step(row.seq, &row.entry, &row.hash) {
                    return Ok(Err(broken));
                }
            }
        }
    })
}
