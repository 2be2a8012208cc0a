//! What a pilot of so many customers is worth.

use anyhow::Context;
use keepworth_contract::simulator::{PilotOutcome, PilotQuestion, PilotWorth};
use keepworth_contract::{Money, Word};
use keepworth_verdict::number::percent;
use keepworth_verdict::words::within_error;

use super::{amount, money, off};
use crate::command::pilot::number;
use crate::present::{Cell, Sheet, row};
use crate::reading::word::word;

/// A pilot, asked by its size.
#[derive(clap::Args)]
pub(super) struct PilotArgs {
    /// What a pilot of this initiative is worth by its size, before deciding.
    #[arg(long, value_name = "INITIATIVE", requires = "outcome", conflicts_with_all = ["break_even", "portfolio", "know"])]
    pilot: Option<String>,
    /// Of a pilot: what it counts: leaving, contacts, minutes (per contact) or revenue.
    #[arg(long, requires = "pilot", value_parser = word::<PilotOutcome>)]
    outcome: Option<PilotOutcome>,
    /// Of a pilot: what that is without treatment, as for `keepworth pilot plan`.
    #[arg(long, requires = "pilot", value_parser = number)]
    expected: Option<f64>,
    /// Of a pilot of all but leaving: the standard deviation of the same over customers.
    #[arg(long, requires = "pilot")]
    sd: Option<f64>,
    /// Of a pilot: how many months it lasts.
    #[arg(long, requires = "pilot")]
    months: Option<u32>,
    /// Of a pilot: customers who are treated, as many being left alone [default: 100,200,500,1000,…].
    #[arg(long, requires = "pilot", value_name = "N,…", value_delimiter = ',')]
    sizes: Vec<u64>,
    /// Of a pilot: what treating one customer costs, such as "4.50 EUR".
    #[arg(long, requires = "pilot", value_name = "MONEY")]
    cost_per_customer: Option<Money>,
    /// Of a pilot: what it costs whatever its size, such as "2000 EUR".
    #[arg(long, requires = "pilot", value_name = "MONEY")]
    fixed_cost: Option<Money>,
}

impl PilotArgs {
    /// The question, if a pilot is asked about.
    pub(super) fn question(self) -> anyhow::Result<Option<PilotQuestion>> {
        let Some((initiative, outcome)) = self.pilot.zip(self.outcome) else {
            return Ok(None);
        };
        Ok(Some(PilotQuestion {
            initiative,
            outcome,
            expected_per_month: self
                .expected
                .context("--pilot needs --expected, what is without treatment")?,
            expected_sd: self.sd,
            months: self.months.context("--pilot needs --months")?,
            sizes: self.sizes,
            cost_per_customer: self.cost_per_customer,
            fixed_cost: self.fixed_cost,
        }))
    }
}

pub(super) fn sheet(it: &PilotWorth, currency: &str) -> Sheet {
    let title = format!(
        "What a pilot of {} for {} is worth by its size, in {currency}",
        it.initiative,
        it.outcome.name().to_lowercase()
    );
    let header = "customers treated | reads to ± | worth | ± error | costs | leaves";
    let mut sheet = Sheet::new(title, header);
    let perfect = within_error(it.evppi.value, it.evppi.mc_error);
    for size in &it.sizes {
        // Each figure is rounded by its own error, and still none is more than a perfect pilot's.
        let worth = within_error(size.evsi.value, size.evsi.mc_error).min(perfect);
        row![sheet => Cell::whole(size.treated as f64),
            Cell::Figure(size.standard_error, percent(size.standard_error, 1)),
            amount(size.evsi.value, worth), off(size.evsi), amount(size.cost, size.cost), money(size.net)];
    }
    row![sheet => "as many as tell it exactly", "", money(it.evppi), off(it.evppi), "", ""];
    sheet.note(format!(
        "As many others are left alone. The effect is {} in the mean of futures; after its reading one goes with the programme, \
         without this initiative, or not at all. What waiting for it costs is not in it.",
        percent(it.expected_effect, 1)
    ));
    sheet
}
