//! How shared costs are split.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use keepworth_contract::Month;
use keepworth_contract::finance::{AllocationMethod, CostCategory};
use keepworth_store::{Conn, Named, RecordId, on_conn};

use super::{KnownAt, allocation_rules, moment};

/// A version of a category's rule as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = allocation_rules, treat_none_as_default_value = false)]
pub struct AllocationRuleRow {
    /// Identifier.
    pub id: RecordId,
    /// Whose shared costs it splits.
    pub category: Named<CostCategory, allocation_rules::table>,
    /// 1 for the category's first rule.
    pub version: i32,
    /// Index of the [`Month`] from which it holds.
    pub effective_month: i32,
    /// By what.
    pub method: Named<AllocationMethod, allocation_rules::table>,
    /// Stated shares, as JSON.
    pub shares: String,
    /// Why it was made.
    pub reason: String,
    /// When it was written.
    pub recorded_at: NaiveDateTime,
}

/// Every version of every rule, by category and version.
///
/// # Errors
/// What the database answers.
pub fn load_rules(conn: &mut Conn) -> QueryResult<Vec<AllocationRuleRow>> {
    on_conn!(conn, |c| allocation_rules::table
        .order((allocation_rules::category, allocation_rules::version))
        .select(AllocationRuleRow::as_select())
        .load(c))
}

/// The last known version of a category's rule that holds in a month or, without one, at all.
///
/// # Errors
/// What the database answers.
pub fn find_last(
    conn: &mut Conn,
    category: CostCategory,
    in_force: Option<Month>,
    known_at: KnownAt,
) -> QueryResult<Option<AllocationRuleRow>> {
    let until = in_force.map_or(i32::MAX, Month::index);
    let category = Named::<_, allocation_rules::table>::new(category);
    on_conn!(conn, |c| allocation_rules::table
        .filter(allocation_rules::category.eq(category))
        .filter(allocation_rules::effective_month.le(until))
        .filter(allocation_rules::recorded_at.le(moment(known_at)))
        .order(allocation_rules::version.desc())
        .select(AllocationRuleRow::as_select())
        .first(c)
        .optional())
}

/// Writes a version.
///
/// # Errors
/// What the database answers.
pub fn insert_rule(conn: &mut Conn, row: &AllocationRuleRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(allocation_rules::table)
        .values(row)
        .execute(c))
    .map(|_| ())
}
