//! `keepworth openapi`: writes the contracts.

use std::path::PathBuf;

use crate::command::Outcome;
use crate::registry::SERVICES;
use crate::whole_file;

/// Write every service's OpenAPI document.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  keepworth openapi -o openapi")]
pub(crate) struct Args {
    /// The folder to write to.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        std::fs::create_dir_all(&self.output)?;
        for entry in &SERVICES {
            let path = self.output.join(format!("{}.json", entry.name));
            let text = (entry.document)().to_pretty_json()? + "\n";
            whole_file::write_text(&path, &text)?;
        }
        Ok(Outcome::Done)
    }
}
