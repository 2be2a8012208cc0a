//! Revenue metrics: one ledger, and what each vendor's definition makes of it.

use crate::app::conversion::{Converter, reporting};
use crate::app::{flag, internal};
use crate::rule::metric::definition;
use crate::rule::metric::definition::{Definition, Unit};
use crate::rule::metric::ratio::Ratio;
use crate::rule::revenue::movement::{Cancellation, Change, MovementPolicy, Movements};
use crate::rule::revenue::recurring::{Charge, RatePair, Rates, change, needs_all};
use crate::store::recurring;
use keepworth_contract::feed::CustomerKey;
use keepworth_contract::finance::{
    CancellationRule, CustomerMovements, Metric, MetricDefinition, MetricQuery, MetricReport,
    MetricUnit, RateKind, RevenueMovements,
};
use keepworth_contract::statistic::Statistic;
use keepworth_contract::{Currency, Flag, FlagCode, Month};
use keepworth_intake::Failure;
use keepworth_store::Conn;
use rust_decimal::Decimal;

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

/// What a metric's value is by one definition; `flags` are those of all figures of the report.
pub fn metric(definition: &Definition, ratio: Ratio, n: u64, flags: &[Flag]) -> Metric {
    let mut quality_flags = flags.to_vec();
    if ratio.value().is_none() {
        let detail = "where no figure is shown there is nothing to divide by; \
                      GET /v1/segment-months/{month} has the customers that were counted";
        quality_flags.push(Flag::new(FlagCode::NoDenominator, detail));
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

impl From<CancellationRule> for Cancellation {
    fn from(rule: CancellationRule) -> Self {
        match rule {
            CancellationRule::Effective => Self::Effective,
            CancellationRule::Decided => Self::Decided,
        }
    }
}

/// The metrics of a period by their stated definitions.
pub fn report(conn: &mut Conn, query: &MetricQuery) -> Result<MetricReport, Failure> {
    let month = query.month;
    let present = recurring::load_currencies(conn, month)?;
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
    let (mut rates, mut converter) = (Rates::new(), Converter::new(currency, None));
    for base in present {
        let pair = RatePair {
            opening: converter.factor(conn, base, month.plus(-1), RateKind::Closing)?,
            closing: converter.factor(conn, base, month, RateKind::Closing)?,
        };
        rates.insert(base.code(), pair);
    }
    let policy = MovementPolicy {
        reactivation_window_months: query.reactivation_window_months,
        cancellation: query.cancellation.into(),
    };
    let movements = Movements::of(changes(conn, month, policy.cancellation, &rates)?, policy);
    let ended = movements.logos.lost > 0 && !recurring::is_anything_begun(conn, month)?;
    let flags = [converter.flag(), ended.then(flag::nothing_begins)];
    let flags: Vec<Flag> = flags.into_iter().flatten().collect();
    let n = count(movements.logos.opening);
    let items = definition::retention(&movements)
        .map(|(definition, ratio)| metric(definition, ratio, n, &flags))
        .collect();
    Ok(MetricReport {
        month,
        currency,
        cancellation: query.cancellation,
        rates: converter.told(),
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
pub fn changes(
    conn: &mut Conn,
    month: Month,
    cancellation: Cancellation,
    rates: &Rates,
) -> Result<Vec<Change>, Failure> {
    let change = |charges: &[Charge]| change(charges, month, cancellation, rates);
    let (mut found, mut open) = (Vec::new(), Vec::new());
    recurring::for_each_customer(conn, (month.plus(-1), month), |customer, charges| {
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
pub fn add_dormant(
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

pub(crate) fn count(customers: i128) -> u64 {
    u64::try_from(customers).unwrap_or_default()
}

pub(crate) fn amounts(sums: &Movements, currency: Currency) -> Result<RevenueMovements, Failure> {
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
