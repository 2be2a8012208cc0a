//! What cannot be put into the library.

use chrono::NaiveDate;
use keepworth_contract::simulator::{EvidenceInput, EvidenceSize, EvidenceStudy};
use keepworth_contract::{FaultCode, InvalidParam};
use keepworth_intake::fault;

/// The longest key, in characters.
const LONGEST_KEY: usize = 64;
/// The largest harm that an effect can be, and the largest error of one: the engine takes no larger ones.
const LARGEST: f64 = 10.0;

/// Everything that is wrong with evidence.
pub(crate) fn faults(new: &EvidenceInput, today: NaiveDate) -> Vec<InvalidParam> {
    let optional = |name, value: &Option<String>, longest| {
        let value = value.as_deref()?;
        fault::text(name, value, longest)
    };
    let none = (new.n == Some(0)).then(|| {
        let reason = "is 0; leave it out where nobody was counted";
        InvalidParam::new("n", FaultCode::OutOfRange, reason)
    });
    let source_on = new
        .source_on
        .and_then(|day| fault::past("source_on", day, today));
    [
        key(&new.key),
        fault::text("title", &new.title, 200),
        optional("method", &new.method, 500),
        optional("source", &new.source, 1_000),
        fault::text("owner", &new.owner, 200),
        optional("note", &new.note, 2_000),
        none,
        source_on,
        size(&new.size),
        study(&new.study),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A key is typed in scenarios, in addresses and in commands.
pub(crate) fn key(key: &str) -> Option<InvalidParam> {
    let part = |part: &str| {
        let is_plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit();
        !part.is_empty() && part.chars().all(is_plain)
    };
    let is_key = key.len() <= LONGEST_KEY && key.split('-').all(part);
    (!is_key).then(|| {
        let reason = format!(
            "`{key}` is no key; give up to {LONGEST_KEY} small letters and digits in parts that hyphens join, \
             such as call-backs-2025"
        );
        InvalidParam::new("key", FaultCode::WrongFormat, reason)
    })
}

fn size(size: &EvidenceSize) -> Option<InvalidParam> {
    let wrong = |field: &str, reason: String| {
        let field = format!("size/{field}");
        Some(InvalidParam::new(field, FaultCode::OutOfRange, reason))
    };
    let is_effect = |value: f64| (-LARGEST..=1.0).contains(&value);
    let fraction =
        |value: f64| format!("{value} must lie between -{LARGEST} and 1; 9% fewer is 0.09");
    match *size {
        EvidenceSize::MeanSd { mean, .. } if !is_effect(mean) => wrong("mean", fraction(mean)),
        EvidenceSize::MeanSd { sd, .. } if !(sd > 0.0 && sd <= LARGEST) => wrong(
            "sd",
            format!(
                "{sd} must be above 0 and at most {LARGEST}; where nobody knows it, give a NUMBER"
            ),
        ),
        EvidenceSize::Number { value } if !is_effect(value) => wrong("value", fraction(value)),
        EvidenceSize::Interval { low, .. } if !is_effect(low) => wrong("low", fraction(low)),
        EvidenceSize::Interval { high, .. } if !is_effect(high) => wrong("high", fraction(high)),
        EvidenceSize::Interval { low, high, .. } if low >= high => {
            wrong("high", format!("{high} must be above low, {low}"))
        }
        EvidenceSize::Interval { level, .. } if !(0.5..=0.999).contains(&level) => wrong(
            "level",
            format!("{level} must lie between 0.5 and 0.999; 95% is 0.95"),
        ),
        _ => None,
    }
}

fn study(study: &EvidenceStudy) -> Option<InvalidParam> {
    let wrong = |field: &str, reason: String| {
        let field = format!("study/{field}");
        Some(InvalidParam::new(field, FaultCode::OutOfRange, reason))
    };
    match study {
        EvidenceStudy::Pilot(checks) => {
            let arms = checks.arms.as_ref()?;
            let share = arms.planned_treated_share;
            match () {
                () if arms.control == 0 => {
                    wrong("arms/control", "is 0; an arm has customers".to_owned())
                }
                () if arms.treated == 0 => {
                    wrong("arms/treated", "is 0; an arm has customers".to_owned())
                }
                () if !(share > 0.0 && share < 1.0) => wrong(
                    "arms/planned_treated_share",
                    format!("{share} must lie between 0 and 1, without either"),
                ),
                () => None,
            }
        }
        EvidenceStudy::DifferenceInDifferences(checks) => {
            let p = checks.pre_trend_p.filter(|p| !(0.0..=1.0).contains(p))?;
            wrong("pre_trend_p", format!("{p} is no probability; give 0 to 1"))
        }
        EvidenceStudy::Link
        | EvidenceStudy::PublishedStudy
        | EvidenceStudy::VendorStatement
        | EvidenceStudy::ExpertStatement => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_what_can_be_typed_anywhere() {
        for good in ["a", "call-backs-2025", "7"] {
            assert!(key(good).is_none(), "{good}");
        }
        let long = "a".repeat(65);
        for wrong in ["", "A", "a@2", "a--b", "-a", "a-", "a b", "ä", &long] {
            assert!(key(wrong).is_some(), "{wrong}");
        }
    }

    #[test]
    fn sizes_that_cannot_be_are_refused_at_their_place() {
        let interval = |low, high, level| EvidenceSize::Interval { low, high, level };
        for (wrong, at) in [
            (EvidenceSize::MeanSd { mean: 5.0, sd: 1.0 }, "size/mean"),
            (
                EvidenceSize::MeanSd {
                    mean: 0.05,
                    sd: 0.0,
                },
                "size/sd",
            ),
            (EvidenceSize::Number { value: f64::NAN }, "size/value"),
            (interval(-11.0, 0.1, 0.9), "size/low"),
            (interval(0.1, 1.1, 0.9), "size/high"),
            (interval(0.1, 0.1, 0.9), "size/high"),
            (interval(0.1, 0.2, 95.0), "size/level"),
        ] {
            assert_eq!(size(&wrong).map(|it| it.name), Some(at.to_owned()));
        }
        assert!(size(&interval(-0.1, 0.2, 0.95)).is_none());
    }
}
