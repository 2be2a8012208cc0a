//! `keepworth token`: the token of a server on this machine, and tokens for programs.

mod keep;
mod place;

use std::{fs, io};

use anyhow::{Context, bail};
use keepworth_platform::access::LocalPlace;

use crate::Global;
use crate::command::Outcome;

/// Print the token of the Keepworth that runs on this machine, or keep tokens for programs.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  curl -H \"Authorization: Bearer $(keepworth token)\" http://127.0.0.1:7979/finance/v1/programmes
  keepworth token --port 8081            of the server on that port
  keepworth token create nightly --permission records:import > nightly.token

Without a command it prints the token of the server on this machine, for curl and notebooks: whoever has it may
do everything until that server ends. Commands of keepworth need none: on this machine the kernel says who runs
them. What runs elsewhere, or for longer than a server does, gets a token of its own with `keepworth token
create`.")]
pub(crate) struct Args {
    /// Of the server on this port (default: from the settings).
    #[arg(long)]
    port: Option<u16>,
    #[command(subcommand)]
    action: Option<keep::Action>,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        if let Some(action) = self.action {
            return action.run(global);
        }
        let settings = global.settings(&[])?;
        let port = self.port.unwrap_or(settings.server.port);
        let file = LocalPlace::new(&settings.access.run_dir, port).token();
        let token = match fs::read_to_string(&file) {
            Ok(token) => token,
            Err(error) if error.kind() == io::ErrorKind::NotFound => bail!(
                "no Keepworth of this user's listens on port {port}; start it with `keepworth up`, or name its \
                 port with --port"
            ),
            Err(error) => return Err(error).with_context(|| file.display().to_string()),
        };
        println!("{token}");
        Ok(Outcome::Done)
    }
}
