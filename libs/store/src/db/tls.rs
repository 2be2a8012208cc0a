//! Whether a connection to PostgreSQL is encrypted, and to whom it leads: never left to what libpq makes of
//! it, which by itself goes on in clear text where the server offers nothing better.

mod place;

use std::path::{Path, PathBuf};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use place::Place;

/// How much is asked of a connection to PostgreSQL.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// [`VerifyFull`](Self::VerifyFull), or [`Off`](Self::Off) where the URL names this machine.
    #[default]
    Auto,
    /// It is encrypted, and leads to the host of the URL, as an authority says.
    VerifyFull,
    /// It is encrypted, and leads to somebody whom an authority has signed.
    VerifyCa,
    /// Nothing.
    Off,
}

/// Why a database is not connected to.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The URL asks for less, or for something else, than the settings.
    #[error(
        "the database's URL says sslmode={said} where database.tls asks for `{asked}` to reach `{host}`: remove sslmode from the URL; if the network is to be trusted with passwords and data in clear text, set database.tls to \"off\""
    )]
    Contradiction {
        /// What the URL says.
        said: String,
        /// What the settings ask for.
        asked: &'static str,
        /// Where it leads to.
        host: String,
    },
    /// The URL and the settings name a file each.
    #[error("the database's URL says sslrootcert, and database.ca_file is set: remove one of them")]
    TwoAuthorities,
    /// This program was built without TLS to PostgreSQL.
    #[error(
        "database.tls asks for `{asked}` to reach `{host}`, and this program was built without TLS to PostgreSQL: use the image, or build it with --features postgres-tls (`make dist`); if the network is to be trusted with passwords and data in clear text, set database.tls to \"off\""
    )]
    NotBuilt {
        /// What is asked for.
        asked: String,
        /// Where it leads to.
        host: String,
    },
    /// Nothing says whom to believe.
    #[error(
        "database.ca_file is empty, and {reason}: name a PEM file with the certificate of who signed that of `{host}`"
    )]
    NoAuthorities {
        /// Why one is needed.
        reason: &'static str,
        /// Where it leads to.
        host: String,
    },
    /// The file of authorities cannot be read.
    #[error(
        "database.ca_file: `{}`: {reason}; name a PEM file with the certificate of who signed that of the database's server",
        file.display()
    )]
    File {
        /// The file.
        file: PathBuf,
        /// The system's reason.
        reason: String,
    },
}

/// The URL with what makes libpq do what the settings say, whatever its environment says.
pub(super) fn secured(url: &str, tls: Tls, ca_file: Option<&Path>) -> Result<String, TlsError> {
    let place = Place::of(url, |name| std::env::var(name).ok());
    let said = place.parameter("sslmode").map(str::to_owned);
    let said = said.or_else(|| place.parameter("ssl").map(|_| "require".to_owned()));
    let mode = mode(&place, tls, said.as_deref())?;
    let verified = mode.starts_with("verify-");
    // This machine is trusted with what the URL asks of it, but nobody can encrypt without the means to.
    let needs_tls = verified || mode == "require";
    if needs_tls && !cfg!(feature = "postgres-tls") {
        return Err(TlsError::NotBuilt {
            asked: mode,
            host: place.host(),
        });
    }
    let mut secured = format!("{url}{}sslmode={mode}", place.next);
    if verified && let Some(file) = authorities(&place, &mode, ca_file)? {
        let file = file.display().to_string();
        let file = utf8_percent_encode(&file, NON_ALPHANUMERIC);
        secured.push_str(&format!("&sslrootcert={file}"));
    }
    Ok(secured)
}

/// libpq's word for what is asked for.
fn mode(place: &Place, tls: Tls, said: Option<&str>) -> Result<String, TlsError> {
    let asked = match (tls, said) {
        (Tls::Auto, Some(said)) if place.is_here() => return Ok(said.to_owned()),
        (Tls::Auto, None) if place.is_here() => "disable",
        (Tls::Auto, Some("verify-ca")) | (Tls::VerifyCa, _) => "verify-ca",
        (Tls::Auto | Tls::VerifyFull, _) => "verify-full",
        (Tls::Off, _) => "disable",
    };
    match said {
        Some(said) if said != asked => Err(TlsError::Contradiction {
            said: said.to_owned(),
            asked: if tls == Tls::Off { "off" } else { asked },
            host: place.host(),
        }),
        _ => {
            if tls == Tls::Off && !place.is_here() {
                let host = place.host();
                tracing::warn!(%host, "passwords and data go to the database in clear text, as database.tls says");
            }
            Ok(asked.to_owned())
        }
    }
}

/// The file of those who are believed, unless the URL names one.
fn authorities(
    place: &Place,
    mode: &str,
    ca_file: Option<&Path>,
) -> Result<Option<PathBuf>, TlsError> {
    let missing = |reason| TlsError::NoAuthorities {
        reason,
        host: place.host(),
    };
    match (place.parameter("sslrootcert"), ca_file) {
        (Some(_), Some(_)) => Err(TlsError::TwoAuthorities),
        (Some(_), None) => Ok(None),
        (None, Some(file)) => match std::fs::File::open(file) {
            Ok(_) => Ok(Some(file.to_owned())),
            Err(error) => Err(TlsError::File {
                file: file.to_owned(),
                reason: error.to_string(),
            }),
        },
        (None, None) if mode == "verify-ca" => Err(missing(
            "verify-ca believes whoever any public authority has signed",
        )),
        (None, None) => match openssl_probe::probe().cert_file {
            Some(file) => Ok(Some(file)),
            None => Err(missing("this system has no certificates of authorities")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILT: bool = cfg!(feature = "postgres-tls");

    fn said(url: &str, tls: Tls) -> String {
        match secured(url, tls, Some(Path::new("/dev/null"))) {
            Ok(url) => url.split_once('?').unwrap().1.to_owned(),
            Err(error) => format!("{error}"),
        }
    }

    #[test]
    fn this_machine_is_reached_without_tls_and_others_never_in_silence() {
        for here in ["localhost", "127.0.0.1:5432", "[::1]", "%2Frun%2Fpg", ""] {
            let url = format!("postgres://fin:s3cret@{here}/finance");
            assert_eq!(said(&url, Tls::Auto), "sslmode=disable", "{here}");
        }
        for elsewhere in [
            "db",
            "10.0.0.5",
            "localhost,db",
            "localhost.example",
            "[2001:db8::1]",
        ] {
            let url = format!("postgres://fin:s3cret@{elsewhere}/finance");
            let said = said(&url, Tls::Auto);
            let expected = match BUILT {
                true => "sslmode=verify-full&sslrootcert=%2Fdev%2Fnull",
                false => "--features postgres-tls",
            };
            assert!(said.contains(expected), "{elsewhere}: {said}");
            assert!(!said.contains("s3cret"), "{said}");
        }
        assert_eq!(said("postgres://db/finance", Tls::Off), "sslmode=disable");
    }

    #[test]
    fn a_url_that_asks_for_less_is_refused_with_what_to_write() {
        for (parameters, tls) in [
            ("sslmode=prefer", Tls::Auto),
            ("sslmode=require", Tls::Auto),
            ("sslmode=disable", Tls::Auto),
            ("ssl=true", Tls::Auto),
            ("s%73lmode=disable", Tls::Auto),
            ("sslmode=verify-full&sslmode=allow", Tls::Auto),
            ("sslmode=verify-ca", Tls::VerifyFull),
            ("sslmode=require", Tls::VerifyCa),
            ("sslmode=verify-full", Tls::Off),
        ] {
            let said = said(
                &format!("postgres://fin:s3cret@db/finance?{parameters}"),
                tls,
            );
            assert!(said.contains("remove sslmode"), "{parameters}: {said}");
            assert!(
                said.contains("database.tls") && said.contains("`db`"),
                "{said}"
            );
            assert!(!said.contains("s3cret"), "{said}");
        }
    }

    #[test]
    fn a_url_that_agrees_is_taken_and_this_machine_may_be_asked_for_more() {
        let agrees = |parameters: &str, tls| said(&format!("postgres://db/f?{parameters}"), tls);
        assert!(agrees("sslmode=disable", Tls::Off).ends_with("&sslmode=disable"));
        let here = said("postgres://localhost/f?sslmode=prefer", Tls::Auto);
        assert_eq!(here, "sslmode=prefer&sslmode=prefer");
        let more = said("postgres://localhost/f?sslmode=require", Tls::Auto);
        assert_eq!(more.contains("--features postgres-tls"), !BUILT, "{more}");
        let full = said("postgres://localhost/f", Tls::VerifyFull);
        assert_eq!(full.contains("sslmode=verify-full"), BUILT, "{full}");
        if BUILT {
            let ca = agrees("sslmode=verify-ca", Tls::Auto);
            assert!(ca.contains("&sslmode=verify-ca&sslrootcert="), "{ca}");
            let two = agrees("sslrootcert=a.pem", Tls::Auto);
            assert!(two.contains("remove one"), "{two}");
        }
    }

    #[cfg(feature = "postgres-tls")]
    #[test]
    fn who_is_believed_is_never_left_open() {
        let refused = |tls, file: Option<&str>| {
            secured("postgres://db/f", tls, file.map(Path::new))
                .unwrap_err()
                .to_string()
        };
        assert!(refused(Tls::VerifyCa, None).contains("database.ca_file"));
        let away = refused(Tls::Auto, Some("/nowhere/ca.pem"));
        assert!(
            away.contains("database.ca_file: `/nowhere/ca.pem`"),
            "{away}"
        );
    }

    #[test]
    fn what_is_asked_for_comes_last_and_counts() {
        for (url, expected) in [
            ("postgres://h/d", "postgres://h/d?sslmode=disable"),
            ("postgres://h/d?", "postgres://h/d?sslmode=disable"),
            ("postgres://h/d?a=b", "postgres://h/d?a=b&sslmode=disable"),
            ("postgres://h/d?a=b&", "postgres://h/d?a=b&sslmode=disable"),
            (
                "postgres://u:a?b@h/d",
                "postgres://u:a?b@h/d?sslmode=disable",
            ),
        ] {
            assert_eq!(secured(url, Tls::Off, None).unwrap(), expected);
        }
    }
}
