//! The share of a cost that leaves the ledger when its cause does, month by month.

use std::fmt;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Problem, ScenarioError};

/// The share φ of a cost that is avoidable, from 0 to 1, by month from the decision date.
///
/// In a scenario file it is a number, which holds from month 0 on, or steps:
/// `[{ from = 0, share = 0.0 }, { from = 6, share = 0.5 }]`. Before its first step nothing is
/// avoidable. Where finance has confirmed no share there is none of these at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Avoidable(Vec<AvoidableStep>);

/// From a month on a share of a cost is avoidable.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AvoidableStep {
    /// First month, counted from the decision date.
    pub from: u32,
    /// Share from 0 to 1.
    pub share: f64,
}

impl Avoidable {
    /// The share in steps; each holds until the next.
    #[must_use]
    pub fn in_steps(steps: Vec<AvoidableStep>) -> Self {
        Self(steps)
    }

    /// The share in a month, counted from the decision date.
    pub(crate) fn share(&self, month: usize) -> f64 {
        let holds = |step: &&AvoidableStep| step.from as usize <= month;
        let step = self.0.iter().rev().find(holds);
        step.map_or(0.0, |step| step.share)
    }

    /// Refuses shares outside 0 to 1, and steps that do not ascend.
    pub(crate) fn check(&self, path: &str) -> Result<(), ScenarioError> {
        for (i, step) in self.0.iter().enumerate() {
            let fix = "give the share that finance has confirmed, from 0 to 1";
            Problem::unless_within(step.share, 0.0, 1.0, fix).map_err(|p| p.at(path))?;
            if i > 0 && self.0[i - 1].from >= step.from {
                let problem = format!(
                    "two shares are said of month {}; give each month one, in order",
                    step.from
                );
                return Err(Problem::Conflict(problem).at(format!("{path}[{i}].from")));
            }
        }
        Ok(())
    }
}

impl From<f64> for Avoidable {
    fn from(share: f64) -> Self {
        Self(vec![AvoidableStep { from: 0, share }])
    }
}

impl Serialize for Avoidable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0[..] {
            [AvoidableStep { from: 0, share }] => serializer.serialize_f64(share),
            _ => self.0.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Avoidable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AvoidableVisitor)
    }
}

struct AvoidableVisitor;

impl<'de> Visitor<'de> for AvoidableVisitor {
    type Value = Avoidable;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a share such as 0.4, or steps such as [{ from = 6, share = 0.5 }]")
    }

    fn visit_f64<E>(self, share: f64) -> Result<Avoidable, E> {
        Ok(share.into())
    }

    fn visit_i64<E>(self, share: i64) -> Result<Avoidable, E> {
        Ok((share as f64).into())
    }

    fn visit_u64<E>(self, share: u64) -> Result<Avoidable, E> {
        Ok((share as f64).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, steps: A) -> Result<Avoidable, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(steps)).map(Avoidable)
    }
}

impl schemars::JsonSchema for Avoidable {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Avoidable".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let step = generator.subschema_for::<AvoidableStep>();
        schemars::json_schema!({
            "description": "share of a cost that is avoidable: a number, or steps by month from the decision date",
            "anyOf": [
                { "type": "number", "minimum": 0, "maximum": 1 },
                { "type": "array", "items": step }
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_holds_until_the_next() {
        let json = r#"[{"from":2,"share":0.5},{"from":4,"share":0.25}]"#;
        let steps: Avoidable = serde_json::from_str(json).expect("steps");
        let found = [0, 1, 2, 3, 4, 400].map(|month| steps.share(month));
        assert_eq!(found, [0.0, 0.0, 0.5, 0.5, 0.25, 0.25]);
        assert_eq!(serde_json::to_string(&steps).expect("a form"), json);
        let always: Avoidable = serde_json::from_str("1").expect("a number");
        assert_eq!([always.share(0), always.share(9)], [1.0, 1.0]);
        assert_eq!(serde_json::to_string(&always).expect("a form"), "1.0");
    }

    #[test]
    fn what_finance_cannot_have_confirmed_is_refused() {
        let step = |from, share| AvoidableStep { from, share };
        let refused = |steps| {
            Avoidable(steps)
                .check("x")
                .expect_err("refused")
                .to_string()
        };
        assert!(refused(vec![step(0, 1.2)]).contains("from 0 to 1"));
        assert!(refused(vec![step(0, f64::NAN)]).contains("from 0 to 1"));
        let twice = refused(vec![step(3, 0.2), step(3, 0.4)]);
        assert!(twice.contains("month 3"), "{twice}");
    }
}
