use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use super::{FitError, Z95};

/// Level of an interval: how often such an interval holds what it is about, strictly between 0 and 1.
///
/// It is 0.95 where nothing else is asked for. In JSON it is the number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Level(f64);

impl Level {
    /// What is used where nothing else is asked for.
    pub const USUAL: Self = Self(0.95);

    /// A level such as 0.9.
    ///
    /// # Errors
    /// [`FitError::Level`] unless it lies strictly between 0 and 1.
    pub fn new(share: f64) -> Result<Self, FitError> {
        if share > 0.0 && share < 1.0 {
            Ok(Self(share))
        } else {
            Err(FitError::Level { value: share })
        }
    }

    /// The level as a share.
    pub fn share(self) -> f64 {
        self.0
    }

    /// Standard errors on either side of an estimate, on the scale where it is normal.
    pub fn z(self) -> f64 {
        if self == Self::USUAL {
            return Z95;
        }
        Normal::standard().inverse_cdf(0.5 + 0.5 * self.0)
    }
}

impl Default for Level {
    fn default() -> Self {
        Self::USUAL
    }
}

impl TryFrom<f64> for Level {
    type Error = FitError;

    fn try_from(share: f64) -> Result<Self, FitError> {
        Self::new(share)
    }
}

impl From<Level> for f64 {
    fn from(level: Level) -> Self {
        level.0
    }
}

impl std::fmt::Display for Level {
    /// In percent, without the noise of its last digits.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}%", (self.0 * 1e8).round() / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Normal quantiles of Abramowitz & Stegun, table 26.5.
    #[test]
    fn levels_have_their_quantiles() {
        for (share, z, name) in [
            (0.5, 0.674_489_750_2, "50%"),
            (0.9, 1.644_853_626_95, "90%"),
            (0.95, 1.959_963_984_54, "95%"),
            (0.99, 2.575_829_303_55, "99%"),
            (0.999, 3.290_526_731_49, "99.9%"),
        ] {
            let level = Level::new(share).unwrap();
            assert!((level.z() - z).abs() < 1e-9, "{level} {}", level.z());
            assert_eq!(level.to_string(), name);
        }
        assert_eq!(Level::new(0.95).unwrap(), Level::default());
    }

    #[test]
    fn what_is_no_level_is_refused() {
        for value in [0.0, 1.0, -0.5, 95.0, f64::NAN] {
            assert!(Level::new(value).is_err(), "{value}");
        }
        let told = Level::new(95.0).unwrap_err().to_string();
        assert!(told.contains("0.95"), "{told}");
        assert!(serde_json::from_str::<Level>("1.5").is_err());
        assert_eq!(serde_json::to_string(&Level::USUAL).unwrap(), "0.95");
    }
}
