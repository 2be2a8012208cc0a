//! The arms of a pilot, drawn by a rule with a seed.

use anyhow::ensure;
use chrono::{Days, NaiveDate};
use keepworth_contract::MAX_PAGE_SIZE;
use keepworth_contract::client::all_pages;
use keepworth_contract::customers::{Customer, CustomerQuery, CustomersClient};
use keepworth_contract::feed::CustomerKey;
use keepworth_contract::simulator::PilotAssignment;
use keepworth_reading::number::fraction;
use serde::Serialize;

use crate::present::{Presenting, Sheet, row};
use crate::{Global, Server, runtime};

/// Draw lots by a rule with a seed: the list of who is treated, for whoever carries the change out.
///
/// It needs the permission to read customers. `keepworth pilot start` with the same rule draws the same lots; the
/// service shows nobody who is in which arm.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth pilot arms --segment basic --seed call-backs-2026 --from 2026-12-01 -o arms.csv

A customer is treated whose lot is below the planned share: the first eight bytes of SHA-256 of
\"seed/source/external_id\", as a number between 0 and 1. Lots are drawn among who is in the segments today, and was
under observation on the day before the start; who moved to another segment since counts there.")]
pub(super) struct Args {
    #[command(flatten)]
    rule: Rule,
    /// The first day of treatment.
    #[arg(long, value_name = "DATE")]
    from: NaiveDate,
    /// The share of customers to be treated.
    #[arg(long, value_name = "SHARE", default_value = "50%", value_parser = fraction)]
    planned_share: f64,
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    presenting: Presenting,
}

/// A rule that draws lots.
#[derive(clap::Args)]
pub(super) struct Rule {
    /// Draw lots among the customers of this segment; can be given several times.
    #[arg(long = "segment", value_name = "KEY")]
    segments: Vec<String>,
    /// The seed of the lots, any text, fixed before anything is known of outcomes.
    #[arg(long, value_name = "TEXT")]
    seed: Option<String>,
}

impl Rule {
    /// The rule; none where no segment is named.
    pub(super) fn assignment(self, treated_share: f64) -> anyhow::Result<Option<PilotAssignment>> {
        let (segments, seed) = (self.segments, self.seed);
        match seed {
            None if segments.is_empty() => Ok(None),
            Some(seed) if !segments.is_empty() => Ok(Some(PilotAssignment {
                segments,
                seed,
                treated_share,
            })),
            _ => anyhow::bail!("a rule takes both: --segment KEY and --seed TEXT"),
        }
    }
}

/// A customer and what their lot says.
#[derive(Serialize)]
struct Drawn {
    #[serde(flatten)]
    customer: CustomerKey,
    arm: &'static str,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let rule = self.rule.assignment(self.planned_share)?;
        let rule = rule.ok_or_else(|| anyhow::anyhow!("name the --segment and the --seed"))?;
        let day = (self.from - Days::new(1)).min(keepworth_store::now().date_naive());
        let client = CustomersClient::new(self.server.reach("customers", global)?)?;
        let customers = runtime::block_on(customers(&client, &rule.segments))?;
        let there = customers.into_iter().filter(|it| is_there(it, day));
        let mut drawn = Vec::from_iter(there.map(|it| draw(&rule, it)));
        ensure!(
            !drawn.is_empty(),
            "nobody in {} was under observation on {day}; `keepworth segment list` names the segments",
            rule.segments.join(", ")
        );
        drawn.sort_by(|a, b| a.customer.cmp(&b.customer));
        // A segment may have been named twice.
        drawn.dedup_by(|a, b| a.customer == b.customer);
        self.presenting.show(drawn, |drawn| {
            let mut sheet = Sheet::new("", "source | external_id | arm");
            for it in drawn {
                row![sheet => it.customer.source, it.customer.external_id, it.arm];
            }
            Ok(vec![sheet])
        })
    }
}

async fn customers(client: &CustomersClient, segments: &[String]) -> anyhow::Result<Vec<Customer>> {
    let mut customers = Vec::new();
    for segment in segments {
        let query = |cursor| CustomerQuery {
            page_size: Some(MAX_PAGE_SIZE),
            cursor,
            segment: Some(segment.clone()),
            ..CustomerQuery::default()
        };
        let theirs = all_pages(async |cursor| client.list_customers(&query(cursor)).await);
        customers.extend(theirs.await?);
    }
    Ok(customers)
}

fn is_there(it: &Customer, day: NaiveDate) -> bool {
    it.observed_from <= day
        && it.observed_to.is_none_or(|last| last >= day)
        && it.left_on.is_none_or(|left| left > day)
}

fn draw(rule: &PilotAssignment, it: Customer) -> Drawn {
    let customer = CustomerKey {
        source: it.source,
        external_id: it.external_id,
    };
    let arm = if rule.is_treated(&customer) {
        "treated"
    } else {
        "control"
    };
    Drawn { customer, arm }
}
