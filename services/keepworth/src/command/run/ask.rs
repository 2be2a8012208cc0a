//! `keepworth run ask`: questions to a run that is kept.

mod pilot;

use keepworth_contract::simulator::{
    AskedQuestion, BreakEvenQuestion, Estimate, Explanation, GroupInformation, InformationQuestion,
    InputGroup, PortfolioQuestion, Question, QuestionAnswer, QuestionInput, SimulatorClient,
};
use keepworth_verdict::number::{Unit, error, percent, significant, whole};
use keepworth_verdict::words::{input_name, overlap_name, within_error};

use crate::Global;
use crate::command::asking::Asking;
use crate::command::kept_run::KeptRun;
use crate::command::portfolio::frontier;
use crate::present::{Cell, Sheet, row};
use crate::runtime::waiting;

/// Inputs that are shown: a company's own are many, and few of them decide.
const SHOWN: usize = 12;

/// Ask something of a run: why it is what it is, where it breaks even, what a budget pays for, what knowing more or a pilot is worth.
///
/// It is answered on the run's own futures, and kept with it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth run ask recovery
  keepworth run ask recovery --break-even \"causal share\" --goal \"loss = 10%\"
  keepworth run ask recovery@2 --portfolio 250000
  keepworth run ask recovery \\
    --know \"call-back pilot=initiatives.Call back.hazard,initiatives.Call back.contacts\"
  keepworth run ask recovery \\
    --pilot \"Call back\" --outcome leaving --expected 2% --months 6 --cost-per-customer \"4.50 EUR\"")]
pub(super) struct Args {
    /// Its id as `keepworth run list` shows it, or the key of a scenario: the last run of its newest version.
    #[arg(value_name = "RUN|KEY[@VERSION]")]
    run: KeptRun,
    /// At which value of this input, or of "causal share", the goal is met, instead of why it is what it is.
    #[arg(long, value_name = "INPUT", conflicts_with_all = ["portfolio", "know"])]
    break_even: Option<String>,
    /// What is wanted: "npv = 100000", or "loss = 10%".
    #[arg(long, requires = "break_even")]
    goal: Option<String>,
    /// Which initiatives so much a year pays for best, in whole units of the run's currency.
    #[arg(long, value_name = "BUDGET", conflicts_with = "know")]
    portfolio: Option<u64>,
    /// What it is worth to know these inputs at once; can be given more than once.
    #[arg(long, value_name = "NAME=INPUT,…", value_parser = group)]
    know: Vec<InputGroup>,
    #[command(flatten)]
    pilot: pilot::PilotArgs,
    #[command(flatten)]
    asking: Asking,
}

fn group(text: &str) -> Result<InputGroup, String> {
    let (name, inputs) = text
        .split_once('=')
        .ok_or("give a name for the study, `=` and its inputs with commas between them")?;
    Ok(InputGroup {
        name: name.trim().to_owned(),
        inputs: inputs.split(',').map(|it| it.trim().to_owned()).collect(),
    })
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<()> {
        let run = self.asking.find_run(global, &self.run)?;
        let question = match (self.break_even, self.portfolio, self.pilot.question()?) {
            (_, _, Some(pilot)) => AskedQuestion::Pilot(pilot),
            (Some(driver), ..) => AskedQuestion::BreakEven(BreakEvenQuestion {
                driver,
                goal: self.goal,
            }),
            (None, Some(budget_per_year), None) => {
                AskedQuestion::Portfolio(PortfolioQuestion { budget_per_year })
            }
            (None, None, None) if self.know.is_empty() => AskedQuestion::Explanation,
            (None, None, None) => {
                AskedQuestion::Information(InformationQuestion { groups: self.know })
            }
        };
        let input = QuestionInput { question };
        let ask = async |client: &SimulatorClient| {
            waiting("the run is asked", client.ask_run(run, &input)).await
        };
        self.asking.show(global, ask, |answered| sheets(&answered))
    }
}

fn sheets(question: &Question) -> Vec<Sheet> {
    let report = &question.report;
    let words = Sheet::of_lines([report.words.clone()]);
    let mut sheets = match &report.answer {
        QuestionAnswer::Explanation(it) => explanation(it, &report.currency),
        QuestionAnswer::BreakEven(_) => Vec::new(),
        QuestionAnswer::Portfolio(it) => vec![frontier(
            &it.choices,
            "What the budget pays for",
            &report.currency,
        )],
        QuestionAnswer::Information(it) => vec![information(it, &report.currency)],
        QuestionAnswer::Pilot(it) => vec![pilot::sheet(it, &report.currency)],
    };
    sheets.insert(0, words);
    if let Some(last) = sheets.last_mut() {
        last.note(format!(
            "Asked of {} futures, seed {}, engine {}; ± is the standard error.",
            whole(report.trials as f64),
            report.seed,
            report.engine_version
        ));
    }
    sheets
}

fn money(it: Estimate) -> Cell {
    amount(it.value, within_error(it.value, it.mc_error))
}

/// An amount, as it is and as it is shown.
fn amount(exact: f64, shown: f64) -> Cell {
    Cell::Figure(exact, Unit::of(shown.abs()).figure(shown))
}

fn off(it: Estimate) -> Cell {
    Cell::Figure(it.mc_error, error(it.mc_error))
}

fn explanation(it: &Explanation, currency: &str) -> Vec<Sheet> {
    vec![
        drivers(it, currency),
        conditions(it),
        pilots(it, currency),
        earners(it, currency),
    ]
}

fn drivers(it: &Explanation, currency: &str) -> Sheet {
    let header = "input | low | high | NPV if low | NPV if high | ± error | variance";
    let mut sheet = Sheet::new(format!("What decides it, amounts in {currency}"), header);
    for swing in it.tornado.iter().take(SHOWN) {
        let mut shares = it.sobol_indices.iter();
        let share = shares.find(|index| index.inputs.contains(&swing.input));
        let share = share.map(|it| Cell::Figure(it.total.value, percent(it.total.value, 0)));
        let widest = match swing.at_p10.mc_error > swing.at_p90.mc_error {
            true => swing.at_p10,
            false => swing.at_p90,
        };
        row![sheet => input_name(&swing.input), significant(swing.p10, 3), significant(swing.p90, 3),
            money(swing.at_p10), money(swing.at_p90), off(widest), share];
    }
    if let Some(left @ 1..) = it.tornado.len().checked_sub(SHOWN) {
        sheet.note(format!(
            "{left} more move it less; `--format json` has them all."
        ));
    }
    sheet
}

fn conditions(it: &Explanation) -> Sheet {
    let mut sheet = Sheet::new("What must be true for it to pay on average", "condition");
    for it in &it.break_even {
        row![sheet => it.words.clone()];
    }
    sheet
}

fn pilots(it: &Explanation, currency: &str) -> Sheet {
    let header =
        "initiative | pilot of | perfect, worth | ± error | halving the doubt, worth | ± error";
    let title = format!("What to pilot first, before its cost, in {currency}");
    let mut sheet = Sheet::new(title, header).when_empty("No effect: nothing to pilot");
    for it in &it.pilots {
        row![sheet => it.initiative.clone(), it.on.replace('_', " "), money(it.evppi), off(it.evppi),
            money(it.evsi_equal), off(it.evsi_equal)];
    }
    sheet
}

fn earners(it: &Explanation, currency: &str) -> Sheet {
    let header = "initiative | share of the mean NPV | ± error | alone | ± error | lost without it | ± error";
    let title = format!("Which initiative earns it (Shapley), in {currency}");
    let mut sheet = Sheet::new(title, header)
        .when_empty("More than ten initiatives: who earns what was not tried");
    for it in it.attribution.iter().flatten() {
        row![sheet => it.initiative.clone(), money(it.value), off(it.value), money(it.alone), off(it.alone),
            money(it.last), off(it.last)];
    }
    if let Some(step) = it.overlap {
        row![sheet => overlap_name(step.value), "", "", money(step), off(step), "", ""];
        let whole = it.expected_npv;
        row![sheet => "the whole", money(whole), off(whole), money(whole), off(whole), "", ""];
    }
    if let Some(it) = &it.waiting {
        let npv = within_error(it.npv.value, it.npv.mc_error);
        sheet.note(format!(
            "{} months later it is worth {} on average.",
            it.months,
            Unit::of(npv).money(npv, currency)
        ));
    }
    sheet
}

fn information(it: &GroupInformation, currency: &str) -> Sheet {
    let header = "study | inputs | worth at most | ± error";
    let mut sheet = Sheet::new(
        format!("What knowing more is worth before its cost, in {currency}"),
        header,
    );
    for it in &it.groups {
        let inputs: Vec<String> = it.inputs.iter().map(|it| input_name(it)).collect();
        row![sheet => it.name.clone(), inputs.join(", "), money(it.evppi), off(it.evppi)];
    }
    row![sheet => "everything that is drawn", "", money(it.evpi), off(it.evpi)];
    sheet
}
