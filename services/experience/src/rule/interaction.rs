//! When a contact can be taken.

use chrono::{DateTime, Utc};
use keepworth_contract::FaultCode;
use keepworth_contract::InvalidParam;
use keepworth_contract::experience::InteractionInput;
use keepworth_intake::fault;

use crate::rule::moment;

/// Seconds of an employee's time in one contact at the most: a day.
const LONGEST_HANDLE_SECONDS: i64 = 86_400;

/// Every field at fault, judged at `now`.
#[must_use]
pub fn faults(interaction: &InteractionInput, now: DateTime<Utc>) -> Vec<InvalidParam> {
    let optional = |name, text: &Option<String>, longest| {
        text.as_ref()
            .and_then(|text| fault::text(name, text, longest))
    };
    [
        fault::text("source", &interaction.source, 64),
        fault::text("external_id", &interaction.external_id, 128),
        optional("customer_source", &interaction.customer_source, 64),
        fault::text(
            "customer_external_id",
            &interaction.customer_external_id,
            128,
        ),
        fault::text("channel", &interaction.channel, 64),
        moment::fault("started_at", interaction.started_at, now),
        handle_fault(interaction.handle_seconds),
        optional("phase", &interaction.phase, 64),
        optional("issue", &interaction.issue, 128),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn handle_fault(seconds: i64) -> Option<InvalidParam> {
    (!(0..=LONGEST_HANDLE_SECONDS).contains(&seconds)).then(|| {
        InvalidParam::new(
            "handle_seconds",
            FaultCode::OutOfRange,
            format!(
                "{seconds} is not between 0 and {LONGEST_HANDLE_SECONDS} (a day); give the seconds \
                 of an employee's time"
            ),
        )
    })
}

/// The system that knows the customer.
#[must_use]
pub fn customer_source(interaction: &InteractionInput) -> &str {
    interaction
        .customer_source
        .as_deref()
        .unwrap_or(&interaction.source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use keepworth_contract::experience::Outcome;

    fn faults_of(change: impl FnOnce(&mut InteractionInput)) -> Vec<(String, String)> {
        let mut interaction = InteractionInput {
            source: "desk".into(),
            external_id: "1".into(),
            customer_source: Some("crm".into()),
            customer_external_id: "7".into(),
            channel: "phone".into(),
            started_at: "2025-10-31T23:00:00Z".parse().unwrap(),
            handle_seconds: 400,
            outcome: Outcome::Resolved,
            phase: None,
            issue: None,
        };
        change(&mut interaction);
        faults(&interaction, "2025-11-01T00:00:00Z".parse().unwrap())
            .into_iter()
            .map(|fault| (fault.name, fault.code))
            .collect()
    }

    fn one(name: &str, code: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), code.to_owned())]
    }

    #[test]
    fn handle_time_is_between_nothing_and_a_day() {
        for seconds in [0, 400, 86_400] {
            assert_eq!(faults_of(|it| it.handle_seconds = seconds), []);
        }
        for seconds in [-1, 86_401, i64::MIN, i64::MAX] {
            assert_eq!(
                faults_of(|it| it.handle_seconds = seconds),
                one("handle_seconds", "out_of_range")
            );
        }
    }

    #[test]
    fn each_bad_field_is_named() {
        assert_eq!(
            faults_of(|it| it.channel = String::new()),
            one("channel", "missing")
        );
        assert_eq!(
            faults_of(|it| it.issue = Some("line\nbreak".into())),
            one("issue", "control_character")
        );
        assert_eq!(
            faults_of(|it| it.started_at = "2025-11-02T00:00:00Z".parse().unwrap()),
            one("started_at", "in_the_future")
        );
    }
}
