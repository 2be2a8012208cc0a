//! Who bears the costs of a month.

use actix_web::web::{Data, Json, Query};
use actix_web::{HttpResponse, get};
use chrono::{DateTime, Days, Utc};
use keepworth_contract::Word;
use keepworth_contract::finance::{CostCategory, CostComponent};
use keepworth_contract::{Money, Month};
use keepworth_intake::Failure;
use keepworth_platform::feed;
use keepworth_platform::{ApiError, ApiResult, ReadProblems, Service};
use keepworth_store::Conn;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::allocation_rule::AllocationRule;
use super::read_picture;
use crate::Finance;
use crate::rule::ledger::month_allocation::{MonthAllocation, MonthAllocator, SharesInForce};
use crate::store::segment_month::{self, SegmentMonthRow};
use crate::store::{KnownAt, allocation_rule, cost};

/// Which month.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct MonthQuery {
    /// The month, YYYY-MM.
    #[param(value_type = String, example = "2025-09")]
    pub month: Month,
}

/// Which month, and as it was known when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct KnownMonthQuery {
    /// The month, YYYY-MM.
    #[param(value_type = String, example = "2025-09")]
    pub month: Month,
    /// As it was known at this time (RFC 3339), before later corrections; now when left out.
    #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
    pub known_at: Option<DateTime<Utc>>,
}

/// The costs of one month by who bears them.
///
/// Over segments and what is unallocated, the amounts sum to the ledger: nothing is lost and
/// nothing counted twice. What was capitalised is none of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Allocation {
    /// The month.
    #[schema(value_type = String, example = "2025-09")]
    pub month: Month,
    /// What each segment bears.
    pub items: Vec<AllocatedCost>,
    /// Shared costs that nobody bears.
    pub unallocated: Vec<UnallocatedCost>,
    /// The rules in force.
    pub rules: Vec<AllocationRule>,
}

/// What a segment bears of one kind of cost, in one currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct AllocatedCost {
    /// The segment's key.
    pub segment: String,
    /// What was spent on.
    pub category: CostCategory,
    /// What exactly; null is the category's usual component.
    pub component: Option<CostComponent>,
    /// From entries that name the segment.
    pub direct: Money,
    /// Its part of shared entries.
    pub shared: Money,
}

/// Shared costs that nobody bears.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnallocatedCost {
    /// What was spent on.
    pub category: CostCategory,
    /// What exactly; null is the category's usual component.
    pub component: Option<CostComponent>,
    /// How much.
    pub amount: Money,
    /// Why, and the fix.
    pub reason: String,
}

/// Says who bears the costs of a month.
#[utoipa::path(operation_id = "load_allocation", tag = "allocation", params(KnownMonthQuery),
    responses((status = 200, body = Allocation, description = "Who bears what"), ReadProblems))]
#[get("/allocations")]
pub async fn load_allocation(
    app: Data<Finance>,
    query: Query<KnownMonthQuery>,
) -> ApiResult<Allocation> {
    let (month, known_at) = (query.month, query.known_at.map(|at| at.naive_utc()));
    let allocation = read_picture(&app, move |conn| load(conn, month, known_at)).await?;
    Ok(Json(allocation))
}

fn load(conn: &mut Conn, month: Month, known_at: KnownAt) -> Result<Allocation, Failure> {
    let rules = rules_in_force(conn, month, known_at)?;
    let done = allocate(conn, month, &rules, known_at)?;
    let items = done
        .borne
        .into_iter()
        .map(|((key, segment), borne)| AllocatedCost {
            segment: segment.to_string(),
            category: key.category,
            component: key.component,
            direct: Money::from_minor(borne.direct, key.currency),
            shared: Money::from_minor(borne.shared, key.currency),
        });
    let unallocated = done
        .unallocated
        .into_iter()
        .map(|(key, kept)| UnallocatedCost {
            category: key.category,
            component: key.component,
            amount: Money::from_minor(kept.minor, key.currency),
            reason: kept.reason,
        });
    Ok(Allocation {
        month,
        items: items.collect(),
        unallocated: unallocated.collect(),
        rules,
    })
}

/// The costs of a month by who bears them, by the rules given.
pub(super) fn allocate(
    conn: &mut Conn,
    month: Month,
    rules: &[AllocationRule],
    known_at: KnownAt,
) -> Result<MonthAllocation, Failure> {
    let shares = shares_in_force(conn, month, rules, known_at)?;
    let mut allocator = MonthAllocator::new(&shares);
    cost::for_each_direct(conn, month, known_at, |key, segment, minor| {
        allocator
            .add_direct(key, segment, minor)
            .map_err(Failure::from)
    })?;
    cost::for_each_shared(conn, month, known_at, |key, minor| {
        allocator.add_shared(key, minor)?;
        Ok::<_, Failure>(())
    })?;
    Ok(allocator.finish())
}

/// The rules in force in a month, by category.
pub(super) fn rules_in_force(
    conn: &mut Conn,
    month: Month,
    known_at: KnownAt,
) -> Result<Vec<AllocationRule>, Failure> {
    let mut rules = Vec::new();
    for category in CostCategory::all() {
        if let Some(row) = allocation_rule::find_last(conn, category, Some(month), known_at)? {
            rules.push(row.try_into()?);
        }
    }
    Ok(rules)
}

fn shares_in_force(
    conn: &mut Conn,
    month: Month,
    rules: &[AllocationRule],
    known_at: KnownAt,
) -> Result<SharesInForce, Failure> {
    let months = segment_month::load_month(conn, month, known_at)?;
    let activity: Vec<_> = months.iter().map(SegmentMonthRow::activity).collect();
    let shares = |rule: &AllocationRule| {
        let shares = rule.method().shares(&activity);
        (rule.category, shares.map_err(|error| error.to_string()))
    };
    Ok(rules.iter().map(shares).collect())
}

/// A part of one ledger entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct AllocationLine {
    /// The entry.
    pub entry: Uuid,
    /// Who bears the part.
    pub segment: String,
    /// What was spent on.
    pub category: CostCategory,
    /// The part in minor units.
    pub minor: i64,
    /// ISO 4217 code.
    pub currency: String,
}

/// Traces every allocated cent of a month's shared costs back to its entry: one row per entry and
/// segment, as newline-delimited JSON with a header and a trailer.
///
/// Entries that name a segment are borne by it, and are not repeated here.
#[utoipa::path(operation_id = "read_allocation_lines", tag = "allocation", params(KnownMonthQuery),
    responses((status = 200, body = AllocationLine, content_type = "application/x-ndjson",
               description = "Header, rows of this form, trailer"), ReadProblems))]
#[get("/feed/allocation-lines")]
pub async fn read_allocation_lines(
    app: Data<Finance>,
    query: Query<MonthQuery>,
) -> Result<HttpResponse, ApiError> {
    let month = query.month;
    let last_day = month.plus(1).first_day() - Days::new(1);
    let shares = app
        .db()
        .read(move |conn| {
            let rules = rules_in_force(conn, month, None)?;
            shares_in_force(conn, month, &rules, None)
        })
        .await?;
    let db = app.db();
    feed::answer(db, "allocation-lines", 1, last_day, move |conn, sink| {
        let mut allocator = MonthAllocator::new(&shares);
        cost::for_each_shared_entry(conn, month, |entry, key, minor| {
            let parts = allocator.add_shared(key, minor)?;
            parts.into_iter().try_for_each(|(segment, minor)| {
                sink.push(&AllocationLine {
                    entry: entry.0,
                    segment: segment.to_string(),
                    category: key.category,
                    minor,
                    currency: key.currency.code().to_owned(),
                })
            })
        })
    })
    .await
}
