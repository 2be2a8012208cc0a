//! `keepworth audit key`: the key that heads are signed with.

use std::path::PathBuf;

use keepworth_platform::audit::KeyFile;
use serde::Serialize;

use crate::Global;
use crate::command::Outcome;
use crate::present::{Presenting, Sheet, row};

/// Show the public half of the key that the heads of the record are signed with.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth audit key                          the key in use, and those before it
  keepworth audit key --new finance.key        a new file, for audit.signing_key_file
  keepworth audit key --rotate                 a new key in its place, for which the old one vouches

Note the public key where who runs the databases cannot change it. Services read the file anew for each signature.")]
pub(super) struct Key {
    /// Make this file with a new key.
    #[arg(long, value_name = "FILE", conflicts_with = "rotate")]
    new: Option<PathBuf>,
    /// Put a new key in the place of the one in use, which vouches for it and is then gone.
    #[arg(long)]
    rotate: bool,
    #[command(flatten)]
    presenting: Presenting,
}

#[derive(Serialize)]
struct Public {
    key: String,
    is_in_use: bool,
}

impl Key {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let file = match &self.new {
            Some(path) => KeyFile::create(path)?,
            None => KeyFile::open(&global.settings(&[])?)?,
        };
        if self.rotate {
            file.rotate()?;
        }
        let lineage = file.signer()?.lineage().clone();
        let public = |key: &_, is_in_use| Public {
            key: ToString::to_string(key),
            is_in_use,
        };
        let mut keys = vec![public(lineage.key(), true)];
        keys.extend(lineage.before().map(|it| public(it, false)));
        self.presenting.show(keys, |keys| {
            let mut sheet = Sheet::new(
                "Public keys (Ed25519) of the record of who did what",
                "key | is in use",
            );
            for it in keys {
                row![sheet => it.key, if it.is_in_use { "yes" } else { "no" }];
            }
            Ok(vec![sheet])
        })?;
        Ok(Outcome::Done)
    }
}
