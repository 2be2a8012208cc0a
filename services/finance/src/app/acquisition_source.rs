//! What customers cost to win, by the channel or the campaign that won them.

use crate::Finance;
use crate::app::conversion::{Converter, reporting};
use crate::app::metric::metric;
use crate::app::period::Period;
use crate::app::unit_cost::lines;
use crate::app::{flag, internal, read_picture};
use crate::rule::cost::campaign_touch::{Touched, credits};
use crate::rule::cost::cost_total::{CostTotal, Counts};
use crate::rule::cost::overlap::CREDIT;
use crate::rule::ledger::month_allocation::Overflow;
use crate::rule::metric::definition;
use crate::rule::revenue::segment_count::last_day;
use crate::store::{campaign_touch, cost, segment_month};
use keepworth_contract::finance::{
    AcquisitionSource, AcquisitionSourceReport, CampaignCostQuery, CostCategory, CostComponent,
    OverlapRule, UnitCostQuery,
};
use keepworth_contract::{Currency, Flag, FlagCode};
use keepworth_intake::Failure;
use keepworth_store::Conn;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// New customers by channel, in [`CREDIT`]ths.
pub fn won_by_channel(conn: &mut Conn, period: Period) -> Result<BTreeMap<String, i64>, Failure> {
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
pub fn won_by_campaign(
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

/// What winning customers cost over a period, by channel and campaign, in one currency.
pub fn report(
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
        let detail = "campaigns are credited with more new customers than were counted; count \
                      the months with POST /v1/segment-months:count";
        spent
            .flags
            .push(Flag::new(FlagCode::MoreCreditedThanCounted, detail));
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
        rates: spent.converter.told(),
        quality_flags: spent.flags,
    })
}

/// New customers of all segments in the period.
pub fn count_new(conn: &mut Conn, period: Period) -> Result<i128, Failure> {
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

pub(crate) fn source(spent: &Spent, name: &Option<String>, credit: i64) -> AcquisitionSource {
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
pub struct Spent {
    currency: Currency,
    converter: Converter,
    flags: Vec<Flag>,
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
        let currency = reporting(asked, &present)?.ok_or_else(missing)?;
        let mut spent = Self {
            currency,
            converter: Converter::new(currency, period.known_at),
            flags: Vec::new(),
            totals: BTreeMap::new(),
        };
        for month in period.months().map(|month| month.plus(-period.lag)) {
            for line in cost::load_acquisition::<Failure>(conn, month, period.known_at)? {
                let minor = spent
                    .converter
                    .flow(conn, line.currency, month, line.minor)?;
                let component = line.component;
                spent.add(name_of(line), component, minor)?;
            }
        }
        spent.flags.extend(spent.converter.flag());
        if kinds.iter().filter(is_won).any(|it| it.assumed) {
            spent.flags.push(flag::assumed());
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

/// Says what a customer cost to win, by campaign: those who paid first in the period are credited to
pub async fn by_campaign(
    app: &Finance,
    query: CampaignCostQuery,
) -> Result<AcquisitionSourceReport, Failure> {
    let rule = query.overlap.unwrap_or(OverlapRule::Even);
    let query = UnitCostQuery {
        month: query.month,
        months: query.months,
        currency: query.currency,
        lag_months: query.lag_months,
        known_at: None,
    };
    let period = crate::app::unit_cost::asked_period(&query)?;
    let asked = query.currency;
    let read = move |conn: &mut Conn| {
        let won = won_by_campaign(conn, period, rule)?;
        report(conn, period, asked, |spent| spent.campaign, won, Some(rule))
    };
    read_picture(&app.db, read).await
}
