//! When a customer record can be taken.

use keepworth_contract::FaultCode;
use std::collections::HashSet;

use chrono::NaiveDate;
use keepworth_contract::InvalidParam;
use keepworth_contract::customers::CustomerInput;
use keepworth_intake::fault;

/// Every field at fault, judged on `today` against the registered `segments`.
#[must_use]
pub fn faults(
    customer: &CustomerInput,
    today: NaiveDate,
    segments: &HashSet<String>,
) -> Vec<InvalidParam> {
    let mut faults: Vec<InvalidParam> = [
        fault::text("source", &customer.source, 64),
        fault::text("external_id", &customer.external_id, 128),
        fault::text("segment", &customer.segment, 128),
        customer
            .acquisition_channel
            .as_ref()
            .and_then(|channel| fault::text("acquisition_channel", channel, 128)),
        fault::past("acquired_on", customer.acquired_on, today),
    ]
    .into_iter()
    .flatten()
    .collect();
    faults.extend(unknown_segment("segment", &customer.segment, segments));
    faults.extend(window_faults(customer, today));
    if customer.leaving_cause.is_some() && customer.left_on.is_none() {
        faults.push(InvalidParam::new(
            "leaving_cause",
            FaultCode::WithoutLeaving,
            "is given without left_on; give the day they left or leave the cause out",
        ));
    }
    faults
}

fn window_faults(customer: &CustomerInput, today: NaiveDate) -> Vec<InvalidParam> {
    let from = customer.observed_from.unwrap_or(customer.acquired_on);
    let mut faults = Vec::new();
    faults.extend(fault::before(
        "observed_from",
        from,
        "acquired_on",
        customer.acquired_on,
    ));
    if let Some(to) = customer.observed_to {
        faults.extend(fault::before("observed_to", to, "observed_from", from));
    }
    if let Some(left_on) = customer.left_on {
        faults.extend(fault::past("left_on", left_on, today));
        faults.extend(left_faults(
            "left_on",
            left_on,
            customer.acquired_on,
            from,
            customer.observed_to,
        ));
    }
    faults
}

/// What is wrong with a day of leaving, given the customer's dates.
#[must_use]
pub fn left_faults(
    name: &str,
    left_on: NaiveDate,
    acquired_on: NaiveDate,
    observed_from: NaiveDate,
    observed_to: Option<NaiveDate>,
) -> Vec<InvalidParam> {
    let mut faults = Vec::new();
    if let Some(fault) = fault::before(name, left_on, "acquired_on", acquired_on) {
        faults.push(fault);
    } else {
        faults.extend(fault::before(name, left_on, "observed_from", observed_from));
    }
    if let Some(to) = observed_to.filter(|to| left_on > *to) {
        faults.push(InvalidParam::new(
            name,
            FaultCode::DatesOutOfOrder,
            format!("{left_on} is after observed_to {to}; extend the observation window first"),
        ));
    }
    faults
}

/// What is wrong with a segment's key.
#[must_use]
pub fn unknown_segment(
    name: &str,
    segment: &str,
    segments: &HashSet<String>,
) -> Option<InvalidParam> {
    (!segments.contains(segment)).then(|| {
        InvalidParam::new(
            name,
            FaultCode::UnknownSegment,
            format!(
                "`{segment}` is not registered; correct it, or register it with PUT /v1/segments/{{key}} \
                 or create_segments"
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use keepworth_contract::customers::LeavingCause;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn customer() -> CustomerInput {
        CustomerInput {
            source: "crm".into(),
            external_id: "1".into(),
            segment: "smb".into(),
            acquired_on: day("2024-03-01"),
            acquisition_channel: None,
            observed_from: Some(day("2024-06-01")),
            observed_to: Some(day("2025-06-30")),
            left_on: None,
            leaving_cause: None,
        }
    }

    fn codes(customer: &CustomerInput) -> Vec<(String, String)> {
        let segments = HashSet::from(["smb".to_owned()]);
        let faults = faults(customer, day("2025-11-01"), &segments);
        faults
            .into_iter()
            .map(|fault| (fault.name, fault.code))
            .collect()
    }

    fn fault_of(change: impl FnOnce(&mut CustomerInput)) -> Vec<(String, String)> {
        let mut customer = customer();
        change(&mut customer);
        codes(&customer)
    }

    fn one(name: &str, code: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), code.to_owned())]
    }

    #[test]
    fn a_good_record_has_no_fault() {
        assert_eq!(codes(&customer()), []);
    }

    #[test]
    fn each_bad_field_is_named() {
        assert_eq!(
            fault_of(|c| c.acquired_on = day("0024-03-01")),
            one("acquired_on", "too_early")
        );
        assert_eq!(
            fault_of(|c| c.segment = "smbb".into()),
            one("segment", "unknown_segment")
        );
        assert_eq!(
            fault_of(|c| c.external_id = " ".into()),
            one("external_id", "missing")
        );
        assert_eq!(
            fault_of(|c| c.left_on = Some(day("2024-02-01"))),
            one("left_on", "dates_out_of_order")
        );
        assert_eq!(
            fault_of(|c| c.left_on = Some(day("2024-05-01"))),
            one("left_on", "dates_out_of_order")
        );
        assert_eq!(
            fault_of(|c| c.left_on = Some(day("2025-07-01"))),
            one("left_on", "dates_out_of_order")
        );
        assert_eq!(
            fault_of(|c| c.leaving_cause = Some(LeavingCause::Price)),
            one("leaving_cause", "without_leaving")
        );
        assert_eq!(
            fault_of(|c| {
                c.observed_to = None;
                c.left_on = Some(day("2026-01-01"));
            }),
            one("left_on", "in_the_future")
        );
    }
}
