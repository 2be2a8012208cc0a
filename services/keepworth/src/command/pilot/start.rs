//! The arms of a pilot, from a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use chrono::NaiveDate;
use keepworth_contract::Currency;
use keepworth_contract::experience::FeedbackKind;
use keepworth_contract::feed::CustomerKey;
use keepworth_contract::simulator::{
    PilotDesign, PilotInput, PilotOutcome, PilotWave, SimulatorClient,
};
use keepworth_reading::number::fraction;

use super::arms::Rule;
use super::plan::number;
use super::wording;
use crate::Global;
use crate::command::asking::Asking;
use crate::reading::WrittenArgs;
use crate::reading::column::{Column, next_row, open};
use crate::reading::word::word;

/// Who is treated by a rule where nothing else is said.
const HALF: f64 = 0.5;

/// Say who is treated and who is left alone, before the start; what the pilot can find is answered.
///
/// Either a rule draws the lots among the customers of segments (`keepworth pilot arms` lists what it draws), or FILE
/// names them: a CSV with a row for each customer: source, external_id, and arm, which is control or treated, or of waves
/// the day of their start, or never.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth pilot start --segment basic --seed call-backs-2026 --key call-backs --title \"Call-backs\" \\
      --outcome leaving --from 2026-12-01 --to 2027-05-31 --expected 2% --fall 10%
  keepworth pilot start arms.csv --key call-backs --title \"Call-backs\" --outcome leaving --from 2026-12-01 \\
      --to 2027-05-31 --expected 2% --fall 10%
  with arms.csv:    source,external_id,arm
                    crm,1041,control
                    crm,1042,treated
  keepworth pilot start arms.csv --design compared --months-before 6 --key short-menu --title \"Shorter menu\" \\
      --outcome contacts --from 2026-12-01 --to 2027-05-31 --expected 0.4 --sd 0.8 --fall 10%
  keepworth pilot start waves.csv --design staggered --key new-desk --title \"New desk\" --outcome minutes \\
      --from 2026-12-01 --to 2027-05-31 --expected 9 --sd 6 --fall 10%
  with waves.csv:   source,external_id,arm
                    crm,1041,2026-12-01
                    crm,1042,2027-02-01
                    crm,1043,never

Compared customers were in no lots: name such as are like the treated. Whoever draws lots without the rule draws them
by chance alone. Who is in which arm is not changed afterwards.")]
pub(super) struct Args {
    /// The CSV file, or - for standard input; needed unless a rule draws the lots.
    #[arg(conflicts_with_all = ["segments", "seed"])]
    file: Option<PathBuf>,
    #[command(flatten)]
    rule: Rule,
    /// Names the pilot, and the evidence that comes of it.
    #[arg(long)]
    key: String,
    /// Names it for people.
    #[arg(long)]
    title: String,
    /// What it is to change: leaving, contacts, minutes (per contact), revenue or score.
    #[arg(long, value_parser = word::<PilotOutcome>)]
    outcome: PilotOutcome,
    /// How the treated are held against others: randomised by lots; compared without any, each customer with their own
    /// months before the start; staggered, in waves that are treated one after the other.
    #[arg(long, default_value = "randomised", value_parser = word::<PilotDesign>)]
    design: PilotDesign,
    /// Of compared and staggered: how many months before the start are looked at [default: 6].
    #[arg(long, value_name = "N")]
    months_before: Option<u32>,
    /// Of compared and staggered: the treated were picked for bad scores, and the others were not.
    #[arg(long)]
    picked_for_bad_scores: bool,
    /// Of staggered: lots decided who is in which wave.
    #[arg(long)]
    waves_by_lot: bool,
    /// Of score: which kind, such as csat.
    #[arg(long, value_name = "KIND", value_parser = word::<FeedbackKind>)]
    score: Option<FeedbackKind>,
    /// Of revenue: the currency to convert into, where amounts are in several.
    #[arg(long, value_name = "CODE")]
    currency: Option<Currency>,
    /// The first day of treatment; of all but leaving the first of a month.
    #[arg(long, value_name = "DATE")]
    from: NaiveDate,
    /// The planned last day; of all but leaving the last of a month.
    #[arg(long, value_name = "DATE")]
    to: NaiveDate,
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
    /// How often it will be looked at, the end included.
    #[arg(long, default_value_t = 26)]
    looks: u32,
    /// The share for whom lots were to say "treated" (default: half; of waves, those before the last if all are of one
    /// size).
    #[arg(long, value_name = "SHARE", value_parser = fraction)]
    planned_share: Option<f64>,
    #[command(flatten)]
    written: WrittenArgs,
    #[command(flatten)]
    asking: Asking,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let named = match &self.file {
            Some(file) => named(file, &self.written).with_context(|| file.display().to_string())?,
            None => Named::default(),
        };
        let assign = self.rule.assignment(self.planned_share.unwrap_or(HALF))?;
        ensure!(
            self.file.is_some() || assign.is_some(),
            "say who is treated: a FILE, or --segment and --seed of a rule"
        );
        let new = PilotInput {
            key: self.key,
            title: self.title,
            outcome: self.outcome,
            design: self.design,
            months_before: self.months_before,
            picked_for_bad_scores: self.picked_for_bad_scores,
            score: self.score,
            currency: self.currency,
            starts_on: self.from,
            ends_on: self.to,
            smallest_effect: self.fall,
            expected_per_month: self.expected,
            expected_sd: self.sd,
            looks: self.looks,
            planned_treated_share: self.planned_share,
            assign,
            waves: named.waves,
            waves_by_lot: self.waves_by_lot,
            control: named.control,
            treated: named.treated,
        };
        let ask = async |client: &SimulatorClient| client.create_pilot(&new).await;
        self.asking
            .show(global, ask, |pilot| vec![wording::pilot(&pilot)])
    }
}

/// Who is in a pilot.
#[derive(Default)]
struct Named {
    control: Vec<CustomerKey>,
    treated: Vec<CustomerKey>,
    waves: Vec<PilotWave>,
}

/// Customers of both arms, in the order of the file, and of waves, in the order of their starts.
fn named(file: &Path, written: &WrittenArgs) -> anyhow::Result<Named> {
    let mut table = open(file, &written.written())?;
    let column = |name: &'static str| {
        Column::find(&table, None, &[name])?
            .with_context(|| format!("the file has no column {name}"))
    };
    let (source, id, arm) = (column("source")?, column("external_id")?, column("arm")?);
    let (mut named, mut waves) = (Named::default(), BTreeMap::new());
    while let Some(row) = next_row(&mut table)? {
        let customer = CustomerKey {
            source: source.text(&row).to_owned(),
            external_id: id.text(&row).to_owned(),
        };
        match arm.text(&row).to_lowercase().as_str() {
            "control" => named.control.push(customer),
            "treated" => named.treated.push(customer),
            // Behind every start.
            "never" => waves
                .entry((1, None))
                .or_insert_with(Vec::new)
                .push(customer),
            other => match other.parse::<NaiveDate>() {
                Ok(start) => waves.entry((0, Some(start))).or_default().push(customer),
                Err(_) => {
                    let why = "is no arm; write control or treated, or of waves the day of their start or never";
                    return Err(arm.refusal(&row, why));
                }
            },
        }
    }
    let wave = |((_, starts_on), customers)| PilotWave {
        starts_on,
        customers,
    };
    named.waves = waves.into_iter().map(wave).collect();
    Ok(named)
}
