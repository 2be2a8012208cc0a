//! `keepworth openapi`: writes the contracts.

use std::path::{Path, PathBuf};

use keepworth_platform::document::{edition_3_0, merged};
use serde_json::Value;

use crate::command::Outcome;
use crate::registry::SERVICES;
use crate::whole_file;

/// Write every service's OpenAPI document, one of all of them, and editions of OpenAPI 3.0.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  keepworth openapi -o openapi")]
pub(crate) struct Args {
    /// The folder to write to.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let old = self.output.join("3.0");
        std::fs::create_dir_all(&old)?;
        let mut documents = Vec::new();
        for entry in &SERVICES {
            documents.push((entry.name, serde_json::to_value((entry.document)())?));
        }
        documents.push(("keepworth", merged(&documents)));
        for (name, document) in documents {
            let name = format!("{name}.json");
            write(&self.output.join(&name), &document)?;
            write(&old.join(&name), &edition_3_0(document))?;
        }
        Ok(Outcome::Done)
    }
}

fn write(path: &Path, document: &Value) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(document)? + "\n";
    whole_file::write_text(path, &text)?;
    Ok(())
}
