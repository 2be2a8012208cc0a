//! How much of growth customers earned the company.

use std::collections::BTreeSet;

use actix_web::get;
use actix_web::web::{Data, Json, Query};
use chrono::NaiveDate;
use keepworth_contract::{Currency, Money, Month};
use keepworth_intake::Failure;
use keepworth_platform::{ApiResult, ReadProblems, Service};
use keepworth_store::Conn;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::charge::with_charges;
use super::conversion::{load_rate, reporting};
use super::fx_rate::FxRate;
use super::internal;
use super::metric::{Metric, metric};
use super::period::Period;

use crate::Finance;
use crate::app::census;
use crate::rule::ledger::month_allocation::Overflow;
use crate::rule::metric::definition;
use crate::rule::revenue::earned_growth::{Amounts, EarnedGrowth, Growth};
use crate::rule::revenue::segment_count::last_day;

/// Which period, and what is earned.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct EarnedGrowthQuery {
    /// The last month, YYYY-MM.
    #[param(value_type = String, example = "2025-12")]
    pub month: Month,
    /// How many months, 1 to 60 (default 12); they are held against as many before them.
    #[param(minimum = 1, maximum = 60)]
    pub months: Option<i32>,
    /// Acquisition channels of those who came by referral or reputation, with commas between them.
    #[param(min_length = 1, example = "referral,reputation")]
    pub earned_channels: String,
    /// ISO 4217 code to report in; the only one there is when left out.
    #[param(value_type = Option<String>, example = "EUR")]
    pub currency: Option<Currency>,
}

/// Revenue of two periods by where it came from, and the metrics that follow.
#[derive(Debug, Serialize, ToSchema)]
pub struct EarnedGrowthReport {
    /// The first month of the period.
    #[schema(value_type = String, example = "2025-01")]
    pub first_month: Month,
    /// The last one.
    #[schema(value_type = String, example = "2025-12")]
    pub last_month: Month,
    /// The last day of what the customers service was asked for.
    pub as_of: NaiveDate,
    /// What counts as earned.
    pub earned_channels: BTreeSet<String>,
    /// ISO 4217 code of all amounts.
    #[schema(value_type = String, example = "EUR")]
    pub currency: Currency,
    /// The rates by which both periods were converted, so that exchange rates are no growth.
    pub rates: Vec<FxRate>,
    /// Revenue of the period before, of the same length.
    pub before: Money,
    /// Revenue from those who had some before.
    pub kept: Money,
    /// Revenue from new customers who came by an earned channel.
    pub earned: Money,
    /// Revenue from new customers who came by another channel.
    pub bought: Money,
    /// Revenue from new customers whose channel is not recorded; none of it counts as earned.
    pub unknown: Money,
    /// Retention, earned new share, earned growth rate and ratio.
    pub figures: Vec<Metric>,
    /// What a reader must know before using it.
    pub quality_flags: Vec<String>,
}

/// Says how much of growth customers earned: by staying, by buying more, by bringing others.
///
/// Revenue is charges less refunds, one for several months in equal parts in each of them. Who had
/// revenue in the period before is kept; who had none is new, also when they come back. How they
/// came is the acquisition channel that the customers service records.
#[utoipa::path(operation_id = "load_earned_growth", tag = "metrics", params(EarnedGrowthQuery),
    responses((status = 200, body = EarnedGrowthReport, description = "The period's earned growth"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Several currencies, or no rate"),
              (status = 502, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Another service is missing"), ReadProblems))]
#[get("/earned-growth")]
pub async fn load_earned_growth(
    app: Data<Finance>,
    query: Query<EarnedGrowthQuery>,
) -> ApiResult<EarnedGrowthReport> {
    let period = Period::ending(query.month, query.months.or(Some(12)))?;
    let channels = query.earned_channels.split(',').map(str::trim);
    let channels: BTreeSet<String> = channels
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect();
    if channels.is_empty() {
        return Err(Failure::malformed(
            "earned_channels names none; name the acquisition channels of those who came by \
             referral or reputation",
        )
        .into());
    }
    let mut growth = EarnedGrowth::new(period.first, period.last, channels.clone());
    let sources = app.sources();
    let counting = with_charges(&app, period.last, |charges| {
        census::grow(&sources, charges, &mut growth, period.last)
    });
    let unknown_charges = counting.await?;
    let asked = query.currency;
    let work = move |conn: &mut Conn| report(conn, period, asked, &growth);
    let mut report = app.db().read(work).await?;
    report.earned_channels = channels;
    if unknown_charges > 0 {
        report.quality_flags.push(format!(
            "unknown_customers: {unknown_charges} charges are about customers that the customers \
             service does not know, and are left out"
        ));
    }
    Ok(Json(report))
}

fn report(
    conn: &mut Conn,
    period: Period,
    asked: Option<Currency>,
    growth: &EarnedGrowth,
) -> Result<EarnedGrowthReport, Failure> {
    let parts = [
        &growth.before,
        &growth.kept,
        &growth.earned,
        &growth.bought,
        &growth.unknown,
    ];
    let codes: BTreeSet<&str> = parts.iter().flat_map(|it| it.keys().copied()).collect();
    let present = codes.into_iter().map(str::parse);
    let present = present.collect::<Result<Vec<_>, _>>().map_err(internal)?;
    let (first, last) = (period.first, period.last);
    let missing = || Failure::not_found(format!("no revenue in {first} to {last} nor before"));
    let currency = reporting(asked, &present)?.ok_or_else(missing)?;
    let mut rates = Vec::new();
    let mut sum = |amounts: &Amounts| -> Result<i64, Failure> {
        let mut sum = 0_i64;
        for (code, minor) in amounts {
            let base = code.parse().map_err(internal)?;
            let rate = load_rate(conn, base, currency, last, &mut rates)?;
            let minor = i64::try_from(*minor).map_err(|_| Overflow)?;
            let minor = rate.map_or(Some(minor), |rate| rate.convert(minor));
            sum = minor
                .and_then(|minor| sum.checked_add(minor))
                .ok_or(Overflow)?;
        }
        Ok(sum)
    };
    let [before, kept, earned, bought, unknown] = parts;
    let (before, kept, earned) = (sum(before)?, sum(kept)?, sum(earned)?);
    let (bought, unknown) = (sum(bought)?, sum(unknown)?);
    let figures_of = Growth {
        before: before.into(),
        kept: kept.into(),
        earned: earned.into(),
        other: i128::from(bought) + i128::from(unknown),
    };
    let mut flags = Vec::new();
    if !rates.is_empty() {
        flags.push("converted".to_owned());
    }
    if unknown != 0 {
        flags.push("channel_unknown".to_owned());
    }
    let money = |minor| Money::from_minor(minor, currency);
    Ok(EarnedGrowthReport {
        first_month: first,
        last_month: last,
        as_of: last_day(last),
        earned_channels: BTreeSet::new(),
        currency,
        rates,
        before: money(before),
        kept: money(kept),
        earned: money(earned),
        bought: money(bought),
        unknown: money(unknown),
        figures: figures(&figures_of, growth.customers, &flags),
        quality_flags: flags,
    })
}

fn figures(growth: &Growth, n: u64, flags: &[String]) -> Vec<Metric> {
    let ratios = [
        ("nrr_revenue", growth.net_retention()),
        ("earned_new_share", growth.earned_new_share()),
        ("earned_growth_rate", growth.earned_growth_rate()),
        ("earned_growth_ratio", growth.earned_growth_ratio()),
    ];
    let figure =
        |(id, ratio)| definition::find_definition(id).map(|known| metric(known, ratio, n, flags));
    ratios.into_iter().filter_map(figure).collect()
}
