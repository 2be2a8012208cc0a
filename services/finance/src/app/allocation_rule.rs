//! How shared costs are split between segments.

use crate::app::{check_open, internal};
use crate::rule::ledger::allocation::AllocationRule as Rule;
use crate::rule::ledger::month_allocation::Method;
use crate::store::allocation_rule::AllocationRuleRow;
pub use crate::store::allocation_rule::load_rules;
use crate::store::{allocation_rule, period_close};
use keepworth_contract::FaultCode;
use keepworth_contract::finance::{
    AllocationMethod, AllocationRule, AllocationRuleInput, StatedShare,
};
use keepworth_contract::{InvalidParam, Month};
use keepworth_intake::{Failure, fault};
use keepworth_store::{Conn, RecordId, now};

pub(crate) fn split_by(method: AllocationMethod, shares: &[StatedShare]) -> Method {
    Method::Rule(match method {
        AllocationMethod::Direct => Rule::Direct,
        AllocationMethod::ByContacts => Rule::ByContacts,
        AllocationMethod::ByMinutes => Rule::ByMinutes,
        AllocationMethod::ByRevenue => Rule::ByRevenue,
        AllocationMethod::ByHeadcount => Rule::ByHeadcount,
        AllocationMethod::Even => Rule::Even,
        AllocationMethod::Stated => {
            let stated = |it: &StatedShare| (it.segment.as_str().into(), it.share);
            return Method::Stated(shares.iter().map(stated).collect());
        }
    })
}

/// How it splits.
#[must_use]
pub fn method(rule: &AllocationRule) -> Method {
    split_by(rule.method, &rule.shares)
}

impl TryFrom<AllocationRuleRow> for AllocationRule {
    type Error = Failure;

    fn try_from(row: AllocationRuleRow) -> Result<Self, Failure> {
        Ok(Self {
            id: row.id.0,
            category: row.category.0,
            version: row.version,
            effective_from: Month::from_index(row.effective_month),
            method: row.method.0,
            shares: serde_json::from_str(&row.shares).map_err(internal)?,
            reason: row.reason,
            recorded_at: row.recorded_at.and_utc(),
        })
    }
}

/// Keeps a rule, in the caller's transaction; one of a closed month is refused.
pub fn insert(conn: &mut Conn, rule: AllocationRuleInput) -> Result<AllocationRuleRow, Failure> {
    period_close::lock(conn)?;
    check_open(conn, rule.effective_from)?;
    let last = allocation_rule::find_last(conn, rule.category, None, None)?;
    if let Some(last) = &last {
        let before = Month::from_index(last.effective_month);
        if rule.effective_from < before {
            let from = rule.effective_from;
            let reason = format!(
                "{from} is before {before}, when the last version takes effect; give {before} or later"
            );
            let fault = InvalidParam::new("effective_from", FaultCode::DatesOutOfOrder, reason);
            return Err(Failure::invalid(vec![fault]));
        }
    }
    let row = AllocationRuleRow {
        id: RecordId::generate(),
        category: rule.category.into(),
        version: last.map_or(1, |last| last.version + 1),
        effective_month: rule.effective_from.index(),
        method: rule.method.into(),
        shares: serde_json::to_string(&rule.shares).map_err(internal)?,
        reason: rule.reason,
        recorded_at: now().naive_utc(),
    };
    allocation_rule::insert_rule(conn, &row)?;
    Ok(row)
}

/// What is wrong with a rule, field by field.
pub fn faults(rule: &AllocationRuleInput) -> Vec<InvalidParam> {
    let mut faults: Vec<_> = fault::text("reason", &rule.reason, 1_000)
        .into_iter()
        .collect();
    for (index, share) in rule.shares.iter().enumerate() {
        let name = format!("shares/{index}/segment");
        faults.extend(fault::text(&name, &share.segment, 128));
    }
    if rule.method == AllocationMethod::Stated {
        if let Err(error) = split_by(rule.method, &rule.shares).shares(&[]) {
            faults.push(InvalidParam::new(
                "shares",
                FaultCode::WrongShares,
                error.to_string(),
            ));
        }
    } else if !rule.shares.is_empty() {
        faults.push(InvalidParam::new(
            "shares",
            FaultCode::WithoutMethod,
            "are given for a method other than STATED; leave them out or choose STATED",
        ));
    }
    faults
}
