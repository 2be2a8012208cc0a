//! `keepworth fit`: retention, lifetime and value, estimated from records.

use clap::Subcommand;
use keepworth_retention::fit::{Estimate, Fit};

use crate::command::{Outcome, fit_clv};
use crate::output::table;

/// Estimate retention, lifetime or value from records, with its uncertainty.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    Clv(fit_clv::Args),
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        match self.what {
            What::Clv(args) => args.run(),
        }
    }
}

/// Prints the estimates of a fit, and what must be minded about it.
pub(crate) fn print_estimates(fit: &Fit) {
    let mut rows = table(["parameter", "estimate", "se", "95% from", "to"]);
    for (name, estimate) in &fit.estimates {
        rows.add_row([vec![name.clone()], cells(estimate)].concat());
    }
    println!("{rows}");
    if let Some(loglik) = fit.loglik {
        println!("Log-likelihood {loglik:.3}.");
    }
    for flag in &fit.flags {
        println!("Caution: {}.", flag.detail);
    }
}

/// Value, standard error and interval, five digits each.
pub(crate) fn cells(estimate: &Estimate) -> Vec<String> {
    let Estimate {
        value,
        se,
        low,
        high,
    } = *estimate;
    [value, se, low, high].map(digits).to_vec()
}

/// A number with five significant digits, plain where that is readable.
pub(crate) fn digits(value: f64) -> String {
    let magnitude = if value == 0.0 {
        0.0
    } else {
        value.abs().log10().floor()
    };
    if (-4.0..9.0).contains(&magnitude) {
        let decimals = (4.0 - magnitude).max(0.0) as usize;
        format!("{value:.decimals$}")
    } else {
        format!("{value:.4e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_show_five_digits() {
        assert_eq!(digits(0.704_077), "0.70408");
        assert_eq!(digits(35.171_002), "35.171");
        assert_eq!(digits(1_234_567.8), "1234568");
        assert_eq!(digits(0.0), "0.0000");
        assert_eq!(digits(1.5e-9), "1.5000e-9");
    }
}
