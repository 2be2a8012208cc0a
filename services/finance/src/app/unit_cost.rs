//! What it costs to win a customer, and to keep one.

use crate::Finance;
use crate::app::allocation::{allocate, rules_in_force};
use crate::app::consumption_cost::ContactSpending;
use crate::app::conversion::{Converter, reporting};
use crate::app::metric::metric;
use crate::app::period::Period;
use crate::app::{flag, internal, read_picture};
use crate::rule::cost::avoidable::ConfirmedShares;
use crate::rule::cost::contact_cost::ContactCosts;
use crate::rule::cost::cost_total::{CostTotal, Counts};
use crate::rule::cost::maintenance::Maintenance;
use crate::rule::ledger::month_allocation::Overflow;
use crate::rule::metric::definition;
use crate::store::{KnownAt, avoidable_share, cost, segment_month};
use keepworth_contract::finance::{
    CostCategory, CostComponent, CostLine, MaintenanceComponent, MaintenanceCostQuery, UnitCost,
    UnitCostQuery, UnitCostReport,
};
use keepworth_contract::{Currency, Flag, Money, Month};
use keepworth_intake::Failure;
use keepworth_store::Conn;
use std::collections::{BTreeMap, BTreeSet};

/// The period that is asked for, unless it is none.
pub fn asked_period(query: &UnitCostQuery) -> Result<Period, Failure> {
    let lag = query.lag_months.unwrap_or(0);
    if !(0..=24).contains(&lag) {
        return Err(Failure::malformed(format!(
            "lag_months is {lag}; give 0 to 24"
        )));
    }
    let period = Period::ending(query.month, query.months)?.known(query.known_at);
    Ok(Period { lag, ..period })
}

pub(crate) fn is_acquisition(category: CostCategory) -> bool {
    category == CostCategory::Acquisition
}

pub(crate) fn lines(
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
pub struct Gathered {
    pub(crate) currency: Currency,
    pub(crate) converter: Converter,
    pub(crate) flags: Vec<Flag>,
    pub(crate) totals: BTreeMap<Option<String>, (CostTotal, Counts)>,
    pub(crate) is_unallocated: bool,
}

impl Gathered {
    pub(crate) fn report(
        &self,
        period: Period,
        unit_cost: impl Fn(&CostTotal, Counts, &[Flag]) -> UnitCost,
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
            rates: self.converter.told(),
            items: self.totals.iter().map(item).collect(),
        }
    }
}

impl Gathered {
    /// Whether anything was spent on contacts.
    pub fn has_contacts(&self) -> bool {
        let company = self.totals.get(&None).map(|(total, _)| total);
        let spent = company.map(|total| total.maintenance(Counts::default()));
        spent.is_some_and(|it| it.costs.contains_key(&MaintenanceComponent::Consumption))
    }

    /// The flags of what is told of segments.
    pub fn segment_flags(&self) -> Vec<Flag> {
        let unallocated = self.is_unallocated.then(flag::shared_costs_unallocated);
        self.flags.iter().cloned().chain(unallocated).collect()
    }

    /// What of maintenance would not be spent otherwise, in the order of the totals. Contacts are
    /// those of `/v1/consumption-costs`: which of them can be avoided depends on their channel. The
    /// company's is that of its segments, and of what none of them bears.
    pub fn avoidable(
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
pub fn gather(
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
        converter: Converter::new(currency, period.known_at),
        flags: Vec::new(),
        totals: BTreeMap::from([(None, Default::default())]),
        is_unallocated: false,
    };
    for month in period.months() {
        gathered.add_counts(conn, month, period.known_at)?;
        gathered.add_costs(conn, month.plus(-period.lag), period.known_at, counts)?;
    }
    gathered.flags.extend(gathered.converter.flag());
    if present.iter().any(|kind| kind.assumed) {
        gathered.flags.push(flag::assumed());
    }
    Ok(gathered)
}

impl Gathered {
    pub(crate) fn add_counts(
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

    pub(crate) fn add_costs(
        &mut self,
        conn: &mut Conn,
        month: Month,
        known_at: KnownAt,
        counts: fn(CostCategory) -> bool,
    ) -> Result<(), Failure> {
        let rules = rules_in_force(conn, month, known_at)?;
        let done = allocate(conn, month, &rules, known_at)?;
        let borne = done.borne.into_iter().map(|((key, segment), borne)| {
            let sum = borne.direct.checked_add(borne.shared);
            (key, Some(segment.to_string()), sum)
        });
        let kept = done
            .unallocated
            .into_iter()
            .map(|(key, kept)| (key, None, Some(kept.minor)));
        for (key, segment, minor) in borne.chain(kept).filter(|(key, ..)| counts(key.category)) {
            let minor = minor.ok_or(Overflow)?;
            let minor = self.converter.flow(conn, key.currency, month, minor)?;
            self.is_unallocated |= segment.is_none();
            for segment in BTreeSet::from([None, segment]) {
                let total = &mut self.totals.entry(segment).or_default().0;
                total.add(key.category, key.component, minor)?;
            }
        }
        Ok(())
    }
}

/// Says what it costs to keep a customer for a year.
pub async fn maintenance_costs(
    app: &Finance,
    query: MaintenanceCostQuery,
) -> Result<UnitCostReport, Failure> {
    let period = Period::ending(query.month, query.months)?.known(query.known_at);
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
    let (gathered, shares, contacts) = read_picture(&app.db, read).await?;
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
    Ok(report)
}

/// Says what it cost to win a customer: paid, blended and fully loaded.
pub async fn acquisition_costs(
    app: &Finance,
    query: UnitCostQuery,
) -> Result<UnitCostReport, Failure> {
    let period = asked_period(&query)?;
    let asked = query.currency;
    let read = move |conn: &mut Conn| gather(conn, period, asked, is_acquisition);
    let gathered = read_picture(&app.db, read).await?;
    Ok(gathered.report(period, |total, counts, flags| UnitCost {
        segment: None,
        costs: lines(total.acquisition_lines(), gathered.currency),
        avoidable: None,
        figures: definition::acquisition(&total.acquisition(counts))
            .map(|(definition, ratio)| metric(definition, ratio, counts.new_customers, flags))
            .collect(),
    }))
}
