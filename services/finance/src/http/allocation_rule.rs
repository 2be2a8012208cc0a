//! How shared costs are split between segments.

use actix_web::web::{Data, Json};
use actix_web::{get, post};
use chrono::{DateTime, Utc};
use keepworth_contract::Word;
use keepworth_contract::finance::CostCategory;
use keepworth_contract::{InvalidParam, Month};
use keepworth_intake::Failure;
use keepworth_intake::fault;
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent, Written};
use keepworth_platform::{ApiError, ApiResult, ReadProblems, Service, WriteProblems};
use keepworth_store::{Conn, RecordId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{check_open, internal};
use crate::Finance;
use crate::rule::ledger::allocation::AllocationRule as Rule;
use crate::rule::ledger::month_allocation::Method;
use crate::store::allocation_rule::{self, AllocationRuleRow};
use crate::store::period_close;
use keepworth_store::now;

/// How the shared costs of a category are split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AllocationMethod {
    /// Not at all: only to the segment that an entry names.
    Direct,
    /// In proportion to contacts handled.
    ByContacts,
    /// In proportion to minutes of handling.
    ByMinutes,
    /// In proportion to revenue.
    ByRevenue,
    /// In proportion to headcount.
    ByHeadcount,
    /// In equal parts.
    Even,
    /// By the shares that the rule states.
    Stated,
}

impl AllocationMethod {
    fn method(self, shares: &[StatedShare]) -> Method {
        Method::Rule(match self {
            Self::Direct => Rule::Direct,
            Self::ByContacts => Rule::ByContacts,
            Self::ByMinutes => Rule::ByMinutes,
            Self::ByRevenue => Rule::ByRevenue,
            Self::ByHeadcount => Rule::ByHeadcount,
            Self::Even => Rule::Even,
            Self::Stated => {
                let stated = |it: &StatedShare| (it.segment.as_str().into(), it.share);
                return Method::Stated(shares.iter().map(stated).collect());
            }
        })
    }
}

/// A segment's share.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatedShare {
    /// The segment's key.
    #[schema(min_length = 1, max_length = 128)]
    pub segment: String,
    /// A decimal string between 0 and 1; all shares sum to exactly 1.
    #[serde(with = "rust_decimal::serde::str")]
    #[schema(value_type = String, example = "0.30")]
    pub share: Decimal,
}

/// A version of a category's rule.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AllocationRule {
    /// Identifier.
    pub id: Uuid,
    /// Whose shared costs are split.
    pub category: CostCategory,
    /// 1 for the category's first rule.
    pub version: i32,
    /// The month from which it holds, until a later version does.
    #[schema(value_type = String, example = "2025-09")]
    pub effective_from: Month,
    /// How.
    pub method: AllocationMethod,
    /// The shares, for `STATED`.
    pub shares: Vec<StatedShare>,
    /// Why it was made.
    pub reason: String,
    /// When it was written.
    pub recorded_at: DateTime<Utc>,
}

impl AllocationRule {
    /// How it splits.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method.method(&self.shares)
    }
}

impl TryFrom<AllocationRuleRow> for AllocationRule {
    type Error = Failure;

    fn try_from(row: AllocationRuleRow) -> Result<Self, Failure> {
        let category = CostCategory::find(&row.category);
        Ok(Self {
            id: row.id.0,
            category: category.ok_or_else(|| internal(row.category))?,
            version: row.version,
            effective_from: Month::from_index(row.effective_month),
            method: serde_json::from_value(row.method.into()).map_err(internal)?,
            shares: serde_json::from_str(&row.shares).map_err(internal)?,
            reason: row.reason,
            recorded_at: row.recorded_at.and_utc(),
        })
    }
}

/// Every version of every rule.
#[derive(Debug, Serialize, ToSchema)]
pub struct AllocationRuleList {
    /// By category and version.
    pub items: Vec<AllocationRule>,
}

/// Lists every version of every rule, by category and version.
#[utoipa::path(operation_id = "list_allocation_rules", tag = "allocation",
    responses((status = 200, body = AllocationRuleList, description = "Every rule"), ReadProblems))]
#[get("/allocation-rules")]
pub async fn list_allocation_rules(app: Data<Finance>) -> ApiResult<AllocationRuleList> {
    let rows = app
        .db()
        .read(|conn| allocation_rule::load_rules(conn).map_err(Failure::from))
        .await?;
    let items = rows.into_iter().map(AllocationRule::try_from);
    Ok(Json(AllocationRuleList {
        items: items.collect::<Result<_, _>>()?,
    }))
}

/// The next version of a category's rule.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAllocationRule {
    /// Whose shared costs are split.
    pub category: CostCategory,
    /// The month from which it holds; not before the last version's, nor closed.
    #[schema(value_type = String, pattern = r"^\d{4}-\d{2}$", example = "2025-09")]
    pub effective_from: Month,
    /// How.
    pub method: AllocationMethod,
    /// The shares, for `STATED`: they sum to exactly 1.
    #[serde(default)]
    pub shares: Vec<StatedShare>,
    /// Why it is made.
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
}

/// States how the shared costs of a category are split from a month on.
///
/// Rules are not edited: this is the category's next version, and the versions before it keep
/// holding for the months before.
#[utoipa::path(operation_id = "create_allocation_rule", tag = "allocation", request_body = NewAllocationRule,
    params(IdempotencyKey),
    responses((status = 200, body = AllocationRule, description = "The version"), WriteProblems))]
#[post("/allocation-rules")]
pub async fn create_allocation_rule(
    app: Data<Finance>,
    request: Idempotent<Json<NewAllocationRule>>,
) -> Result<Written, ApiError> {
    let rule = request.body.into_inner();
    let faults = faults(&rule);
    if !faults.is_empty() {
        return Err(Failure::invalid(faults).into());
    }
    let work = move |conn: &mut Conn| AllocationRule::try_from(insert(conn, rule)?);
    request.key.write(app.db(), work).await
}

fn insert(conn: &mut Conn, rule: NewAllocationRule) -> Result<AllocationRuleRow, Failure> {
    period_close::lock(conn)?;
    check_open(conn, rule.effective_from)?;
    let last = allocation_rule::find_last(conn, rule.category, None, None)?;
    if let Some(last) = &last {
        let before = Month::from_index(last.effective_month);
        if rule.effective_from < before {
            let from = rule.effective_from;
            let reason = format!(
                "{from} is before {before}, when the last version takes effect; give {before} or later"
            );
            let fault = InvalidParam::new("effective_from", "dates_out_of_order", reason);
            return Err(Failure::invalid(vec![fault]));
        }
    }
    let method = serde_json::to_value(rule.method).map_err(internal)?;
    let row = AllocationRuleRow {
        id: RecordId::generate(),
        category: rule.category.name().to_owned(),
        version: last.map_or(1, |last| last.version + 1),
        effective_month: rule.effective_from.index(),
        method: method.as_str().unwrap_or_default().to_owned(),
        shares: serde_json::to_string(&rule.shares).map_err(internal)?,
        reason: rule.reason,
        recorded_at: now().naive_utc(),
    };
    allocation_rule::insert_rule(conn, &row)?;
    Ok(row)
}

fn faults(rule: &NewAllocationRule) -> Vec<InvalidParam> {
    let mut faults: Vec<_> = fault::text("reason", &rule.reason, 1_000)
        .into_iter()
        .collect();
    for (index, share) in rule.shares.iter().enumerate() {
        let name = format!("shares/{index}/segment");
        faults.extend(fault::text(&name, &share.segment, 128));
    }
    if rule.method == AllocationMethod::Stated {
        if let Err(error) = rule.method.method(&rule.shares).shares(&[]) {
            faults.push(InvalidParam::new(
                "shares",
                "wrong_shares",
                error.to_string(),
            ));
        }
    } else if !rule.shares.is_empty() {
        faults.push(InvalidParam::new(
            "shares",
            "without_method",
            "are given for a method other than STATED; leave them out or choose STATED",
        ));
    }
    faults
}
