//! What it costs to win a customer, and to keep one.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::get;
use actix_web::web::{Data, Json, Query};
use chrono::{DateTime, Utc};
use keepworth_contract::finance::{CostCategory, CostComponent};
use keepworth_contract::{Currency, Money, Month};
use keepworth_intake::Failure;
use keepworth_platform::{ApiResult, ReadProblems};
use keepworth_store::Conn;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::allocation::{allocate, rules_in_force};
use super::consumption_cost::ContactSpending;
use super::conversion::{load_known_rate, reporting};
use super::fx_rate::FxRate;
use super::metric::{Metric, metric};
use super::period::Period;
use super::{internal, read_picture};
use crate::Finance;
use crate::rule::cost::avoidable::ConfirmedShares;
use crate::rule::cost::contact_cost::ContactCosts;
use crate::rule::cost::cost_total::{CostTotal, Counts};
use crate::rule::cost::maintenance::{Maintenance, MaintenanceComponent};
use crate::rule::ledger::month_allocation::Overflow;
use crate::rule::metric::definition;
use crate::store::{KnownAt, avoidable_share, cost, segment_month};

/// Which period, and how it is reported.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct UnitCostQuery {
    /// The last month, YYYY-MM.
    #[param(value_type = String, example = "2025-09")]
    pub month: Month,
    /// How many months, 1 to 60 (default 1).
    #[param(minimum = 1, maximum = 60)]
    pub months: Option<i32>,
    /// ISO 4217 code to report in; the only one there is when left out.
    #[param(value_type = Option<String>, example = "EUR")]
    pub currency: Option<Currency>,
    /// Spend comes this many months before the customers it won, 0 to 24 (default 0); only for
    /// acquisition costs.
    #[param(minimum = 0, maximum = 24)]
    pub lag_months: Option<i32>,
    /// As it was known at this time (RFC 3339), before later corrections; now when left out.
    #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
    pub known_at: Option<DateTime<Utc>>,
}

impl UnitCostQuery {
    pub(super) fn period(&self) -> Result<Period, Failure> {
        let lag = self.lag_months.unwrap_or(0);
        if !(0..=24).contains(&lag) {
            return Err(Failure::malformed(format!(
                "lag_months is {lag}; give 0 to 24"
            )));
        }
        let period = Period::ending(self.month, self.months)?.known(self.known_at);
        Ok(Period { lag, ..period })
    }
}

/// A unit cost by segment, with what it is made of.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitCostReport {
    /// The first month whose customers count.
    #[schema(value_type = String, example = "2025-07")]
    pub first_month: Month,
    /// The last one.
    #[schema(value_type = String, example = "2025-09")]
    pub last_month: Month,
    /// Months between spend and customers.
    pub lag_months: i32,
    /// As it was known at this time; null is now.
    pub known_at: Option<DateTime<Utc>>,
    /// ISO 4217 code of all amounts.
    #[schema(value_type = String, example = "EUR")]
    pub currency: Currency,
    /// The rates by which amounts were converted, each month at its last.
    pub rates: Vec<FxRate>,
    /// The whole company first, then each segment.
    pub items: Vec<UnitCost>,
}

/// The costs of one segment, or of the whole company.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitCost {
    /// The segment's key; null is the whole company, with costs that no segment bears.
    pub segment: Option<String>,
    /// What was spent.
    pub costs: Vec<CostLine>,
    /// The part of it that would not be spent otherwise, by the shares confirmed until the last
    /// month (`/v1/avoidable-shares`); null for acquisition costs.
    pub avoidable: Option<Money>,
    /// What follows, by every definition.
    pub figures: Vec<Metric>,
}

/// What was spent on one thing.
#[derive(Debug, Serialize, ToSchema)]
pub struct CostLine {
    /// What was spent on.
    pub category: CostCategory,
    /// What exactly; null is the category's usual component.
    pub component: Option<CostComponent>,
    /// How much.
    pub amount: Money,
}

/// Says what it cost to win a customer: paid, blended and fully loaded.
///
/// Shared spend is allocated by the rules in force; customers won are those of
/// `/v1/segment-months`.
#[utoipa::path(operation_id = "load_acquisition_costs", tag = "metrics", params(UnitCostQuery),
    responses((status = 200, body = UnitCostReport, description = "By segment"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Several currencies, or no rate"), ReadProblems))]
#[get("/acquisition-costs")]
pub async fn load_acquisition_costs(
    app: Data<Finance>,
    query: Query<UnitCostQuery>,
) -> ApiResult<UnitCostReport> {
    let period = query.period()?;
    let asked = query.currency;
    let read = move |conn: &mut Conn| gather(conn, period, asked, is_acquisition);
    let gathered = read_picture(&app, read).await?;
    Ok(Json(gathered.report(period, |total, counts, flags| {
        UnitCost {
            segment: None,
            costs: lines(total.acquisition_lines(), gathered.currency),
            avoidable: None,
            figures: definition::acquisition(&total.acquisition(counts))
                .map(|(definition, ratio)| metric(definition, ratio, counts.new_customers, flags))
                .collect(),
        }
    })))
}

/// Says what it costs to keep a customer for a year.
///
/// Shared costs are allocated by the rules in force; customer-months are those of
/// `/v1/segment-months`.
#[utoipa::path(operation_id = "load_maintenance_costs", tag = "metrics", params(UnitCostQuery),
    responses((status = 200, body = UnitCostReport, description = "By segment"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Several currencies, or no rate"), ReadProblems))]
#[get("/maintenance-costs")]
pub async fn load_maintenance_costs(
    app: Data<Finance>,
    query: Query<UnitCostQuery>,
) -> ApiResult<UnitCostReport> {
    if query.lag_months.is_some() {
        return Err(Failure::malformed(
            "lag_months has no meaning for maintenance costs; leave it out",
        )
        .into());
    }
    let period = query.period()?;
    let asked = query.currency;
    let read = move |conn: &mut Conn| {
        let shares = avoidable_share::load_in_force::<Failure>(conn, period.last, period.known_at)?;
        let gathered = gather(conn, period, asked, |it| !is_acquisition(it))?;
        let contacts = if gathered.has_contacts() {
            ContactSpending::load(conn, period, Some(gathered.currency))?.costs
        } else {
            ContactCosts::default()
        };
        Ok((gathered, shares, contacts))
    };
    let (gathered, shares, contacts) = read_picture(&app, read).await?;
    let mut report = gathered.report(period, |total, counts, flags| UnitCost {
        segment: None,
        costs: lines(total.maintenance_lines(), gathered.currency),
        avoidable: None,
        figures: definition::maintenance(&total.maintenance(counts))
            .map(|(definition, ratio)| metric(definition, ratio, counts.customer_months, flags))
            .collect(),
    });
    let avoidable = gathered.avoidable(&shares, &contacts)?;
    for (item, minor) in report.items.iter_mut().zip(avoidable) {
        item.avoidable = Some(Money::from_minor(minor, gathered.currency));
    }
    Ok(Json(report))
}

fn is_acquisition(category: CostCategory) -> bool {
    category == CostCategory::Acquisition
}

pub(super) fn lines(
    lines: impl Iterator<Item = (CostCategory, Option<CostComponent>, i64)>,
    currency: Currency,
) -> Vec<CostLine> {
    let line = |(category, component, minor)| CostLine {
        category,
        component,
        amount: Money::from_minor(minor, currency),
    };
    lines.map(line).collect()
}

/// Costs and customers by segment; `None` is the whole company.
#[derive(Debug)]
pub(super) struct Gathered {
    pub currency: Currency,
    pub rates: Vec<FxRate>,
    pub flags: Vec<String>,
    pub totals: BTreeMap<Option<String>, (CostTotal, Counts)>,
    pub is_unallocated: bool,
}

impl Gathered {
    fn report(
        &self,
        period: Period,
        unit_cost: impl Fn(&CostTotal, Counts, &[String]) -> UnitCost,
    ) -> UnitCostReport {
        let item = |(segment, (total, counts)): (&Option<String>, &(CostTotal, Counts))| {
            let flags = match segment {
                Some(_) => self.segment_flags(),
                None => self.flags.clone(),
            };
            UnitCost {
                segment: segment.clone(),
                ..unit_cost(total, *counts, &flags)
            }
        };
        UnitCostReport {
            first_month: period.first,
            last_month: period.last,
            lag_months: period.lag,
            known_at: period.known_at.map(|at| at.and_utc()),
            currency: self.currency,
            rates: self.rates.clone(),
            items: self.totals.iter().map(item).collect(),
        }
    }
}

impl Gathered {
    /// Whether anything was spent on contacts.
    fn has_contacts(&self) -> bool {
        let company = self.totals.get(&None).map(|(total, _)| total);
        let spent = company.map(|total| total.maintenance(Counts::default()));
        spent.is_some_and(|it| it.costs.contains_key(&MaintenanceComponent::Consumption))
    }

    /// The flags of what is told of segments.
    pub(super) fn segment_flags(&self) -> Vec<String> {
        let unallocated = self
            .is_unallocated
            .then(|| "shared_costs_unallocated".to_owned());
        self.flags.iter().cloned().chain(unallocated).collect()
    }

    /// What of maintenance would not be spent otherwise, in the order of the totals. Contacts are
    /// those of `/v1/consumption-costs`: which of them can be avoided depends on their channel. The
    /// company's is that of its segments, and of what none of them bears.
    fn avoidable(
        &self,
        shares: &ConfirmedShares,
        contacts: &ContactCosts,
    ) -> Result<Vec<i64>, Overflow> {
        let of_contacts = contacts.avoidable(shares)?;
        let contacts_of = |segment: &Option<String>| of_contacts.get(segment).copied();
        let mut unborne = Maintenance::default();
        let mut parts = Vec::new();
        for (segment, (total, _)) in &self.totals {
            let spent = total.maintenance(Counts::default());
            let sign = if segment.is_some() { -1 } else { 1 };
            for (component, minor) in &spent.costs {
                *unborne.costs.entry(*component).or_default() += sign * minor;
            }
            if segment.is_some() {
                let others = shares.of_all_but_contacts(&spent, segment.as_deref());
                let contacts = contacts_of(segment).unwrap_or_default();
                parts.push(others.and_then(|it| it.checked_add(contacts)));
            }
        }
        let known = |segment: &Option<String>| self.totals.contains_key(segment);
        let others = of_contacts.iter();
        let others = others.filter(|(segment, _)| segment.is_none() || !known(segment));
        let unborne = shares.of_all_but_contacts(&unborne, None).ok_or(Overflow)?;
        let start = others.map(|(_, minor)| *minor);
        let start = start.into_iter().try_fold(unborne, i64::checked_add);
        let company = parts.iter().try_fold(start.ok_or(Overflow)?, |sum, part| {
            sum.checked_add((*part)?)
        });
        parts.insert(0, company);
        parts.into_iter().map(|part| part.ok_or(Overflow)).collect()
    }
}

/// Gathers the costs of the categories that count.
pub(super) fn gather(
    conn: &mut Conn,
    period: Period,
    asked: Option<Currency>,
    counts: fn(CostCategory) -> bool,
) -> Result<Gathered, Failure> {
    let (first, last) = (
        period.first.plus(-period.lag),
        period.last.plus(-period.lag),
    );
    let present = cost::load_kinds::<Failure>(conn, first, last, period.known_at)?;
    let present: Vec<_> = present
        .into_iter()
        .filter(|kind| counts(kind.category))
        .collect();
    let currencies: BTreeSet<&str> = present.iter().map(|kind| kind.currency.code()).collect();
    let currencies = currencies
        .into_iter()
        .map(str::parse)
        .collect::<Result<Vec<_>, _>>();
    let currency = reporting(asked, &currencies.map_err(internal)?)?.ok_or_else(|| {
        Failure::not_found(format!(
            "no such costs in {first} to {last}; GET /v1/ledger-entries lists what the ledger has"
        ))
    })?;
    let mut gathered = Gathered {
        currency,
        rates: Vec::new(),
        flags: Vec::new(),
        totals: BTreeMap::from([(None, Default::default())]),
        is_unallocated: false,
    };
    for month in period.months() {
        gathered.add_counts(conn, month, period.known_at)?;
        gathered.add_costs(conn, month.plus(-period.lag), period.known_at, counts)?;
    }
    if !gathered.rates.is_empty() {
        gathered.flags.push("converted".to_owned());
    }
    if present.iter().any(|kind| kind.assumed) {
        gathered.flags.push("assumed".to_owned());
    }
    Ok(gathered)
}

impl Gathered {
    fn add_counts(
        &mut self,
        conn: &mut Conn,
        month: Month,
        known_at: KnownAt,
    ) -> Result<(), Failure> {
        for row in segment_month::load_month(conn, month, known_at)? {
            for segment in [None, Some(row.segment.clone())] {
                let counts = &mut self.totals.entry(segment).or_default().1;
                counts.customer_months += row.customers.unsigned_abs();
                counts.new_customers += row.new_customers.unsigned_abs();
                counts.from_paid += row.new_from_paid.unsigned_abs();
                counts.revenue += i128::from(row.revenue_minor);
            }
        }
        Ok(())
    }

    fn add_costs(
        &mut self,
        conn: &mut Conn,
        month: Month,
        known_at: KnownAt,
        counts: fn(CostCategory) -> bool,
    ) -> Result<(), Failure> {
        let rules = rules_in_force(conn, month, known_at)?;
        let done = allocate(conn, month, &rules, known_at)?;
        let currency = self.currency;
        let borne = done.borne.into_iter().map(|((key, segment), borne)| {
            let sum = borne.direct.checked_add(borne.shared);
            (key, Some(segment.to_string()), sum)
        });
        let kept = done
            .unallocated
            .into_iter()
            .map(|(key, kept)| (key, None, Some(kept.minor)));
        for (key, segment, minor) in borne.chain(kept).filter(|(key, ..)| counts(key.category)) {
            let rates = &mut self.rates;
            let rate = load_known_rate(conn, key.currency, currency, month, known_at, rates)?;
            let minor = minor
                .and_then(|minor| rate.map_or(Some(minor), |rate| rate.convert(minor)))
                .ok_or(Overflow)?;
            self.is_unallocated |= segment.is_none();
            for segment in BTreeSet::from([None, segment]) {
                let total = &mut self.totals.entry(segment).or_default().0;
                total.add(key.category, key.component, minor)?;
            }
        }
        Ok(())
    }
}
