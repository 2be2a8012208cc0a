//! When a ledger entry can be taken.

use chrono::NaiveDate;
use keepworth_contract::FaultCode;
use keepworth_contract::InvalidParam;
use keepworth_contract::ProgrammeKey;
use keepworth_contract::Word;
use keepworth_contract::finance::LedgerEntryInput;
use keepworth_intake::fault;

use crate::rule::cost::component::{admitted, find_place};
use crate::rule::ledger::amount;
use crate::rule::ledger::date;

/// Every field at fault, judged on `today`. A negative amount is a credit note.
#[must_use]
pub fn faults(entry: &LedgerEntryInput, today: NaiveDate) -> Vec<InvalidParam> {
    let optional = |name, value: &Option<String>, longest| {
        value
            .as_deref()
            .and_then(|value| fault::text(name, value, longest))
    };
    let programme = entry.programme.as_ref();
    [
        fault::text("source", &entry.source, 64),
        fault::text("external_id", &entry.external_id, 128),
        date::fault("posted_on", entry.posted_on, today),
        amount::fault("amount", entry.amount),
        optional("segment", &entry.segment, 128),
        optional("channel", &entry.channel, 64),
        optional("account", &entry.account, 128),
        optional("cost_center", &entry.cost_center, 128),
        optional("campaign", &entry.campaign, 128),
        programme.and_then(|it| fault::text("programme", it.as_str(), ProgrammeKey::LONGEST)),
        optional("voucher", &entry.voucher, 128),
        optional("note", &entry.note, 1_000),
        unknown_component(entry),
        line_without_programme(entry),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn unknown_component(entry: &LedgerEntryInput) -> Option<InvalidParam> {
    let component = entry.component?;
    if find_place(entry.category, Some(component)).is_some() {
        return None;
    }
    let (category, admitted) = (entry.category.name(), admitted(entry.category));
    Some(InvalidParam::new(
        "component",
        FaultCode::WrongComponent,
        format!(
            "{category} has no component {}; it has: {admitted}",
            component.name()
        ),
    ))
}

fn line_without_programme(entry: &LedgerEntryInput) -> Option<InvalidParam> {
    (entry.line.is_some() && entry.programme.is_none()).then(|| {
        InvalidParam::new(
            "line",
            FaultCode::WithoutProgramme,
            "is given without programme; name the programme or leave the line out",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use keepworth_contract::finance::{Basis, CostCategory, CostComponent, ProgrammeLine};

    fn entry() -> LedgerEntryInput {
        LedgerEntryInput {
            source: "erp".into(),
            external_id: "1".into(),
            posted_on: "2025-09-30".parse().unwrap(),
            category: CostCategory::Service,
            amount: "-12.50 EUR".parse().unwrap(),
            segment: None,
            channel: Some("phone".into()),
            component: None,
            account: None,
            cost_center: None,
            campaign: None,
            programme: None,
            line: None,
            voucher: None,
            capex: false,
            basis: Basis::Recorded,
            note: None,
        }
    }

    fn fault_of(change: impl FnOnce(&mut LedgerEntryInput)) -> Vec<(String, String)> {
        let mut entry = entry();
        change(&mut entry);
        let faults = faults(&entry, "2025-11-01".parse().unwrap());
        faults
            .into_iter()
            .map(|fault| (fault.name, fault.code))
            .collect()
    }

    fn one(name: &str, code: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), code.to_owned())]
    }

    #[test]
    fn a_credit_note_has_no_fault() {
        assert_eq!(fault_of(|_| ()), []);
    }

    #[test]
    fn each_bad_field_is_named() {
        assert_eq!(
            fault_of(|e| e.amount.amount = "12.505".parse().unwrap()),
            one("amount/amount", "too_many_decimals")
        );
        assert_eq!(
            fault_of(|e| e.amount.amount = "99999999999999999".parse().unwrap()),
            one("amount/amount", "too_large")
        );
        assert_eq!(
            fault_of(|e| e.posted_on = "2025-11-02".parse().unwrap()),
            one("posted_on", "in_the_future")
        );
        assert_eq!(
            fault_of(|e| e.posted_on = "-9999-11-02".parse().unwrap()),
            one("posted_on", "out_of_range")
        );
        assert_eq!(
            fault_of(|e| e.segment = Some(String::new())),
            one("segment", "missing")
        );
        assert_eq!(
            fault_of(|e| e.component = Some(CostComponent::Media)),
            one("component", "wrong_component")
        );
        assert_eq!(
            fault_of(|e| e.line = Some(ProgrammeLine::People)),
            one("line", "without_programme")
        );
    }
}
