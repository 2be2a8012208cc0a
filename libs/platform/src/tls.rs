//! The server's certificate, read again when its files change.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::sync::watch;

use crate::settings::ServerTls;

/// Between two looks at the files.
const LOOK: Duration = Duration::from_secs(2);

/// Why a certificate cannot be served.
#[derive(Debug, thiserror::Error)]
enum TlsError {
    #[error("server.tls.{setting}: `{}`: {reason}", file.display())]
    File {
        setting: &'static str,
        file: PathBuf,
        reason: String,
    },
    #[error(
        "server.tls: the key in `{}` does not fit the certificate in `{}`: {reason}; name two files that belong together",
        key.display(), certificate.display()
    )]
    Unfit {
        certificate: PathBuf,
        key: PathBuf,
        reason: String,
    },
}

/// What the two files hold.
#[derive(Clone, PartialEq, Eq)]
struct Texts {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Texts {
    fn read(from: &ServerTls) -> Result<Self, TlsError> {
        let read = |setting, file: &Path| {
            std::fs::read(file).map_err(|error| TlsError::File {
                setting,
                file: file.to_owned(),
                reason: error.to_string(),
            })
        };
        Ok(Self {
            certificate: read("certificate_file", &from.certificate_file)?,
            key: read("key_file", &from.key_file)?,
        })
    }

    fn parse(&self, from: &ServerTls) -> Result<Arc<CertifiedKey>, TlsError> {
        let broken = |setting, file: &Path, error: &PemError| TlsError::File {
            setting,
            file: file.to_owned(),
            reason: format!("it is no PEM file: {error}"),
        };
        let chain =
            CertificateDer::pem_slice_iter(&self.certificate).collect::<Result<Vec<_>, _>>();
        let chain = chain
            .and_then(|it| match it.is_empty() {
                true => Err(PemError::NoItemsFound),
                false => Ok(it),
            })
            .map_err(|error| broken("certificate_file", &from.certificate_file, &error))?;
        let key = PrivateKeyDer::from_pem_slice(&self.key)
            .map_err(|error| broken("key_file", &from.key_file, &error))?;
        CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
            .map(Arc::new)
            .map_err(|error| TlsError::Unfit {
                certificate: from.certificate_file.clone(),
                key: from.key_file.clone(),
                reason: error.to_string(),
            })
    }
}

/// The certificate in force.
#[derive(Debug)]
struct InForce(watch::Receiver<Arc<CertifiedKey>>);

impl ResolvesServerCert for InForce {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.borrow()))
    }
}

/// A certificate with its key, and where it came from.
pub(crate) struct Certificate {
    from: ServerTls,
    read: Texts,
    in_force: watch::Sender<Arc<CertifiedKey>>,
}

impl Certificate {
    /// The certificate that the settings name, where they name one.
    pub(crate) fn open(from: &ServerTls) -> io::Result<Option<Self>> {
        if from.is_off() {
            return Ok(None);
        }
        let open = || {
            let read = Texts::read(from)?;
            let in_force = watch::Sender::new(read.parse(from)?);
            Ok(Some(Self {
                from: from.clone(),
                read,
                in_force,
            }))
        };
        open().map_err(|error: TlsError| io::Error::new(io::ErrorKind::InvalidInput, error))
    }

    /// How to serve it.
    pub(crate) fn config(&self) -> io::Result<ServerConfig> {
        let versions = ServerConfig::builder_with_provider(aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions();
        let config = versions.map_err(io::Error::other)?.with_no_client_auth();
        Ok(config.with_cert_resolver(Arc::new(InForce(self.in_force.subscribe()))))
    }

    /// Looks at the files for ever, and serves what they hold when it changes. What cannot be served is
    /// logged, and the certificate before it stays.
    pub(crate) async fn follow(self) {
        let mut tried = Ok(self.read.clone());
        let mut seen = tried.clone();
        loop {
            tokio::time::sleep(LOOK).await;
            let now = self.look().await;
            // Two files are not exchanged in one moment: what is still there at the next look is meant.
            if now == seen && now != tried {
                self.exchange(&now);
                tried.clone_from(&now);
            }
            seen = now;
        }
    }

    async fn look(&self) -> Result<Texts, String> {
        let from = self.from.clone();
        let read = tokio::task::spawn_blocking(move || Texts::read(&from)).await;
        let read = read.map_err(|error| error.to_string())?;
        read.map_err(|error| error.to_string())
    }

    fn exchange(&self, now: &Result<Texts, String>) {
        let parsed = now.as_ref().map_err(Clone::clone);
        match parsed.and_then(|it| it.parse(&self.from).map_err(|error| error.to_string())) {
            Ok(certificate) => {
                self.in_force.send_replace(certificate);
                tracing::info!("the certificate has changed, and is served");
            }
            Err(error) => {
                tracing::error!(%error, "the certificate has changed, and cannot be served: the one before stays");
            }
        }
    }
}
