//! Keepworth in one binary: every service, and the analyst's commands.
//!
//! **For:** turning command lines into calls of the crates that do the work, and their answers
//! into what `present` shows. **Must not know:** any formula, any SQL.
//!
//! A command is a file in `command/`: its `Args` teach its use, its `run` does it. Results go to
//! standard output, progress and logs to standard error; exit codes are 0 done, 1 partly, 2 not
//! done.

mod backup;
mod command;
mod import;
mod present;
mod reading;
mod registry;
mod runtime;
mod sample;
mod whole_file;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use keepworth_contract::client::{Reach, Token};
use keepworth_platform::settings::{self, Settings};

use crate::command::{NOT_DONE, Outcome};

/// What is your Customer Experience Management programme worth?
///
/// Keepworth computes it from customer, experience and finance records: the return as a
/// distribution, each figure traceable to the records it comes from.
#[derive(Parser)]
#[command(
    version,
    after_help = "\
Start here:
  keepworth up --demo                     a sample company, from records to a verdict
  keepworth import --help                 bring your own records
  keepworth finance --help                ask the books what customers cost and bring
  keepworth simulate --help               simulate a programme on them

Exit codes: 0 done, 1 done in part, 2 not done."
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(clap::Args, Clone)]
pub(crate) struct Global {
    /// Read settings from this file instead of /etc/keepworth/config.toml.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "KEEPWORTH_CONFIG",
        help_heading = "Settings"
    )]
    config: Option<PathBuf>,
    /// Set one setting, such as server.port=8080; `keepworth config show` lists them.
    #[arg(long = "set", global = true, value_name = "KEY=VALUE", value_parser = key_value, help_heading = "Settings")]
    set: Vec<(String, String)>,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write KEY=VALUE, such as server.port=8080".to_owned()),
    }
}

impl Global {
    /// The settings in force: defaults, file, environment, `--set`, then `flags` of the command.
    pub(crate) fn settings(&self, flags: &[(String, String)]) -> anyhow::Result<Settings> {
        let environment: Vec<_> = std::env::vars().collect();
        let flags: Vec<_> = self.set.iter().chain(flags).cloned().collect();
        Ok(Settings::load(
            self.config.as_deref(),
            &flags,
            &environment,
        )?)
    }
}

/// Which running Keepworth a command asks.
#[derive(clap::Args)]
pub(crate) struct Server {
    /// Where Keepworth runs, such as http://127.0.0.1:7979 (default: from the settings).
    #[arg(long)]
    url: Option<String>,
    /// Read the token to show from this file (default: `access.token_file` for other machines; none is
    /// needed on this one).
    #[arg(long, value_name = "FILE", env = "KEEPWORTH_TOKEN_FILE")]
    token_file: Option<PathBuf>,
}

impl Server {
    /// How a service is reached: below `--url` when it is given, else as the settings say.
    pub(crate) fn reach(&self, service: &str, global: &Global) -> anyhow::Result<Reach> {
        let settings = global.settings(&[])?;
        let mut reach = match &self.url {
            Some(url) => settings.reach_at(format!("{}/{service}", url.trim_end_matches('/'))),
            None => settings.reach(service),
        };
        let text = std::env::var("KEEPWORTH_TOKEN").ok().map(Token::Text);
        if let Some(token) = self.token_file.clone().map(Token::File).or(text) {
            // Who shows a token means the server at the address, such as one of a cluster that a port leads to.
            reach.socket = None;
            if reach.url.starts_with("http://") && !settings::is_own(&reach.url) {
                eprintln!(
                    "warning: the token goes to {} in clear text; use https",
                    reach.url
                );
            }
            reach.token = Some(token);
        }
        Ok(reach)
    }
}

#[derive(Subcommand)]
enum Command {
    Up(command::up::Args),
    Open(command::open::Args),
    Serve(command::serve::Args),
    Worker(command::worker::Args),
    Migrate(command::migrate::Args),
    Audit(command::audit::Args),
    Backup(command::backup::Args),
    Restore(command::restore::Args),
    Token(command::token::Args),
    Import(command::import::Args),
    Imports(command::imports::Args),
    Erasure(command::erasure::Args),
    Subject(command::subject::Args),
    Segment(command::segment::Args),
    Sample(command::sample::Args),
    Finance(command::finance::Args),
    Baseline(command::baseline::Args),
    Evidence(command::evidence::Args),
    Link(command::link::Args),
    Pilot(command::pilot::Args),
    Programme(command::programme::Args),
    Scenario(command::scenario::Args),
    Policy(command::policy::Args),
    Simulate(command::simulate::Args),
    WhatIf(command::what_if::Args),
    Compare(command::compare::Args),
    Track(command::track::Args),
    Run(command::run::Args),
    Report(command::report::Args),
    Cashflow(command::cashflow::Args),
    Fit(command::fit::Args),
    Rfm(command::rfm::Args),
    Config(command::config::Args),
    Openapi(command::openapi::Args),
}

/// `println!` panics where its output cannot be written, such as to a full disk: that is an error like
/// another, with its exit code, and no fault of the program.
fn tell_of_a_full_output() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let text = panic.payload_as_str().unwrap_or_default();
        if let Some(reason) = text.strip_prefix("failed printing to stdout: ") {
            eprintln!("error: the result cannot be written: {reason}");
            std::process::exit(NOT_DONE);
        }
        usual(panic);
    }));
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    tell_of_a_full_output();
    if !matches!(
        cli.command,
        Command::Up(_) | Command::Serve(_) | Command::Worker(_)
    ) {
        // A reader that hangs up (`keepworth … | head`) ends the command without a word; servers go on.
        sigpipe::reset();
    }
    let result = match cli.command {
        Command::Up(args) => args.run(&cli.global),
        Command::Open(args) => args.run(&cli.global),
        Command::Serve(args) => args.run(&cli.global),
        Command::Worker(args) => args.run(&cli.global),
        Command::Migrate(args) => args.run(&cli.global),
        Command::Audit(args) => args.run(&cli.global),
        Command::Backup(args) => args.run(&cli.global),
        Command::Restore(args) => args.run(&cli.global),
        Command::Token(args) => args.run(&cli.global),
        Command::Import(args) => args.run(&cli.global),
        Command::Imports(args) => args.run(&cli.global),
        Command::Erasure(args) => args.run(&cli.global),
        Command::Subject(args) => args.run(&cli.global),
        Command::Segment(args) => args.run(&cli.global),
        Command::Sample(args) => args.run(),
        Command::Finance(args) => args.run(&cli.global),
        Command::Baseline(args) => args.run(&cli.global),
        Command::Evidence(args) => args.run(&cli.global),
        Command::Link(args) => args.run(&cli.global),
        Command::Pilot(args) => args.run(&cli.global),
        Command::Programme(args) => args.run(&cli.global),
        Command::Scenario(args) => args.run(&cli.global),
        Command::Policy(args) => args.run(&cli.global),
        Command::Simulate(args) => args.run(),
        Command::WhatIf(args) => args.run(&cli.global),
        Command::Compare(args) => args.run(&cli.global),
        Command::Track(args) => args.run(&cli.global),
        Command::Run(args) => args.run(&cli.global),
        Command::Report(args) => args.run(&cli.global),
        Command::Cashflow(args) => args.run(),
        Command::Fit(args) => args.run(),
        Command::Rfm(args) => args.run(),
        Command::Config(args) => args.run(&cli.global),
        Command::Openapi(args) => args.run(),
    };
    match result {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            eprintln!("error: {error:#}");
            Outcome::NotDone.into()
        }
    }
}
