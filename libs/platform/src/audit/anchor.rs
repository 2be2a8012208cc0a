//! Signed heads: from time to time a service signs where its chain ends, says so in its log, and exchanges heads
//! with the services that it knows.
//!
//! Whoever knows another service asks it for its head, keeps that, and leaves its own there: finance with
//! customers and experience, the simulator with all three. So heads go along the lines that are there for
//! the work itself, no service is given an address or a right for them alone, and yet at least two others hold the
//! heads of each.

use std::io;
use std::time::Duration;

use keepworth_access::sign::PublicKey;
use keepworth_contract::client::HeadsClient;
use keepworth_store::audit::{self, SignedHead};
use keepworth_store::{Db, StoreError};
use tokio::sync::watch;

use super::KeyFile;
use crate::settings::Settings;

/// The longest that another service is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a service needs to sign its heads and to exchange them.
#[derive(Debug, Clone)]
pub struct Anchors {
    key: KeyFile,
    believed: Vec<PublicKey>,
    peers: Vec<HeadsClient>,
    every: Duration,
}

impl Anchors {
    /// As the settings have it, for a service that knows these others.
    ///
    /// # Errors
    /// Where the key cannot be read or made, or others could not be asked.
    pub fn open(settings: &Settings, peers: &[&'static str]) -> io::Result<Self> {
        let peers = peers
            .iter()
            .map(|name| HeadsClient::new(name, settings.reach(name)));
        Ok(Self {
            key: KeyFile::open(settings)?,
            believed: settings.audit.believed_keys(),
            peers: peers.collect::<Result<_, _>>().map_err(io::Error::other)?,
            every: Duration::from_secs(settings.audit.head_seconds),
        })
    }

    /// Signs where a chain ends.
    pub(super) async fn sign(
        &self,
        db: &Db,
        service: &'static str,
    ) -> Result<SignedHead, Unsigned> {
        let signer = self.key.signer()?;
        let signed = db.read(move |conn| audit::sign(conn, service, &signer));
        Ok(signed.await??)
    }

    /// Keeps the head of another service.
    pub(super) async fn keep(
        &self,
        db: &Db,
        own: &'static str,
        head: SignedHead,
    ) -> Result<(), Unsigned> {
        Ok(audit::keep(db, own, head, self.believed.clone()).await??)
    }

    /// Signs and exchanges until the service stops.
    pub(crate) async fn hold(self, db: Db, service: &'static str, mut stop: watch::Receiver<bool>) {
        let exchanging = async {
            loop {
                self.anchor(&db, service).await;
                for peer in &self.peers {
                    let exchanged =
                        tokio::time::timeout(PATIENCE, self.exchange(&db, service, peer));
                    let exchanged = exchanged.await.unwrap_or(Err(Unsigned::Late));
                    tell(service, peer.service(), exchanged);
                }
                tokio::time::sleep(self.every).await;
            }
        };
        tokio::select! {
            () = exchanging => {}
            // Whoever could tell that it ends is gone as well.
            _ = stop.wait_for(|it| *it) => {}
        }
    }

    /// Signs once more, when nothing is added any longer.
    pub(crate) async fn end(self, db: Db, service: &'static str) {
        self.anchor(&db, service).await;
    }

    /// Signs, keeps and logs, where something was added since.
    async fn anchor(&self, db: &Db, service: &'static str) {
        let signed = async {
            let signer = self.key.signer()?;
            Ok::<_, Unsigned>(audit::anchor(db, service, signer).await??)
        };
        match signed.await {
            Ok(Some(head)) => tracing::info!(service, %head, "head of the audit"),
            Ok(None) => {}
            Err(error) => tracing::error!(service, %error, "the head of the audit is not signed"),
        }
    }

    /// Keeps the head of another service, and leaves the own one there.
    async fn exchange(
        &self,
        db: &Db,
        service: &'static str,
        peer: &HeadsClient,
    ) -> Result<(), Unsigned> {
        let theirs = peer.load_audit_head().await?;
        let theirs: SignedHead = theirs.head.parse().map_err(audit::Unkept::from)?;
        if theirs.service() != peer.service() {
            return Err(Unsigned::Stranger(theirs.service().to_owned()));
        }
        self.keep(db, service, theirs).await?;
        let own = self.sign(db, service).await?;
        peer.keep_audit_head(&own.to_string()).await?;
        Ok(())
    }
}

fn tell(service: &str, peer: &str, exchanged: Result<(), Unsigned>) {
    match exchanged {
        Ok(()) => {}
        Err(error @ Unsigned::Unkept(_)) => {
            tracing::error!(service, peer, %error, "heads of the audit do not agree");
        }
        Err(error) => {
            tracing::warn!(service, peer, %error, "heads of the audit are not exchanged");
        }
    }
}

/// Why a head is not signed, kept or exchanged.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unsigned {
    #[error(transparent)]
    Key(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Unkept(#[from] audit::Unkept),
    #[error(transparent)]
    Client(#[from] keepworth_contract::client::ClientError),
    #[error("it did not answer in time")]
    Late,
    #[error("it answers with the head of {0}; look at the address of the service in the settings")]
    Stranger(String),
}
