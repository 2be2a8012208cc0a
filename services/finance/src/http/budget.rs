//! What programmes may cost, in versions.

use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use keepworth_contract::Word;
use keepworth_contract::finance::ProgrammeLine;
use keepworth_contract::{Currency, InvalidParam, Money, Month};
use keepworth_intake::Failure;
use keepworth_intake::fault;
use keepworth_platform::idempotency::{IdempotencyKey, Idempotent, Written};
use keepworth_platform::{ApiError, ApiResult, ReadProblems, Service, WriteProblems};
use keepworth_store::{Conn, RecordId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::internal;
use crate::Finance;
use crate::rule::cost::programme::{Amounts, Budget as Plan, BudgetError, Budgets, LineType};
use crate::rule::ledger::amount;
use crate::rule::ledger::date;
use crate::store::budget::{self, BudgetLineRow, BudgetRow};
use keepworth_store::now;

/// A version of a programme's budget.
#[derive(Debug, Serialize, ToSchema)]
pub struct Budget {
    /// Identifier.
    pub id: Uuid,
    /// The programme.
    pub programme: String,
    /// 1 for the programme's first budget.
    pub version: u32,
    /// The day from which it holds, until a later version does.
    pub effective_on: NaiveDate,
    /// Why it was made.
    pub reason: String,
    /// ISO 4217 code of its lines.
    #[schema(value_type = String, example = "EUR")]
    pub currency: Currency,
    /// What is planned, by month and kind of money.
    pub lines: Vec<BudgetLine>,
    /// When it was written.
    pub recorded_at: DateTime<Utc>,
}

/// What is planned for one month and kind of money.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetLine {
    /// The month.
    #[schema(value_type = String, pattern = r"^\d{4}-\d{2}$", example = "2025-09")]
    pub month: Month,
    /// The kind of money.
    pub line: ProgrammeLine,
    /// How much, in the currency of the other lines.
    pub amount: Money,
}

impl Budget {
    /// What the rules know of it.
    pub(super) fn plan(&self) -> Result<Plan, Failure> {
        let mut planned = Amounts::new();
        for line in &self.lines {
            let minor = line.amount.minor_units().map_err(internal)?;
            planned.insert((line.month, line_type(line.line)), minor);
        }
        Ok(Plan {
            version: self.version,
            effective_on: self.effective_on,
            reason: self.reason.clone(),
            planned,
        })
    }
}

/// The rules' name of a kind of money.
pub(super) fn line_type(line: ProgrammeLine) -> LineType {
    match line {
        ProgrammeLine::People => LineType::People,
        ProgrammeLine::Process => LineType::Process,
        ProgrammeLine::Politics => LineType::Politics,
        ProgrammeLine::Technology => LineType::Technology,
        ProgrammeLine::Training => LineType::Training,
        ProgrammeLine::Treatment => LineType::Treatment,
    }
}

/// Every version of a programme's budget.
#[derive(Debug, Serialize, ToSchema)]
pub struct BudgetList {
    /// Oldest first.
    pub items: Vec<Budget>,
}

/// Lists every version of a programme's budget, oldest first.
#[utoipa::path(operation_id = "list_budgets", tag = "programmes",
    params(("programme" = String, Path, description = "Names the programme")),
    responses((status = 200, body = BudgetList, description = "Every version"), ReadProblems))]
#[get("/programmes/{programme}/budgets")]
pub async fn list_budgets(app: Data<Finance>, programme: Path<String>) -> ApiResult<BudgetList> {
    super::check_filter("programme", Some(&programme))?;
    let items = app
        .db()
        .read(move |conn| conn.snapshot(|conn| load(conn, &programme)))
        .await?;
    Ok(Json(BudgetList { items }))
}

/// A programme's budgets, oldest first.
pub(super) fn load(conn: &mut Conn, programme: &str) -> Result<Vec<Budget>, Failure> {
    let mut budgets = Vec::new();
    for row in budget::load_budgets(conn, programme)? {
        let lines = budget::load_lines(conn, row.id)?;
        budgets.push(wire(row, &lines)?);
    }
    Ok(budgets)
}

fn wire(row: BudgetRow, lines: &[BudgetLineRow]) -> Result<Budget, Failure> {
    let currency = row.currency()?;
    let line = |row: &BudgetLineRow| {
        Ok::<_, Failure>(BudgetLine {
            month: Month::from_index(row.month),
            line: row.line()?,
            amount: Money::from_minor(row.minor, currency),
        })
    };
    Ok(Budget {
        id: row.id.0,
        programme: row.programme,
        version: row.version.unsigned_abs(),
        effective_on: row.effective_on,
        reason: row.reason,
        currency,
        lines: lines.iter().map(line).collect::<Result<_, _>>()?,
        recorded_at: row.recorded_at.and_utc(),
    })
}

/// The next version of a programme's budget.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBudget {
    /// The day from which it holds; not before the last version's.
    pub effective_on: NaiveDate,
    /// Why it is made.
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
    /// What is planned: each month and kind of money once, all in one currency.
    #[schema(min_items = 1, max_items = 1000)]
    pub lines: Vec<BudgetLine>,
}

/// The most lines of a budget.
const MOST_LINES: usize = 1_000;

/// States what a programme may cost.
///
/// Budgets are not edited: this is the next version, and it replaces the whole plan from its day
/// on.
#[utoipa::path(operation_id = "create_budget", tag = "programmes", request_body = NewBudget,
    params(("programme" = String, Path, description = "Names the programme"), IdempotencyKey),
    responses((status = 200, body = Budget, description = "The version"), WriteProblems))]
#[post("/programmes/{programme}/budgets")]
pub async fn create_budget(
    app: Data<Finance>,
    programme: Path<String>,
    request: Idempotent<Json<NewBudget>>,
) -> Result<Written, ApiError> {
    let (programme, new) = (programme.into_inner(), request.body.into_inner());
    let mut faults = faults(&new);
    faults.extend(fault::text("programme", &programme, 128));
    if !faults.is_empty() {
        return Err(Failure::invalid(faults).into());
    }
    let work = move |conn: &mut Conn| insert(conn, programme, new);
    request.key.write(app.db(), work).await
}

fn insert(conn: &mut Conn, programme: String, new: NewBudget) -> Result<Budget, Failure> {
    conn.lock_source("budgets", &programme)?;
    let mut budgets = Budgets::default();
    for budget in load(conn, &programme)? {
        budgets.push(budget.plan()?).map_err(internal)?;
    }
    let Some(first) = new.lines.first() else {
        return Err(Failure::invalid(faults(&new)));
    };
    let row = BudgetRow {
        id: RecordId::generate(),
        version: budgets.versions().len() as i32 + 1,
        programme,
        effective_on: new.effective_on,
        currency: first.amount.currency.code().to_owned(),
        reason: new.reason,
        recorded_at: now().naive_utc(),
    };
    let mut lines = Vec::new();
    for line in new.lines {
        lines.push(BudgetLineRow {
            budget_id: row.id,
            month: line.month.index(),
            line: line.line.name().to_owned(),
            minor: line.amount.minor_units().map_err(internal)?,
        });
    }
    lines.sort_by(|a, b| (a.month, &a.line).cmp(&(b.month, &b.line)));
    let budget = wire(row.clone(), &lines)?;
    budgets.push(budget.plan()?).map_err(refused)?;
    budget::insert_budget(conn, &row, &lines)?;
    Ok(budget)
}

#[expect(clippy::needless_pass_by_value, reason = "used with map_err")]
fn refused(error: BudgetError) -> Failure {
    let fault = InvalidParam::new("effective_on", "dates_out_of_order", error.to_string());
    Failure::invalid(vec![fault])
}

fn faults(new: &NewBudget) -> Vec<InvalidParam> {
    let mut faults: Vec<_> = fault::text("reason", &new.reason, 1_000)
        .into_iter()
        .collect();
    faults.extend(date::range_fault("effective_on", new.effective_on));
    if new.lines.is_empty() || new.lines.len() > MOST_LINES {
        let reason = format!("{} lines; give 1 to {MOST_LINES}", new.lines.len());
        faults.push(InvalidParam::new("lines", "out_of_range", reason));
    }
    let mut seen = std::collections::BTreeSet::new();
    for (index, line) in new.lines.iter().enumerate() {
        let name = |field: &str| format!("lines/{index}/{field}");
        faults.extend(amount::fault(&name("amount"), line.amount));
        let first = new.lines[0].amount.currency;
        if line.amount.currency != first {
            let reason = format!("is {}; the first line is {first}", line.amount.currency);
            faults.push(InvalidParam::new(
                name("amount/currency"),
                "mixed_currencies",
                reason,
            ));
        }
        if !seen.insert((line.month, line.line)) {
            let reason = format!(
                "{} of {} is there twice; add both up",
                line.line.name(),
                line.month
            );
            faults.push(InvalidParam::new(name("line"), "duplicate", reason));
        }
    }
    faults
}
