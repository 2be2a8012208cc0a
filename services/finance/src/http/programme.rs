//! Programme money: planned against spent.

use keepworth_contract::Word;
use std::collections::BTreeMap;

use actix_web::get;
use actix_web::web::{Data, Json, Path, Query};
use keepworth_contract::finance::ProgrammeLine;
use keepworth_contract::{Currency, Money, Month};
use keepworth_intake::Failure;
use keepworth_platform::{ApiResult, ReadProblems};
use keepworth_store::Conn;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::budget::{Budget, line_type, load};
use super::conversion::load_rate;
use super::fx_rate::FxRate;
use super::{check_filter, read_picture};
use crate::Finance;
use crate::rule::cost::programme::{Amounts, Comparison, planned_against_actual};
use crate::rule::ledger::month_allocation::Overflow;
use crate::store::budget;
use keepworth_store::now;

/// Against which version.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ComparisonQuery {
    /// The budget's version; the one in force today when left out.
    #[param(minimum = 1)]
    pub version: Option<u32>,
}

/// What a programme was to cost and what it did, month by month.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgrammeReport {
    /// The budget it is held against.
    pub budget: Budget,
    /// The rates by which spending was converted, each month at its last.
    pub rates: Vec<FxRate>,
    /// Every month and kind of money that was planned or spent.
    pub items: Vec<PlannedAgainstSpent>,
    /// Spent by entries that name the programme, but no kind of money; in no item.
    pub without_line: Money,
}

/// One month and kind of money.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlannedAgainstSpent {
    /// The month.
    #[schema(value_type = String, example = "2025-09")]
    pub month: Month,
    /// The kind of money.
    pub line: ProgrammeLine,
    /// What was planned.
    pub planned: Money,
    /// What was spent, what bought assets included.
    pub spent: Money,
    /// Spent less planned over all months so far; positive is over budget.
    pub cumulative_over: Money,
}

/// Holds what a programme cost against its budget, month by month.
#[utoipa::path(operation_id = "load_programme", tag = "programmes",
    params(("programme" = String, Path, description = "Names the programme"), ComparisonQuery),
    responses((status = 200, body = ProgrammeReport, description = "Planned against spent"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "No rate"), ReadProblems))]
#[get("/programmes/{programme}")]
pub async fn load_programme(
    app: Data<Finance>,
    programme: Path<String>,
    query: Query<ComparisonQuery>,
) -> ApiResult<ProgrammeReport> {
    check_filter("programme", Some(&programme))?;
    let version = query.version;
    let report = read_picture(&app, move |conn| report(conn, &programme, version)).await?;
    Ok(Json(report))
}

fn report(
    conn: &mut Conn,
    programme: &str,
    version: Option<u32>,
) -> Result<ProgrammeReport, Failure> {
    let budget = find_budget(load(conn, programme)?, version).ok_or_else(|| {
        Failure::not_found(match version {
            Some(version) => format!("programme `{programme}` has no budget version {version}"),
            None => format!("programme `{programme}` has no budget in force today"),
        })
    })?;
    let currency = budget.currency;
    let spent = load_spent(conn, programme, currency)?;
    let minor = |minor: i64| Money::from_minor(minor, currency);
    let item = |compared: Comparison| {
        let line = ProgrammeLine::all().find(|line| line_type(*line) == compared.line)?;
        Some(PlannedAgainstSpent {
            month: compared.month,
            line,
            planned: minor(compared.planned),
            spent: minor(compared.actual),
            cumulative_over: minor(compared.cumulative_over),
        })
    };
    let compared = planned_against_actual(&budget.plan()?.planned, &spent.by_line);
    Ok(ProgrammeReport {
        items: compared.into_iter().filter_map(item).collect(),
        without_line: minor(spent.without_line),
        rates: spent.rates,
        budget,
    })
}

/// The version asked for, else the last one that is in force today.
fn find_budget(budgets: Vec<Budget>, version: Option<u32>) -> Option<Budget> {
    let today = now().date_naive();
    budgets.into_iter().rev().find(|budget| match version {
        Some(version) => budget.version == version,
        None => budget.effective_on <= today,
    })
}

struct Spending {
    by_line: Amounts,
    without_line: i64,
    rates: Vec<FxRate>,
}

fn load_spent(conn: &mut Conn, programme: &str, currency: Currency) -> Result<Spending, Failure> {
    let mut spending = Spending {
        by_line: BTreeMap::new(),
        without_line: 0,
        rates: Vec::new(),
    };
    for row in budget::load_spent(conn, programme)? {
        let spent = row.spent()?;
        let rate = load_rate(
            conn,
            spent.currency,
            currency,
            spent.month,
            &mut spending.rates,
        )?;
        let minor = rate.map_or(Some(spent.minor), |rate| rate.convert(spent.minor));
        let sum = match spent.line {
            Some(line) => spending
                .by_line
                .entry((spent.month, line_type(line)))
                .or_default(),
            None => &mut spending.without_line,
        };
        *sum = minor
            .and_then(|minor| sum.checked_add(minor))
            .ok_or(Overflow)?;
    }
    Ok(spending)
}
