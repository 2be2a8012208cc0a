//! `keepworth fit`: retention, lifetime and value, estimated from records.

use clap::Subcommand;
use keepworth_retention::fit::{Estimate, Fit};
use keepworth_retention::goodness::Goodness;
use serde::Serialize;
use serde_json::Value;

use crate::command::{Outcome, fit_clv, fit_link, fit_retention};
use crate::output::{table, whole};

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
pub(crate) fn joined(fit: &Fit, further: &impl Serialize) -> anyhow::Result<Value> {
    let mut json = serde_json::to_value(fit)?;
    if let (Some(json), Value::Object(further)) =
        (json.as_object_mut(), serde_json::to_value(further)?)
    {
        json.extend(further);
    }
    Ok(json)
}

/// Prints the estimates of a fit, and what must be minded about it.
pub(crate) fn print_estimates(fit: &Fit) {
    let from = format!("{} from", fit.level);
    let mut rows = table(["parameter", "estimate", "se", &from, "to"]);
    let fitted = fit
        .covariance
        .iter()
        .flat_map(|covariance| &covariance.names);
    let others = fit
        .estimates
        .keys()
        .filter(|name| fitted.clone().all(|n| n != *name));
    for name in fitted.clone().chain(others) {
        let estimate = fit.estimates.get(name).map(cells).unwrap_or_default();
        rows.add_row([vec![name.clone()], estimate].concat());
    }
    println!("{rows}");
    if let Some(loglik) = fit.loglik {
        println!("Log-likelihood {loglik:.3}.");
    }
    for flag in &fit.flags {
        println!("Caution: {}.", flag.detail);
    }
}

/// The verdict of a check of fit, in a sentence.
pub(crate) fn print_goodness(goodness: &Goodness) {
    match &goodness.test {
        Some(test) => println!("Check of fit: {test}."),
        None => println!(
            "The fit cannot be checked: {} customers make too few groups of five.",
            whole(goodness.n)
        ),
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

/// A time, without trailing zeros.
pub(crate) fn time(t: f64) -> String {
    let text = digits(t);
    if text.contains('.') && !text.contains('e') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
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
        assert_eq!([time(56.0), time(0.25), time(0.0)], ["56", "0.25", "0"]);
    }
}
