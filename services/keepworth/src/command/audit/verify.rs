//! `keepworth audit verify`: whether each chain is what was written.

mod kept;

use std::path::PathBuf;

use anyhow::ensure;
use keepworth_access::sign::PublicKey;
use keepworth_store::Db;
use keepworth_store::audit::{self, Broken, Head, Noted, Verified};
use serde::Serialize;

use super::service;
use crate::command::Outcome;
use crate::present::{Presenting, Sheet, row};
use crate::registry::{Entry, SERVICES};
use crate::{Global, runtime};
use kept::{Believed, Held};

/// Look at every entry of every service's chain, and say where one does not hold.
///
/// A changed byte, a missing entry and a cut end are found by the chain itself. Who can write a database can write
/// a whole chain anew, or cut it and say so: that is found by signed heads, which the services keep of each other
/// and write into their logs.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth audit verify
  keepworth audit verify --head head-of-january.log           a line of a log, or a whole one
  keepworth audit verify --head finance=1207:9f86d081…        as it was noted a month ago
  keepworth audit verify --key uoAIMOKC…                      as `keepworth audit key` printed it

Believed are heads under the keys of --key, of audit.believed_keys and of the signing key that the settings name;
without any of them, those under the key that the other services saw first. Exit code 2 where a chain is broken.")]
pub(super) struct Verify {
    /// Where chains ended once: a file with what a service logged, or SERVICE=NUMBER:HASH.
    #[arg(long = "head", value_name = "FILE", value_parser = noting)]
    heads: Vec<Noting>,
    /// The public key of a service, noted before.
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<PublicKey>,
    #[command(flatten)]
    presenting: Presenting,
}

/// What was noted elsewhere.
#[derive(Debug, Clone)]
enum Noting {
    /// The head of a service, without a signature.
    Head(&'static str, Head),
    /// Signed heads, among other things.
    File(PathBuf),
}

fn noting(text: &str) -> Result<Noting, String> {
    match text.split_once('=') {
        None => Ok(Noting::File(text.into())),
        Some((name, head)) => {
            let entry = service(name).map_err(|error| error.to_string())?;
            Ok(Noting::Head(entry.name, head.parse()?))
        }
    }
}

/// How a chain stands.
#[derive(Serialize)]
struct Stand {
    service: &'static str,
    entries: Option<i64>,
    head: Option<String>,
    /// How many signed heads it was held against.
    signed_heads: usize,
    /// Where it does not hold.
    broken: Option<String>,
}

impl Verify {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let settings = global.settings(&[])?;
        let open = |entry: &'static Entry| Ok((entry.name, entry.open_existing(&settings)?));
        let databases = SERVICES.iter().map(open);
        let databases = databases.collect::<anyhow::Result<Vec<_>>>()?;
        let held = Held::read(&databases)?;
        let believed = Believed::new(&settings, self.keys.clone())?;
        let stand = |(name, db): &(&'static str, Db)| self.stand(name, db, &held, &believed);
        let stands = databases.iter().map(stand);
        let stands = stands.collect::<anyhow::Result<Vec<_>>>()?;
        let broken = stands.iter().filter(|it| it.broken.is_some());
        let broken: Vec<_> = broken.map(|it| it.service).collect();
        self.presenting
            .show(&stands, |stands| Ok(vec![sheet(stands)]))?;
        ensure!(
            broken.is_empty(),
            "the record of {} is not what was written",
            broken.join(" and ")
        );
        Ok(Outcome::Done)
    }

    fn stand(
        &self,
        name: &'static str,
        db: &Db,
        held: &Held,
        believed: &Believed,
    ) -> anyhow::Result<Stand> {
        let (mut noted, faults) = held.of(name, believed);
        let mut signed_heads = noted.len();
        for noting in &self.heads {
            match noting {
                Noting::Head(of, head) if *of == name => noted.push(Noted {
                    head: head.clone(),
                    by: "the head that was given".to_owned(),
                }),
                Noting::Head(..) => {}
                Noting::File(file) => {
                    let found = kept::in_file(file, name, &held.believed_of(name, believed))?;
                    signed_heads += found.len();
                    noted.extend(found);
                }
            }
        }
        let verified = verify(db, noted)?;
        let whole = verified.as_ref().ok();
        let chain = verified.as_ref().err().map(ToString::to_string);
        let broken = Vec::from_iter(chain.into_iter().chain(faults));
        Ok(Stand {
            service: name,
            entries: whole.map(|it| it.entries),
            head: whole.map(|it| it.head.to_string()),
            signed_heads,
            broken: (!broken.is_empty()).then(|| broken.join("; ")),
        })
    }
}

fn verify(db: &Db, noted: Vec<Noted>) -> anyhow::Result<Result<Verified, Broken>> {
    let verify = db.read(move |conn| audit::verify(conn, &noted));
    runtime::block_on(async { Ok(verify.await?) })
}

fn sheet(stands: &[Stand]) -> Sheet {
    let mut sheet = Sheet::new(
        "Who did what: the chain of each service",
        "service | entries | head | signed heads | broken",
    );
    for it in stands {
        row![sheet => it.service, it.entries, it.head.clone(), it.signed_heads, it.broken.clone()];
    }
    sheet
}
