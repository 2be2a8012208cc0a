//! The costs of one month. What was capitalised is none of them.

use diesel::connection::DefaultLoadingMode;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use keepworth_contract::finance::{CostCategory, CostComponent};
use keepworth_contract::{Currency, Month};
use keepworth_store::{Conn, RecordId, StoreError, on_conn};

use super::{InLedger, KnownAt, ledger_entries, on_entries};
use crate::rule::cost::component::{CostPlace, find_place};
use crate::rule::ledger::month_allocation::{CostKey, Segment};
use keepworth_contract::finance::MaintenanceComponent;

/// A cost's category, component and currency, as stored.
type Names = (
    InLedger<CostCategory>,
    Option<InLedger<CostComponent>>,
    InLedger<Currency>,
);

fn key((category, component, currency): Names) -> CostKey {
    CostKey {
        category: category.0,
        component: component.map(|it| it.0),
        currency: currency.0,
    }
}

/// A kind of cost that occurs.
#[derive(Debug, Clone, Copy)]
pub struct CostKind {
    /// What was spent on.
    pub category: CostCategory,
    /// The currency.
    pub currency: Currency,
    /// Whether somebody assumes it.
    pub assumed: bool,
}

/// The kinds of cost that occur in `first..=last`.
///
/// # Errors
/// What the database answers.
pub fn load_kinds<E: From<StoreError>>(
    conn: &mut Conn,
    first: Month,
    last: Month,
    known_at: KnownAt,
) -> Result<Vec<CostKind>, E> {
    type Kind = (InLedger<CostCategory>, InLedger<Currency>, bool);
    let rows: Vec<Kind> = on_entries!(conn, known_at, |c, e, known| known
        .filter(e::month.between(first.index(), last.index()))
        .filter(e::capex.eq(false))
        .select((e::category, e::currency, e::assumed))
        .distinct()
        .load(c))
    .map_err(StoreError::from)?;
    let kind = |(category, currency, assumed): Kind| CostKind {
        category: category.0,
        currency: currency.0,
        assumed,
    };
    Ok(rows.into_iter().map(kind).collect())
}

/// The channels on which media or agencies were paid until the end of `last`, in order.
///
/// # Errors
/// What the database answers.
pub fn load_paid_channels(conn: &mut Conn, last: Month) -> QueryResult<Vec<String>> {
    use ledger_entries as e;
    let paid = [CostComponent::Media, CostComponent::Agency].map(InLedger::new);
    let channels: Vec<Option<String>> = on_conn!(conn, |c| e::table
        .filter(e::category.eq(InLedger::new(CostCategory::Acquisition)))
        .filter(e::component.eq_any(paid))
        .filter(e::channel.is_not_null())
        .filter(e::month.le(last.index()))
        .select(e::channel)
        .distinct()
        .order(e::channel)
        .load(c))?;
    Ok(channels.into_iter().flatten().collect())
}

/// What was spent on winning customers.
#[derive(Debug)]
pub struct AcquisitionSpend {
    /// On what exactly.
    pub component: Option<CostComponent>,
    /// The currency.
    pub currency: Currency,
    /// By which channel.
    pub channel: Option<String>,
    /// On which campaign.
    pub campaign: Option<String>,
    /// Minor units.
    pub minor: i64,
}

/// What was spent on winning customers in a month.
///
/// # Errors
/// What the database answers.
pub fn load_acquisition<E: From<StoreError>>(
    conn: &mut Conn,
    month: Month,
    known_at: KnownAt,
) -> Result<Vec<AcquisitionSpend>, E> {
    type Sum = (Names, Option<String>, Option<String>, i64);
    let sums: Vec<Sum> = on_entries!(conn, known_at, |c, e, known| known
        .filter(e::month.eq(month.index()))
        .filter(e::capex.eq(false))
        .filter(e::category.eq(InLedger::new(CostCategory::Acquisition)))
        .group_by((
            e::category,
            e::component,
            e::currency,
            e::channel,
            e::campaign
        ))
        .select((
            (e::category, e::component, e::currency),
            e::channel,
            e::campaign,
            sql::<BigInt>("CAST(SUM(minor) AS BIGINT)"),
        ))
        .load(c))
    .map_err(StoreError::from)?;
    let spend = |(names, channel, campaign, minor): Sum| {
        let key = key(names);
        AcquisitionSpend {
            component: key.component,
            currency: key.currency,
            channel,
            campaign,
            minor,
        }
    };
    Ok(sums.into_iter().map(spend).collect())
}

/// What was spent on contacts.
#[derive(Debug)]
pub struct ContactSpend {
    /// The segment that it names.
    pub segment: Option<String>,
    /// The channel that it names.
    pub channel: Option<String>,
    /// The currency.
    pub currency: Currency,
    /// Minor units.
    pub minor: i64,
}

/// What was spent on contacts in a month, by segment, channel and currency.
///
/// # Errors
/// What the database answers.
pub fn load_consumption<E: From<StoreError>>(
    conn: &mut Conn,
    month: Month,
    known_at: KnownAt,
) -> Result<Vec<ContactSpend>, E> {
    type Sum = (Names, Option<String>, Option<String>, i64);
    let sums: Vec<Sum> = on_entries!(conn, known_at, |c, e, known| known
        .filter(e::month.eq(month.index()))
        .filter(e::capex.eq(false))
        .filter(e::category.eq(InLedger::new(CostCategory::Service)))
        .group_by((
            e::category,
            e::component,
            e::currency,
            e::segment,
            e::channel
        ))
        .select((
            (e::category, e::component, e::currency),
            e::segment,
            e::channel,
            sql::<BigInt>("CAST(SUM(minor) AS BIGINT)"),
        ))
        .load(c))
    .map_err(StoreError::from)?;
    let consumption = CostPlace::Maintenance(MaintenanceComponent::Consumption);
    let mut costs = Vec::new();
    for (names, segment, channel, minor) in sums {
        let key = key(names);
        if find_place(key.category, key.component) == Some(consumption) {
            costs.push(ContactSpend {
                segment,
                channel,
                currency: key.currency,
                minor,
            });
        }
    }
    Ok(costs)
}

/// Hands the sums of costs that name a segment to `each`: the cost, the segment, minor units.
///
/// # Errors
/// What the database or `each` answers.
pub fn for_each_direct<E: From<StoreError>>(
    conn: &mut Conn,
    month: Month,
    known_at: KnownAt,
    mut each: impl FnMut(CostKey, Segment, i64) -> Result<(), E>,
) -> Result<(), E> {
    let sums: Vec<(Names, Option<String>, i64)> = on_entries!(conn, known_at, |c, e, known| known
        .filter(e::month.eq(month.index()))
        .filter(e::capex.eq(false))
        .filter(e::segment.is_not_null())
        .group_by((e::category, e::component, e::currency, e::segment))
        .select((
            (e::category, e::component, e::currency),
            e::segment,
            sql::<BigInt>("CAST(SUM(minor) AS BIGINT)"),
        ))
        .load(c))
    .map_err(StoreError::from)?;
    for (names, segment, minor) in sums {
        each(key(names), segment.unwrap_or_default().into(), minor)?;
    }
    Ok(())
}

/// Of the entries that are known, those of a month that name no segment, in the order of day and
/// id; a macro, because the query's type depends on the backend.
macro_rules! shared {
    ($known:ident, $e:ident, $month:expr) => {
        $known
            .filter($e::month.eq($month.index()))
            .filter($e::capex.eq(false))
            .filter($e::segment.is_null())
            .order(($e::posted_on, $e::id))
    };
}

/// Hands every cost that names no segment to `each`, in the order of day and id: the cost, minor
/// units.
///
/// # Errors
/// What the database or `each` answers.
pub fn for_each_shared<E: From<StoreError>>(
    conn: &mut Conn,
    month: Month,
    known_at: KnownAt,
    mut each: impl FnMut(CostKey, i64) -> Result<(), E>,
) -> Result<(), E> {
    on_entries!(conn, known_at, |c, e, known| {
        let rows = shared!(known, e, month)
            .select(((e::category, e::component, e::currency), e::minor))
            .load_iter::<(Names, i64), DefaultLoadingMode>(c)
            .map_err(StoreError::from)?;
        for row in rows {
            let (names, minor) = row.map_err(StoreError::from)?;
            each(key(names), minor)?;
        }
    });
    Ok(())
}

/// As [`for_each_shared`], with each entry's identifier.
///
/// # Errors
/// What the database or `each` answers.
pub fn for_each_shared_entry<E: From<StoreError>>(
    conn: &mut Conn,
    month: Month,
    mut each: impl FnMut(RecordId, CostKey, i64) -> Result<(), E>,
) -> Result<(), E> {
    on_entries!(conn, KnownAt::None, |c, e, known| {
        let rows = shared!(known, e, month)
            .select((e::id, (e::category, e::component, e::currency), e::minor))
            .load_iter::<(RecordId, Names, i64), DefaultLoadingMode>(c)
            .map_err(StoreError::from)?;
        for row in rows {
            let (id, names, minor) = row.map_err(StoreError::from)?;
            each(id, key(names), minor)?;
        }
    });
    Ok(())
}
