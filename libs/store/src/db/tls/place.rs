//! Where a PostgreSQL URL leads to, read as libpq reads it.

use std::net::IpAddr;

use percent_encoding::percent_decode_str;

/// Where a URL leads to, and what it says about how.
pub(super) struct Place {
    /// Every host that may be connected to; none is the socket of this machine.
    hosts: Vec<String>,
    parameters: Vec<(String, String)>,
    /// What another parameter begins with, appended to the URL.
    pub(super) next: &'static str,
}

impl Place {
    /// Reads a URL, and of the environment what libpq adds where the URL says nothing.
    pub(super) fn of(url: &str, environment: impl Fn(&str) -> Option<String>) -> Self {
        let (_, rest) = url.split_once("://").unwrap_or(("", url));
        let rest = match rest.find(['@', '/']) {
            Some(at) if rest[at..].starts_with('@') => &rest[at + 1..],
            _ => rest,
        };
        // A question mark in the password begins no parameters.
        let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let next = match rest.len() - place.len() {
            0 => "?",
            _ if parameters.is_empty() || parameters.ends_with('&') => "",
            _ => "&",
        };
        let authority = place.split('/').next().unwrap_or_default();
        let mut place = Self {
            hosts: list(authority, host_of),
            parameters: parameters.split('&').map(parameter).collect(),
            next,
        };
        for (name, variable) in [("host", "PGHOST"), ("hostaddr", "PGHOSTADDR")] {
            let said = place.parameter(name).map(str::to_owned);
            let is_named = name == "host" && !place.hosts.is_empty();
            let said = said.or_else(|| environment(variable).filter(|_| !is_named));
            place
                .hosts
                .extend(list(&said.unwrap_or_default(), str::to_owned));
        }
        // A file of the system says where that is.
        let service = place.parameter("service").map(str::to_owned);
        place
            .hosts
            .extend(service.or_else(|| environment("PGSERVICE")));
        place
    }

    /// What the URL says last under a name.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let mut found = self.parameters.iter().rev();
        found.find(|it| it.0 == name).map(|it| it.1.as_str())
    }

    /// Whether it leads to nowhere but this machine.
    pub(super) fn is_here(&self) -> bool {
        self.hosts.iter().all(|host| {
            let is_socket = host.starts_with(['/', '@']);
            let is_loopback = host.parse().is_ok_and(|it: IpAddr| it.is_loopback());
            is_socket || is_loopback || host.eq_ignore_ascii_case("localhost")
        })
    }

    /// The hosts, for messages.
    pub(super) fn host(&self) -> String {
        self.hosts.join(",")
    }
}

/// The entries of a list; empty ones are this machine.
fn list(text: &str, of: impl Fn(&str) -> String) -> Vec<String> {
    let entries = text.split(',').map(of);
    entries.filter(|it| !it.is_empty()).collect()
}

/// A host without its port.
fn host_of(entry: &str) -> String {
    let bracketed = entry.strip_prefix('[').and_then(|it| it.split_once(']'));
    let host = match bracketed {
        Some((address, _)) => address,
        None => entry.split(':').next().unwrap_or_default(),
    };
    decoded(host)
}

fn parameter(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (decoded(name), decoded(value))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(url: &str, environment: &[(&str, &str)]) -> bool {
        let find = |name: &str| environment.iter().find(|it| it.0 == name);
        Place::of(url, |name| find(name).map(|it| it.1.to_owned())).is_here()
    }

    #[test]
    fn only_what_leads_nowhere_else_is_here() {
        for url in [
            "postgres:///finance",
            "postgresql://fin@/finance",
            "postgres://fin:a%40b@LocalHost:5432/finance?sslmode=prefer",
            "postgres://127.0.0.1,[::1]:5433/finance",
            "postgres://%2Fvar%2Frun%2Fpostgresql/finance",
            "postgres:///finance?host=/run/pg",
            "postgres:///finance?host=127.0.0.1&hostaddr=127.0.0.1",
        ] {
            assert!(here(url, &[]), "{url}");
        }
        for url in [
            "postgres://db/finance",
            "postgres://localhost@db/finance",
            "postgres://localhost:x@db:5432/finance",
            "postgres://a@b@localhost/finance",
            "postgres://localhost,db/finance",
            "postgres://localhost/finance?host=db",
            "postgres://localhost/finance?h%6Fst=db",
            "postgres://localhost/finance?hostaddr=10.0.0.5",
            "postgres://localhost?user=a@db/finance",
            "postgres:///finance?service=prod",
            "postgres://127.0.0.1.example/finance",
        ] {
            assert!(!here(url, &[]), "{url}");
        }
    }

    #[test]
    fn the_environment_counts_where_the_url_says_nothing() {
        let url = "postgres:///finance";
        assert!(here(url, &[("PGHOST", "/run/pg")]));
        for variable in ["PGHOST", "PGHOSTADDR", "PGSERVICE"] {
            assert!(!here(url, &[(variable, "db")]), "{variable}");
        }
        let url = "postgres://localhost/finance";
        assert!(here(url, &[("PGHOST", "db")]));
        assert!(!here(url, &[("PGHOSTADDR", "10.0.0.5")]));
    }
}
