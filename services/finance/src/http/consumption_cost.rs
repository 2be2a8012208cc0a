//! What contacts cost: contacts × minutes × rate, by channel and segment.

use actix_web::get;
use actix_web::web::{Data, Json, Query};
use chrono::{DateTime, Utc};
use keepworth_contract::finance::CostCategory;
use keepworth_contract::{Currency, Money, Month};
use keepworth_intake::Failure;
use keepworth_platform::{ApiResult, ReadProblems};
use keepworth_store::Conn;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::conversion::{load_known_rate, reporting};
use super::fx_rate::FxRate;
use super::metric::{Metric, metric};
use super::period::Period;
use super::read_picture;

use crate::Finance;
use crate::rule::cost::avoidable::ConfirmedShares;
use crate::rule::cost::contact_cost::{ChannelCost, ContactCosts, Lines, Use, Uses};
use crate::rule::ledger::month_allocation::Overflow;
use crate::rule::metric::definition;
use crate::rule::metric::ratio::Ratio;
use crate::store::{avoidable_share, cost, segment_month};

/// Which period, and how it is reported.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PeriodQuery {
    /// The last month, YYYY-MM.
    #[param(value_type = String, example = "2025-09")]
    pub month: Month,
    /// How many months, 1 to 60 (default 1).
    #[param(minimum = 1, maximum = 60)]
    pub months: Option<i32>,
    /// ISO 4217 code to report in; the only one there is when left out.
    #[param(value_type = Option<String>, example = "EUR")]
    pub currency: Option<Currency>,
    /// As it was known at this time (RFC 3339), before later corrections; now when left out.
    #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
    pub known_at: Option<DateTime<Utc>>,
}

/// What contacts cost, by channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsumptionReport {
    /// The first month.
    #[schema(value_type = String, example = "2025-07")]
    pub first_month: Month,
    /// The last one.
    #[schema(value_type = String, example = "2025-09")]
    pub last_month: Month,
    /// As it was known at this time; null is now.
    pub known_at: Option<DateTime<Utc>>,
    /// ISO 4217 code of all amounts.
    #[schema(value_type = String, example = "EUR")]
    pub currency: Currency,
    /// The rates by which amounts were converted, each month at its last.
    pub rates: Vec<FxRate>,
    /// In the order of the channels.
    pub items: Vec<ChannelConsumption>,
    /// Service cost that names no channel and that no handling explains: it is part of overhead as
    /// far as contacts go. Where there was handling, cost without a channel is in the items.
    pub without_channel: Money,
}

/// What contacts through one channel cost.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelConsumption {
    /// The channel.
    pub channel: String,
    /// Contacts handled.
    pub contacts: i64,
    /// Seconds of handling.
    pub handle_seconds: i64,
    /// Service cost that names the channel, and the channel's part of what names none, by seconds.
    pub cost: Money,
    /// The part of it that would not be spent otherwise.
    pub avoidable: Money,
    /// Cost of a minute and of a contact.
    pub figures: Vec<Metric>,
    /// Each segment's part: what names it, and of the rest by its seconds. The parts sum to the
    /// cost; there is none when nobody had a contact.
    pub segments: Vec<SegmentConsumption>,
}

/// What contacts of one segment through one channel cost.
#[derive(Debug, Serialize, ToSchema)]
pub struct SegmentConsumption {
    /// The segment's key.
    pub segment: String,
    /// Contacts handled.
    pub contacts: i64,
    /// Seconds of handling.
    pub handle_seconds: i64,
    /// What they cost.
    pub cost: Money,
    /// The part of it that would not be spent otherwise, by the shares confirmed until the last
    /// month.
    pub avoidable: Money,
}

/// Says what contacts cost: contacts × minutes × rate, by channel and segment.
///
/// Contacts and minutes are those of `/v1/segment-months`; the rate of a channel is its service cost
/// over its minutes, so that the segments' parts sum to the ledger. Cost that names no channel is
/// split by seconds of handling, as the simulator's baseline does it.
#[utoipa::path(operation_id = "load_consumption_costs", tag = "metrics", params(PeriodQuery),
    responses((status = 200, body = ConsumptionReport, description = "By channel"),
              (status = 409, body = keepworth_contract::Problem, content_type = "application/problem+json",
               description = "Several currencies, or no rate"), ReadProblems))]
#[get("/consumption-costs")]
pub async fn load_consumption_costs(
    app: Data<Finance>,
    query: Query<PeriodQuery>,
) -> ApiResult<ConsumptionReport> {
    let period = Period::ending(query.month, query.months)?.known(query.known_at);
    let asked = query.currency;
    let report = read_picture(&app, move |conn| report(conn, period, asked)).await?;
    Ok(Json(report))
}

fn report(
    conn: &mut Conn,
    period: Period,
    asked: Option<Currency>,
) -> Result<ConsumptionReport, Failure> {
    let spent = ContactSpending::load(conn, period, asked)?;
    let shares = avoidable_share::load_in_force::<Failure>(conn, period.last, period.known_at)?;
    let items = spent.costs.channels.iter();
    let items = items.map(|(channel, cost)| consumption(channel, cost, &shares, &spent));
    Ok(ConsumptionReport {
        first_month: period.first,
        last_month: period.last,
        known_at: period.known_at.map(|at| at.and_utc()),
        currency: spent.currency,
        items: items.collect::<Result<_, _>>()?,
        without_channel: Money::from_minor(spent.costs.unexplained, spent.currency),
        rates: spent.rates,
    })
}

fn consumption(
    channel: &str,
    cost: &ChannelCost,
    shares: &ConfirmedShares,
    spent: &ContactSpending,
) -> Result<ChannelConsumption, Failure> {
    let money = |minor| Money::from_minor(minor, spent.currency);
    let mut all = Use::default();
    let (mut segments, mut avoidable) = (Vec::new(), cost.unexplained_avoidable(shares, channel)?);
    for (segment, part) in &cost.segments {
        let own = part.avoidable(shares, segment, channel)?;
        avoidable = avoidable.checked_add(own).ok_or(Overflow)?;
        all = all.plus(part.used)?;
        segments.push(SegmentConsumption {
            segment: segment.clone(),
            contacts: part.used.contacts,
            handle_seconds: part.used.seconds,
            cost: money(part.minor),
            avoidable: money(own),
        });
    }
    let cost = cost.minor().ok_or(Overflow)?;
    let ratio = |numerator: i128, denominator: i64| Ratio {
        numerator,
        denominator: denominator.into(),
    };
    let figures = [
        ("cost_per_minute", ratio(60 * i128::from(cost), all.seconds)),
        ("cost_per_contact", ratio(cost.into(), all.contacts)),
    ];
    let n = all.contacts.unsigned_abs();
    let figure = |(id, ratio)| {
        definition::find_definition(id).map(|known| metric(known, ratio, n, &spent.flags))
    };
    Ok(ChannelConsumption {
        channel: channel.to_owned(),
        contacts: all.contacts,
        handle_seconds: all.seconds,
        cost: money(cost),
        avoidable: money(avoidable),
        figures: figures.into_iter().filter_map(figure).collect(),
        segments,
    })
}

/// Contacts of each channel by segment.
fn load_uses(conn: &mut Conn, period: Period) -> Result<Uses, Failure> {
    let mut uses = Uses::default();
    for month in period.months() {
        for row in segment_month::load_channels(conn, month, period.known_at)? {
            if row.contacts > 0 {
                let of_channel = uses.entry(row.channel).or_default();
                let of_segment = of_channel.entry(row.segment).or_default();
                *of_segment = of_segment.plus(Use {
                    contacts: row.contacts,
                    seconds: row.handle_seconds,
                })?;
            }
        }
    }
    Ok(uses)
}

/// Service cost by channel and segment, in one currency.
pub(super) struct ContactSpending {
    pub currency: Currency,
    pub rates: Vec<FxRate>,
    pub flags: Vec<String>,
    pub costs: ContactCosts,
}

impl ContactSpending {
    /// What was spent on contacts in a period; a 404 when nothing was.
    pub(super) fn load(
        conn: &mut Conn,
        period: Period,
        asked: Option<Currency>,
    ) -> Result<Self, Failure> {
        let mut booked = Vec::new();
        for month in period.months() {
            let costs = cost::load_consumption::<Failure>(conn, month, period.known_at)?;
            booked.extend(costs.into_iter().map(|cost| (month, cost)));
        }
        let mut present: Vec<Currency> = booked.iter().map(|(_, cost)| cost.currency).collect();
        present.sort_by_key(|currency| currency.code());
        present.dedup();
        let (first, last) = (period.first, period.last);
        let missing = || Failure::not_found(format!("no service cost in {first} to {last}"));
        let quote = reporting(asked, &present)?.filter(|_| !booked.is_empty());
        let quote = quote.ok_or_else(missing)?;
        let (mut rates, mut lines) = (Vec::new(), Lines::default());
        for (month, spend) in booked {
            let (currency, known_at) = (spend.currency, period.known_at);
            let rate = load_known_rate(conn, currency, quote, month, known_at, &mut rates)?;
            let minor = rate.map_or(Some(spend.minor), |rate| rate.convert(spend.minor));
            let sum = lines.entry((spend.segment, spend.channel)).or_default();
            *sum = minor.and_then(|it| sum.checked_add(it)).ok_or(Overflow)?;
        }
        let mut flags = Vec::new();
        if !rates.is_empty() {
            flags.push("converted".to_owned());
        }
        let kinds = cost::load_kinds::<Failure>(conn, first, last, period.known_at)?;
        if kinds
            .iter()
            .any(|it| it.assumed && it.category == CostCategory::Service)
        {
            flags.push("assumed".to_owned());
        }
        Ok(Self {
            currency: quote,
            rates,
            flags,
            costs: ContactCosts::split(&lines, &load_uses(conn, period)?)?,
        })
    }
}
