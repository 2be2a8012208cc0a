//! `keepworth baseline alive`: which customers without a contract are still there, one by one.

use std::path::Path;

use anyhow::{Context, anyhow};
use keepworth_contract::Word;
use keepworth_contract::rows::Rows;
use keepworth_contract::simulator::baseline::Baseline;
use keepworth_contract::simulator::{
    CustomerOutlook, MONTHS_AHEAD, OutlookModel, OutlookSum, PurchaseOutlookQuery,
    PurchaseOutlookRow, SimulatorClient,
};
use serde::Serialize;

use super::in_commands;
use super::purchases::estimated;
use crate::command::Outcome;
use crate::present::number::{percent, places};
use crate::present::{Cell, Presenting, Sheet, row};
use crate::runtime::waiting;
use crate::{Global, Server, runtime};

/// Characters of a baseline's hash.
const HASH: usize = 64;
/// Ends of the ranges of chances that customers are counted in.
const BANDS: [f64; 6] = [0.1, 0.25, 0.5, 0.75, 0.9, 1.0];

#[derive(clap::Args)]
pub(super) struct Args {
    /// The baseline: its file, or its hash.
    #[arg(value_name = "BASELINE")]
    baseline: String,
    /// A segment of kind `purchases`.
    #[arg(long, value_name = "KEY")]
    segment: String,
    /// How many months after the baseline's day purchases are expected for, 1 to 120.
    #[arg(long, value_name = "N", default_value_t = MONTHS_AHEAD)]
    months: u32,
    /// How many customers the table shows, those with the lowest chance first; csv, json and parquet have all, in the
    /// order of their ids.
    #[arg(long, value_name = "N", default_value_t = 20)]
    lowest: usize,
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    presenting: Presenting,
}

/// What is told, whole.
#[derive(Serialize)]
struct Told {
    /// By which model.
    model: OutlookModel,
    /// In the order of their ids.
    customers: Vec<CustomerOutlook>,
    /// All of them together.
    sum: OutlookSum,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let client = SimulatorClient::new(self.server.reach("simulator", global)?)?;
        let query = PurchaseOutlookQuery {
            baseline_hash: hash(&self.baseline)?,
            segment: self.segment,
            months: self.months,
        };
        let telling = waiting("the purchases are read", read(&client, &query));
        let told = runtime::block_on(telling).map_err(|error| in_commands(&error))?;
        let (to, lowest) = (&self.presenting, self.lowest);
        to.show_rows(&told, |told| sheets(told, lowest), all)?;
        to.tell(|| sheets(&told, lowest));
        Ok(Outcome::Done)
    }
}

/// The hash of the baseline that is named by it, or by its file.
fn hash(baseline: &str) -> anyhow::Result<String> {
    let is_hash = baseline.len() == HASH && baseline.bytes().all(|it| it.is_ascii_hexdigit());
    if is_hash && !Path::new(baseline).exists() {
        return Ok(baseline.to_ascii_lowercase());
    }
    let text = std::fs::read(baseline)
        .with_context(|| format!("`{baseline}` is no hash of a baseline, and no file to read"))?;
    let document: Baseline = serde_json::from_slice(&text).with_context(|| {
        format!(
            "{baseline} is no baseline of this release; `keepworth baseline build -o FILE.json` makes one"
        )
    })?;
    Ok(document.hash)
}

async fn read(client: &SimulatorClient, query: &PurchaseOutlookQuery) -> anyhow::Result<Told> {
    let mut rows = client.read_purchase_outlooks(query).await?;
    let (mut model, mut customers, mut sum) = (None, Vec::new(), None);
    while let Some(row) = rows.next().await? {
        match row {
            PurchaseOutlookRow::Model(it) => model = Some(it),
            PurchaseOutlookRow::Customer(it) => customers.push(it),
            PurchaseOutlookRow::Sum(it) => sum = Some(it),
        }
    }
    let (model, sum) = model
        .zip(sum)
        .ok_or_else(|| anyhow!("the simulator did not say by which model it tells"))?;
    Ok(Told {
        model,
        customers,
        sum,
    })
}

fn sheets(told: &Told, lowest: usize) -> Vec<Sheet> {
    vec![banded(told), least(told, lowest)]
}

/// How many customers there are of which chance, and what they will bring.
fn banded(told: &Told) -> Sheet {
    let OutlookModel {
        months, currency, ..
    } = &told.model;
    let columns = format!(
        "chance to be still there | customers | expected to be there | purchases in {months} months | spend, {currency}"
    );
    let mut sheet = Sheet::new("", &columns);
    let mut from = 0.0;
    for to in BANDS {
        let is_last = to == 1.0;
        let within = |it: &&CustomerOutlook| {
            let chance = it.active.value;
            chance >= from && (chance < to || is_last)
        };
        let those: Vec<&CustomerOutlook> = told.customers.iter().filter(within).collect();
        let sum = |of: fn(&CustomerOutlook) -> f64| those.iter().map(|it| of(it)).sum::<f64>();
        let spend = told.sum.spend.map(|_| {
            let of = |it: &CustomerOutlook| it.spend.as_ref().map_or(0.0, |it| it.value);
            Cell::whole(sum(of))
        });
        let band = format!("{} to {}", percent(from, 0), percent(to, 0));
        row![sheet => band, those.len() as u64, Cell::whole(sum(|it| it.active.value)),
            Cell::whole(sum(|it| it.purchases.value)), spend];
        from = to;
    }
    let sum = &told.sum;
    row![sheet => "all", sum.customers, Cell::whole(sum.active), Cell::whole(sum.purchases), sum.spend.map(Cell::whole)];
    for flag in sum.quality_flags.iter().chain(&told.model.quality_flags) {
        sheet.note(format!("note: {flag}"));
    }
    sheet.note(model(&told.model));
    sheet
}

/// By which model it is told.
fn model(model: &OutlookModel) -> String {
    let parameters = model.parameters.iter();
    let parameters = parameters.map(|(name, it)| format!("{name} {}", places(it.value, 3)));
    let parameters: Vec<String> = parameters.collect();
    format!(
        "{} on {}, by {} of the baseline {} ({}; times in weeks)",
        model.segment,
        model.as_of,
        model.model.name().to_lowercase().replace('_', "-"),
        model.baseline_hash,
        parameters.join(", ")
    )
}

/// The customers who are there least likely.
fn least(told: &Told, lowest: usize) -> Sheet {
    let OutlookModel {
        months, currency, ..
    } = &told.model;
    let columns = format!(
        "customer | of | bought again | last on | still there | purchases in {months} months | spend, {currency}"
    );
    let mut sheet = Sheet::new("", &columns);
    let mut all: Vec<&CustomerOutlook> = told.customers.iter().collect();
    all.sort_by(|one, other| one.active.value.total_cmp(&other.active.value));
    for it in all.iter().take(lowest) {
        let chance = estimated(&it.active, |value| percent(value, 1));
        let purchases = estimated(&it.purchases, |value| places(value, 2));
        let spend = it.spend.as_ref();
        let spend = spend.map(|it| estimated(it, |value| places(value, 2)));
        row![sheet => &it.customer.external_id, &it.customer.source, it.repeat_purchases, it.last_purchase_on.to_string(),
            chance, purchases, spend];
    }
    if all.len() > lowest {
        let told = format!(
            "{lowest} of {} customers, those with the lowest chance; --format csv has all",
            all.len()
        );
        sheet.note(told);
    }
    sheet
}

/// Every customer, for programs.
fn all(told: &Told) -> Sheet {
    let mut sheet = Sheet::new(
        "",
        "source | external id | first purchase on | last purchase on | repeat purchases | mean spend | active | active low | \
         active high | purchases | purchases low | purchases high | spend | spend low | spend high",
    );
    for it in &told.customers {
        let figure = |value: f64| Cell::Figure(value, String::new());
        let mean = it.mean_spend.map_or(Cell::Nothing, figure);
        let mut cells = vec![
            Cell::from(&it.customer.source),
            Cell::from(&it.customer.external_id),
            it.first_purchase_on.to_string().into(),
            it.last_purchase_on.to_string().into(),
            it.repeat_purchases.into(),
            mean,
        ];
        let estimates = [Some(&it.active), Some(&it.purchases), it.spend.as_ref()];
        for it in estimates.into_iter().flatten() {
            cells.extend([it.value, it.low, it.high].map(figure));
        }
        sheet.add(cells);
    }
    sheet
}
