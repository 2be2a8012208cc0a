//! Exposures: both tables in customer order, merged as they are read.

use std::collections::VecDeque;

use chrono::NaiveDateTime;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text, Timestamp};
use keepworth_contract::Month;
use keepworth_contract::experience::ExposureRow;
use keepworth_contract::feed::CustomerKey;
use keepworth_store::{Conn, RecordId, StoreError, on_conn};
use uuid::Uuid;

use super::feedback::Kind;
use super::interaction::Outcome;
use super::schema::{feedback, interactions};
use crate::rule::exposure::{ExposureFold, Fact};

/// Rows of each table that are read at once.
pub const CHUNK: i64 = 10_000;

/// Where a record stands in the order of the indexes `feedback_customer` and
/// `interactions_customer`.
#[derive(Debug, Clone)]
struct Position {
    customer: CustomerKey,
    at: NaiveDateTime,
    id: RecordId,
}

/// A record of either table, as far as exposures need it.
struct Record {
    position: Position,
    month: i32,
    fact: Fact,
}

type Load = fn(&mut Conn, &Position, NaiveDateTime, i64) -> QueryResult<Vec<Record>>;

/// One table, read chunk by chunk.
struct Cursor {
    load: Load,
    until: NaiveDateTime,
    chunk: i64,
    position: Position,
    records: VecDeque<Record>,
    is_read: bool,
}

impl Cursor {
    fn new(load: Load, until: NaiveDateTime, chunk: i64) -> Self {
        // No key is empty, so that this stands before all records.
        let customer = CustomerKey {
            source: String::new(),
            external_id: String::new(),
        };
        let position = Position {
            customer,
            at: NaiveDateTime::default(),
            id: RecordId(Uuid::nil()),
        };
        Self {
            load,
            until,
            chunk,
            position,
            records: VecDeque::new(),
            is_read: false,
        }
    }

    /// The next record's customer and month; `None` at the end.
    fn head(&mut self, conn: &mut Conn) -> QueryResult<Option<(&CustomerKey, i32)>> {
        if self.records.is_empty() && !self.is_read {
            self.records = (self.load)(conn, &self.position, self.until, self.chunk)?.into();
            match self.records.back() {
                Some(last) => self.position = last.position.clone(),
                None => self.is_read = true,
            }
        }
        let head = self.records.front();
        Ok(head.map(|record| (&record.position.customer, record.month)))
    }
}

/// Takes the record that comes first by customer and month.
fn next(
    conn: &mut Conn,
    answers: &mut Cursor,
    contacts: &mut Cursor,
) -> QueryResult<Option<Record>> {
    let from_answers = match (answers.head(conn)?, contacts.head(conn)?) {
        (Some(answer), Some(contact)) => answer <= contact,
        (answer, _) => answer.is_some(),
    };
    let first = if from_answers { answers } else { contacts };
    Ok(first.records.pop_front())
}

/// Hands every customer-month with a record until a moment to `each`, in order of customer and
/// month, in constant memory: `chunk` rows of each table at once.
///
/// # Errors
/// What the database or `each` answers.
pub fn for_each_row<E: From<StoreError>>(
    conn: &mut Conn,
    until: NaiveDateTime,
    chunk: i64,
    mut each: impl FnMut(ExposureRow) -> Result<(), E>,
) -> Result<(), E> {
    let mut answers = Cursor::new(load_answers, until, chunk);
    let mut contacts = Cursor::new(load_contacts, until, chunk);
    let mut fold = ExposureFold::default();
    while let Some(record) = next(conn, &mut answers, &mut contacts).map_err(StoreError::from)? {
        let month = Month::from_index(record.month);
        if let Some(row) = fold.add(&record.position.customer, month, record.fact) {
            each(row)?;
        }
    }
    fold.finish().map_or(Ok(()), each)
}

/// Loads rows of a table that stand after a position, in the order of its index.
///
/// The comparison of whole rows is what both databases turn into one range of the index; the same
/// said with OR makes them walk the index from its beginning for every chunk.
macro_rules! load_after {
    ($conn:expr, $table:ident, $at:ident, $after:expr, $until:expr, $limit:expr, $columns:expr) => {{
        let keys = concat!(
            "(customer_source, customer_external_id, ",
            stringify!($at),
            ", id) > ("
        );
        on_conn!($conn, |c| $table::table
            .filter(
                sql::<Bool>(keys)
                    .bind::<Text, _>(&$after.customer.source)
                    .sql(", ")
                    .bind::<Text, _>(&$after.customer.external_id)
                    .sql(", ")
                    .bind::<Timestamp, _>($after.at)
                    .sql(", ")
                    .bind::<Text, _>($after.id)
                    .sql(")"),
            )
            .filter($table::$at.le($until))
            .order((
                $table::customer_source,
                $table::customer_external_id,
                $table::$at,
                $table::id,
            ))
            .limit($limit)
            .select((
                $table::customer_source,
                $table::customer_external_id,
                $table::$at,
                $table::id,
                $table::month,
                $columns,
            ))
            .load(c))
    }};
}

/// A row as loaded: customer source and id, moment, id, month, the rest.
type Loaded<T> = (String, String, NaiveDateTime, RecordId, i32, T);

fn record<T>(row: Loaded<T>, fact: impl FnOnce(NaiveDateTime, T) -> Fact) -> Record {
    let (source, external_id, at, id, month, rest) = row;
    Record {
        position: Position {
            customer: CustomerKey {
                source,
                external_id,
            },
            at,
            id,
        },
        month,
        fact: fact(at, rest),
    }
}

fn load_answers(
    conn: &mut Conn,
    after: &Position,
    until: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<Record>> {
    let columns = (feedback::kind, feedback::score);
    let rows: Vec<Loaded<(Kind, i32)>> =
        load_after!(conn, feedback, responded_at, after, until, limit, columns)?;
    let answer = |at, (kind, score): (Kind, i32)| Fact::Answer {
        kind: kind.0,
        score,
        at,
    };
    Ok(rows.into_iter().map(|row| record(row, answer)).collect())
}

/// A contact as loaded: channel, seconds, what came of it, what it was about.
type Contact = (String, i64, Outcome, Option<String>);

fn load_contacts(
    conn: &mut Conn,
    after: &Position,
    until: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<Record>> {
    let columns = (
        interactions::channel,
        interactions::handle_seconds,
        interactions::outcome,
        interactions::issue,
    );
    let rows: Vec<Loaded<Contact>> =
        load_after!(conn, interactions, started_at, after, until, limit, columns)?;
    let contact = |_, (channel, handle_seconds, outcome, issue): Contact| Fact::Contact {
        channel,
        handle_seconds,
        outcome: outcome.0,
        issue,
    };
    Ok(rows.into_iter().map(|row| record(row, contact)).collect())
}
