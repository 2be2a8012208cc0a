//! The register of a scenario's assumptions.

use chrono::NaiveDate;
use keepworth_contract::Word;
use keepworth_contract::finance::Grade;
use keepworth_contract::simulator::{
    Assumption, AssumptionCheck, AssumptionCheckInput, AssumptionQuery, AssumptionRegister,
    SimulatorClient,
};

use crate::Global;
use crate::command::asking::Asking;
use crate::present::number::{percent, whole};
use crate::present::{Cell, Sheet, row};

/// List what a scenario takes to be so: what decides most first, with its range, source, grade and who last looked.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth scenario assumptions recovery
  keepworth scenario assumptions recovery --grade D --deciding 5     what to pilot or look up before anything else
  keepworth scenario assumptions recovery -o assumptions.xlsx        to take away")]
pub(super) struct Args {
    /// The scenario's key.
    key: String,
    /// Which version [default: the newest].
    #[arg(long)]
    version: Option<u32>,
    /// Only assumptions of this grade, A to D; D has those that nobody backs, too.
    #[arg(long, value_parser = grade)]
    grade: Option<Grade>,
    /// Only so many that decide most.
    #[arg(long, value_name = "HOW MANY")]
    deciding: Option<u32>,
    #[command(flatten)]
    asking: Asking,
}

/// Write down that somebody looked whether an assumption is still so, and who answers for it.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth scenario check recovery 'initiatives.Call back.hazard' --owner 'Ada Lovelace, service' \\
    --on 2026-01-15 --note 'the pilot of spring still stands'")]
pub(super) struct Check {
    /// The scenario's key.
    key: String,
    /// The assumption, by its name in the register.
    input: String,
    /// Who answers for it.
    #[arg(long)]
    owner: String,
    /// When it was looked at.
    #[arg(long, value_name = "DATE")]
    on: NaiveDate,
    /// What was found.
    #[arg(long)]
    note: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

fn grade(text: &str) -> Result<Grade, String> {
    Grade::find(&text.to_uppercase()).ok_or_else(|| "give A, B, C or D".to_owned())
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let query = AssumptionQuery {
            version: self.version,
            grade: self.grade,
            deciding: self.deciding,
        };
        let ask = async |client: &SimulatorClient| client.load_assumptions(&self.key, &query).await;
        self.asking.show(global, ask, |it| vec![register(it)])
    }
}

impl Check {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let check = AssumptionCheckInput {
            input: self.input,
            owner: self.owner,
            checked_on: self.on,
            note: self.note,
        };
        let ask = async |client: &SimulatorClient| client.check_assumption(&self.key, &check).await;
        self.asking.show(global, ask, |it| vec![checked(it)])
    }
}

fn register(it: AssumptionRegister) -> Sheet {
    let title = format!(
        "What {}, version {}, takes to be so",
        it.scenario.key, it.scenario.version
    );
    let header = "rank | assumption | of the variance | ± error | low | middle | high | unit | grade | who says it | \
        source | owner | looked at | used at";
    let mut sheet = Sheet::new(title, header).when_empty("No assumption is of that kind.");
    let shown = it.items.len();
    for it in it.items {
        let (owner, on) = it.check.clone().map(|it| (it.owner, it.checked_on)).unzip();
        let grade = it.grade.map(Word::name);
        row![sheet =>
            i64::from(it.rank), &it.input, share(&it), Cell::Figure(it.variance_share.mc_error, percent(it.variance_share.mc_error, 1)),
            Cell::digits(it.p10), Cell::digits(it.p50), Cell::digits(it.p90), &it.unit, grade.unwrap_or("–"),
            it.origin.name().to_lowercase(), &it.source, owner.unwrap_or_else(|| "nobody".to_owned()), on, it.used_at.join(", "),
        ];
    }
    sheet.note(format!(
        "{shown} of {} assumptions; low and high: 10 in 100 futures are below and above.",
        it.total
    ));
    sheet.note(format!(
        "Of the variance of NPV each has a part in so much (total Sobol index); what is drawn together shares one rank, and \
         shares can be more than all in sum. {} futures of each, seed {}, engine {}.",
        whole(it.trials as f64),
        it.seed,
        it.engine_version
    ));
    sheet
}

fn share(it: &Assumption) -> Cell {
    // A share is none below nothing: what is less is the simulation's own error.
    let shown = percent(it.variance_share.value.max(0.0), 0);
    Cell::Figure(it.variance_share.value, shown)
}

fn checked(it: AssumptionCheck) -> Sheet {
    let mut sheet = Sheet::new(it.input, "what | says");
    row![sheet => "owner", it.owner];
    row![sheet => "looked at", it.checked_on];
    if let Some(note) = it.note {
        row![sheet => "found", note];
    }
    sheet
}
