//! Pages of a list: rows beyond an id, and how many there are in all.

use crate::RecordId;

/// Which rows of a list to read.
#[derive(Debug, Clone)]
pub struct Place {
    /// The id that the rows come after, or before when the newest come first.
    pub beyond: RecordId,
    /// In descending order of ids.
    pub newest_first: bool,
    /// How many at the most.
    pub limit: i64,
    /// Whether to count all rows that pass the filters.
    pub is_counted: bool,
}

/// Rows of a list.
#[derive(Debug)]
pub struct PageRows<Row> {
    /// The rows.
    pub rows: Vec<Row>,
    /// All rows that pass the filters, where they were counted.
    pub total: Option<i64>,
}

/// Reads a page of the rows that pass every filter that is given: `Some(value)` on the left of it.
///
/// Inside [`on_conn!`](crate::on_conn), in a function that answers a `QueryResult`. Answers a
/// `QueryResult` of [`PageRows`].
#[macro_export]
macro_rules! page_rows {
    (
        $c:ident, $place:expr, $from:expr, $id:expr, $columns:expr,
        { $($given:expr => |$value:ident| $filter:expr,)* }
    ) => {{
        use $crate::diesel::prelude::*;
        let place: &$crate::Place = $place;
        let filtered = || {
            let query = $from.into_boxed();
            $(
                let query = match $given {
                    Some($value) => query.filter($filter),
                    None => query,
                };
            )*
            query
        };
        let total = place
            .is_counted
            .then(|| filtered().count().get_result::<i64>($c))
            .transpose()?;
        let rows = if place.newest_first {
            filtered().filter($id.lt(place.beyond)).order($id.desc())
                .limit(place.limit).select($columns).load($c)
        } else {
            filtered().filter($id.gt(place.beyond)).order($id.asc())
                .limit(place.limit).select($columns).load($c)
        };
        rows.map(|rows| $crate::PageRows { rows, total })
    }};
}
