//! A scenario that is kept, as commands name it: `KEY` or `KEY@VERSION`.

use std::fmt;
use std::str::FromStr;

/// Which scenario, and which version of it; the newest where none is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeptScenario {
    pub(super) key: String,
    pub(super) version: Option<u32>,
}

impl FromStr for KeptScenario {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (key, version) = match text.split_once('@') {
            None => (text, None),
            Some((key, version)) => {
                let version = version.parse();
                let version = version.map_err(|_| "write KEY or KEY@VERSION, such as recovery@2");
                (key, Some(version?))
            }
        };
        let key = key.to_owned();
        Ok(Self { key, version })
    }
}

impl fmt::Display for KeptScenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.version {
            None => f.write_str(&self.key),
            Some(version) => write!(f, "{}@{version}", self.key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::KeptScenario;

    #[test]
    fn a_version_stands_behind_an_at() {
        let of = |text: &str| text.parse::<KeptScenario>();
        let found = of("recovery@2").unwrap();
        assert_eq!((found.key.as_str(), found.version), ("recovery", Some(2)));
        assert_eq!(of("recovery").unwrap().version, None);
        for text in ["recovery", "recovery@2"] {
            assert_eq!(of(text).unwrap().to_string(), text);
        }
        assert!(of("recovery@two").unwrap_err().contains("recovery@2"));
    }
}
