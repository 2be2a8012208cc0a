//! What a percentile says: a number, or that there is none.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A percentile of an outcome.
///
/// In JSON it is a number or one of the words `"never"`, `"nothing_to_pay_back"` and `"none"`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Level {
    /// A number.
    Number(f64),
    /// A payback that is not within the horizon.
    Never,
    /// A payback of flows that were never negative.
    NothingToPayBack,
    /// A rate of return that does not exist, or is not one alone.
    None,
}

impl Level {
    const WORDS: [(Self, &'static str); 3] = [
        (Self::Never, "never"),
        (Self::NothingToPayBack, "nothing_to_pay_back"),
        (Self::None, "none"),
    ];

    /// The number, where there is one.
    #[must_use]
    pub fn number(self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The word, where there is no number.
    #[must_use]
    pub fn word(self) -> Option<&'static str> {
        let known = Self::WORDS.into_iter().find(|(level, _)| *level == self);
        known.map(|(_, word)| word)
    }
}

impl Serialize for Level {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_f64(*number),
            level => serializer.serialize_str(level.word().unwrap_or_default()),
        }
    }
}

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Number(number) => number
                .as_f64()
                .map(Self::Number)
                .ok_or_else(|| D::Error::custom("no 64-bit number")),
            serde_json::Value::String(word) => {
                let known = Self::WORDS.into_iter().find(|(_, known)| *known == word);
                known
                    .map(|(level, _)| level)
                    .ok_or_else(|| D::Error::custom(format!("\"{word}\" is no level")))
            }
            other => Err(D::Error::custom(format!("{other} is no level"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Level;

    #[test]
    fn words_and_numbers_come_back() {
        for level in [
            Level::Number(-2.5),
            Level::Never,
            Level::NothingToPayBack,
            Level::None,
        ] {
            let json = serde_json::to_string(&level).expect("a form");
            assert_eq!(
                serde_json::from_str::<Level>(&json).expect("the same"),
                level
            );
        }
        assert!(serde_json::from_str::<Level>("\"soon\"").is_err());
    }
}
