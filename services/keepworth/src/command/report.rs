//! `keepworth report`: what a kept run is taken away as.

use std::path::PathBuf;

use anyhow::ensure;
use clap::Subcommand;
use keepworth_contract::client::ClientError;
use keepworth_contract::simulator::{FuturesForm, SimulatorClient};
use uuid::Uuid;

use crate::command::Outcome;
use crate::command::kept_run::KeptRun;
use crate::present::{Format, Presenting};
use crate::{Global, Server, runtime};

/// Take a kept run away: as a memo of two pages, as a workbook, or as all of its futures.
///
/// The run is made again from what was kept with it, and handed out where it comes to the same figures to the last bit:
/// what you take away is what the run says. The same run has the same bytes.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth report memo recovery -o memo.pdf
  keepworth report workbook recovery -o result.xlsx
  keepworth report futures 019a0000-0000-7000-8000-000000000000 -o futures.parquet")]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    Memo(Memo),
    Workbook(Workbook),
    Futures(Futures),
}

/// Write a memo (PDF): the question, the answer, how sure it is, what decides it, and lines to sign.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth report memo recovery@2 -o memo.pdf")]
struct Memo {
    #[command(flatten)]
    taking: Taking,
}

/// Write a workbook (.xlsx): what was found, and one case of it in live formulas.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth report workbook recovery -o result.xlsx")]
struct Workbook {
    #[command(flatten)]
    taking: Taking,
}

/// Write every future with all of its figures: CSV, or Parquet where the file's name ends so.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth report futures 019a0000-0000-7000-8000-000000000000 -o futures.csv
  keepworth report futures 019a0000-0000-7000-8000-000000000000 -o futures.parquet")]
struct Futures {
    #[command(flatten)]
    taking: Taking,
}

/// Which run, of which running Keepworth, and where to.
#[derive(clap::Args)]
struct Taking {
    /// Its id as `keepworth run list` shows it, or the key of a scenario: the last run of its newest version.
    #[arg(value_name = "RUN|KEY[@VERSION]")]
    run: KeptRun,
    /// Write it to this file, whole or not at all; - is standard output.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    server: Server,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        match self.what {
            What::Memo(it) => {
                let ask = async |client: &SimulatorClient, run| client.export_run_memo(run).await;
                it.taking.take(global, Format::Pdf, ask)
            }
            What::Workbook(it) => {
                let ask =
                    async |client: &SimulatorClient, run| client.export_run_workbook(run).await;
                it.taking.take(global, Format::Xlsx, ask)
            }
            What::Futures(it) => it.run(global),
        }?;
        Ok(Outcome::Done)
    }
}

impl Futures {
    fn run(self, global: &Global) -> anyhow::Result<()> {
        let named = Presenting::new(None, Some(self.taking.output.clone())).form();
        let (format, form) = match named {
            Format::Parquet => (Format::Parquet, FuturesForm::Parquet),
            Format::Csv | Format::Table => (Format::Csv, FuturesForm::Csv),
            _ => anyhow::bail!("futures are csv or parquet; name the file so"),
        };
        let ask = async |client: &SimulatorClient, run| client.export_run_futures(run, form).await;
        self.taking.take(global, format, ask)
    }
}

impl Taking {
    fn take(
        self,
        global: &Global,
        format: Format,
        ask: impl AsyncFnOnce(&SimulatorClient, Uuid) -> Result<Vec<u8>, ClientError>,
    ) -> anyhow::Result<()> {
        // Refused before anything is computed.
        let sink = Presenting::new(Some(format), Some(self.output)).run_sink()?;
        let client = SimulatorClient::new(self.server.reach("simulator", global)?)?;
        let bytes =
            runtime::block_on(async { Ok(ask(&client, self.run.find(&client).await?).await?) })?;
        ensure!(!bytes.is_empty(), "the file came empty; ask again");
        sink.write(|out| Ok(out.write_all(&bytes)?))
    }
}
