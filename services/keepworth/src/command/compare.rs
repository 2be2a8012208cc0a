//! `keepworth compare`: two scenarios that are kept, held against each other.

use keepworth_contract::simulator::{
    ComparedInput, ComparedScenario, Comparison, ComparisonInput, Level, OutcomeName,
    SimulatorClient, Statistics,
};
use keepworth_verdict::words::chance;

use crate::Global;
use crate::command::Outcome;
use crate::command::asking::Asking;
use crate::command::kept_scenario::KeptScenario;
use crate::present::money::Money;
use crate::present::number::whole;
use crate::present::{Cell, Sheet, row};

/// Hold two scenarios against each other: in how many futures the one is worth more, by how much, and what makes it so.
///
/// Both are drawn alike, so that what differs comes from the scenarios and not from luck; nothing is kept. Files are
/// compared by `keepworth simulate A.toml B.toml`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth compare recovery recovery-cautious
  keepworth compare recovery@1 recovery@2          two versions of one scenario")]
pub(crate) struct Args {
    /// The one that the other is held against: its key, or KEY@VERSION.
    #[arg(value_name = "KEY[@VERSION]")]
    from: KeptScenario,
    /// The other.
    #[arg(value_name = "KEY[@VERSION]")]
    to: KeptScenario,
    /// How many futures to draw.
    #[arg(long, default_value_t = 10_000)]
    trials: u64,
    /// The same seed gives the same figures.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    asking: Asking,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let question = ComparisonInput {
            from: side(self.from),
            to: side(self.to),
            trials: self.trials,
            seed: self.seed,
            sampling: Default::default(),
        };
        let ask = async |client: &SimulatorClient| client.compare_scenarios(&question).await;
        self.asking.show(global, ask, |it| told(&it))?;
        Ok(Outcome::Done)
    }
}

fn side(of: KeptScenario) -> ComparedInput {
    ComparedInput {
        scenario_key: Some(of.key),
        scenario_version: of.version,
        ..ComparedInput::default()
    }
}

fn told(it: &Comparison) -> Vec<Sheet> {
    let money = Money::of([&it.from.result, &it.to.result]);
    vec![figures(it, &money), bridge(it, &money)]
}

fn figures(it: &Comparison, money: &Money) -> Sheet {
    let header = format!(
        "figure | {} | {} | difference",
        name(&it.from),
        name(&it.to)
    );
    let mut sheet = Sheet::new(format!("{}.", it.answer), &header);
    row![sheet => "will it pay", &it.from.verdict, &it.to.verdict, ""];
    let npv = |it: &ComparedScenario| it.result.outcomes.get(&OutcomeName::Npv).cloned();
    if let (Some(from), Some(to)) = (npv(&it.from), npv(&it.to)) {
        let by = &it.npv_difference;
        let sides = [&from, &to, by];
        let cells = |figure: fn(&_) -> (Level, Option<f64>)| {
            sides.map(|it| {
                let (level, error) = figure(it);
                money.level(level, error)
            })
        };
        for (what, [from, to, by]) in [
            (
                "NPV, 5 in 100 below",
                cells(|it: &Statistics| (it.p5, it.mc_error.p5)),
            ),
            ("NPV, middle", cells(|it| (it.p50, it.mc_error.p50))),
            ("NPV, 5 in 100 above", cells(|it| (it.p95, it.mc_error.p95))),
        ] {
            row![sheet => what, from, to, by];
        }
    }
    let loses = |it: &ComparedScenario| {
        let share = it.result.probabilities.npv_negative.value;
        Cell::Figure(share, chance(share, it.result.trials))
    };
    row![sheet => "loses money", loses(&it.from), loses(&it.to), ""];
    let result = &it.to.result;
    sheet.note(format!(
        "{} futures, seed {}, engine {}. The difference is that of each future, so that its middle is not the difference \
         of the middles.",
        whole(result.trials as f64),
        result.seed,
        result.engine_version
    ));
    sheet
}

fn bridge(it: &Comparison, money: &Money) -> Sheet {
    let header = "change | moves the middle NPV by | to | ± error";
    let mut sheet =
        Sheet::new("From the one to the other", header).when_empty("Both say the same.");
    for step in &it.bridge {
        let moved = step.npv_after - step.npv_before;
        row![sheet =>
            step.changed.join(", "), money.cell(moved, step.mc_error), money.cell(step.npv_after, step.mc_error),
            money.error(step.mc_error),
        ];
    }
    if !it.bridge.is_empty() {
        sheet.note("One change after the other, in the order of the keys: what one moves depends on those before it.");
    }
    sheet
}

fn name(it: &ComparedScenario) -> String {
    match &it.scenario_version {
        Some(of) => format!("{}, version {}", of.key, of.version),
        None => it.result.scenario.clone(),
    }
}
