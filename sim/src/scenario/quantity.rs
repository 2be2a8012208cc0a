//! A number that may be uncertain.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::inputs::Distribution;

/// A figure of a scenario: known, uncertain, or tied to a named input.
///
/// In a scenario file it is written as one of
///
/// | written | meaning |
/// |---|---|
/// | `4.5` | exactly 4.5 |
/// | `"4% to 13%"` | uncertain, 90% interval from 0.04 to 0.13 |
/// | `{ pert = [1, 2, 4] }` | uncertain, the [`Distribution`] named |
/// | `{ input = "margin" }` | the named input of `[inputs.margin]` |
/// | `{ input = "serve_multiplier", scale = 4.5 }` | 4.5 times that input |
#[derive(Debug, Clone, PartialEq)]
pub enum Quantity {
    /// A figure with a distribution of its own, drawn for it alone; a known number is
    /// [`Distribution::Fixed`].
    Own(Distribution),
    /// A named input, times a scale: figures that name the same input share its draw.
    Shared(SharedInput),
}

/// A reference to a named input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SharedInput {
    /// Name of an entry of `[inputs]`.
    pub input: String,
    /// The figure is `scale` times the input; 1 when absent.
    #[serde(default = "one")]
    pub scale: f64,
}

fn one() -> f64 {
    1.0
}

impl From<f64> for Quantity {
    fn from(value: f64) -> Self {
        Self::Own(Distribution::Fixed(value))
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Own(distribution) => Serialize::serialize(distribution, serializer),
            Self::Shared(shared) => shared.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(QuantityVisitor)
    }
}

struct QuantityVisitor;

impl<'de> Visitor<'de> for QuantityVisitor {
    type Value = Quantity;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a text like \"4% to 13%\", a table like { pert = [0.02, 0.06, 0.12] } or { input = \"name\" }")
    }

    fn visit_f64<E>(self, value: f64) -> Result<Quantity, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Quantity, E> {
        Ok((value as f64).into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Quantity, E> {
        Ok((value as f64).into())
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Quantity, E> {
        <Distribution as Deserialize>::deserialize(value.into_deserializer()).map(Quantity::Own)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Quantity, A::Error> {
        // Buffered, because which of two types it is shows only in its keys.
        let table = serde_json::Value::deserialize(MapAccessDeserializer::new(map))?;
        if table.get("input").is_some() {
            serde_json::from_value(table).map(Quantity::Shared)
        } else {
            serde_json::from_value(table).map(Quantity::Own)
        }
        .map_err(A::Error::custom)
    }
}

impl schemars::JsonSchema for Quantity {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Quantity".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let distribution = generator.subschema_for::<Distribution>();
        let shared = generator.subschema_for::<SharedInput>();
        schemars::json_schema!({
            "description": "a distribution (a number, \"low to high\", or a family), or a named input",
            "anyOf": [
                distribution,
                shared
            ]
        })
    }
}
