//! How services are reached: time limits, and whose certificates are believed.

use std::path::Path;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder};

use super::{ClientError, innermost};

/// Time for a connection to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time between two pieces of an answer: a feed is read to its end before its first byte comes.
const READ_TIMEOUT: Duration = Duration::from_secs(600);

/// A client that believes certificates which the authorities of `ca_file` (PEM) signed, and no others. Without
/// a file, those that this system believes, or in a system that has none, such as an empty image, those of
/// Mozilla's list.
pub(super) fn believing(ca_file: Option<&Path>) -> Result<Client, ClientError> {
    let Some(file) = ca_file else {
        // A system without authorities lets no client be made, not even one that speaks plain HTTP.
        let made = builder()
            .build()
            .or_else(|_| of_public_authorities(builder()));
        return made.map_err(|error| setup(&error));
    };
    let refused = |reason: String| ClientError::Authorities {
        file: file.to_owned(),
        reason,
    };
    let text = std::fs::read(file).map_err(|error| refused(error.to_string()))?;
    let found = Certificate::from_pem_bundle(&text);
    let found = found.map_err(|error| refused(innermost(&error)))?;
    if found.is_empty() {
        return Err(refused("it has no certificate".to_owned()));
    }
    let made = builder().tls_certs_only(found).build();
    made.map_err(|error| refused(innermost(&error)))
}

/// A client over a socket of this machine, where nothing is encrypted and so nobody need be believed.
pub(super) fn over(socket: &Path) -> Result<Client, ClientError> {
    let builder = builder().tls_certs_only([]).unix_socket(socket);
    builder.build().map_err(|error| setup(&error))
}

/// A client that believes whom this system believes, and goes nowhere else than where it is sent: an answer
/// that names another address is no more than an answer.
pub(super) fn staying() -> Result<Client, ClientError> {
    let builder = || builder().redirect(Policy::none());
    let made = builder().build();
    let made = made.or_else(|_| of_public_authorities(builder()));
    made.map_err(|error| setup(&error))
}

fn setup(error: &reqwest::Error) -> ClientError {
    ClientError::Setup {
        reason: innermost(error),
    }
}

fn builder() -> ClientBuilder {
    Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
}

fn of_public_authorities(builder: ClientBuilder) -> reqwest::Result<Client> {
    let authorities = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
    let authorities: Vec<_> = authorities
        .map(|it| Certificate::from_der(it))
        .collect::<Result<_, _>>()?;
    builder.tls_certs_only(authorities).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authorities_built_in_make_a_client() {
        assert!(webpki_root_certs::TLS_SERVER_ROOT_CERTS.len() > 50);
        of_public_authorities(builder()).unwrap();
    }

    #[test]
    fn a_file_without_certificates_is_refused_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let refused = || believing(Some(&file)).unwrap_err().to_string();
        assert!(refused().contains("ca.pem"), "{}", refused());
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for text in ["", "no certificate", broken] {
            std::fs::write(&file, text).unwrap();
            let said = refused();
            assert!(
                said.contains("services.ca_file") && said.contains("ca.pem"),
                "{text}: {said}"
            );
        }
    }
}
