//! Where a database is, which may hold a password.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

const MASK: &str = "***";

/// A database's URL. What is shown, logged or written of it has no password.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The URL with its password, for the one who connects.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for DatabaseUrl {
    fn from(url: String) -> Self {
        Self(url)
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&masked(&self.0))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&masked(&self.0), f)
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&masked(&self.0))
    }
}

/// The URL without its password, in every form that libpq takes one: before the host, and among the
/// parameters (`password`, and `sslpassword` of a key).
fn masked(url: &str) -> String {
    let (place, parameters) = match url.split_once('?') {
        Some((place, parameters)) => (place, Some(parameters)),
        None => (url, None),
    };
    let mut shown = before_host(place);
    let parameters = parameters.into_iter().flat_map(|it| it.split('&'));
    for (index, parameter) in parameters.enumerate() {
        shown.push(if index == 0 { '?' } else { '&' });
        match parameter.split_once('=') {
            // Names may be written with percent signs, so what looks like one is masked.
            Some((name, _)) if name.contains("password") || name.contains('%') => {
                shown.push_str(name);
                shown.push('=');
                shown.push_str(MASK);
            }
            _ => shown.push_str(parameter),
        }
    }
    shown
}

fn before_host(place: &str) -> String {
    let Some((scheme, rest)) = place.split_once("://") else {
        return place.to_owned();
    };
    let Some((user, host)) = rest.rsplit_once('@') else {
        return place.to_owned();
    };
    match user.split_once(':') {
        Some((name, _)) => format!("{scheme}://{name}:{MASK}@{host}"),
        None => place.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_form_of_a_url_shows_its_password() {
        for (url, shown) in [
            ("", ""),
            (
                "sqlite:///srv/keepworth/finance.db",
                "sqlite:///srv/keepworth/finance.db",
            ),
            (
                "postgres://db/finance?sslmode=require",
                "postgres://db/finance?sslmode=require",
            ),
            (
                "postgres://fin@db:5432/finance",
                "postgres://fin@db:5432/finance",
            ),
            (
                "postgres://fin:s3cret@db/finance",
                "postgres://fin:***@db/finance",
            ),
            (
                "postgres://fin:s3@cret:x@db/finance",
                "postgres://fin:***@db/finance",
            ),
            (
                "postgres://:s3cret@db/finance",
                "postgres://:***@db/finance",
            ),
            (
                "postgres://db/finance?user=fin&password=s3cret",
                "postgres://db/finance?user=fin&password=***",
            ),
            (
                "postgres://db/f?sslpassword=s3cret&sslmode=verify-full",
                "postgres://db/f?sslpassword=***&sslmode=verify-full",
            ),
            (
                "postgres://db/f?p%61ssword=s3cret",
                "postgres://db/f?p%61ssword=***",
            ),
        ] {
            let url = DatabaseUrl::from(url.to_owned());
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), format!("{shown:?}"));
            assert_eq!(serde_json::to_value(&url).unwrap(), shown);
        }
    }
}
