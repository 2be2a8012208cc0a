//! How many customers a pilot takes.

use anyhow::{anyhow, ensure};
use keepworth_contract::Word;
use keepworth_contract::simulator::PilotOutcome;
use keepworth_reading::number::fraction;
use keepworth_retention::fit::Level;
use keepworth_retention::pilot::{PerArm, Target};
use serde::Serialize;

use crate::present::number::{percent, whole};
use crate::present::{Cell, Presenting, Sheet, row};
use crate::reading::word::word;

/// How many customers each arm of a pilot takes to find an effect.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth pilot plan --outcome leaving --expected 2% --fall 10% --months 6
  keepworth pilot plan --outcome contacts --expected 0.4 --sd 0.9 --fall 10% --months 6
  keepworth pilot plan --outcome revenue --expected 30 --sd 25 --rise 2% --months 6")]
pub(super) struct Args {
    /// What the pilot is to change: leaving, contacts, minutes (per contact), revenue or score.
    #[arg(long, value_parser = word::<PilotOutcome>)]
    outcome: PilotOutcome,
    /// What it is without treatment: how many leave a month, such as 2%; contacts or revenue per customer-month;
    /// minutes per contact; the mean score.
    #[arg(long, value_parser = number)]
    expected: f64,
    /// Of all but leaving: the standard deviation of the same over customers.
    #[arg(long)]
    sd: Option<f64>,
    /// The smallest relative change worth finding: a fall, but of revenue and score a rise.
    #[arg(long, visible_alias = "rise", value_parser = fraction)]
    fall: f64,
    /// How long the pilot lasts.
    #[arg(long)]
    months: f64,
    /// How often it is found, if it is there.
    #[arg(long, default_value = "80%", value_parser = fraction)]
    power: f64,
    /// How often it is looked at, the end included.
    #[arg(long, default_value_t = 26)]
    looks: usize,
    #[command(flatten)]
    presenting: Presenting,
}

/// A number or a percentage.
pub(in crate::command) fn number(text: &str) -> Result<f64, String> {
    match text.contains('%') {
        true => fraction(text),
        false => text
            .parse()
            .map_err(|_| format!("`{text}` is no number; write 2% or 0.4")),
    }
}

/// Customers of each arm.
#[derive(Serialize)]
struct Plan {
    customers_per_arm: PerArm,
}

impl Args {
    pub(super) fn run(self) -> anyhow::Result<()> {
        ensure!(self.months > 0.0, "--months must be above 0");
        let (target, months) = match self.outcome {
            PilotOutcome::Leaving => (Target::hazard(self.expected, self.fall)?, self.months),
            outcome => {
                let sd = self.sd.ok_or_else(|| {
                    let outcome = outcome.name().to_lowercase();
                    anyhow!("{outcome} needs --sd, the standard deviation over customers")
                })?;
                (Target::mean(sd, -self.expected * self.fall)?, 1.0)
            }
        };
        let sizes = target.per_arm(self.power, Level::USUAL, self.looks)?;
        let customers = |size: f64| (size / months).ceil();
        let plan = Plan {
            customers_per_arm: PerArm {
                single_look: customers(sizes.single_look),
                always_valid: customers(sizes.always_valid),
            },
        };
        let change = if self.outcome.is_to_rise() {
            "rise"
        } else {
            "fall"
        };
        let title = format!(
            "To find a {change} of {} in {} of 100 pilots",
            percent(self.fall, 1),
            whole(100.0 * self.power)
        );
        self.presenting.show(plan, |plan| {
            let mut sheet = Sheet::new(title, "read by | customers per arm");
            let it = plan.customers_per_arm;
            row![sheet => "the interval that may be looked at at any time", Cell::whole(it.always_valid)];
            row![sheet => "one look, at the end and never before", Cell::whole(it.single_look)];
            Ok(vec![sheet])
        })
    }
}
