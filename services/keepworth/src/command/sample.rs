//! `keepworth sample`: a company to try the product on.

use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressStyle};

use crate::command::Outcome;
use crate::sample::files::Order;
use crate::sample::truth::Kind;

/// Write the records of a company drawn from a documented truth.
///
/// The folder then holds what the company's systems would export (customers.csv, contacts.csv, …),
/// a mapping for each file, a scenario, and truth.json: what the records were drawn from and what
/// the company's own future will be, so that estimates and forecasts can be checked against it.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth sample --customers 5000 --seed 1 -o sample
  keepworth import customers sample/customers.csv --mapping sample/mappings/customers.toml

  keepworth sample --company in-class --customers 400 --seed 7 -o records --truth truths/7.json

The same company, number and seed give the same files.

truth.json has every figure that the records were drawn from (by segment: hazard by band of tenure,
revenue, margin, overhead, contacts, minutes and cost of a minute by channel, customers won a month
and what one costs), and the future of the customers of the day, expected, month by month: customers,
customer-months, customers won, contribution and cash flow, without a programme and with one that
takes `programme.hazard_reduction` of every hazard, whose NPV it states. Except of the sample company,
scenario.toml is that programme.")]
pub(crate) struct Args {
    /// What kind of company.
    #[arg(long, value_enum, default_value_t = Kind::Sample)]
    company: Kind,
    /// Customers in the records; of companies other than the sample their expected number.
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    customers: u64,
    /// Seed of the random numbers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The folder to write to.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Where the truth is written instead: a file, or a folder for its truth.json.
    #[arg(long, value_name = "PATH")]
    truth: Option<PathBuf>,
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let style =
            ProgressStyle::with_template("{bar:30} {pos}/{len} customers, {per_sec}, {eta} left")?;
        let progress = ProgressBar::new(self.customers).with_style(style);
        let truth = self.truth.as_ref().unwrap_or(&self.output);
        let truth = match truth.extension() {
            Some(_) if self.truth.is_some() && !truth.is_dir() => truth.clone(),
            _ => {
                std::fs::create_dir_all(truth)?;
                truth.join("truth.json")
            }
        };
        let order = Order {
            kind: self.company,
            customers: self.customers,
            seed: self.seed,
            folder: &self.output,
            truth: &truth,
        };
        let customers = order.write(&progress)?;
        progress.finish_and_clear();
        println!(
            "{customers} customers of the {} company are in {}, the truth about it in {}",
            order.kind,
            self.output.display(),
            truth.display()
        );
        Ok(Outcome::Done)
    }
}
