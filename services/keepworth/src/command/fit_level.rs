//! How sure intervals are to be.

use keepworth_retention::fit::Level;

use keepworth_reading::number::fraction;

/// The level of intervals.
#[derive(clap::Args)]
pub(crate) struct LevelArg {
    /// How sure intervals are, as a share or in percent: 0.90 and 90% are the same.
    #[arg(long, default_value = "95%", value_parser = level)]
    level: Level,
}

impl LevelArg {
    pub(crate) fn get(&self) -> Level {
        self.level
    }
}

fn level(text: &str) -> Result<Level, String> {
    Level::new(fraction(text)?).map_err(|why| why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_a_share_or_percent() {
        for text in ["0.9", "90%", "0.90"] {
            assert_eq!(level(text).unwrap(), Level::new(0.9).unwrap());
        }
        assert!(level("95").unwrap_err().contains("95%"));
        for text in ["0", "100%", "-5%", "sure"] {
            assert!(level(text).is_err(), "{text}");
        }
    }
}
