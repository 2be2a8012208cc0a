//! The commands, one file each.

mod asking;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod baseline;
pub(crate) mod cashflow;
pub(crate) mod compare;
pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod erasure;
pub(crate) mod evidence;
pub(crate) mod finance;
pub(crate) mod fit;
pub(crate) mod fit_clv;
pub(crate) mod fit_level;
pub(crate) mod fit_link;
pub(crate) mod fit_mixture;
pub(crate) mod fit_retention;
pub(crate) mod import;
pub(crate) mod imports;
mod kept_run;
mod kept_scenario;
pub(crate) mod link;
pub(crate) mod migrate;
#[cfg(test)]
mod on_file;
pub(crate) mod open;
pub(crate) mod openapi;
pub(crate) mod pilot;
pub(crate) mod policy;
mod portfolio;
pub(crate) mod programme;
pub(crate) mod report;
pub(crate) mod restore;
pub(crate) mod rfm;
pub(crate) mod run;
pub(crate) mod sample;
pub(crate) mod scenario;
pub(crate) mod segment;
pub(crate) mod serve;
pub(crate) mod simulate;
pub(crate) mod subject;
pub(crate) mod token;
pub(crate) mod track;
pub(crate) mod up;
pub(crate) mod what_if;
pub(crate) mod worker;

use std::process::ExitCode;

#[cfg(test)]
pub(crate) use on_file::on_file;

/// The exit code of a command that did nothing.
pub(crate) const NOT_DONE: i32 = 2;

/// How a command ended; an error is [`Outcome::NotDone`] with a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything was done.
    Done,
    /// Some of it was done; what was not has been reported.
    Partly,
    /// Nothing was done.
    NotDone,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Done => 0,
            Outcome::Partly => 1,
            Outcome::NotDone => NOT_DONE as u8,
        })
    }
}
