//! When an answer can be taken.

use chrono::{DateTime, Utc};
use keepworth_contract::FaultCode;
use keepworth_contract::InvalidParam;
use keepworth_contract::Word;
use keepworth_contract::experience::FeedbackInput;
use keepworth_intake::fault;

use crate::rule::moment;

/// Every field at fault, judged at `now`.
#[must_use]
pub fn faults(feedback: &FeedbackInput, now: DateTime<Utc>) -> Vec<InvalidParam> {
    let optional = |name, text: &Option<String>, longest| {
        text.as_ref()
            .and_then(|text| fault::text(name, text, longest))
    };
    [
        fault::text("source", &feedback.source, 64),
        fault::text("external_id", &feedback.external_id, 128),
        optional("customer_source", &feedback.customer_source, 64),
        fault::text("customer_external_id", &feedback.customer_external_id, 128),
        off_scale(feedback),
        moment::fault("responded_at", feedback.responded_at, now),
        optional("phase", &feedback.phase, 64),
        optional("channel", &feedback.channel, 64),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn off_scale(feedback: &FeedbackInput) -> Option<InvalidParam> {
    let (lowest, highest) = feedback.kind.scale();
    (!(lowest..=highest).contains(&feedback.score)).then(|| {
        InvalidParam::new(
            "score",
            FaultCode::OffScale,
            format!(
                "{} is not on the scale of {}, {lowest} to {highest}; correct the score or the kind",
                feedback.score,
                feedback.kind.name()
            ),
        )
    })
}

/// The system that knows the customer.
#[must_use]
pub fn customer_source(feedback: &FeedbackInput) -> &str {
    feedback
        .customer_source
        .as_deref()
        .unwrap_or(&feedback.source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use keepworth_contract::experience::FeedbackKind;

    fn feedback() -> FeedbackInput {
        FeedbackInput {
            source: "survey".into(),
            external_id: "1".into(),
            customer_source: None,
            customer_external_id: "7".into(),
            kind: FeedbackKind::Nps,
            score: 0,
            responded_at: "2025-10-31T23:00:00Z".parse().unwrap(),
            phase: None,
            channel: None,
        }
    }

    fn faults_of(change: impl FnOnce(&mut FeedbackInput)) -> Vec<(String, String)> {
        let mut feedback = feedback();
        change(&mut feedback);
        faults(&feedback, "2025-11-01T00:00:00Z".parse().unwrap())
            .into_iter()
            .map(|fault| (fault.name, fault.code))
            .collect()
    }

    fn one(name: &str, code: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), code.to_owned())]
    }

    #[test]
    fn each_kind_has_its_scale() {
        for kind in FeedbackKind::all() {
            let (lowest, highest) = kind.scale();
            for score in -1..=12 {
                let found = faults_of(|it| (it.kind, it.score) = (kind, score));
                assert_eq!(
                    found.is_empty(),
                    (lowest..=highest).contains(&score),
                    "{kind:?} {score}"
                );
            }
        }
    }

    #[test]
    fn each_bad_field_is_named() {
        assert_eq!(faults_of(|it| it.score = 11), one("score", "off_scale"));
        assert_eq!(
            faults_of(|it| it.customer_external_id.clear()),
            one("customer_external_id", "missing")
        );
        assert_eq!(
            faults_of(|it| it.customer_source = Some(" ".into())),
            one("customer_source", "missing")
        );
        assert_eq!(
            faults_of(|it| it.phase = Some("p".repeat(65))),
            one("phase", "too_long")
        );
        assert_eq!(
            faults_of(|it| it.responded_at = "2025-11-01T00:00:01Z".parse().unwrap()),
            one("responded_at", "in_the_future")
        );
    }

    #[test]
    fn the_customer_is_of_the_same_system_unless_told_otherwise() {
        let mut feedback = feedback();
        assert_eq!(customer_source(&feedback), "survey");
        feedback.customer_source = Some("crm".into());
        assert_eq!(customer_source(&feedback), "crm");
    }
}
