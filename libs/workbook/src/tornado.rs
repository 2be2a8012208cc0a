//! The sheet of the tornado: how far the mean NPV swings with each uncertain input.

use keepworth_contract::simulator::{InputSwing, OutcomeName};
use rust_xlsxwriter::utility::row_col_to_cell;
use rust_xlsxwriter::{
    Chart, ChartAxisLabelPosition, ChartFormat, ChartLegendPosition, ChartLine, ChartSolidFill,
    ChartType, Worksheet, XlsxError,
};

use crate::Made;
use crate::figure::Figure;
use crate::names::Names;
use crate::page::Page;
use crate::style::{GRID, HIGH, LOW, Look};

/// Its name.
const SHEET: &str = "Tornado";
/// The first row of the table.
const FIRST_ROW: u32 = 7;
/// Inputs that the chart shows: those with the widest swings.
const SHOWN: usize = 12;
/// Columns of the differences from the mean.
const LESS: [u16; 2] = [5, 6];

const NOTES: [&str; 2] = [
    "Values: the mean NPV of the futures in which an input lies around its 10th, and around its 90th percentile; all others are free.",
    "Differences from the mean NPV are formulas. An input that correlates with others moves along with them.",
];

/// The sheet.
pub(crate) fn sheet(made: Made<'_>, names: &mut Names) -> Result<Worksheet, XlsxError> {
    let mut page = Page::new(SHEET, made.style)?;
    page.widths(&[44.0, 14.0, 14.0, 18.0, 18.0, 18.0, 18.0, 18.0, 18.0])?;
    page.title(&format!("{SHEET}, {}", made.contents.case.currency), &NOTES)?;
    let Some(swings) = made.contents.swings else {
        let few = "The futures are too few to tell how far the result swings with an input; simulate more.";
        page.text(4, 0, few, Look::Text)?;
        return Ok(page.sheet);
    };
    let mean = mean(made);
    page.text(4, 0, "Mean NPV", Look::Text)?;
    page.number(4, 1, mean, Look::Money)?;
    names.cell("mean_npv", SHEET, 4, 1);
    let heads = [
        "Input",
        "P10",
        "P90",
        "Mean NPV at P10",
        "Mean NPV at P90",
        "Less the mean, at P10",
        "Less the mean, at P90",
        "± at P10",
        "± at P90",
    ];
    page.fixed_heads(FIRST_ROW - 1, &heads)?;
    for (row, swing) in (FIRST_ROW..).zip(swings) {
        write_swing(&mut page, row, swing, mean)?;
    }
    if !swings.is_empty() {
        let chart = chart(made, swings.len().min(SHOWN));
        page.sheet
            .insert_chart(FIRST_ROW + swings.len() as u32 + 1, 0, &chart)?;
    }
    Ok(page.sheet)
}

fn mean(made: Made<'_>) -> f64 {
    let npv = made.contents.result.outcomes.get(&OutcomeName::Npv);
    npv.and_then(|it| it.mean).unwrap_or(0.0)
}

fn write_swing(
    page: &mut Page<'_>,
    row: u32,
    swing: &InputSwing,
    mean: f64,
) -> Result<(), XlsxError> {
    page.text(row, 0, &swing.input, Look::Text)?;
    page.number(row, 1, swing.p10, Look::Number)?;
    page.number(row, 2, swing.p90, Look::Number)?;
    for (place, at) in [swing.at_p10, swing.at_p90].into_iter().enumerate() {
        let column = 3 + place as u16;
        page.number(row, column, at.value, Look::Money)?;
        let formula = format!("={}-mean_npv", row_col_to_cell(row, column));
        let comes_to = Figure::Number(at.value - mean);
        page.formula(row, LESS[place], &formula, comes_to, Look::Money)?;
        page.number(row, 7 + place as u16, at.mc_error, Look::Money)?;
    }
    Ok(())
}

fn chart(made: Made<'_>, shown: usize) -> Chart {
    let mut chart = Chart::new(ChartType::Bar);
    let last = FIRST_ROW + shown as u32 - 1;
    for (name, color, column) in [
        ("input at its P10", LOW, LESS[0]),
        ("input at its P90", HIGH, LESS[1]),
    ] {
        chart
            .add_series()
            .set_name(name)
            .set_categories((SHEET, FIRST_ROW, 0, last, 0))
            .set_values((SHEET, FIRST_ROW, column, last, column))
            .set_overlap(100)
            .set_gap(40)
            .set_format(ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(color)));
    }
    chart.title().set_name("Mean NPV less that of all futures");
    chart.legend().set_position(ChartLegendPosition::Bottom);
    chart
        .y_axis()
        .set_reverse()
        .set_label_position(ChartAxisLabelPosition::Low);
    chart
        .x_axis()
        .set_num_format(made.style.of_axis())
        .set_major_gridlines_line(ChartLine::new().set_color(GRID));
    chart
        .set_width(1000)
        .set_height(120 + 30 * shown as u32)
        .set_alt_text("How far the mean NPV moves with each input, widest first");
    chart
}
