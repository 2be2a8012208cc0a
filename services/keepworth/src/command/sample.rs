//! `keepworth sample`: a company to try the product on.

use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressStyle};

use crate::command::Outcome;
use crate::sample::files;

/// Write the records of a sample company, drawn from a documented truth.
///
/// The folder then holds what the company's systems would export (customers.csv, contacts.csv, …),
/// a mapping for each file, a scenario, and truth.json: what the records were drawn from, so that
/// estimates can be checked against it.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth sample --customers 5000 --seed 1 -o sample
  keepworth import customers sample/customers.csv --mapping sample/mappings/customers.toml

The same number and seed give the same files.")]
pub(crate) struct Args {
    /// Customers in the records.
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    customers: u64,
    /// Seed of the random numbers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The folder to write to.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let style =
            ProgressStyle::with_template("{bar:30} {pos}/{len} customers, {per_sec}, {eta} left")?;
        let progress = ProgressBar::new(self.customers).with_style(style);
        files::write(&self.output, self.customers, self.seed, &progress)?;
        progress.finish_and_clear();
        println!(
            "{} customers of the sample company are in {}",
            self.customers,
            self.output.display()
        );
        Ok(Outcome::Done)
    }
}
