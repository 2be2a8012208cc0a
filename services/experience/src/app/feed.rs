//! Feeds to the other services.

use crate::rule::metric::MetricTable;
use crate::rule::moment;
use crate::store::{exposure, feedback};
use chrono::NaiveDate;
use keepworth_contract::Month;
use keepworth_intake::Failure;
use keepworth_intake::feed::FeedSink;
use keepworth_store::Conn;

/// Writes the headline figure of each kind of question by month and phase, as known on a day.
pub fn write_metrics(
    conn: &mut Conn,
    as_of: NaiveDate,
    sink: &mut FeedSink,
) -> Result<(), Failure> {
    let mut table = MetricTable::default();
    for (kind, month, phase, score, answers) in
        feedback::load_score_cells(conn, moment::evening(as_of))?
    {
        let month = Month::from_index(month);
        table.add(kind.0, month, phase, score, answers.unsigned_abs());
    }
    table.into_rows().try_for_each(|row| sink.push(&row))
}

/// Writes what each customer lived through in each month until a day, in key order.
pub fn write_exposures(
    conn: &mut Conn,
    as_of: NaiveDate,
    sink: &mut FeedSink,
) -> Result<(), Failure> {
    let until = moment::evening(as_of);
    exposure::for_each_row(conn, until, exposure::CHUNK, |row| sink.push(&row))
}
