//! Keyset pages: an opaque cursor that says after which id to go on, and in which list.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use diesel::QueryResult;
use keepworth_contract::{ListQuery, Page, SequenceQuery};
use keepworth_store::{Conn, Db, PageRows, Place, RecordId};
use serde_json::Value;
use uuid::Uuid;

use crate::{Failure, fault, version};

/// Reads the page that a query asks for, with `read`, and tells it.
///
/// # Errors
/// What [`place`] answers, what the database answers, and a row that cannot be told.
pub async fn list<Query, Row, T>(
    db: &Db,
    query: Query,
    read: impl FnOnce(&mut Conn, &Place, &Query) -> QueryResult<PageRows<Row>> + Send + 'static,
    id: impl Fn(&Row) -> RecordId,
) -> Result<Page<T>, Failure>
where
    Query: ListQuery + Send + 'static,
    Row: Send + 'static,
    T: TryFrom<Row>,
    Failure: From<T::Error>,
{
    list_told(db, query, read, id, |row| Ok(T::try_from(row)?)).await
}

/// Like [`list`], with `tell` for rows that have no conversion of their own.
///
/// # Errors
/// What [`place`] answers, what the database answers, and a row that cannot be told.
pub async fn list_told<Query, Row, T>(
    db: &Db,
    query: Query,
    read: impl FnOnce(&mut Conn, &Place, &Query) -> QueryResult<PageRows<Row>> + Send + 'static,
    id: impl Fn(&Row) -> RecordId,
    tell: impl Fn(Row) -> Result<T, Failure>,
) -> Result<Page<T>, Failure>
where
    Query: ListQuery + Send + 'static,
    Row: Send + 'static,
{
    let (place, list) = (place(&query)?, list_name(&query)?);
    let limit = place.limit;
    let read = move |conn: &mut Conn| read(conn, &place, &query).map_err(Failure::from);
    page(db.read(read).await?, limit, &list, id, tell)
}

/// The id that a page of a list with one order begins after.
///
/// # Errors
/// [`Kind::Malformed`](crate::Kind::Malformed) when the cursor is no id or the page size is below 1.
pub fn after(query: &SequenceQuery) -> Result<RecordId, Failure> {
    if query.page_size.is_some_and(|size| size < 1) {
        return Err(Failure::malformed(
            "page_size is below 1; leave it out or give 1 to 1000",
        ));
    }
    let wrong = |_| {
        Failure::malformed("cursor is not one that this list gave; leave it out for the first page")
    };
    let cursor = query.cursor.as_deref().map(Uuid::try_parse).transpose();
    Ok(RecordId(cursor.map_err(wrong)?.unwrap_or_default()))
}

/// A page of such a list, from rows that were read with one more than `limit`, which says that there are more.
///
/// # Errors
/// A row that cannot be told.
pub fn sequence<Row, T>(
    mut rows: Vec<Row>,
    limit: i64,
    id: impl Fn(&Row) -> RecordId,
) -> Result<Page<T>, Failure>
where
    T: TryFrom<Row>,
    Failure: From<T::Error>,
{
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = rows.len() > shown;
    rows.truncate(shown);
    let last = rows.last().filter(|_| has_more);
    let next_cursor = last.map(|row| id(row).0.simple().to_string());
    let items = rows.into_iter().map(T::try_from);
    Ok(Page {
        items: items.collect::<Result<_, _>>()?,
        next_cursor,
        total: None,
    })
}

/// Where the page begins, and how far it is read: one row more than it has, which says that there are more.
///
/// # Errors
/// [`Kind::Malformed`](crate::Kind::Malformed) when the cursor is none of this list, the page size is below
/// 1, or there is no such order.
pub fn place(query: &impl ListQuery) -> Result<Place, Failure> {
    let page = query.page();
    if page.page_size.is_some_and(|size| size < 1) {
        return Err(Failure::malformed(
            "page_size is below 1; leave it out or give 1 to 1000",
        ));
    }
    let newest_first = match page.sort.as_deref() {
        None | Some("id") => false,
        Some("-id") => true,
        Some(other) => {
            return Err(Failure::malformed(format!(
                "sort is `{other}`; give id or -id, or leave it out"
            )));
        }
    };
    let start = if newest_first {
        Uuid::max()
    } else {
        Uuid::nil()
    };
    let beyond = match &page.cursor {
        None => start,
        Some(cursor) => id_of(cursor, &list_name(query)?)?,
    };
    Ok(Place {
        beyond: RecordId(beyond),
        newest_first,
        limit: page.limit() + 1,
        is_counted: page.include_total == Some(true),
    })
}

/// Characters of a cursor that are the id's.
const OF_ID: usize = 32;
/// Characters of a cursor that are the list's.
const OF_LIST: usize = 16;

fn id_of(cursor: &str, list: &str) -> Result<Uuid, Failure> {
    let (id, of) = cursor.split_at_checked(OF_ID).unwrap_or_default();
    match Uuid::try_parse(id) {
        Ok(id) if of == list => Ok(id),
        Ok(_) if of.len() == OF_LIST => Err(Failure::malformed(
            "cursor is of a list with other filters or another sort; give it with those of the page it \
             came with, or leave it out for the first page",
        )),
        _ => Err(Failure::malformed(
            "cursor is not one that this list gave; leave it out for the first page",
        )),
    }
}

/// What a list is told apart by from the same with other filters or in another order.
fn list_name(query: &impl ListQuery) -> Result<String, Failure> {
    let mut fields = serde_json::to_value(query).map_err(Failure::internal)?;
    if let Value::Object(fields) = &mut fields {
        for of_the_page in ["page_size", "cursor", "include_total"] {
            fields.remove(of_the_page);
        }
        fields.retain(|_, value| !value.is_null());
    }
    let mut name = version::tag(fields.to_string().as_bytes());
    name.truncate(OF_LIST);
    Ok(name)
}

/// A page from rows that were read with one more than it has.
fn page<Row, T>(
    read: PageRows<Row>,
    limit: i64,
    list: &str,
    id: impl Fn(&Row) -> RecordId,
    tell: impl Fn(Row) -> Result<T, Failure>,
) -> Result<Page<T>, Failure> {
    let mut rows = read.rows;
    let most = usize::try_from(limit - 1).unwrap_or(usize::MAX);
    let has_more = rows.len() > most;
    rows.truncate(most);
    let last = rows.last().filter(|_| has_more);
    let next_cursor = last.map(|row| format!("{}{list}", id(row).0.simple()));
    let items = rows.into_iter().map(tell);
    Ok(Page {
        items: items.collect::<Result<_, _>>()?,
        next_cursor,
        total: read.total,
    })
}

/// Refuses a text to look for that no record can have.
///
/// # Errors
/// [`Kind::Malformed`](crate::Kind::Malformed), naming the filter.
pub fn check_text(name: &str, value: Option<&str>) -> Result<(), Failure> {
    match value.and_then(|value| fault::text(name, value, 128)) {
        Some(fault) => Err(Failure::malformed(format!("{name} {}", fault.reason))),
        None => Ok(()),
    }
}

/// Refuses a customer who is named by half.
///
/// # Errors
/// [`Kind::Malformed`](crate::Kind::Malformed), naming the filter.
pub fn check_customer(source: Option<&str>, external_id: Option<&str>) -> Result<(), Failure> {
    if source.is_some() != external_id.is_some() {
        return Err(Failure::malformed(
            "customer_source and customer_external_id name a customer together; give both or neither",
        ));
    }
    check_text("customer_source", source)?;
    check_text("customer_external_id", external_id)
}

/// Refuses a range that nothing can be in: `stem` is what `_from` and `_to` follow.
///
/// # Errors
/// [`Kind::Malformed`](crate::Kind::Malformed), naming both ends.
pub fn check_range<T: PartialOrd + std::fmt::Display>(
    stem: &str,
    from: Option<T>,
    to: Option<T>,
) -> Result<(), Failure> {
    match (from, to) {
        (Some(from), Some(to)) if from > to => Err(Failure::malformed(format!(
            "{stem}_from is {from}, after {stem}_to, which is {to}; give the earlier one as {stem}_from"
        ))),
        _ => Ok(()),
    }
}

/// Refuses a range of days that nothing can be in, and days that no database holds.
///
/// # Errors
/// [`Kind::Malformed`](crate::Kind::Malformed), naming what is wrong.
pub fn check_days(
    stem: &str,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
) -> Result<(), Failure> {
    for (end, day) in [("from", from), ("to", to)] {
        if let Some(day) = day {
            check_year(&format!("{stem}_{end}"), day)?;
        }
    }
    check_range(stem, from, to)
}

/// Refuses a moment that no database holds.
///
/// # Errors
/// [`Kind::Malformed`](crate::Kind::Malformed), naming the filter.
pub fn check_moment(name: &str, at: Option<DateTime<Utc>>) -> Result<(), Failure> {
    at.map_or(Ok(()), |at| check_year(name, at.date_naive()))
}

fn check_year(name: &str, day: NaiveDate) -> Result<(), Failure> {
    if (1..=9998).contains(&day.year()) {
        return Ok(());
    }
    Err(Failure::malformed(format!(
        "{name} is in the year {}; give one from 1 to 9998",
        day.year()
    )))
}

#[cfg(test)]
mod tests {
    use keepworth_contract::PageQuery;

    use super::*;

    #[test]
    fn a_customer_is_named_by_both_parts_of_the_key() {
        assert!(check_customer(Some("crm"), Some("7")).is_ok());
        assert!(check_customer(None, None).is_ok());
        assert!(check_customer(Some("crm"), None).is_err());
        assert!(check_customer(None, Some("7")).is_err());
        assert!(check_customer(Some("crm"), Some("\0")).is_err());
    }

    #[test]
    fn a_range_has_its_ends_in_order() {
        let day = |text: &str| text.parse().ok();
        assert!(check_days("x", day("2025-01-01"), day("2025-01-01")).is_ok());
        assert!(check_days("x", day("2025-01-02"), None).is_ok());
        let refused = check_days("x", day("2025-01-02"), day("2025-01-01")).unwrap_err();
        let told = refused.into_problem(None).detail.unwrap_or_default();
        assert!(told.contains("x_from") && told.contains("x_to"), "{told}");
        assert!(check_days("x", Some(NaiveDate::MAX), None).is_err());
    }

    #[test]
    fn a_cursor_goes_on_in_its_own_list_only() {
        let here = PageQuery::default();
        let cursor = format!("{}{}", Uuid::nil().simple(), list_name(&here).unwrap());
        let at = |sort: Option<&str>, cursor: &str| {
            place(&PageQuery {
                cursor: Some(cursor.to_owned()),
                sort: sort.map(str::to_owned),
                page_size: Some(7),
                include_total: Some(true),
            })
        };
        assert!(at(None, &cursor).is_ok());
        assert!(at(Some("-id"), &cursor).is_err());
        assert!(at(None, &cursor[1..]).is_err());
        assert!(at(None, "ä").is_err());
        assert!(
            place(&PageQuery {
                sort: Some("name".into()),
                ..here
            })
            .is_err()
        );
    }
}
