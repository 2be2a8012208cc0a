//! The sheet of the distribution: percentiles of NPV, and bands by month.

use keepworth_contract::simulator::Bands;
use rust_xlsxwriter::{
    Chart, ChartAxisLabelPosition, ChartFormat, ChartLegendPosition, ChartLine, ChartType,
    Worksheet, XlsxError,
};

use crate::Made;
use crate::names::Names;
use crate::page::Page;
use crate::style::{GREY, GRID, HIGH, LOW, Look};

/// Its name.
const SHEET: &str = "Distribution";
/// The first row of both tables.
const FIRST_ROW: u32 = 5;
/// The first column of the bands.
const BANDS: u16 = 3;
/// The column of the charts.
const CHARTS: u16 = 10;

const NOTES: [&str; 2] = [
    "Values: what thousands of futures came to. They do not follow inputs that are changed in this workbook.",
    "A band by month is not the path of a future: 5 in 100 futures are below P5 in each month, and not the same ones.",
];

/// The sheet.
pub(crate) fn sheet(made: Made<'_>, _: &mut Names) -> Result<Worksheet, XlsxError> {
    let mut page = Page::new(SHEET, made.style)?;
    page.widths(&[12.0, 18.0, 3.0, 10.0, 16.0, 16.0, 16.0, 16.0, 16.0, 3.0])?;
    page.title(&format!("{SHEET}, {}", made.contents.case.currency), &NOTES)?;
    let heads = [
        "Percentile",
        "NPV",
        "",
        "Month",
        "P5",
        "P25",
        "P50",
        "P75",
        "P95",
    ];
    page.text(3, BANDS, "Cumulative discounted flow", Look::Section)?;
    page.fixed_heads(FIRST_ROW - 1, &heads)?;
    let percentiles = &made.contents.result.npv_percentiles;
    for (place, value) in percentiles.iter().enumerate() {
        let row = FIRST_ROW + place as u32;
        let share = (place + 1) as f64 / (percentiles.len() + 1) as f64;
        page.number(row, 0, share, Look::Percent)?;
        page.number(row, 1, *value, Look::Money)?;
    }
    let bands = &made.contents.result.monthly.cumulative_discounted_flow;
    write_bands(&mut page, bands)?;
    let of_npv = npv_chart(made, percentiles.len());
    page.sheet.insert_chart(FIRST_ROW - 1, CHARTS, &of_npv)?;
    let by_month = band_chart(made, bands.p50.len());
    page.sheet.insert_chart(FIRST_ROW + 19, CHARTS, &by_month)?;
    Ok(page.sheet)
}

fn columns(bands: &Bands) -> [&Vec<f64>; 5] {
    [&bands.p5, &bands.p25, &bands.p50, &bands.p75, &bands.p95]
}

fn write_bands(page: &mut Page<'_>, bands: &Bands) -> Result<(), XlsxError> {
    for (column, values) in (BANDS + 1..).zip(columns(bands)) {
        for (row, value) in (FIRST_ROW..).zip(values) {
            page.number(row, column, *value, Look::Money)?;
        }
    }
    for month in 0..bands.p50.len() as u32 {
        page.number(FIRST_ROW + month, BANDS, f64::from(month), Look::Whole)?;
    }
    Ok(())
}

/// A chart with a pale grid.
fn chart(title: &str, axes: [&str; 2], told: &str) -> Chart {
    let mut chart = Chart::new(ChartType::ScatterStraight);
    chart.title().set_name(title);
    let line = ChartLine::new().set_color(GRID).clone();
    chart.x_axis().set_name(axes[0]).set_major_gridlines(true);
    chart.x_axis().set_major_gridlines_line(&line);
    chart.y_axis().set_name(axes[1]).set_major_gridlines(true);
    chart.y_axis().set_major_gridlines_line(&line);
    chart.set_width(620).set_height(360).set_alt_text(told);
    chart
}

fn npv_chart(made: Made<'_>, count: usize) -> Chart {
    let told = "How many in 100 futures are worth less than an amount";
    let mut chart = chart("NPV over futures", ["NPV", "Share of futures below"], told);
    let last = FIRST_ROW + (count as u32).max(1) - 1;
    chart
        .add_series()
        .set_categories((SHEET, FIRST_ROW, 1, last, 1))
        .set_values((SHEET, FIRST_ROW, 0, last, 0))
        .set_format(ChartFormat::new().set_line(ChartLine::new().set_color(HIGH)));
    chart.x_axis().set_num_format(made.style.of_axis());
    chart.legend().set_hidden();
    chart.y_axis().set_num_format("0%").set_min(0).set_max(1);
    chart
        .y_axis()
        .set_label_position(ChartAxisLabelPosition::Low);
    chart
}

fn band_chart(made: Made<'_>, months: usize) -> Chart {
    let told = "Percentiles of the cumulative discounted flow by month";
    let mut chart = chart("Cumulative discounted flow", ["Month", "Amount"], told);
    let last = FIRST_ROW + (months as u32).max(1) - 1;
    let looks = [("P5", LOW), ("P50", HIGH), ("P95", GREY)];
    for ((name, color), column) in looks.into_iter().zip([BANDS + 1, BANDS + 3, BANDS + 5]) {
        chart
            .add_series()
            .set_name(name)
            .set_categories((SHEET, FIRST_ROW, BANDS, last, BANDS))
            .set_values((SHEET, FIRST_ROW, column, last, column))
            .set_format(ChartFormat::new().set_line(ChartLine::new().set_color(color)));
    }
    chart.legend().set_position(ChartLegendPosition::Bottom);
    chart.y_axis().set_num_format(made.style.of_axis());
    chart
        .x_axis()
        .set_min(0)
        .set_max(months.saturating_sub(1) as u32);
    chart
        .x_axis()
        .set_label_position(ChartAxisLabelPosition::Low);
    chart
}
