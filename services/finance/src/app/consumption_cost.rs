//! What contacts cost: contacts × minutes × rate, by channel and segment.

use crate::app::conversion::{Converter, reporting};
use crate::app::flag;
use crate::app::metric::metric;
use crate::app::period::Period;
use crate::rule::cost::avoidable::ConfirmedShares;
use crate::rule::cost::contact_cost::{ChannelCost, ContactCosts, Lines, Use, Uses};
use crate::rule::ledger::month_allocation::Overflow;
use crate::rule::metric::definition;
use crate::rule::metric::ratio::Ratio;
use crate::store::{avoidable_share, cost, segment_month};
use keepworth_contract::finance::{
    ChannelConsumption, ConsumptionReport, ConversionRate, CostCategory, SegmentConsumption,
};
use keepworth_contract::{Currency, Flag, Money};
use keepworth_intake::Failure;
use keepworth_store::Conn;

/// What contacts cost over a period, by channel and segment, in one currency.
pub fn report(
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

pub(crate) fn consumption(
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
pub fn load_uses(conn: &mut Conn, period: Period) -> Result<Uses, Failure> {
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
pub struct ContactSpending {
    pub(crate) currency: Currency,
    pub(crate) rates: Vec<ConversionRate>,
    pub(crate) flags: Vec<Flag>,
    pub(crate) costs: ContactCosts,
}

impl ContactSpending {
    /// What was spent on contacts in a period; a 404 when nothing was.
    pub fn load(conn: &mut Conn, period: Period, asked: Option<Currency>) -> Result<Self, Failure> {
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
        let (mut converter, mut lines) = (Converter::new(quote, period.known_at), Lines::default());
        for (month, spend) in booked {
            let minor = converter.flow(conn, spend.currency, month, spend.minor)?;
            let sum = lines.entry((spend.segment, spend.channel)).or_default();
            *sum = sum.checked_add(minor).ok_or(Overflow)?;
        }
        let mut flags = Vec::new();
        flags.extend(converter.flag());
        let kinds = cost::load_kinds::<Failure>(conn, first, last, period.known_at)?;
        if kinds
            .iter()
            .any(|it| it.assumed && it.category == CostCategory::Service)
        {
            flags.push(flag::assumed());
        }
        Ok(Self {
            currency: quote,
            rates: converter.told(),
            flags,
            costs: ContactCosts::split(&lines, &load_uses(conn, period)?)?,
        })
    }
}
