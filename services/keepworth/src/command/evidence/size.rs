//! How large an effect is, as people type it.

use keepworth_contract::simulator::EvidenceSize;
use keepworth_reading::number::fraction;

/// An effect as it was typed: of an interval the level is said apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Typed {
    /// "9%"
    Number(f64),
    /// "9% ± 2%"
    MeanSd(f64, f64),
    /// "4% to 13%"
    Interval(f64, f64),
}

impl Typed {
    pub(super) fn at(self, level: f64) -> EvidenceSize {
        match self {
            Self::Number(value) => EvidenceSize::Number { value },
            Self::MeanSd(mean, sd) => EvidenceSize::MeanSd { mean, sd },
            Self::Interval(low, high) => EvidenceSize::Interval { low, high, level },
        }
    }
}

/// Reads an effect.
pub(super) fn typed(text: &str) -> Result<Typed, String> {
    let two = |(a, b)| Ok::<_, String>((fraction(a)?, fraction(b)?));
    let error = text.split_once('±').or_else(|| text.split_once("+-"));
    if let Some(both) = error {
        let (mean, sd) = two(both)?;
        return Ok(Typed::MeanSd(mean, sd));
    }
    if let Some(both) = text.split_once(" to ") {
        let (low, high) = two(both)?;
        return Ok(Typed::Interval(low, high));
    }
    fraction(text).map(Typed::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effects_are_typed_as_people_say_them() {
        assert_eq!(typed("9%"), Ok(Typed::Number(0.09)));
        assert_eq!(typed("-0.5"), Ok(Typed::Number(-0.5)));
        assert_eq!(typed("4% to 13%"), Ok(Typed::Interval(0.04, 0.13)));
        for same in ["9% ± 2%", "0.09 +- 0.02", "9%±2%"] {
            assert_eq!(typed(same), Ok(Typed::MeanSd(0.09, 0.02)), "{same}");
        }
        for wrong in ["", "nine", "4% to", "4 percent"] {
            assert!(typed(wrong).is_err(), "{wrong}");
        }
    }
}
