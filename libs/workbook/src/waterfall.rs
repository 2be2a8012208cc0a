//! The sheet of the waterfall: from what each line brings to what each cost takes, in present values, to the NPV.

use keepworth_contract::simulator::OutcomeName;
use rust_xlsxwriter::utility::{cell_range_absolute, row_col_to_cell};
use rust_xlsxwriter::{
    Chart, ChartAxisLabelPosition, ChartFormat, ChartLine, ChartSolidFill, ChartType, Color,
    Worksheet, XlsxError,
};

use crate::Made;
use crate::benefits;
use crate::cash_flow;
use crate::figure::Figure;
use crate::names::Names;
use crate::page::Page;
use crate::reckoning::{Column, months};
use crate::style::{GRID, HIGH, Look};
use crate::words;

/// Its name.
const SHEET: &str = "Waterfall";
/// The row of the first step.
const FIRST_ROW: u32 = 6;
/// What is taken off.
const DOWN: u32 = 0xB4_51_1F;

const NOTES: [&str; 2] = [
    "Formulas: the case of the sheet Cash flow in present values, step by step from nothing to the NPV. It follows the inputs.",
    "Columns right of the sums place the bars of the chart: what lies above zero and what below stand on grounds of their own.",
];

/// A step: what it is, and what it adds.
struct Step {
    title: String,
    formula: String,
    comes_to: f64,
}

/// The sheet.
pub(crate) fn sheet(made: Made<'_>, names: &mut Names) -> Result<Worksheet, XlsxError> {
    let mut page = Page::new(SHEET, made.style)?;
    page.widths(&[34.0, 18.0, 18.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0])?;
    page.title(&format!("{SHEET}, {}", made.contents.case.currency), &NOTES)?;
    let heads = [
        "Step",
        "Present value",
        "Sum so far",
        "Ground above 0",
        "More, above 0",
        "Less, above 0",
        "Ground below 0",
        "More, below 0",
        "Less, below 0",
    ];
    page.fixed_heads(FIRST_ROW - 1, &heads)?;
    let steps = steps(made);
    let mut sum = 0.0;
    for (row, step) in (FIRST_ROW..).zip(&steps) {
        let before = sum;
        sum += step.comes_to;
        page.text(row, 0, &step.title, Look::Text)?;
        page.formula(
            row,
            1,
            &step.formula,
            Figure::Number(step.comes_to),
            Look::Money,
        )?;
        let so_far = match row {
            FIRST_ROW => format!("={}", row_col_to_cell(row, 1)),
            _ => format!(
                "={}+{}",
                row_col_to_cell(row - 1, 2),
                row_col_to_cell(row, 1)
            ),
        };
        page.formula(row, 2, &so_far, Figure::Number(sum), Look::Money)?;
        bars(&mut page, row, [before, sum])?;
    }
    let last = FIRST_ROW + steps.len() as u32 - 1;
    total(&mut page, last + 1, sum, names)?;
    page.sheet
        .insert_chart(last + 4, 0, &chart(made, last + 1))?;
    Ok(page.sheet)
}

/// What brings and what takes, in the order of the cash flow.
fn steps(made: Made<'_>) -> Vec<Step> {
    let case = made.contents.case;
    let all = months(case);
    let last = benefits::FIRST_ROW + all.saturating_sub(1) as u32;
    let worth = |amounts: &[f64]| present(made, amounts);
    let mut steps: Vec<Step> = Vec::new();
    // What the engine computed stays nothing where it is nothing; a cost may be booked otherwise in the sheet.
    let benefits = case.benefits.iter();
    for (line, amounts) in benefits.filter(|(_, amounts)| amounts.iter().any(|it| *it != 0.0)) {
        let column = benefits::column_of(made, *line);
        let cells = cell_range_absolute(benefits::FIRST_ROW, column, last, column);
        let cells = format!("{}!{cells}", benefits::SHEET);
        steps.push(Step {
            title: words::line(*line).to_owned(),
            formula: format!("=benefit_in_force*{}", discounted(made, &cells)),
            comes_to: worth(amounts),
        });
    }
    for (column, title, sign) in [
        (Column::Operating, "programme, operating", -1.0),
        (Column::Capital, "programme, capital", -1.0),
        (Column::Tax, "tax", -1.0),
        (Column::Receivables, "receivables", 1.0),
    ] {
        let amounts = made.reckoning.of(column);
        if let Some(cells) = cash_flow::months_of(made, column) {
            let minus = if sign < 0.0 { "-" } else { "" };
            steps.push(Step {
                title: title.to_owned(),
                formula: format!("={minus}{}", discounted(made, &cells)),
                comes_to: sign * worth(amounts),
            });
        }
    }
    let beyond = case.figures.get(&OutcomeName::TerminalValue);
    if let Some(beyond) = beyond.filter(|it| **it != 0.0) {
        steps.push(Step {
            title: "beyond the horizon".to_owned(),
            formula: "=sheet_beyond".to_owned(),
            comes_to: *beyond,
        });
    }
    steps
}

/// The present value of amounts by month, as a formula.
fn discounted(made: Made<'_>, cells: &str) -> String {
    let deflated = match made.contents.case.deflator {
        Some(_) => ",flow_deflator",
        None => "",
    };
    format!("SUMPRODUCT({cells},flow_factor{deflated})")
}

/// The same, as a number.
fn present(made: Made<'_>, amounts: &[f64]) -> f64 {
    let worth = |(month, amount): (usize, &f64)| {
        let deflator = made.contents.case.deflator.as_ref();
        let deflator = deflator.map_or(1.0, |it| it[month]);
        amount * made.reckoning.at(Column::Factor, month) * deflator
    };
    amounts.iter().enumerate().map(worth).sum()
}

/// Where the bar of a step stands: from the sum before to the sum after, what is above zero apart from what is below.
fn bars(page: &mut Page<'_>, row: u32, [before, after]: [f64; 2]) -> Result<(), XlsxError> {
    let now = row_col_to_cell(row, 2);
    let first = match row {
        FIRST_ROW => "0".to_owned(),
        _ => row_col_to_cell(row - 1, 2),
    };
    let (low, high) = (before.min(after), before.max(after));
    let (is_more, is_less) = (f64::from(after >= before), f64::from(after < before));
    let [above, below] = [[low.max(0.0), high.max(0.0)], [high.min(0.0), low.min(0.0)]];
    let from = [format!("MIN({first},{now})"), format!("MAX({first},{now})")];
    let ends = [
        [format!("MAX(0,{})", from[0]), format!("MAX(0,{})", from[1])],
        [format!("MIN(0,{})", from[1]), format!("MIN(0,{})", from[0])],
    ];
    for (column, ([ground, end], [base, tip])) in
        [3, 6].into_iter().zip(ends.iter().zip([above, below]))
    {
        let ground_formula = format!("={ground}");
        page.formula(
            row,
            column,
            &ground_formula,
            Figure::Number(base),
            Look::Money,
        )?;
        for (beside, test, holds) in [(1, ">=", is_more), (2, "<", is_less)] {
            let formula = format!("=IF({now}{test}{first},{end}-{ground},0)");
            let comes_to = Figure::Number(holds * (tip - base));
            page.formula(row, column + beside, &formula, comes_to, Look::Money)?;
        }
    }
    Ok(())
}

/// What all steps come to, and whether that is the NPV.
fn total(page: &mut Page<'_>, row: u32, sum: f64, names: &mut Names) -> Result<(), XlsxError> {
    let before = row_col_to_cell(row - 1, 2);
    page.text(row, 0, "NPV of the case", Look::Text)?;
    page.formula(
        row,
        2,
        &format!("={before}"),
        Figure::Number(sum),
        Look::MainMoney,
    )?;
    names.cell("waterfall_npv", SHEET, row, 2);
    for (column, formula, part) in [
        (4, "=MAX(0,waterfall_npv)", sum.max(0.0)),
        (7, "=MIN(0,waterfall_npv)", sum.min(0.0)),
    ] {
        page.formula(row, column, formula, Figure::Number(part), Look::Money)?;
    }
    page.text(row + 1, 0, "Steps and NPV", Look::Text)?;
    let agree = "=IF(ABS(waterfall_npv-sheet_npv)<=0.005,\"agree\",\"do not agree\")";
    page.formula(row + 1, 2, agree, Figure::Word("agree"), Look::MainWord)?;
    names.cell("waterfall_status", SHEET, row + 1, 2);
    Ok(())
}

fn chart(made: Made<'_>, last: u32) -> Chart {
    let mut chart = Chart::new(ChartType::ColumnStacked);
    let looks = [
        (3, None),
        (4, Some(HIGH)),
        (5, Some(Color::RGB(DOWN))),
        (6, None),
        (7, Some(HIGH)),
        (8, Some(Color::RGB(DOWN))),
    ];
    for (column, color) in looks {
        let mut format = ChartFormat::new();
        match color {
            Some(color) => format.set_solid_fill(ChartSolidFill::new().set_color(color)),
            None => format.set_no_fill(),
        };
        chart
            .add_series()
            .set_name((SHEET, FIRST_ROW - 1, column))
            .set_categories((SHEET, FIRST_ROW, 0, last, 0))
            .set_values((SHEET, FIRST_ROW, column, last, column))
            .set_overlap(100)
            .set_gap(40)
            .set_format(&mut format);
    }
    chart
        .title()
        .set_name("From nothing to the NPV, present values");
    chart.legend().set_hidden();
    chart
        .x_axis()
        .set_label_position(ChartAxisLabelPosition::Low);
    chart
        .y_axis()
        .set_num_format(made.style.of_axis())
        .set_major_gridlines_line(ChartLine::new().set_color(GRID));
    chart.set_width(1000).set_height(400).set_alt_text(
        "What each line brings and each cost takes, in present values, up to the NPV",
    );
    chart
}
