//! `keepworth backup DIR`: every service's database as of one moment.

use std::path::PathBuf;

use crate::command::Outcome;
use crate::{Global, backup};

/// Copy the databases of every service, all as of one moment, while they go on serving.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth backup backups/2026-11-28
  keepworth backup /mnt/nas/today --set database.data_dir=/srv/keepworth

Reads go on; writes wait until the copies are made. The folder appears when every copy is whole and
checked, with a manifest.json that says what each must be. Never copy a .db file of a running service
by hand: what was written last is in the .db-wal file beside it, and without that the copy is refused.

Databases on PostgreSQL are backed up there, with pg_dump or the platform's snapshots.")]
pub(crate) struct Args {
    /// A folder that is not there yet.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        eprintln!("copying and checking every database; writes wait meanwhile …");
        backup::for_the_owner_alone();
        let manifest = backup::take(&global.settings(&[])?, &self.folder)?;
        for copied in &manifest.databases {
            println!("{}: {} bytes", copied.service, copied.bytes);
        }
        println!(
            "as of {} in {}",
            manifest.taken_at.to_rfc3339(),
            self.folder.display()
        );
        Ok(Outcome::Done)
    }
}
