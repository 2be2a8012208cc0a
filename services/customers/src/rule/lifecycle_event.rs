//! When a lifecycle event can be taken.

use std::collections::HashSet;

use chrono::NaiveDate;
use keepworth_contract::FaultCode;
use keepworth_contract::InvalidParam;
use keepworth_contract::customers::{LifecycleEventInput, LifecycleKind};
use keepworth_intake::fault;

use crate::rule::customer::{left_faults, unknown_segment};

/// A customer's dates, as far as events are judged by them.
#[derive(Debug, Clone, Copy)]
pub struct CustomerDates {
    /// The day they became a customer.
    pub acquired_on: NaiveDate,
    /// First day under observation.
    pub observed_from: NaiveDate,
    /// Last day under observation, when it is known.
    pub observed_to: Option<NaiveDate>,
}

/// What is known besides the event: the segments, and moves of the customer.
#[derive(Debug, Clone, Copy)]
pub struct Beside<'a> {
    /// Keys of the segments that are registered, or will be.
    pub segments: &'a HashSet<String>,
    /// The customer's first move, be it in the records or in the batch.
    pub first_move: Option<NaiveDate>,
}

/// Fields at fault by themselves: records with one cannot even be looked up.
#[must_use]
pub fn text_faults(event: &LifecycleEventInput) -> Vec<InvalidParam> {
    let texts = [
        fault::text("source", &event.source, 64),
        fault::text("external_id", &event.external_id, 128),
        fault::text("customer_source", customer_source(event), 64),
        fault::text("customer_external_id", &event.customer_external_id, 128),
        event
            .detail
            .as_ref()
            .and_then(|detail| fault::text("detail", detail, 1_000)),
        segment_text("segment", event.segment.as_ref()),
        segment_text("from_segment", event.from_segment.as_ref()),
    ];
    texts.into_iter().flatten().collect()
}

fn segment_text(name: &str, segment: Option<&String>) -> Option<InvalidParam> {
    segment.and_then(|segment| fault::text(name, segment, 128))
}

/// Every field at fault, judged on `today`; `customer` is `None` when there is no such customer.
#[must_use]
pub fn faults(
    event: &LifecycleEventInput,
    customer: Option<CustomerDates>,
    beside: Beside<'_>,
    today: NaiveDate,
) -> Vec<InvalidParam> {
    let mut faults = text_faults(event);
    faults.extend(fault::past("occurred_on", event.occurred_on, today));
    match customer {
        None => faults.push(unknown_customer(event)),
        Some(dates) if event.kind == LifecycleKind::Left => faults.extend(left_faults(
            "occurred_on",
            event.occurred_on,
            dates.acquired_on,
            dates.observed_from,
            dates.observed_to,
        )),
        Some(dates) => {
            faults.extend(fault::before(
                "occurred_on",
                event.occurred_on,
                "acquired_on",
                dates.acquired_on,
            ));
        }
    }
    if event.cause.is_some() && event.kind != LifecycleKind::Left {
        faults.push(InvalidParam::new(
            "cause",
            FaultCode::WithoutLeaving,
            "is given for an event that is not LEFT; leave it out",
        ));
    }
    if event.kind == LifecycleKind::Moved {
        faults.extend(move_faults(event, customer, beside));
    } else {
        faults.extend(segment_of_no_move("segment", event.segment.as_ref()));
        faults.extend(segment_of_no_move(
            "from_segment",
            event.from_segment.as_ref(),
        ));
    }
    faults
}

fn segment_of_no_move(name: &str, segment: Option<&String>) -> Option<InvalidParam> {
    segment.map(|_| {
        let reason = "is given for an event that is not MOVED; leave it out";
        InvalidParam::new(name, FaultCode::WithoutMeaning, reason)
    })
}

fn move_faults(
    event: &LifecycleEventInput,
    customer: Option<CustomerDates>,
    beside: Beside<'_>,
) -> Vec<InvalidParam> {
    let mut faults = Vec::new();
    match &event.segment {
        None => faults.push(InvalidParam::new(
            "segment",
            FaultCode::Missing,
            "is needed for MOVED; give the segment in which the customer is from this day on",
        )),
        Some(segment) => faults.extend(unknown_segment("segment", segment, beside.segments)),
    }
    match (&event.from_segment, customer) {
        (Some(from), _) => {
            faults.extend(unknown_segment("from_segment", from, beside.segments));
        }
        (None, Some(dates)) => faults.extend(unknown_before(event.occurred_on, dates, beside)),
        (None, None) => {}
    }
    faults
}

/// Where a customer was before their first move has to be known, if they were under observation there: to take the
/// segment that they moved into would count who stayed long enough to get there, and nobody else.
fn unknown_before(on: NaiveDate, dates: CustomerDates, beside: Beside<'_>) -> Option<InvalidParam> {
    let is_first = beside.first_move.is_none_or(|first| on <= first);
    (is_first && dates.observed_from < on).then(|| {
        let from = dates.observed_from;
        let reason = format!(
            "is needed of a customer's first move: in which segment they were from {from} to {on} is not known; give \
             it, or send the moves in the order of time, from the segment of {from} on"
        );
        InvalidParam::new("from_segment", FaultCode::Missing, reason)
    })
}

fn unknown_customer(event: &LifecycleEventInput) -> InvalidParam {
    InvalidParam::new(
        "customer_external_id",
        FaultCode::UnknownCustomer,
        format!(
            "`{}` of `{}` is not known; import customers first, or correct customer_source",
            event.customer_external_id,
            customer_source(event)
        ),
    )
}

/// The system that knows the event's customer.
#[must_use]
pub fn customer_source(event: &LifecycleEventInput) -> &str {
    event.customer_source.as_deref().unwrap_or(&event.source)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn codes(
        first_move: Option<&str>,
        change: impl FnOnce(&mut LifecycleEventInput),
    ) -> Vec<(String, String)> {
        let mut event = LifecycleEventInput {
            source: "crm".into(),
            external_id: "1".into(),
            customer_source: None,
            customer_external_id: "1".into(),
            kind: LifecycleKind::Moved,
            occurred_on: day("2025-03-01"),
            cause: None,
            segment: Some("plus".into()),
            from_segment: Some("basic".into()),
            detail: None,
        };
        change(&mut event);
        let dates = CustomerDates {
            acquired_on: day("2024-01-01"),
            observed_from: day("2024-06-01"),
            observed_to: None,
        };
        let segments = ["plus", "basic"].map(str::to_owned).into();
        let beside = Beside {
            segments: &segments,
            first_move: first_move.map(day),
        };
        let faults = faults(&event, Some(dates), beside, day("2025-11-01"));
        let told = faults.into_iter().map(|it| (it.name, it.code));
        told.collect()
    }

    fn one(name: &str, code: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), code.to_owned())]
    }

    #[test]
    fn a_move_says_from_where_to_where() {
        assert_eq!(codes(None, |_| {}), []);
        let gone = |it: &mut LifecycleEventInput| it.segment = None;
        assert_eq!(codes(None, gone), one("segment", "missing"));
        let new = |it: &mut LifecycleEventInput| it.segment = Some("gold".into());
        assert_eq!(codes(None, new), one("segment", "unknown_segment"));
        let stays = |it: &mut LifecycleEventInput| it.segment = Some("basic".into());
        assert_eq!(codes(None, stays), [], "systems log what led nowhere too");
        let renewed = |it: &mut LifecycleEventInput| it.kind = LifecycleKind::Renewed;
        let expected =
            ["segment", "from_segment"].map(|it| (it.to_owned(), "without_meaning".to_owned()));
        assert_eq!(codes(None, renewed), expected);
    }

    #[test]
    fn where_a_customer_was_before_has_to_be_known() {
        let unknown = |it: &mut LifecycleEventInput| it.from_segment = None;
        let missing = one("from_segment", "missing");
        assert_eq!(codes(None, unknown), missing);
        assert_eq!(codes(Some("2025-03-01"), unknown), missing);
        assert_eq!(
            codes(Some("2025-02-01"), unknown),
            [],
            "an earlier move says it"
        );
        let first_day = |it: &mut LifecycleEventInput| {
            it.from_segment = None;
            it.occurred_on = day("2024-06-01");
        };
        assert_eq!(codes(None, first_day), [], "nobody saw what was before");
    }
}
