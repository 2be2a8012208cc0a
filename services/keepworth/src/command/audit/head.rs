//! `keepworth audit head`: where each chain ends now, signed.

use keepworth_platform::audit::KeyFile;
use keepworth_store::audit::{self, SignedHead};
use serde::Serialize;

use super::service;
use crate::command::Outcome;
use crate::present::{Presenting, Sheet, row};
use crate::registry::{Entry, SERVICES};
use crate::{Global, runtime};

/// Sign where the chain of each service ends now.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth audit head
  keepworth audit head finance --format json -o finance-head.json

Services write the same into their logs every hour. Keep it where who runs the databases cannot change it, and give
it to `keepworth audit verify --head FILE` later.")]
pub(super) struct Head {
    /// Of these services; none is all of them.
    services: Vec<String>,
    #[command(flatten)]
    presenting: Presenting,
}

#[derive(Serialize)]
struct Signed {
    service: &'static str,
    entries: i64,
    head: String,
}

impl Head {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let wanted = self.services.iter().map(|name| service(name));
        let mut wanted = wanted.collect::<anyhow::Result<Vec<_>>>()?;
        if wanted.is_empty() {
            wanted = SERVICES.iter().collect();
        }
        let signed = wanted.into_iter().map(|entry| sign(global, entry));
        let signed = signed.collect::<anyhow::Result<Vec<_>>>()?;
        self.presenting.show(signed, |signed| {
            let mut sheet = Sheet::new(
                "Where the record of who did what ends, signed",
                "service | entries | head",
            );
            for it in signed {
                row![sheet => it.service, it.entries, it.head];
            }
            Ok(vec![sheet])
        })?;
        Ok(Outcome::Done)
    }
}

fn sign(global: &Global, entry: &'static Entry) -> anyhow::Result<Signed> {
    let settings = global.settings(&[])?;
    let (db, signer) = (
        entry.open_existing(&settings)?,
        KeyFile::open(&settings)?.signer()?,
    );
    let signed = db.read(move |conn| audit::sign(conn, entry.name, &signer));
    let signed: SignedHead = runtime::block_on(async { Ok(signed.await??) })?;
    Ok(Signed {
        service: entry.name,
        entries: signed.head().seq,
        head: signed.to_string(),
    })
}
