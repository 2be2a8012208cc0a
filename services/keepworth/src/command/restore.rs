//! `keepworth restore DIR`: puts a backup back.

use std::path::PathBuf;

use crate::command::Outcome;
use crate::{Global, backup};

/// Put the databases of a backup back, after checking that each is what was copied.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  mv keepworth-data keepworth-data.old
  keepworth restore backups/2026-11-28 --keys-of keepworth-data.old
  keepworth restore backups/2026-11-28 --set database.data_dir=/tmp/look-at-it

A backup has no keys, and still knows customers who were erased after it was taken. The data folder
of before has the key and the notes by which services forget them again when they start (erasure.key
and the folder erased, or what the settings name): without them these customers are back. It has the
key that the audit is signed with, too (audit-signing.key): without it the services sign with a new
one, which nobody believes.

Nothing is overwritten: databases that are there are refused. Start the services afterwards; a newer
Keepworth brings the schemas up to date, an older one refuses by name what it does not know.")]
pub(crate) struct Args {
    /// The folder that `keepworth backup` made.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Take what no backup has from this data folder: the audit's key, the key and the notes of erasures.
    #[arg(long, value_name = "DIR")]
    keys_of: Option<PathBuf>,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let settings = global.settings(&[])?;
        backup::for_the_owner_alone();
        std::fs::create_dir_all(&settings.database.data_dir)?;
        let manifest = backup::put_back(&settings, &self.folder)?;
        for copied in &manifest.databases {
            println!("{}: {} bytes", copied.service, copied.bytes);
        }
        match &self.keys_of {
            Some(old) => {
                let files = backup::carry_over(&settings, old)?;
                println!(
                    "{files} files of keys and of who was erased, from {}",
                    old.display()
                );
            }
            None => println!(
                "no keys: with --keys-of OLD-DATA-FOLDER the audit goes on under its key, and who was erased since \
                 the backup is forgotten again"
            ),
        }
        println!("as of {}", manifest.taken_at.to_rfc3339());
        Ok(Outcome::Done)
    }
}
