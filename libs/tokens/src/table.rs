//! The table, and what is asked of it.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use keepworth_access::Role;
use keepworth_store::{Conn, RecordId, on_conn};

use crate::secret::Digest;

diesel::table! {
    access_tokens (id) {
        id -> Text,
        name -> Text,
        owner_issuer -> Text,
        owner_subject -> Text,
        owner_roles -> Text,
        permissions -> Text,
        digest -> Binary,
        old_digest -> Nullable<Binary>,
        old_until -> Nullable<Timestamp>,
        expires_at -> Timestamp,
        last_used_on -> Nullable<Date>,
        created_at -> Timestamp,
    }
}

/// A token as it is stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = access_tokens, treat_none_as_default_value = false)]
pub(crate) struct TokenRow {
    pub(crate) id: RecordId,
    pub(crate) name: String,
    pub(crate) owner_issuer: String,
    pub(crate) owner_subject: String,
    /// As JSON.
    pub(crate) owner_roles: String,
    /// As JSON.
    pub(crate) permissions: String,
    pub(crate) digest: Vec<u8>,
    pub(crate) old_digest: Option<Vec<u8>>,
    pub(crate) old_until: Option<NaiveDateTime>,
    pub(crate) expires_at: NaiveDateTime,
    pub(crate) last_used_on: Option<NaiveDate>,
    pub(crate) created_at: NaiveDateTime,
}

/// Whose tokens: somebody's by issuer and subject, or everybody's.
pub(crate) type Owner = Option<(String, String)>;

pub(crate) fn insert(conn: &mut Conn, row: &TokenRow) -> QueryResult<usize> {
    on_conn!(conn, |c| diesel::insert_into(access_tokens::table)
        .values(row)
        .execute(c))
}

/// The token of a digest, be it the present one or the one before.
pub(crate) fn find_by_digest(conn: &mut Conn, digest: &Digest) -> QueryResult<Option<TokenRow>> {
    let digest = digest.0.as_slice();
    on_conn!(conn, |c| access_tokens::table
        .filter(
            access_tokens::digest
                .eq(digest)
                .or(access_tokens::old_digest.eq(digest))
        )
        .select(TokenRow::as_select())
        .first(c)
        .optional())
}

pub(crate) fn find(conn: &mut Conn, id: RecordId) -> QueryResult<Option<TokenRow>> {
    on_conn!(conn, |c| access_tokens::table
        .find(id)
        .select(TokenRow::as_select())
        .first(c)
        .optional())
}

pub(crate) fn list(
    conn: &mut Conn,
    owner: &Owner,
    after: RecordId,
    limit: i64,
) -> QueryResult<Vec<TokenRow>> {
    on_conn!(conn, |c| {
        let mut wanted = access_tokens::table.into_boxed();
        if let Some((issuer, subject)) = owner {
            wanted = wanted
                .filter(access_tokens::owner_issuer.eq(issuer))
                .filter(access_tokens::owner_subject.eq(subject));
        }
        wanted
            .filter(access_tokens::id.gt(after))
            .order(access_tokens::id)
            .limit(limit)
            .select(TokenRow::as_select())
            .load(c)
    })
}

/// Puts a new digest in the place of the present one, which holds until a time beside it.
pub(crate) fn rotate(
    conn: &mut Conn,
    row: &TokenRow,
    digest: &Digest,
    old_until: NaiveDateTime,
    expires_at: NaiveDateTime,
) -> QueryResult<usize> {
    on_conn!(conn, |c| diesel::update(access_tokens::table.find(row.id))
        .set((
            access_tokens::digest.eq(digest.0.as_slice()),
            access_tokens::old_digest.eq(Some(&row.digest)),
            access_tokens::old_until.eq(Some(old_until)),
            access_tokens::expires_at.eq(expires_at),
        ))
        .execute(c))
}

pub(crate) fn delete(conn: &mut Conn, id: RecordId) -> QueryResult<usize> {
    on_conn!(conn, |c| diesel::delete(access_tokens::table.find(id))
        .execute(c))
}

pub(crate) fn set_used(conn: &mut Conn, id: RecordId, day: NaiveDate) -> QueryResult<usize> {
    on_conn!(conn, |c| diesel::update(access_tokens::table.find(id))
        .set(access_tokens::last_used_on.eq(Some(day)))
        .execute(c))
}

/// Whether an owner's tokens are kept with other roles than these.
pub(crate) fn has_other_roles(
    conn: &mut Conn,
    (issuer, subject): (&str, &str),
    roles: &str,
) -> QueryResult<bool> {
    let found: Option<RecordId> = on_conn!(conn, |c| access_tokens::table
        .filter(access_tokens::owner_issuer.eq(issuer))
        .filter(access_tokens::owner_subject.eq(subject))
        .filter(access_tokens::owner_roles.ne(roles))
        .select(access_tokens::id)
        .first(c)
        .optional())?;
    Ok(found.is_some())
}

pub(crate) fn set_roles(
    conn: &mut Conn,
    (issuer, subject): (&str, &str),
    roles: &str,
) -> QueryResult<usize> {
    on_conn!(conn, |c| diesel::update(
        access_tokens::table
            .filter(access_tokens::owner_issuer.eq(issuer))
            .filter(access_tokens::owner_subject.eq(subject))
    )
    .set(access_tokens::owner_roles.eq(roles))
    .execute(c))
}

/// Roles as they are kept.
pub(crate) fn written(roles: &BTreeSet<Role>) -> serde_json::Result<String> {
    serde_json::to_string(roles)
}
