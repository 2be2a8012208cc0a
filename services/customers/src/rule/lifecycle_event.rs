//! When a lifecycle event can be taken.

use chrono::NaiveDate;
use keepworth_contract::FaultCode;
use keepworth_contract::InvalidParam;
use keepworth_contract::customers::{LifecycleEventInput, LifecycleKind};
use keepworth_intake::fault;

use crate::rule::customer::left_faults;

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
    ];
    texts.into_iter().flatten().collect()
}

/// Every field at fault, judged on `today`; `customer` is `None` when there is no such customer.
#[must_use]
pub fn faults(
    event: &LifecycleEventInput,
    customer: Option<CustomerDates>,
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
    faults
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
