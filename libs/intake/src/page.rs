//! Keyset pages: an opaque cursor that says after which id to go on.

use keepworth_contract::{Page, PageQuery};
use keepworth_store::RecordId;
use uuid::Uuid;

use crate::Failure;

/// The id that the page begins after.
///
/// # Errors
/// [`Kind::Malformed`](crate::Kind::Malformed) when the cursor is none of ours or the page size is below 1.
pub fn after(query: &PageQuery) -> Result<RecordId, Failure> {
    if query.page_size.is_some_and(|size| size < 1) {
        return Err(Failure::malformed(
            "page_size is below 1; leave it out or give 1 to 1000",
        ));
    }
    match &query.cursor {
        None => Ok(RecordId(Uuid::nil())),
        Some(cursor) => Uuid::try_parse(cursor).map(RecordId).map_err(|_| {
            Failure::malformed(
                "cursor is not one that this list gave; leave it out for the first page",
            )
        }),
    }
}

/// A page from rows that were read with one more than `limit`, which says that there are more.
///
/// # Errors
/// A row that cannot be told.
pub fn page<Row, T>(
    mut rows: Vec<Row>,
    limit: i64,
    id: impl Fn(&Row) -> RecordId,
) -> Result<Page<T>, Failure>
where
    T: TryFrom<Row>,
    Failure: From<T::Error>,
{
    let next_cursor = split_next(&mut rows, limit, id);
    let items = rows.into_iter().map(T::try_from);
    Ok(Page {
        items: items.collect::<Result<_, _>>()?,
        next_cursor,
    })
}

/// The cursor after a page that was read with one row more than `limit`, which is taken off.
fn split_next<T>(rows: &mut Vec<T>, limit: i64, id: impl Fn(&T) -> RecordId) -> Option<String> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if rows.len() <= limit {
        return None;
    }
    rows.truncate(limit);
    rows.last().map(|row| id(row).0.simple().to_string())
}
