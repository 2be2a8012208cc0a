//! `keepworth fit clv`: purchases without a contract, and what they are worth.

mod answer;
mod records;

use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::ValueEnum;
use keepworth_retention::purchase::{self, Model, ValueTerms, fit_spend};

use crate::command::Outcome;
use crate::command::fit_clv::answer::{Answer, SpendAnswer, Value};
use crate::command::fit_clv::records::Records;
use crate::output::{Format, print_json};

/// Fit purchases without a contract: who is still active, what will they buy, what is it worth.
#[derive(clap::Args)]
#[command(after_help = "\
FILE is a CSV with one customer a row; ages count from the customer's first purchase, all in one
unit (`keepworth rfm` writes such a file from a transaction log):

  x or frequency             repeat purchases, the first one not counted
  t_x or recency             age at the last purchase, 0 without a repeat purchase
  T or age                   age at the end of observation
  zbar or monetary_value     mean spend per repeat purchase (for gamma-gamma, and for --horizon)

Examples:
  keepworth fit clv customers.csv --model bg-nbd
  keepworth fit clv customers.csv --model pareto-nbd --at 13,26,52 --format json
  keepworth fit clv customers.csv --model bg-nbd --horizon 52 --rate 0.0019 --margin 0.4 --group segment
  keepworth fit clv customers.csv --model gamma-gamma

--format json prints {model, n, events, estimates: {NAME: {value, se, low, high}}, covariance:
{scale, names, mean, matrix}, loglik, converged, flags, verdict, reason, data, input_hash} and, by
model, expected_repeat_purchases, active_share and value, or population_mean_spend.")]
pub(crate) struct Args {
    /// The CSV file, or - for standard input.
    file: PathBuf,
    /// The model.
    #[arg(long, value_enum)]
    model: ModelArg,
    #[command(flatten)]
    columns: Columns,
    /// Ages at which to tell a new customer's expected purchases [default: the longest T, twice it].
    #[arg(long, value_name = "AGE,…", value_delimiter = ',')]
    at: Vec<f64>,
    /// Value the customers over this many time units of the file, by the Gamma-Gamma model.
    #[arg(long, value_name = "UNITS", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    horizon: Option<u32>,
    /// Discount rate per time unit of the file as a fraction; ten percent a year is 0.00183 a week.
    #[arg(long, default_value_t = 0.0, requires = "horizon")]
    rate: f64,
    /// Share of spend that is contribution margin.
    #[arg(long, default_value_t = 1.0, requires = "horizon")]
    margin: f64,
    /// The form of the result.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Which column holds what, where the usual names do not.
#[derive(clap::Args)]
#[command(next_help_heading = "Columns")]
struct Columns {
    /// Column of repeat purchases.
    #[arg(long, value_name = "COLUMN")]
    x: Option<String>,
    /// Column of the age at the last purchase.
    #[arg(long, value_name = "COLUMN")]
    t_x: Option<String>,
    /// Column of the age at the end of observation.
    #[arg(long, value_name = "COLUMN")]
    age: Option<String>,
    /// Column of the mean spend per repeat purchase.
    #[arg(long, value_name = "COLUMN")]
    mean_spend: Option<String>,
    /// Column of how many customers a row stands for.
    #[arg(long, value_name = "COLUMN")]
    weights: Option<String>,
    /// Column of the segment, to value each by itself.
    #[arg(long, value_name = "COLUMN", requires = "horizon")]
    group: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ModelArg {
    /// Dropout after repeat purchases.
    BgNbd,
    /// Dropout after any purchase, the first included.
    MbgNbd,
    /// Dropout at any time.
    ParetoNbd,
    /// Mean spend per purchase.
    GammaGamma,
}

impl ModelArg {
    /// The model of purchases; none for that of spend.
    fn purchases(self) -> Option<Model> {
        match self {
            Self::BgNbd => Some(Model::BgNbd),
            Self::MbgNbd => Some(Model::MbgNbd),
            Self::ParetoNbd => Some(Model::ParetoNbd),
            Self::GammaGamma => None,
        }
    }
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let name = || self.file.display().to_string();
        match self.model.purchases() {
            Some(model) => {
                let with_spend = self.horizon.is_some();
                let records =
                    Records::read(&self.file, &self.columns, with_spend).with_context(name)?;
                let answer = self.purchases(model, &records).with_context(name)?;
                match self.format {
                    Format::Json => print_json(&answer.json()?)?,
                    Format::Table => answer.print(),
                }
            }
            None => {
                ensure!(
                    self.horizon.is_none(),
                    "--horizon needs a model of purchases, such as --model bg-nbd"
                );
                let spends = records::read_spends(&self.file, &self.columns).with_context(name)?;
                let answer = SpendAnswer::of(fit_spend(&spends).with_context(name)?);
                match self.format {
                    Format::Json => print_json(&answer.json()?)?,
                    Format::Table => answer.print(),
                }
            }
        }
        Ok(Outcome::Done)
    }

    fn purchases(&self, model: Model, records: &Records) -> anyhow::Result<Answer> {
        let fitted = purchase::fit(model, &records.customers)?;
        let ages = if self.at.is_empty() {
            vec![records.longest_age, 2.0 * records.longest_age]
        } else {
            self.at.clone()
        };
        let value = self.horizon.map(|periods| {
            let terms = ValueTerms {
                periods,
                rate: self.rate,
                margin: self.margin,
            };
            let spend = fit_spend(&records.spends).context("mean spend")?;
            Value::of(&fitted, &spend, &records.segments, terms)
        });
        Answer::of(fitted, &ages, value.transpose()?)
    }
}
