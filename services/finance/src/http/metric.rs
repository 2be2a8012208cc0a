//! Revenue metrics: one ledger, and what each vendor's definition makes of it.

use actix_web::get;
use actix_web::web::{Data, Json, Query};
use keepworth_contract::feed::CustomerKey;
use keepworth_contract::statistic::Statistic;
use keepworth_contract::{Currency, Month};
use keepworth_intake::Failure;
use keepworth_platform::{ApiResult, ReadProblems};
use keepworth_store::Conn;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::conversion::{load_rate, reporting};
use super::fx_rate::FxRate;
use super::{internal, read_picture};
use crate::Finance;
use crate::rule::metric::definition::{self, Definition, Unit};
use crate::rule::metric::ratio::Ratio;
use crate::rule::revenue::movement::{Cancellation, Change, MovementPolicy, Movements};
use crate::rule::revenue::recurring::{Charge, RatePair, Rates, change, needs_all};
use crate::store::recurring;

/// What a metric means.
#[derive(Debug, Serialize, ToSchema)]
pub struct MetricDefinition {
    /// Names it.
    pub id: String,
    /// Rises with each change of the formula.
    pub version: u32,
    /// What people call it.
    pub name: String,
    /// The formula.
    pub formula: String,
    /// Whose figure it reproduces.
    pub matches: String,
    /// How its value reads.
    pub unit: MetricUnit,
}

/// How a value reads.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MetricUnit {
    /// A fraction over the month; 0.92 is 92 percent.
    Share,
    /// Minor units of the reporting currency per new customer.
    MinorPerNewCustomer,
    /// Minor units of the reporting currency per average customer and year.
    MinorPerCustomerYear,
    /// Minor units of the reporting currency per customer.
    MinorPerCustomer,
    /// Per unit of the currency that is spent per head.
    PerUnitOfSpend,
    /// Minor units of the reporting currency per minute of handling.
    MinorPerMinute,
    /// Minor units of the reporting currency per contact.
    MinorPerContact,
}

impl From<&Definition> for MetricDefinition {
    fn from(definition: &Definition) -> Self {
        Self {
            id: definition.id.to_owned(),
            version: definition.version,
            name: definition.name.to_owned(),
            formula: definition.formula.to_owned(),
            matches: definition.matches.to_owned(),
            unit: match definition.unit {
                Unit::Share => MetricUnit::Share,
                Unit::MinorPerNewCustomer => MetricUnit::MinorPerNewCustomer,
                Unit::MinorPerCustomerYear => MetricUnit::MinorPerCustomerYear,
                Unit::MinorPerCustomer => MetricUnit::MinorPerCustomer,
                Unit::PerUnitOfSpend => MetricUnit::PerUnitOfSpend,
                Unit::MinorPerMinute => MetricUnit::MinorPerMinute,
                Unit::MinorPerContact => MetricUnit::MinorPerContact,
            },
        }
    }
}

/// Every definition.
#[derive(Debug, Serialize, ToSchema)]
pub struct MetricDefinitionList {
    /// Grouped by what they measure.
    pub items: Vec<MetricDefinition>,
}

/// Lists what each metric means, and whose figure it reproduces.
#[utoipa::path(operation_id = "list_metric_definitions", tag = "metrics",
    responses((status = 200, body = MetricDefinitionList, description = "Every definition"), ReadProblems))]
#[get("/metric-definitions")]
pub async fn list_metric_definitions() -> Json<MetricDefinitionList> {
    let items = definition::all().iter().map(MetricDefinition::from);
    Json(MetricDefinitionList {
        items: items.collect(),
    })
}

/// A metric's value by one definition.
#[derive(Debug, Serialize, ToSchema)]
pub struct Metric {
    /// The figure. It counts everybody in the ledger, so no interval is given.
    pub statistic: Statistic,
    /// What it means.
    pub definition: MetricDefinition,
}

/// What a metric's value is by one definition; `flags` are those of all figures of the report.
pub(super) fn metric(definition: &Definition, ratio: Ratio, n: u64, flags: &[String]) -> Metric {
    let mut quality_flags = flags.to_vec();
    if ratio.value().is_none() {
        quality_flags.push("no_denominator".to_owned());
    }
    Metric {
        statistic: Statistic {
            value: ratio.value(),
            n,
            interval: None,
            definition: keepworth_contract::statistic::Definition {
                id: definition.id.to_owned(),
                version: definition.version,
            },
            quality_flags,
        },
        definition: definition.into(),
    }
}

/// Which month, and how it is reported.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct MetricQuery {
    /// The month, YYYY-MM; it is held against the month before.
    #[param(value_type = String, example = "2025-09")]
    pub month: Month,
    /// ISO 4217 code to report in; the only one there is when left out.
    #[param(value_type = Option<String>, example = "EUR")]
    pub currency: Option<Currency>,
    /// A customer who returns later than this many months is new again; never when left out.
    #[param(minimum = 1)]
    pub reactivation_window_months: Option<u32>,
    /// When a customer who cancels is gone; EFFECTIVE when left out.
    #[serde(default)]
    pub cancellation: CancellationRule,
}

/// When a customer who cancels is gone.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CancellationRule {
    /// When it takes effect: in the month on whose last day nothing that was charged runs any more.
    #[default]
    Effective,
    /// When it is decided: in the month of `cancelled_on`, though what was charged still runs.
    Decided,
}

impl From<CancellationRule> for Cancellation {
    fn from(rule: CancellationRule) -> Self {
        match rule {
            CancellationRule::Effective => Self::Effective,
            CancellationRule::Decided => Self::Decided,
        }
    }
}

/// How recurring revenue moved over a month, and the metrics that follow.
#[derive(Debug, Serialize, ToSchema)]
pub struct MetricReport {
    /// The month.
    #[schema(value_type = String, example = "2025-09")]
    pub month: Month,
    /// ISO 4217 code of all amounts.
    #[schema(value_type = String, example = "EUR")]
    pub currency: Currency,
    /// When a customer who cancels is gone.
    pub cancellation: CancellationRule,
    /// The rates by which amounts were converted.
    pub rates: Vec<FxRate>,
    /// What must be known before any of it is used: `converted`, by the rates above;
    /// `nothing_begins`, no charge begins in the month or later, so that the records may end before
    /// it, and who left may only not be billed yet.
    pub quality_flags: Vec<String>,
    /// Where the month's recurring revenue came from and went.
    pub movements: RevenueMovements,
    /// The same in customers.
    pub customers: CustomerMovements,
    /// Every retention metric by every definition.
    pub items: Vec<Metric>,
}

/// Recurring revenue: closing = opening + new + reactivation + expansion − contraction − churn +
/// fx, to the last decimal. Decimal strings in units of the currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevenueMovements {
    /// In the month before, at its rates.
    pub opening: String,
    /// From customers who never paid before.
    pub new: String,
    /// From customers who came back.
    pub reactivation: String,
    /// More from customers who stayed.
    pub expansion: String,
    /// Less from customers who stayed.
    pub contraction: String,
    /// From customers who left.
    pub churn: String,
    /// From exchange rates alone; either sign.
    pub fx: String,
    /// In the month.
    pub closing: String,
}

/// Paying customers.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerMovements {
    /// In the month before.
    pub opening: u64,
    /// New or back.
    pub won: u64,
    /// Gone.
    pub lost: u64,
}

/// Says how recurring revenue moved over a month, and what each definition makes of it.
#[utoipa::path(operation_id = "load_metrics", tag = "metrics", params(MetricQuery),
    responses((status = 200, body = MetricReport, description = "The month's metrics"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Several currencies, or no rate"), ReadProblems))]
#[get("/metrics")]
pub async fn load_metrics(
    app: Data<Finance>,
    query: Query<MetricQuery>,
) -> ApiResult<MetricReport> {
    let query = query.into_inner();
    let report = read_picture(&app, move |conn| report(conn, &query)).await?;
    Ok(Json(report))
}

fn report(conn: &mut Conn, query: &MetricQuery) -> Result<MetricReport, Failure> {
    let month = query.month;
    let mut present = Vec::new();
    for code in recurring::load_currencies(conn, month)? {
        present.push(code.parse().map_err(internal)?);
    }
    let currency = reporting(query.currency, &present)?.ok_or_else(|| {
        Failure::not_found(format!(
            "no recurring revenue in {month} nor in the month before"
        ))
    })?;
    if !recurring::is_recorded(conn, month)? {
        return Err(Failure::not_found(format!(
            "no revenue at all is recorded in {month}: that is a month without records, not one in \
             which everybody left; import its revenue, or ask for an earlier month"
        )));
    }
    let (mut rates, mut used) = (Rates::new(), Vec::new());
    for base in present {
        let pair = RatePair {
            opening: load_rate(conn, base, currency, month.plus(-1), &mut used)?,
            closing: load_rate(conn, base, currency, month, &mut used)?,
        };
        rates.insert(base.code(), pair);
    }
    let policy = MovementPolicy {
        reactivation_window_months: query.reactivation_window_months,
        cancellation: query.cancellation.into(),
    };
    let movements = Movements::of(changes(conn, month, policy.cancellation, &rates)?, policy);
    let ended = movements.logos.lost > 0 && !recurring::is_anything_begun(conn, month)?;
    let flags = [
        (!used.is_empty()).then_some("converted"),
        ended.then_some("nothing_begins"),
    ];
    let flags: Vec<String> = flags.into_iter().flatten().map(str::to_owned).collect();
    let n = count(movements.logos.opening);
    let items = definition::retention(&movements)
        .map(|(definition, ratio)| metric(definition, ratio, n, &flags))
        .collect();
    Ok(MetricReport {
        month,
        currency,
        cancellation: query.cancellation,
        rates: used,
        quality_flags: flags,
        movements: amounts(&movements, currency)?,
        customers: CustomerMovements {
            opening: n,
            won: count(movements.logos.won),
            lost: count(movements.logos.lost),
        },
        items,
    })
}

/// Every customer's change over the month.
fn changes(
    conn: &mut Conn,
    month: Month,
    cancellation: Cancellation,
    rates: &Rates,
) -> Result<Vec<Change>, Failure> {
    let change = |charges: &[Charge]| change(charges, month, cancellation, rates);
    let (mut found, mut open) = (Vec::new(), Vec::new());
    recurring::for_each_customer(conn, month, |customer, charges| {
        if needs_all(charges) {
            open.push(customer.clone());
        } else {
            found.push((customer.clone(), change(charges)?));
        }
        Ok::<_, Failure>(())
    })?;
    for (customer, charges) in recurring::load_charges::<Failure>(conn, &open)? {
        found.push((customer, change(&charges)?));
    }
    add_dormant(conn, month, &mut found)?;
    Ok(found.into_iter().map(|(_, change)| change).collect())
}

/// Says how long those who come had not paid.
fn add_dormant(
    conn: &mut Conn,
    month: Month,
    changes: &mut [(CustomerKey, Change)],
) -> Result<(), Failure> {
    let is_won = |change: &Change| change.opening == 0 && change.closing > 0;
    let won = changes.iter().filter(|(_, change)| is_won(change));
    let won: Vec<CustomerKey> = won.map(|(customer, _)| customer.clone()).collect();
    let last_paid = recurring::load_last_paid(conn, &won, month.plus(-1))?;
    for (customer, change) in changes.iter_mut().filter(|(_, change)| is_won(change)) {
        let dormant = |last: &Month| month.index().abs_diff(last.index());
        change.dormant_months = last_paid.get(customer).map(dormant);
    }
    Ok(())
}

fn count(customers: i128) -> u64 {
    u64::try_from(customers).unwrap_or_default()
}

fn amounts(sums: &Movements, currency: Currency) -> Result<RevenueMovements, Failure> {
    // Four decimals more than the currency has: `MRR_SCALE`.
    let scale = currency.decimals() + 4;
    let text = |sum: i128| {
        let amount = Decimal::try_from_i128_with_scale(sum, scale).map_err(internal)?;
        Ok::<_, Failure>(amount.to_string())
    };
    Ok(RevenueMovements {
        opening: text(sums.opening)?,
        new: text(sums.new)?,
        reactivation: text(sums.reactivation)?,
        expansion: text(sums.expansion)?,
        contraction: text(sums.contraction)?,
        churn: text(sums.churn)?,
        fx: text(sums.fx)?,
        closing: text(sums.closing())?,
    })
}
