//! How much of growth customers earned the company.

use crate::Finance;
use crate::app::charge::with_charges;
use crate::app::conversion::{Converter, reporting};
use crate::app::metric::metric;
use crate::app::period::Period;
use crate::app::{census, flag, internal};
use crate::rule::ledger::month_allocation::Overflow;
use crate::rule::metric::definition;
use crate::rule::revenue::earned_growth::{Amounts, EarnedGrowth, Growth};
use crate::rule::revenue::segment_count::last_day;
use keepworth_contract::finance::{EarnedGrowthQuery, EarnedGrowthReport, Metric};
use keepworth_contract::{Currency, Flag, FlagCode, Money};
use keepworth_intake::Failure;
use keepworth_store::Conn;
use std::collections::BTreeSet;

pub(crate) fn report(
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
    let mut converter = Converter::new(currency, None);
    let mut sum = |amounts: &Amounts| -> Result<i64, Failure> {
        let mut sum = 0_i64;
        for (code, minor) in amounts {
            let base = code.parse().map_err(internal)?;
            let minor = i64::try_from(*minor).map_err(|_| Overflow)?;
            let minor = converter.flow(conn, base, last, minor)?;
            sum = sum.checked_add(minor).ok_or(Overflow)?;
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
    let mut flags: Vec<Flag> = converter.flag().into_iter().collect();
    if unknown != 0 {
        let detail = "revenue of new customers whose acquisition channel is not known is neither \
                      earned nor bought";
        flags.push(Flag::new(FlagCode::ChannelUnknown, detail));
    }
    let money = |minor| Money::from_minor(minor, currency);
    Ok(EarnedGrowthReport {
        first_month: first,
        last_month: last,
        as_of: last_day(last),
        earned_channels: BTreeSet::new(),
        currency,
        rates: converter.told(),
        before: money(before),
        kept: money(kept),
        earned: money(earned),
        bought: money(bought),
        unknown: money(unknown),
        figures: figures(&figures_of, growth.customers, &flags),
        quality_flags: flags,
    })
}

pub(crate) fn figures(growth: &Growth, n: u64, flags: &[Flag]) -> Vec<Metric> {
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

/// Says how much of growth customers earned: by staying, by buying more, by bringing others.
pub async fn grown(app: &Finance, query: EarnedGrowthQuery) -> Result<EarnedGrowthReport, Failure> {
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
        ));
    }
    let mut growth = EarnedGrowth::new(period.first, period.last, channels.clone());
    let sources = app.sources.clone();
    let counting = with_charges(&app.db, period.last, |charges| {
        census::grow(&sources, charges, &mut growth, period.last)
    });
    let unknown_charges = counting.await?;
    let asked = query.currency;
    let work = move |conn: &mut Conn| report(conn, period, asked, &growth);
    let mut report = app.db.read(work).await?;
    report.earned_channels = channels;
    if unknown_charges > 0 {
        let flag = flag::unknown_customers(unknown_charges, "charges");
        report.quality_flags.push(flag);
    }
    Ok(report)
}
