//! Workbooks of small runs, read back.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Range, Reader, Xlsx};
use keepworth_contract::simulator::{
    Assumption, AssumptionCheck, Case, InputSwing, OutcomeName, RunResult,
};
use keepworth_sim::explain::{Trials, tornado};
use keepworth_sim::{Control, Evaluator, Outcome, RunOptions, Scenario, run};
use keepworth_verdict::{assumptions, told, told_case, told_swings, weighing};

use crate::{Contents, Register, WorkbookError, workbook};

const SCENARIO: &str = r#"
name = "=1+1"
currency = "EUR"
horizon_months = 12
discount_rate = 0.1
[[segments]]
name = "home"
customers = 1000
won_per_month = 10
hazard = { constant = { hazard = "0.01 to 0.03" } }
revenue = 50
gross_margin = 0.5
acquisition_cost = 100
[[initiatives]]
name = "care"
reach = { home = 1 }
effects = [{ on = "hazard", size = 0.3, grade = "A" }]
costs = [{ type = "people", amount = 300, recurrence = "monthly" }, { type = "process", amount = 500 }]
"#;

/// What a run leaves behind.
struct Told {
    result: RunResult,
    case: Case,
    swings: Vec<InputSwing>,
    assumptions: Vec<Assumption>,
    /// The key of the kept scenario that it is of.
    key: Option<&'static str>,
}

impl Told {
    fn new(text: &str) -> Self {
        let model = Scenario::from_toml(text).unwrap();
        let model = model.resolve(None).unwrap();
        let options = RunOptions {
            trials: 200,
            ..RunOptions::default()
        };
        let trials = Trials::draw(&model, &options).unwrap();
        Self {
            result: told(&run(&model, &options, &Control::default()).unwrap()).unwrap(),
            case: told_case(&Evaluator::new(&model).middle()).unwrap(),
            swings: told_swings(&tornado(&trials, Outcome::Npv)).unwrap(),
            assumptions: assumptions(&model, text, &weighing(None)).unwrap(),
            key: None,
        }
    }

    fn write(&self, swings: Option<&[InputSwing]>) -> Result<Vec<u8>, WorkbookError> {
        workbook(Contents {
            result: &self.result,
            decision: "-2+3 is worth it",
            case: &self.case,
            swings,
            futures: &BTreeMap::from([(OutcomeName::PaybackMonth, vec![0.0, 7.0, 13.0])]),
            register: Register {
                assumptions: &self.assumptions,
                trials: 2_048,
                scenario: self.key,
            },
        })
    }
}

fn sheets(bytes: Vec<u8>) -> BTreeMap<String, Range<Data>> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    book.worksheets().into_iter().collect()
}

fn text(sheet: &Range<Data>, row: u32, column: u32) -> String {
    sheet.get_value((row, column)).unwrap().to_string()
}

#[test]
fn every_sheet_is_there() {
    let told = Told::new(SCENARIO);
    let bytes = told.write(Some(&told.swings)).unwrap();
    let book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let names = [
        "Summary",
        "Inputs",
        "Assumptions",
        "Cash flow",
        "Benefits",
        "Costs",
        "Waterfall",
        "Distribution",
        "Tornado",
        "Futures",
        "Definitions",
        "Audit",
    ];
    assert_eq!(book.sheet_names(), names, "and no factors where all are 1");
}

#[test]
fn the_same_run_has_the_same_bytes() {
    let told = Told::new(SCENARIO);
    let write = || told.write(Some(&told.swings)).unwrap();
    assert!(write() == write());
}

#[test]
fn what_moves_a_cost_has_a_sheet() {
    let dearer = format!("{SCENARIO}\n[outlook]\nwage_inflation = 0.05\n");
    let sheets = sheets(Told::new(&dearer).write(None).unwrap());
    let Some(Data::Float(factor)) = sheets["Factors"].get_value((20, 1)) else {
        panic!("no factor of month 12");
    };
    assert!((factor - 1.05).abs() < 1e-12, "{factor}");
}

#[test]
fn a_text_stays_a_text() {
    let sheets = sheets(Told::new(SCENARIO).write(None).unwrap());
    assert_eq!(text(&sheets["Summary"], 0, 0), "=1+1");
    assert_eq!(text(&sheets["Summary"], 2, 0), "-2+3 is worth it");
}

#[test]
fn a_reader_that_does_not_calculate_sees_the_engines_figures() {
    let told = Told::new(SCENARIO);
    let sheets = sheets(told.write(None).unwrap());
    let summary = &sheets["Summary"];
    let engine = told.case.figures[&OutcomeName::Npv];
    let row = summary.rows().rev().find(|row| row[0] == "NPV");
    let shown: Vec<String> = row.unwrap()[1..3].iter().map(ToString::to_string).collect();
    assert_eq!(shown, [engine.to_string(), engine.to_string()]);
}

#[test]
fn what_decides_most_stands_first_with_who_looked() {
    let mut told = Told::new(&SCENARIO.replace("amount = 500", "amount = \"400 to 600\""));
    told.key = Some("care");
    let checked_on = "2026-01-15".parse().unwrap();
    told.assumptions[0].check = Some(AssumptionCheck {
        id: uuid::Uuid::nil(),
        input: told.assumptions[0].input.clone(),
        owner: "=Ada".to_owned(),
        checked_on,
        note: None,
        recorded_at: "2026-01-16T08:00:00Z".parse().unwrap(),
    });
    let sheets = sheets(told.write(None).unwrap());
    let sheet = &sheets["Assumptions"];
    assert_eq!(text(sheet, 6, 0), "segments.home.hazard");
    assert_eq!(text(sheet, 6, 1), "1");
    let share: f64 = text(sheet, 6, 2).parse().unwrap();
    assert!(share > 0.9, "nothing else is drawn that matters: {share}");
    assert_eq!(text(sheet, 6, 11), "segments[home]");
    assert_eq!(text(sheet, 6, 12), "=Ada");
    let Some(Data::DateTime(day)) = sheet.get_value((6, 13)) else {
        panic!("no day in {sheet:?}");
    };
    assert_eq!(day.to_ymd_hms_milli(), (2026, 1, 15, 0, 0, 0, 0));
    assert!(text(sheet, 3, 0).contains("\u{201c}care\u{201d}"));
    assert_eq!(text(sheet, 7, 12), "nobody");
    assert_eq!(sheet.rows().skip(6).count(), told.assumptions.len());
}

#[test]
fn where_no_checks_are_kept_nobody_is_blamed() {
    let told = Told::new(SCENARIO);
    let sheets = sheets(told.write(None).unwrap());
    let sheet = &sheets["Assumptions"];
    assert!(text(sheet, 3, 0).contains("keepworth scenario put"));
    let owners = sheet.rows().skip(6).map(|row| row[12].to_string());
    assert!(!told.assumptions.is_empty() && owners.into_iter().all(|owner| owner.is_empty()));
}

#[test]
fn the_steps_of_the_waterfall_come_to_the_npv() {
    let told = Told::new(SCENARIO);
    let sheets = sheets(told.write(None).unwrap());
    let rows: Vec<&[Data]> = sheets["Waterfall"].rows().skip(6).collect();
    let steps = rows.iter().map_while(|row| match (&row[0], &row[1]) {
        (Data::String(_), Data::Float(step)) => Some(*step),
        _ => None,
    });
    let steps: Vec<f64> = steps.collect();
    assert!(steps.len() >= 3, "{steps:?}");
    let npv = told.case.figures[&OutcomeName::Npv];
    assert!((steps.iter().sum::<f64>() - npv).abs() < 1e-6, "{steps:?}");
}

#[test]
fn a_future_without_a_figure_says_why() {
    let sheets = sheets(Told::new(SCENARIO).write(None).unwrap());
    let shown = [4, 5, 6].map(|row| text(&sheets["Futures"], row, 3));
    assert_eq!(shown, ["nothing to pay back", "7", "never"]);
}

#[test]
fn too_few_futures_have_no_tornado() {
    let sheets = sheets(Told::new(SCENARIO).write(None).unwrap());
    assert!(text(&sheets["Tornado"], 4, 0).contains("too few"));
}

#[test]
fn a_sheet_that_would_tell_another_figure_is_not_written() {
    let mut told = Told::new(SCENARIO);
    *told.case.figures.get_mut(&OutcomeName::Npv).unwrap() += 0.01;
    let refused = told.write(None);
    assert!(matches!(refused, Err(WorkbookError::DoesNotTie { .. })));
}

#[test]
fn a_run_without_costs_and_inputs_has_a_workbook() {
    let (before, _) = SCENARIO.split_once("costs =").unwrap();
    let certain = before.replace("\"0.01 to 0.03\"", "0.02");
    let told = Told::new(&certain);
    let sheets = sheets(told.write(Some(&told.swings)).unwrap());
    let summary = &sheets["Summary"];
    let payback = summary.rows().rev().find(|row| row[0] == "Payback, month");
    assert_eq!(payback.unwrap()[1].to_string(), "nothing to pay back");
}
