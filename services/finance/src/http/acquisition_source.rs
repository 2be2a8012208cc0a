//! What customers cost to win, by the channel or the campaign that won them.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::get;
use actix_web::web::{Data, Json, Query};
use chrono::{DateTime, Utc};
use keepworth_contract::finance::{CostCategory, CostComponent};
use keepworth_contract::{Currency, Month};
use keepworth_intake::Failure;
use keepworth_platform::{ApiResult, ReadProblems};
use keepworth_store::Conn;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::conversion::{load_known_rate, reporting};
use super::fx_rate::FxRate;
use super::metric::{Metric, metric};
use super::period::Period;
use super::unit_cost::{CostLine, UnitCostQuery, lines};
use super::{internal, read_picture};
use crate::Finance;
use crate::rule::cost::campaign_touch::{Touched, credits};
use crate::rule::cost::cost_total::{CostTotal, Counts};
use crate::rule::cost::overlap::{CREDIT, OverlapRule};
use crate::rule::ledger::month_allocation::Overflow;
use crate::rule::metric::definition;
use crate::rule::revenue::segment_count::last_day;
use crate::store::{campaign_touch, cost, segment_month};

/// Which period, how it is reported, and who is credited.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CampaignCostQuery {
    /// The last month, YYYY-MM.
    #[param(value_type = String, example = "2025-09")]
    pub month: Month,
    /// How many months, 1 to 60 (default 1).
    #[param(minimum = 1, maximum = 60)]
    pub months: Option<i32>,
    /// ISO 4217 code to report in; the only one there is when left out.
    #[param(value_type = Option<String>, example = "EUR")]
    pub currency: Option<Currency>,
    /// Spend comes this many months before the customers it won, 0 to 24 (default 0).
    #[param(minimum = 0, maximum = 24)]
    pub lag_months: Option<i32>,
    /// To whom a customer is credited whom several campaigns touched (default `EVEN`).
    pub overlap: Option<OverlapRule>,
}

/// What customers cost to win, by what won them.
#[derive(Debug, Serialize, ToSchema)]
pub struct AcquisitionSourceReport {
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
    /// How customers whom several campaigns touched are credited; null for channels.
    pub overlap: Option<OverlapRule>,
    /// ISO 4217 code of all amounts.
    #[schema(value_type = String, example = "EUR")]
    pub currency: Currency,
    /// The rates by which amounts were converted, each month at its last.
    pub rates: Vec<FxRate>,
    /// Spend and customers that name none first, then by name. Nobody is counted twice: the
    /// customers of all items sum to those of `/v1/segment-months`, the spend to the ledger.
    pub items: Vec<AcquisitionSource>,
    /// What a reader must know before using it.
    pub quality_flags: Vec<String>,
}

/// What won customers, and what it cost.
#[derive(Debug, Serialize, ToSchema)]
pub struct AcquisitionSource {
    /// The channel or campaign; null is what names none.
    pub name: Option<String>,
    /// What was spent.
    pub costs: Vec<CostLine>,
    /// New customers: a decimal string, for credit is split.
    #[schema(value_type = String, example = "12.5")]
    pub new_customers: String,
    /// What one cost, by every definition but the one of paid channels.
    pub figures: Vec<Metric>,
}

/// Says what a customer cost to win, by the acquisition channel that the customer's record names.
///
/// New customers by channel are those that `/v1/segment-months:count` counted.
#[utoipa::path(operation_id = "load_acquisition_costs_by_channel", tag = "acquisition", params(UnitCostQuery),
    responses((status = 200, body = AcquisitionSourceReport, description = "By channel"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Several currencies, or no rate"), ReadProblems))]
#[get("/acquisition-costs/by-channel")]
pub async fn load_acquisition_costs_by_channel(
    app: Data<Finance>,
    query: Query<UnitCostQuery>,
) -> ApiResult<AcquisitionSourceReport> {
    let period = query.period()?;
    let asked = query.currency;
    let read = move |conn: &mut Conn| {
        let won = won_by_channel(conn, period)?;
        report(conn, period, asked, |spent| spent.channel, won, None)
    };
    Ok(Json(read_picture(&app, read).await?))
}

/// Says what a customer cost to win, by campaign: those who paid first in the period are credited to
/// the campaigns that touched them until then, each once in all, by the overlap rule.
#[utoipa::path(operation_id = "load_acquisition_costs_by_campaign", tag = "acquisition", params(CampaignCostQuery),
    responses((status = 200, body = AcquisitionSourceReport, description = "By campaign"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Several currencies, or no rate"), ReadProblems))]
#[get("/acquisition-costs/by-campaign")]
pub async fn load_acquisition_costs_by_campaign(
    app: Data<Finance>,
    query: Query<CampaignCostQuery>,
) -> ApiResult<AcquisitionSourceReport> {
    let query = query.into_inner();
    let rule = query.overlap.unwrap_or(OverlapRule::Even);
    let query = UnitCostQuery {
        month: query.month,
        months: query.months,
        currency: query.currency,
        lag_months: query.lag_months,
        known_at: None,
    };
    let period = query.period()?;
    let asked = query.currency;
    let read = move |conn: &mut Conn| {
        let won = won_by_campaign(conn, period, rule)?;
        report(conn, period, asked, |spent| spent.campaign, won, Some(rule))
    };
    Ok(Json(read_picture(&app, read).await?))
}

/// New customers by channel, in [`CREDIT`]ths.
fn won_by_channel(conn: &mut Conn, period: Period) -> Result<BTreeMap<String, i64>, Failure> {
    let mut won: BTreeMap<String, i64> = BTreeMap::new();
    for month in period.months() {
        let rows = segment_month::load_channels(conn, month, period.known_at)?;
        for row in rows.into_iter().filter(|row| row.new_customers > 0) {
            let credit = row.new_customers.checked_mul(CREDIT);
            let sum = won.entry(row.channel).or_default();
            *sum = credit.and_then(|it| sum.checked_add(it)).ok_or(Overflow)?;
        }
    }
    Ok(won)
}

/// New customers by campaign, in [`CREDIT`]ths.
fn won_by_campaign(
    conn: &mut Conn,
    period: Period,
    rule: OverlapRule,
) -> Result<BTreeMap<String, i64>, Failure> {
    let mut touched: Vec<Touched> = Vec::new();
    campaign_touch::for_each_touched(conn, |it| touched.push(it))?;
    let mut won: BTreeMap<String, i64> = BTreeMap::new();
    for chunk in touched.chunks(campaign_touch::CHUNK) {
        let mut paid = campaign_touch::load_first_paid(conn, chunk)?;
        paid.retain(|_, month| period.first <= *month && *month <= period.last);
        let until = paid
            .into_iter()
            .map(|(customer, month)| (customer, last_day(month)));
        for (campaign, credit) in credits(chunk, &until.collect(), rule).map_err(internal)? {
            *won.entry(campaign).or_default() += credit;
        }
    }
    Ok(won)
}

fn report(
    conn: &mut Conn,
    period: Period,
    asked: Option<Currency>,
    name_of: fn(cost::AcquisitionSpend) -> Option<String>,
    won: BTreeMap<String, i64>,
    overlap: Option<OverlapRule>,
) -> Result<AcquisitionSourceReport, Failure> {
    let mut spent = Spent::load(conn, period, asked, name_of)?;
    let counted = count_new(conn, period)?;
    let mut won: BTreeMap<Option<String>, i64> = won
        .into_iter()
        .map(|(name, credit)| (Some(name), credit))
        .collect();
    let credited: i128 = won.values().map(|credit| i128::from(*credit)).sum();
    let rest = counted * i128::from(CREDIT) - credited;
    if rest < 0 {
        spent.flags.push(
            "more_credited_than_counted: campaigns are credited with more new customers than \
             were counted; count the months with POST /v1/segment-months:count"
                .to_owned(),
        );
    }
    won.insert(None, i64::try_from(rest.max(0)).map_err(|_| Overflow)?);
    let names: BTreeSet<&Option<String>> = spent.totals.keys().chain(won.keys()).collect();
    let item = |name: &&Option<String>| source(&spent, name, won.get(*name).copied().unwrap_or(0));
    Ok(AcquisitionSourceReport {
        first_month: period.first,
        last_month: period.last,
        lag_months: period.lag,
        known_at: period.known_at.map(|at| at.and_utc()),
        overlap,
        currency: spent.currency,
        items: names.iter().map(item).collect(),
        rates: spent.rates,
        quality_flags: spent.flags,
    })
}

/// New customers of all segments in the period.
fn count_new(conn: &mut Conn, period: Period) -> Result<i128, Failure> {
    let mut sum = 0;
    for month in period.months() {
        let rows = segment_month::load_month(conn, month, period.known_at)?;
        sum += rows
            .iter()
            .map(|row| i128::from(row.new_customers))
            .sum::<i128>();
    }
    Ok(sum)
}

fn source(spent: &Spent, name: &Option<String>, credit: i64) -> AcquisitionSource {
    let none = CostTotal::default();
    let total = spent.totals.get(name).unwrap_or(&none);
    let counts = Counts {
        new_customers: credit.unsigned_abs(),
        ..Counts::default()
    };
    let n = credit.unsigned_abs() / CREDIT.unsigned_abs();
    let won = total.acquisition(counts);
    let figures = definition::acquisition(&won)
        .filter(|(definition, _)| definition.id != "cac_paid")
        .map(|(definition, ratio)| metric(definition, ratio.scaled(CREDIT), n, &spent.flags))
        .collect();
    AcquisitionSource {
        name: name.clone(),
        costs: lines(total.acquisition_lines(), spent.currency),
        // A credit is in millionths.
        new_customers: Decimal::new(credit, 6).normalize().to_string(),
        figures,
    }
}

/// Spend by name, in one currency.
struct Spent {
    currency: Currency,
    rates: Vec<FxRate>,
    flags: Vec<String>,
    totals: BTreeMap<Option<String>, CostTotal>,
}

impl Spent {
    fn load(
        conn: &mut Conn,
        period: Period,
        asked: Option<Currency>,
        name_of: fn(cost::AcquisitionSpend) -> Option<String>,
    ) -> Result<Self, Failure> {
        let (first, last) = (
            period.first.plus(-period.lag),
            period.last.plus(-period.lag),
        );
        let kinds = cost::load_kinds::<Failure>(conn, first, last, period.known_at)?;
        let is_won = |it: &&cost::CostKind| it.category == CostCategory::Acquisition;
        let mut present: Vec<Currency> =
            kinds.iter().filter(is_won).map(|it| it.currency).collect();
        present.sort_by_key(|currency| currency.code());
        present.dedup();
        let missing = || {
            Failure::not_found(format!(
                "no such costs in {first} to {last}; GET /v1/ledger-entries lists what the ledger has"
            ))
        };
        let mut spent = Self {
            currency: reporting(asked, &present)?.ok_or_else(missing)?,
            rates: Vec::new(),
            flags: Vec::new(),
            totals: BTreeMap::new(),
        };
        for month in period.months().map(|month| month.plus(-period.lag)) {
            for line in cost::load_acquisition::<Failure>(conn, month, period.known_at)? {
                let (component, base, minor) = (line.component, line.currency, line.minor);
                let (quote, known_at, rates) = (spent.currency, period.known_at, &mut spent.rates);
                let rate = load_known_rate(conn, base, quote, month, known_at, rates)?;
                let minor = rate.map_or(Some(minor), |rate| rate.convert(minor));
                spent.add(name_of(line), component, minor.ok_or(Overflow)?)?;
            }
        }
        if !spent.rates.is_empty() {
            spent.flags.push("converted".to_owned());
        }
        if kinds.iter().filter(is_won).any(|it| it.assumed) {
            spent.flags.push("assumed".to_owned());
        }
        Ok(spent)
    }

    fn add(
        &mut self,
        name: Option<String>,
        component: Option<CostComponent>,
        minor: i64,
    ) -> Result<(), Overflow> {
        let total = self.totals.entry(name).or_default();
        total.add(CostCategory::Acquisition, component, minor)
    }
}
