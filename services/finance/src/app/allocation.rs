//! Who bears the costs of a month.

use crate::app::conversion::Converter;
use crate::rule::ledger::month_allocation::{
    CostKey, MonthAllocation, MonthAllocator, Overflow, SharesInForce, Unallocated,
};
use crate::store::segment_month::SegmentMonthRow;
use crate::store::{KnownAt, allocation_rule, cost, segment_month};
use keepworth_contract::finance::{
    AllocatedCost, Allocation, AllocationLine, AllocationRule, CostCategory, UnallocatedCost,
};
use keepworth_contract::{Currency, Money, Month, Word};
use keepworth_intake::Failure;
use keepworth_intake::feed::FeedSink;
use keepworth_store::Conn;

/// Who bore which cost of a month, as it was known at a moment, in one currency where one is asked for.
pub fn load(
    conn: &mut Conn,
    month: Month,
    known_at: KnownAt,
    asked: Option<Currency>,
) -> Result<Allocation, Failure> {
    let rules = rules_in_force(conn, month, known_at)?;
    let mut done = allocate(conn, month, &rules, known_at)?;
    let mut rates = Vec::new();
    if let Some(currency) = asked {
        let mut converter = Converter::new(currency, known_at);
        done = converted(conn, done, month, currency, &mut converter)?;
        rates = converter.told();
    }
    let items = done
        .borne
        .into_iter()
        .map(|((key, segment), borne)| AllocatedCost {
            segment: segment.to_string(),
            category: key.category,
            component: key.component,
            direct: Money::from_minor(borne.direct, key.currency),
            shared: Money::from_minor(borne.shared, key.currency),
        });
    let unallocated = done
        .unallocated
        .into_iter()
        .map(|(key, kept)| UnallocatedCost {
            category: key.category,
            component: key.component,
            amount: Money::from_minor(kept.minor, key.currency),
            reason: kept.reason,
        });
    Ok(Allocation {
        month,
        items: items.collect(),
        unallocated: unallocated.collect(),
        rules,
        rates,
    })
}

/// The same in one currency: lines that differ in their currency only become one. A line is rounded as a
/// whole, as in the reports of what customers cost, and its shared part is the rest.
fn converted(
    conn: &mut Conn,
    done: MonthAllocation,
    month: Month,
    currency: Currency,
    converter: &mut Converter,
) -> Result<MonthAllocation, Failure> {
    let mut one = MonthAllocation::default();
    for ((key, segment), borne) in done.borne {
        let all = borne.direct.checked_add(borne.shared).ok_or(Overflow)?;
        let all = converter.flow(conn, key.currency, month, all)?;
        let direct = converter.flow(conn, key.currency, month, borne.direct)?;
        let key = CostKey { currency, ..key };
        let sum = one.borne.entry((key, segment)).or_default();
        sum.direct = sum.direct.checked_add(direct).ok_or(Overflow)?;
        sum.shared = sum.shared.checked_add(all - direct).ok_or(Overflow)?;
    }
    for (key, kept) in done.unallocated {
        let minor = converter.flow(conn, key.currency, month, kept.minor)?;
        let none = Unallocated { minor: 0, ..kept };
        let sum = one
            .unallocated
            .entry(CostKey { currency, ..key })
            .or_insert(none);
        sum.minor = sum.minor.checked_add(minor).ok_or(Overflow)?;
    }
    Ok(one)
}

/// The costs of a month by who bears them, by the rules given.
pub fn allocate(
    conn: &mut Conn,
    month: Month,
    rules: &[AllocationRule],
    known_at: KnownAt,
) -> Result<MonthAllocation, Failure> {
    let shares = shares_in_force(conn, month, rules, known_at)?;
    let mut allocator = MonthAllocator::new(&shares);
    cost::for_each_direct(conn, month, known_at, |key, segment, minor| {
        allocator
            .add_direct(key, segment, minor)
            .map_err(Failure::from)
    })?;
    cost::for_each_shared(conn, month, known_at, |key, minor| {
        allocator.add_shared(key, minor)?;
        Ok::<_, Failure>(())
    })?;
    Ok(allocator.finish())
}

/// The rules in force in a month, by category.
pub fn rules_in_force(
    conn: &mut Conn,
    month: Month,
    known_at: KnownAt,
) -> Result<Vec<AllocationRule>, Failure> {
    let mut rules = Vec::new();
    for category in CostCategory::all() {
        if let Some(row) = allocation_rule::find_last(conn, category, Some(month), known_at)? {
            rules.push(row.try_into()?);
        }
    }
    Ok(rules)
}

pub(crate) fn shares_in_force(
    conn: &mut Conn,
    month: Month,
    rules: &[AllocationRule],
    known_at: KnownAt,
) -> Result<SharesInForce, Failure> {
    let months = segment_month::load_month(conn, month, known_at)?;
    let activity: Vec<_> = months.iter().map(SegmentMonthRow::activity).collect();
    let shares = |rule: &AllocationRule| {
        let shares = crate::app::allocation_rule::method(rule).shares(&activity);
        (rule.category, shares.map_err(|error| error.to_string()))
    };
    Ok(rules.iter().map(shares).collect())
}

/// Writes the parts of a month's shared entries, each with its entry.
pub fn write_lines(conn: &mut Conn, month: Month, sink: &mut FeedSink) -> Result<(), Failure> {
    let rules = rules_in_force(conn, month, None)?;
    let shares = shares_in_force(conn, month, &rules, None)?;
    let mut allocator = MonthAllocator::new(&shares);
    cost::for_each_shared_entry(conn, month, |entry, key, minor| {
        let parts = allocator.add_shared(key, minor)?;
        parts.into_iter().try_for_each(|(segment, minor)| {
            sink.push(&AllocationLine {
                entry: entry.0,
                segment: segment.to_string(),
                category: key.category,
                minor,
                currency: key.currency.code().to_owned(),
            })
        })
    })
}
