//! `keepworth fit`: retention, lifetime and value, estimated from records.

use clap::Subcommand;
use keepworth_retention::fit::{Estimate, Fit};
use keepworth_retention::goodness::Goodness;
use serde::Serialize;

use crate::command::{Outcome, fit_clv, fit_link, fit_retention};
use crate::present::number::{places, whole};
use crate::present::{Cell, Sheet};

/// Estimate retention, lifetime or value from records, with its uncertainty.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    Retention(Box<fit_retention::Args>),
    Clv(fit_clv::Args),
    Link(fit_link::Args),
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        match self.what {
            What::Retention(args) => args.run(),
            What::Clv(args) => args.run(),
            What::Link(args) => args.run(),
        }
    }
}

/// The keys of a fit and those of `further` in one object.
#[derive(Serialize)]
pub(crate) struct Joined<'a, T> {
    #[serde(flatten)]
    pub(crate) fit: &'a Fit,
    #[serde(flatten)]
    pub(crate) further: &'a T,
}

/// The estimates of a fit, and what must be minded about it.
pub(crate) fn estimates(fit: &Fit) -> Sheet {
    let columns = format!("parameter | estimate | se | {} from | to", fit.level);
    let mut sheet = Sheet::new("", &columns);
    let fitted = fit
        .covariance
        .iter()
        .flat_map(|covariance| &covariance.names);
    let others = fit
        .estimates
        .keys()
        .filter(|name| fitted.clone().all(|n| n != *name));
    for name in fitted.clone().chain(others) {
        let estimate = fit.estimates.get(name).map(|it| cells(it).to_vec());
        sheet.add([vec![name.into()], estimate.unwrap_or_default()].concat());
    }
    if let Some(loglik) = fit.loglik {
        sheet.note(format!("Log-likelihood {}.", places(loglik, 3)));
    }
    for flag in &fit.flags {
        sheet.note(format!("Caution: {}.", flag.detail));
    }
    sheet
}

/// The verdict of a check of fit, in a sentence.
pub(crate) fn goodness_in_words(goodness: &Goodness) -> String {
    match &goodness.test {
        Some(test) => format!("Check of fit: {test}."),
        None => format!(
            "The fit cannot be checked: {} customers make too few groups of five.",
            whole(goodness.n)
        ),
    }
}

/// Value, standard error and interval.
pub(crate) fn cells(estimate: &Estimate) -> [Cell; 4] {
    let Estimate {
        value,
        se,
        low,
        high,
    } = *estimate;
    [value, se, low, high].map(Cell::digits)
}
