//! The first sheet: what was found, how sure it is, and the case in live figures beside the engine's.

use keepworth_contract::simulator::{Estimate, OutcomeName, Statistics};
use rust_xlsxwriter::utility::{cell_range, row_col_to_cell};
use rust_xlsxwriter::{Worksheet, XlsxError};

use crate::Made;
use crate::cash_flow::last_sum;
use crate::figure::{self, Figure, NEVER, NONE, NOTHING};
use crate::inputs::AS_COMPUTED;
use crate::names::Names;
use crate::page::Page;
use crate::reckoning::{Column, months};
use crate::style::Look;

/// Its name.
const SHEET: &str = "Summary";

/// Money differs where it does by half a cent; a rate by a billionth; a month is whole.
const TOLERANCES: [f64; 3] = [0.005, 1e-9, 0.0];

/// Outcomes that are told over futures.
const SIMULATED: [OutcomeName; 8] = [
    OutcomeName::Npv,
    OutcomeName::Roi,
    OutcomeName::IrrAnnual,
    OutcomeName::PaybackMonth,
    OutcomeName::PeakFunding,
    OutcomeName::PvCosts,
    OutcomeName::CustomersKept,
    OutcomeName::TerminalValue,
];

/// A figure of the case that the sheet works out.
struct Check {
    outcome: OutcomeName,
    /// What formulas call the sheet's figure.
    name: &'static str,
    formula: String,
    look: Look,
    tolerance: f64,
}

/// The sheet.
pub(crate) fn sheet(made: Made<'_>, names: &mut Names) -> Result<Worksheet, XlsxError> {
    let result = made.contents.result;
    let mut page = Page::new(SHEET, made.style)?;
    page.widths(&[40.0, 22.0, 22.0, 22.0, 22.0, 22.0])?;
    page.text(0, 0, &result.scenario, Look::Title)?;
    page.sheet.set_repeat_rows(0, 0)?;
    page.sheet.set_print_fit_to_pages(1, 1);
    decision(&mut page, made.contents.decision)?;
    let next = simulated(&mut page, made, 4)?;
    let next = chances(&mut page, made, next + 1)?;
    case(&mut page, made, names, next + 2)?;
    Ok(page.sheet)
}

/// The verdict, over the width of the sheet.
fn decision(page: &mut Page<'_>, words: &str) -> Result<(), XlsxError> {
    page.text_across(2, [0, 5], words, Look::Prose)?;
    page.sheet.set_row_height(2, 48)?;
    Ok(())
}

fn simulated(page: &mut Page<'_>, made: Made<'_>, first: u32) -> Result<u32, XlsxError> {
    let result = made.contents.result;
    let title = format!(
        "Simulated: {} futures (values; they do not follow the inputs)",
        result.trials
    );
    page.text(first, 0, &title, Look::Section)?;
    let heads = [
        "Figure",
        "5 in 100 below",
        "Median",
        "5 in 100 above",
        "Mean",
        "± Monte Carlo error of the mean",
    ];
    page.heads(first + 1, &heads, Look::NumberHead)?;
    let mut row = first + 2;
    for outcome in SIMULATED {
        if let Some(found) = result.outcomes.get(&outcome) {
            statistics(page, row, outcome, found)?;
            row += 1;
        }
    }
    Ok(row)
}

fn statistics(
    page: &mut Page<'_>,
    row: u32,
    outcome: OutcomeName,
    found: &Statistics,
) -> Result<(), XlsxError> {
    let look = figure::look(outcome);
    page.text(row, 0, figure::title(outcome), Look::Text)?;
    for (column, level) in (1..).zip([found.p5, found.p50, found.p95]) {
        page.figure(row, column, level.into(), look)?;
    }
    for (column, value) in [(4, found.mean), (5, found.mc_error.mean)] {
        match value {
            Some(value) => page.number(row, column, value, look)?,
            None => page.text(row, column, "no mean", Look::Word)?,
        }
    }
    Ok(())
}

fn chances(page: &mut Page<'_>, made: Made<'_>, first: u32) -> Result<u32, XlsxError> {
    let result = made.contents.result;
    page.heads(
        first,
        &["Chance", "Share of futures", "± Monte Carlo error"],
        Look::NumberHead,
    )?;
    let shares = &result.probabilities;
    let chances: [(&str, Estimate, Look); 4] = [
        ("Loses money", shares.npv_negative, Look::Percent),
        (
            "Not paid back within the horizon",
            shares.no_payback,
            Look::Percent,
        ),
        (
            "No rate of return, or several",
            both(shares.no_irr, shares.several_irr),
            Look::Percent,
        ),
        ("Mean NPV of the worst 5%", result.cvar5, Look::Money),
    ];
    let mut row = first + 1;
    for (title, chance, look) in chances {
        page.text(row, 0, title, Look::Text)?;
        page.number(row, 1, chance.value, look)?;
        page.number(row, 2, chance.mc_error, look)?;
        row += 1;
    }
    Ok(row)
}

/// Either of two things that exclude each other; the error at most.
fn both(one: Estimate, other: Estimate) -> Estimate {
    Estimate {
        value: one.value + other.value,
        mc_error: one.mc_error + other.mc_error,
    }
}

/// The case: the sheet's figures, the engine's, and the difference.
fn case(
    page: &mut Page<'_>,
    made: Made<'_>,
    names: &mut Names,
    first: u32,
) -> Result<(), XlsxError> {
    let title = "One case in live formulas: it follows the inputs, and is neither the mean nor the median of the futures";
    page.text(first, 0, title, Look::Section)?;
    page.text(first + 1, 0, "Case", Look::Text)?;
    let computed = Figure::Word(AS_COMPUTED);
    page.formula(first + 1, 1, "=chosen_case", computed, Look::Word)?;
    page.text(first + 2, 0, "Sheet and engine", Look::Text)?;
    names.cell("check_status", SHEET, first + 2, 1);
    let heads = [
        "Figure",
        "This sheet",
        "Engine at export",
        "Engine − sheet",
        "May differ by",
        "Agrees",
    ];
    page.heads(first + 4, &heads, Look::NumberHead)?;
    let checks = checks(made, first + 5);
    for (row, check) in (first + 5..).zip(&checks) {
        write_check(page, made, row, check)?;
        names.cell(check.name, SHEET, row, 1);
        names.cell(check.name.replace("sheet", "engine"), SHEET, row, 2);
        names.cell(check.name.replace("sheet", "check"), SHEET, row, 3);
    }
    let last = first + 4 + checks.len() as u32;
    let agreed = cell_range(first + 5, 5, last, 5);
    let status = format!(
        "=IF(inputs_changed>0,\"{CHANGED}\",IF(COUNTIF({agreed},\"no\")=0,\"{AGREE}\",\"Sheet and engine do not agree\"))"
    );
    page.formula(first + 2, 1, &status, Figure::Word(AGREE), Look::MainWord)
}

const AGREE: &str = "Sheet and engine agree";
const CHANGED: &str = "Inputs changed since export";

/// The figures of the case, from a row on.
fn checks(made: Made<'_>, first: u32) -> Vec<Check> {
    let [money, rate, month] = TOLERANCES;
    let beyond = row_col_to_cell(first + 1, 2);
    let check = |outcome, name, formula: String, look, tolerance| Check {
        outcome,
        name,
        formula: format!("={formula}"),
        look,
        tolerance,
    };
    let ratio = "IF(sheet_pv_costs>0,sheet_npv/sheet_pv_costs,0)".to_owned();
    let [plain, discounted] = [Column::Cumulative, Column::CumulativePresent];
    vec![
        check(
            OutcomeName::Npv,
            "sheet_npv",
            "SUM(flow_present)+sheet_beyond".to_owned(),
            Look::MainMoney,
            money,
        ),
        check(
            OutcomeName::TerminalValue,
            "sheet_beyond",
            format!("{beyond}*benefit_in_force"),
            Look::Cents,
            money,
        ),
        check(
            OutcomeName::PvCosts,
            "sheet_pv_costs",
            pv_costs(made),
            Look::Cents,
            money,
        ),
        check(OutcomeName::Roi, "sheet_roi", ratio, Look::Percent, rate),
        check(
            OutcomeName::IrrAnnual,
            "sheet_irr",
            irr(made),
            Look::Percent,
            rate,
        ),
        check(
            OutcomeName::PaybackMonth,
            "sheet_payback",
            payback("flow_cumulative", &last_sum(made, plain)),
            Look::Whole,
            month,
        ),
        check(
            OutcomeName::DiscountedPaybackMonth,
            "sheet_discounted_payback",
            payback("flow_cumulative_present", &last_sum(made, discounted)),
            Look::Whole,
            month,
        ),
        check(
            OutcomeName::PeakFunding,
            "sheet_peak_funding",
            "-MIN(0,MIN(flow_cumulative))".to_owned(),
            Look::Cents,
            money,
        ),
    ]
}

fn pv_costs(made: Made<'_>) -> String {
    let deflated = match made.contents.case.deflator {
        Some(_) => ",flow_deflator",
        None => "",
    };
    format!(
        "SUMPRODUCT(flow_operating,flow_factor{deflated})+SUMPRODUCT(flow_capital,flow_factor{deflated})"
    )
}

/// The month after the last one whose sum is negative.
fn payback(sums: &str, last: &str) -> String {
    let after = format!("SUMPRODUCT(MAX(({sums}<0)*(flow_month+1)))");
    format!("IF({last}<0,\"{NEVER}\",IF(COUNTIF({sums},\"<0\")=0,\"{NOTHING}\",{after}))")
}

/// The root above the lowest rate. No formula counts roots: where the engine found none or several, that stands until an
/// input is changed.
fn irr(made: Made<'_>) -> String {
    let rate = "((1+IRR(flow_net,irr_start))^12-1)";
    let found = format!("IFERROR(IF({rate}<=irr_lowest,\"{NONE}\",{rate}),\"{NONE}\")");
    let one_sign = "OR(MIN(flow_net)>=0,MAX(flow_net)<=0)";
    let formula = format!("IF({one_sign},\"{NONE}\",{found})");
    match of_case(made, OutcomeName::IrrAnnual) {
        Figure::Number(_) => formula,
        Figure::Word(word) => format!("IF(inputs_changed=0,\"{word}\",{formula})"),
    }
}

/// The engine's figure of the case.
fn of_case(made: Made<'_>, outcome: OutcomeName) -> Figure {
    let case = made.contents.case;
    let value = case.figures.get(&outcome).copied().unwrap_or(0.0);
    let horizon = months(case).saturating_sub(1);
    Figure::of(outcome, value, horizon, case.several_irr)
}

fn write_check(
    page: &mut Page<'_>,
    made: Made<'_>,
    row: u32,
    check: &Check,
) -> Result<(), XlsxError> {
    let engine = of_case(made, check.outcome);
    let [sheet, of_engine, difference, tolerance] =
        [1, 2, 3, 4].map(|column| row_col_to_cell(row, column));
    page.text(row, 0, figure::title(check.outcome), Look::Text)?;
    page.formula(row, 1, &check.formula, engine, check.look)?;
    page.figure(row, 2, engine, check.look)?;
    let less = format!(
        "=IF(AND(ISNUMBER({sheet}),ISNUMBER({of_engine})),{of_engine}-{sheet},IF({sheet}={of_engine},0,\"other\"))"
    );
    page.formula(row, 3, &less, Figure::Number(0.0), Look::Factor)?;
    page.number(row, 4, check.tolerance, Look::Fine)?;
    let agrees = format!(
        "=IF(ISNUMBER({difference}),IF(ABS({difference})<={tolerance},\"yes\",\"no\"),\"no\")"
    );
    page.formula(row, 5, &agrees, Figure::Word("yes"), Look::Word)
}
