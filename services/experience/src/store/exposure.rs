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
#[derive(Debug, Clone, Queryable)]
struct Position {
    customer_source: String,
    customer_external_id: String,
    at: NaiveDateTime,
    id: RecordId,
}

/// A record of either table, as far as exposures need it.
struct Record {
    customer: CustomerKey,
    month: i32,
    fact: Fact,
}

/// The records of a table that stand after a position, until a moment, so many at most.
type Load = fn(&mut Conn, &Position, NaiveDateTime, i64) -> QueryResult<Vec<Record>>;
/// Where the last of so many records stands.
type Locate = fn(&mut Conn, &Position, NaiveDateTime, i64) -> QueryResult<Position>;

/// One table, read chunk by chunk.
struct Cursor {
    load: Load,
    locate: Locate,
    until: NaiveDateTime,
    chunk: i64,
    position: Position,
    records: VecDeque<Record>,
    is_read: bool,
}

impl Cursor {
    fn new(load: Load, locate: Locate, until: NaiveDateTime, chunk: i64) -> Self {
        // No key is empty, so that this stands before all records.
        let position = Position {
            customer_source: String::new(),
            customer_external_id: String::new(),
            at: NaiveDateTime::default(),
            id: RecordId(Uuid::nil()),
        };
        Self {
            load,
            locate,
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
            self.read(conn)?;
        }
        let head = self.records.front();
        Ok(head.map(|record| (&record.customer, record.month)))
    }

    /// Reads the next chunk.
    ///
    /// Only of its last record is it asked where it stands: moment and identifier of each would take longer to read
    /// than all else that is known of it.
    fn read(&mut self, conn: &mut Conn) -> QueryResult<()> {
        self.records = (self.load)(conn, &self.position, self.until, self.chunk)?.into();
        if self.records.len() < usize::try_from(self.chunk).unwrap_or(usize::MAX) {
            self.is_read = true;
        } else {
            self.position = (self.locate)(conn, &self.position, self.until, self.chunk)?;
        }
        Ok(())
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
    let mut answers = Cursor::new(load_answers, locate_answer, until, chunk);
    let mut contacts = Cursor::new(load_contacts, locate_contact, until, chunk);
    let mut fold = ExposureFold::default();
    while let Some(record) = next(conn, &mut answers, &mut contacts).map_err(StoreError::from)? {
        let month = Month::from_index(record.month);
        if let Some(row) = fold.add(&record.customer, month, record.fact) {
            each(row)?;
        }
    }
    fold.finish().map_or(Ok(()), each)
}

/// The rows of a table that stand after a position, in the order of its index.
///
/// The comparison of whole rows is what both databases turn into one range of the index; the same
/// said with OR makes them walk the index from its beginning for every chunk.
macro_rules! rows_after {
    ($table:ident, $at:ident, $after:expr, $until:expr) => {{
        let keys = concat!(
            "(customer_source, customer_external_id, ",
            stringify!($at),
            ", id) > ("
        );
        $table::table
            .filter(
                sql::<Bool>(keys)
                    .bind::<Text, _>(&$after.customer_source)
                    .sql(", ")
                    .bind::<Text, _>(&$after.customer_external_id)
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
    }};
}

/// Loads rows after a position: whose they are, their month, and what else is asked for.
macro_rules! load_after {
    ($conn:expr, $table:ident, $at:ident, $after:expr, $until:expr, $limit:expr, $columns:expr) => {
        on_conn!($conn, |c| rows_after!($table, $at, $after, $until)
            .limit($limit)
            .select((
                $table::customer_source,
                $table::customer_external_id,
                $table::month,
                $columns,
            ))
            .load(c))
    };
}

/// Says where the last of so many rows after a position stands.
macro_rules! locate_after {
    ($conn:expr, $table:ident, $at:ident, $after:expr, $until:expr, $rows:expr) => {
        on_conn!($conn, |c| rows_after!($table, $at, $after, $until)
            .offset($rows - 1)
            .select((
                $table::customer_source,
                $table::customer_external_id,
                $table::$at,
                $table::id,
            ))
            .first(c))
    };
}

/// A row as loaded: customer source and id, month, the rest.
type Loaded<T> = (String, String, i32, T);

fn record<T>(row: Loaded<T>, fact: impl FnOnce(T) -> Fact) -> Record {
    let (source, external_id, month, rest) = row;
    Record {
        customer: CustomerKey {
            source,
            external_id,
        },
        month,
        fact: fact(rest),
    }
}

fn load_answers(
    conn: &mut Conn,
    after: &Position,
    until: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<Record>> {
    let columns = (feedback::kind, feedback::score, feedback::responded_at);
    let rows: Vec<Loaded<(Kind, i32, NaiveDateTime)>> =
        load_after!(conn, feedback, responded_at, after, until, limit, columns)?;
    let answer = |(kind, score, at): (Kind, i32, NaiveDateTime)| Fact::Answer {
        kind: kind.0,
        score,
        at,
    };
    Ok(rows.into_iter().map(|row| record(row, answer)).collect())
}

fn locate_answer(
    conn: &mut Conn,
    after: &Position,
    until: NaiveDateTime,
    rows: i64,
) -> QueryResult<Position> {
    locate_after!(conn, feedback, responded_at, after, until, rows)
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
    let contact = |(channel, handle_seconds, outcome, issue): Contact| Fact::Contact {
        channel,
        handle_seconds,
        outcome: outcome.0,
        issue,
    };
    Ok(rows.into_iter().map(|row| record(row, contact)).collect())
}

fn locate_contact(
    conn: &mut Conn,
    after: &Position,
    until: NaiveDateTime,
    rows: i64,
) -> QueryResult<Position> {
    locate_after!(conn, interactions, started_at, after, until, rows)
}
