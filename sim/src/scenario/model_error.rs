//! What nobody foresees of customers and their money, whatever is done.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How far off the records' forecasts may be, beyond what their figures say: it holds in both worlds.
///
/// In a scenario file it is written as one of
///
/// | written | meaning |
/// |---|---|
/// | `"backtest"` | as the newest backtest found that the baseline knows of |
/// | `"backtest/ID"` | as the backtest of that id found |
/// | `{ leaving = { common = 0.1, own = 0.05 } }` | the [`Unforeseen`] factors themselves |
#[derive(Debug, Clone, PartialEq)]
pub enum ModelError {
    /// As a backtest found, in place of which its factors are put before the engine sees them.
    Backtest(WhichBacktest),
    /// The factors.
    Unforeseen(Unforeseen),
}

/// A backtest that is kept elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhichBacktest {
    /// The newest that the baseline knows of.
    Newest,
    /// That of an id.
    Id(String),
}

/// Factors of median 1 on figures of every segment, through all months, alike in both worlds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unforeseen {
    /// On every hazard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaving: Option<FactorSize>,
    /// On customers won.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub won: Option<FactorSize>,
    /// On revenue per customer-month, and with it on what it costs to sell it: the margin stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue: Option<FactorSize>,
    /// On the cost of contacts per customer-month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_cost: Option<FactorSize>,
    /// Where the sizes come from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// How far a factor lies from 1: standard deviations of its logarithm, 0 to 5.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FactorSize {
    /// Of the part common to all segments.
    pub common: f64,
    /// Of the part of each segment alone.
    pub own: f64,
}

impl fmt::Display for WhichBacktest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newest => f.write_str("backtest"),
            Self::Id(id) => write!(f, "backtest/{id}"),
        }
    }
}

impl Serialize for ModelError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Backtest(which) => serializer.collect_str(which),
            Self::Unforeseen(factors) => factors.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ModelError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrFactors)
    }
}

struct TextOrFactors;

impl<'de> Visitor<'de> for TextOrFactors {
    type Value = ModelError;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "\"backtest\", \"backtest/ID\", or factors like { leaving = { common = 0.1, own = 0.05 } }",
        )
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<ModelError, E> {
        let which = match text.strip_prefix("backtest") {
            Some("") => WhichBacktest::Newest,
            Some(rest) if rest.len() > 1 && rest.starts_with('/') => {
                WhichBacktest::Id(rest[1..].to_owned())
            }
            _ => {
                return Err(E::custom(format!(
                    "\"{text}\" is no model error; write \"backtest\" for the newest backtest, \"backtest/ID\" with \
                     an id that GET /v1/backtests lists, or factors like {{ leaving = {{ common = 0.1, own = 0.05 }} }}"
                )));
            }
        };
        Ok(ModelError::Backtest(which))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ModelError, A::Error> {
        Unforeseen::deserialize(MapAccessDeserializer::new(map)).map(ModelError::Unforeseen)
    }
}

impl JsonSchema for ModelError {
    fn schema_name() -> Cow<'static, str> {
        "ModelError".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let factors = generator.subschema_for::<Unforeseen>();
        json_schema!({
            "description": "as the newest backtest (\"backtest\") or that of an id (\"backtest/ID\") found, or the factors themselves",
            "anyOf": [
                { "type": "string", "pattern": "^backtest(/.+)?$" },
                factors
            ]
        })
    }
}
