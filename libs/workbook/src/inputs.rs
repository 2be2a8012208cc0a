//! The sheet of inputs: those of the case, which may be changed, and all that is uncertain.

use keepworth_contract::simulator::{Case, CaseCost, OutcomeName};
use rust_xlsxwriter::utility::cell_range;
use rust_xlsxwriter::{DataValidation, DataValidationRule, Worksheet, XlsxError};

use crate::Made;
use crate::figure::Figure;
use crate::names::{self, Names};
use crate::page::Page;
use crate::style::Look;
use crate::words;

/// Its name.
pub(crate) const SHEET: &str = "Inputs";

/// The case that the engine computed.
pub(crate) const AS_COMPUTED: &str = "Every input at its median";
/// The case in which costs are as planned and nothing comes of them.
pub(crate) const NOTHING_TRUE: &str = "Nothing comes true";
/// A cost that is not capital.
pub(crate) const OPERATING: &str = "operating";
/// Capital expenditure.
pub(crate) const CAPITAL: &str = "capital";

/// Largest amount that may be typed.
const LARGEST: f64 = 1e15;
/// Last month that may be typed.
const LAST_MONTH: i32 = 1200;

/// Where the value of a setting, or the amount of a cost, stands; what was exported stands right of it.
const VALUE: u16 = 2;

const NOTES: [&str; 2] = [
    "What is blue on cream may be changed: cash flow, NPV, IRR and payback follow. Right of it stands what was exported.",
    "Benefits do not follow other inputs, because they are not linear in them: they are the engine's, scaled by the part that comes true.",
];

/// A setting that may be changed.
struct Setting {
    title: &'static str,
    name: &'static str,
    unit: &'static str,
    value: Figure,
    look: Look,
    allowed: Allowed,
    meaning: &'static str,
}

/// What may be typed.
#[derive(Clone, Copy)]
enum Allowed {
    Between(f64, f64),
    Whole(i32, i32),
    Words([&'static str; 2]),
}

impl Allowed {
    fn rule(self) -> Result<DataValidation, XlsxError> {
        let rule = DataValidation::new();
        let (rule, message) = match self {
            Self::Between(low, high) => (
                rule.allow_decimal_number(DataValidationRule::Between(low, high)),
                format!("Give a number from {low} to {high}."),
            ),
            Self::Whole(low, high) => (
                rule.allow_whole_number(DataValidationRule::Between(low, high)),
                format!("Give a whole number from {low} to {high}."),
            ),
            Self::Words(words) => (
                rule.allow_list_strings(&words)?,
                format!("Choose \"{}\" or \"{}\".", words[0], words[1]),
            ),
        };
        rule.set_error_message(message)
    }
}

/// The sheet.
pub(crate) fn sheet(made: Made<'_>, names: &mut Names) -> Result<Worksheet, XlsxError> {
    let case = made.contents.case;
    let mut page = Page::new(SHEET, made.style)?;
    page.widths(&[
        44.0, 14.0, 26.0, 26.0, 12.0, 12.0, 12.0, 12.0, 12.0, 12.0, 44.0,
    ])?;
    page.title(SHEET, &NOTES)?;
    page.sheet.set_repeat_rows(0, 0)?;
    page.sheet.protect();
    let settings = settings(case);
    let first = 5;
    write_settings(&mut page, names, first, &settings)?;
    let after = first + settings.len() as u32;
    write_search(&mut page, names, after, case)?;
    let costs = after + 7;
    write_costs(&mut page, names, costs, case)?;
    let changed = changed(first, settings.len(), costs, case.costs.len());
    page.text(3, 0, "Inputs changed since export", Look::Text)?;
    page.formula(3, VALUE, &changed, Figure::Number(0.0), Look::Whole)?;
    names.cell("inputs_changed", SHEET, 3, VALUE);
    let uncertain = costs + case.costs.len() as u32 + 3;
    write_uncertain(&mut page, names, uncertain, case)?;
    Ok(page.sheet)
}

fn settings(case: &Case) -> Vec<Setting> {
    let mut settings = vec![
        Setting {
            title: "Case",
            name: "chosen_case",
            unit: "",
            value: Figure::Word(AS_COMPUTED),
            look: Look::LiveWord,
            allowed: Allowed::Words([AS_COMPUTED, NOTHING_TRUE]),
            meaning: "where nothing comes true, costs stay as planned, also those that a gate or a stopping rule would end",
        },
        Setting {
            title: "Part of the benefit that comes true",
            name: "benefit_part",
            unit: "share",
            value: Figure::Number(1.0),
            look: Look::LivePercent,
            allowed: Allowed::Between(0.0, 10.0),
            meaning: "scales the engine's benefit of every month alike",
        },
        Setting {
            title: "Discount rate",
            name: "discount_rate",
            unit: "a year",
            value: Figure::Number(case.discount_rate),
            look: Look::LivePercent,
            allowed: Allowed::Between(-0.9, 10.0),
            meaning: "annual; the convention of months is said under Definitions",
        },
    ];
    if case.tax_rate > 0.0 {
        settings.extend(of_tax(case));
    }
    settings.extend(case.receivable_months.map(|months| Setting {
        title: "Revenue that customers owe",
        name: "receivable_months",
        unit: "months",
        value: Figure::Number(months),
        look: Look::LiveNumber,
        allowed: Allowed::Between(0.0, 120.0),
        meaning: "of the revenue that is more than as things are; it comes back at the horizon",
    }));
    settings
}

fn of_tax(case: &Case) -> [Setting; 2] {
    [
        Setting {
            title: "Tax rate",
            name: "tax_rate",
            unit: "share",
            value: Figure::Number(case.tax_rate),
            look: Look::LivePercent,
            allowed: Allowed::Between(0.0, 1.0),
            meaning: "on what the programme adds to profit",
        },
        Setting {
            title: "Depreciation of capital",
            name: "depreciation_months",
            unit: "months",
            value: Figure::Number(case.depreciation_months as f64),
            look: Look::LiveWhole,
            allowed: Allowed::Whole(1, LAST_MONTH),
            meaning: "in a straight line from the month after; what is left is written off at the horizon",
        },
    ]
}

fn write_settings(
    page: &mut Page<'_>,
    names: &mut Names,
    first: u32,
    settings: &[Setting],
) -> Result<(), XlsxError> {
    let heads = ["Setting", "Unit", "Value", "As exported", "What it is"];
    page.heads(first - 1, &heads, Look::Head)?;
    for (row, setting) in (first..).zip(settings) {
        page.text(row, 0, setting.title, Look::Text)?;
        page.text(row, 1, setting.unit, Look::Text)?;
        live(
            page,
            row,
            VALUE,
            setting.value,
            setting.look,
            setting.allowed,
        )?;
        page.text(row, VALUE + 2, setting.meaning, Look::Note)?;
        names.cell(setting.name, SHEET, row, VALUE);
    }
    Ok(())
}

/// A cell that may be changed, with what was exported right of it.
fn live(
    page: &mut Page<'_>,
    row: u32,
    column: u16,
    value: Figure,
    look: Look,
    allowed: Allowed,
) -> Result<(), XlsxError> {
    let exported = match look {
        Look::LiveMoney => Look::Cents,
        Look::LivePercent => Look::Percent,
        Look::LiveWhole => Look::Whole,
        Look::LiveNumber => Look::Number,
        _ => Look::Text,
    };
    for (column, look) in [(column, look), (column + 1, exported)] {
        match value {
            Figure::Number(number) => page.number(row, column, number, look)?,
            Figure::Word(word) => page.text(row, column, word, look)?,
        }
    }
    let rule = allowed.rule()?;
    page.sheet
        .add_data_validation(row, column, row, column, &rule)?;
    Ok(())
}

/// What the formulas need besides: the part of the benefit in force, and how a rate of return is looked for.
fn write_search(
    page: &mut Page<'_>,
    names: &mut Names,
    first: u32,
    case: &Case,
) -> Result<(), XlsxError> {
    let part = format!("=IF(chosen_case=\"{NOTHING_TRUE}\",0,benefit_part)");
    page.text(first, 0, "Part of the benefit in force", Look::Text)?;
    page.text(first, 1, "share", Look::Text)?;
    page.formula(first, VALUE, &part, Figure::Number(1.0), Look::Percent)?;
    names.cell("benefit_in_force", SHEET, first, VALUE);
    let (start_row, lowest_row) = (first + 1, first + 2);
    page.text(
        start_row,
        0,
        "Where the search for the IRR starts",
        Look::Text,
    )?;
    page.text(start_row, 1, "a month", Look::Text)?;
    let start = Figure::Number(start(case));
    let allowed = Allowed::Between(-0.2, 1.0);
    live(page, start_row, VALUE, start, Look::LivePercent, allowed)?;
    names.cell("irr_start", SHEET, start_row, VALUE);
    page.text(lowest_row, 0, "Lowest IRR that is looked for", Look::Text)?;
    page.text(lowest_row, 1, "a year", Look::Text)?;
    page.number(lowest_row, VALUE, LOWEST_IRR, Look::Percent)?;
    names.cell("irr_lowest", SHEET, lowest_row, VALUE);
    Ok(())
}

/// As low as the engine looks.
const LOWEST_IRR: f64 = -0.93;

/// Near the engine's rate, a month, to a thousandth; one in a hundred where it found none.
fn start(case: &Case) -> f64 {
    let irr = case.figures.get(&OutcomeName::IrrAnnual).copied();
    let found = irr.filter(|irr| *irr > -1.0 && !case.several_irr);
    found.map_or(0.01, |irr| {
        let monthly = (1.0 + irr).powf(1.0 / 12.0) - 1.0;
        (1000.0 * monthly).round() / 1000.0
    })
}

/// The names of the cells of a cost line, by its number from 0.
pub(crate) fn of_cost(number: usize, what: &str) -> String {
    format!("cost_{}_{what}", number + 1)
}

fn write_costs(
    page: &mut Page<'_>,
    names: &mut Names,
    first: u32,
    case: &Case,
) -> Result<(), XlsxError> {
    page.text(first - 2, 0, "Cost lines", Look::Section)?;
    let heads = [
        "Line",
        "Currency",
        "Amount",
        "As exported",
        "First month",
        "As exported",
        "Months",
        "As exported",
        "Booked as",
        "As exported",
        "Uncertain input that the amount is the median of",
    ];
    page.heads(first - 1, &heads, Look::Head)?;
    for (number, cost) in case.costs.iter().enumerate() {
        let row = first + number as u32;
        write_cost(page, row, cost, &case.currency)?;
        let cells = [("amount", 2), ("first", 4), ("months", 6), ("booked", 8)];
        for (what, column) in cells {
            names.cell(of_cost(number, what), SHEET, row, column);
        }
    }
    Ok(())
}

fn write_cost(
    page: &mut Page<'_>,
    row: u32,
    cost: &CaseCost,
    currency: &str,
) -> Result<(), XlsxError> {
    let title = format!("{}: {}", cost.initiative, words::line(cost.line));
    let currency = cost.currency.as_deref().unwrap_or(currency);
    page.text(row, 0, &title, Look::Text)?;
    page.text(row, 1, currency, Look::Text)?;
    let count = |it: usize| Figure::Number(it as f64);
    let months = Allowed::Whole(0, LAST_MONTH);
    let booked = if cost.capital { CAPITAL } else { OPERATING };
    let cells = [
        (
            Figure::Number(cost.amount),
            Look::LiveMoney,
            Allowed::Between(-LARGEST, LARGEST),
        ),
        (count(cost.first_month), Look::LiveWhole, months),
        (count(cost.months), Look::LiveWhole, months),
        (
            Figure::Word(booked),
            Look::LiveWord,
            Allowed::Words([OPERATING, CAPITAL]),
        ),
    ];
    for (column, (value, look, allowed)) in (VALUE..).step_by(2).zip(cells) {
        live(page, row, column, value, look, allowed)?;
    }
    page.text(row, 10, cost.input.as_deref().unwrap_or(""), Look::Note)
}

/// How many cells that may be changed are not what was exported.
fn changed(settings: u32, of_settings: usize, costs: u32, of_costs: usize) -> String {
    let pair = |first: u32, count: usize, column: u16| {
        let last = first + count as u32 - 1;
        let cells = |column| cell_range(first, column, last, column);
        format!("SUMPRODUCT(--({}<>{}))", cells(column), cells(column + 1))
    };
    let mut pairs = vec![pair(settings, of_settings, VALUE)];
    if of_costs > 0 {
        pairs.extend([2, 4, 6, 8].map(|column| pair(costs, of_costs, column)));
    }
    format!("={}", pairs.join("+"))
}

fn write_uncertain(
    page: &mut Page<'_>,
    names: &mut Names,
    first: u32,
    case: &Case,
) -> Result<(), XlsxError> {
    let title = "Uncertain inputs (values: the engine drew them, the sheet does not follow them)";
    page.text(first - 2, 0, title, Look::Section)?;
    let heads = [
        "Input", "Unit", "Median", "Shape", "P10", "P90", "Grade", "Source",
    ];
    page.heads(first - 1, &heads, Look::Head)?;
    for (index, input) in case.inputs.iter().enumerate() {
        let row = first + index as u32;
        page.text(row, 0, &input.name, Look::Text)?;
        page.text(row, 1, &input.unit, Look::Text)?;
        page.number(row, VALUE, input.p50, Look::Number)?;
        page.text(row, 3, &input.shape, Look::Text)?;
        page.number(row, 4, input.p10, Look::Number)?;
        page.number(row, 5, input.p90, Look::Number)?;
        page.text(row, 6, input.grade.map_or("", words::grade), Look::Text)?;
        page.text(row, 7, &input.note, Look::Note)?;
        names.cell(names::of_input(index, &input.name), SHEET, row, VALUE);
    }
    Ok(())
}
