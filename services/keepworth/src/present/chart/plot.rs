//! Survival with bands and numbers at risk, as SVG.

use std::path::Path;

use anyhow::anyhow;
use keepworth_retention::survival::SurvivalPoint;
use plotters::prelude::*;

use super::survival::Curve;
use crate::present::number::{brief, percent, whole};
use crate::whole_file;

const SIZE: (u32, u32) = (820, 480);
const LEFT: u32 = 64;
const RIGHT: u32 = 24;
/// Height of a line of the table of numbers at risk.
const LINE: u32 = 18;
const COLOURS: [RGBColor; 6] = [
    RGBColor(31, 88, 142),
    RGBColor(196, 88, 40),
    RGBColor(58, 128, 84),
    RGBColor(128, 80, 144),
    RGBColor(148, 116, 36),
    RGBColor(96, 96, 96),
];

/// Writes curves.
pub(crate) fn draw(path: &Path, curves: &[Curve<'_>]) -> anyhow::Result<()> {
    let end = curves.iter().map(Curve::end).fold(0.0, f64::max);
    if end <= 0.0 {
        return Err(anyhow!("there is no curve to draw"));
    }
    let observed = curves.iter().filter(|curve| curve.observed).count() as u32;
    let size = (SIZE.0, SIZE.1 + LINE * (observed + 1));
    let mut svg = String::new();
    drawn(&mut svg, size, curves, end).map_err(|error| anyhow!("cannot be drawn: {error}"))?;
    whole_file::write_text(path, &svg)
}

fn drawn<'a>(svg: &'a mut String, size: (u32, u32), curves: &[Curve<'_>], end: f64) -> Drawn<'a> {
    let area = SVGBackend::with_string(svg, size).into_drawing_area();
    area.fill(&WHITE)?;
    let (upper, lower) = area.split_vertically(SIZE.1);
    survival(&upper, curves, end)?;
    numbers_at_risk(&lower, curves, end)?;
    area.present()
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type Drawn<'a> = Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>>;

fn survival<'a>(area: &Area<'a>, curves: &[Curve<'_>], end: f64) -> Drawn<'a> {
    let mut chart = ChartBuilder::on(area)
        .margin_top(16)
        .margin_right(RIGHT)
        .x_label_area_size(40)
        .y_label_area_size(LEFT)
        .build_cartesian_2d(0.0..end, 0.0..1.0)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .x_labels(round_times(end).len())
        .y_labels(5)
        .x_desc("tenure")
        .y_label_formatter(&|share| percent(*share, 0))
        .x_label_formatter(&|t| brief(*t))
        .draw()?;
    for (curve, colour) in curves.iter().zip(COLOURS.iter().cycle()) {
        let band: Vec<(f64, f64)> = steps(curve, |p| p.high)
            .into_iter()
            .chain(steps(curve, |p| p.low).into_iter().rev())
            .collect();
        chart.draw_series([Polygon::new(band, colour.mix(0.14))])?;
        let width = if curve.observed { 2 } else { 1 };
        let line = LineSeries::new(steps(curve, |p| p.value), colour.stroke_width(width));
        let stroke = colour.stroke_width(width);
        chart
            .draw_series(line)?
            .label(curve.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], stroke));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.8))
        .draw()?;
    Ok(())
}

/// Corners of a step function from `(0, 1)`; a model's curve is a line, not steps.
fn steps(curve: &Curve<'_>, value: fn(&SurvivalPoint) -> f64) -> Vec<(f64, f64)> {
    let mut corners = vec![(0.0, 1.0)];
    let mut before = 1.0;
    for point in &curve.points {
        if curve.observed {
            corners.push((point.t, before));
        }
        before = value(point);
        corners.push((point.t, before));
    }
    corners
}

fn numbers_at_risk<'a>(area: &Area<'a>, curves: &[Curve<'_>], end: f64) -> Drawn<'a> {
    let small = ("sans-serif", 12).into_font();
    let black = small.clone().color(&BLACK);
    let y = |line: usize| 4 + (LINE as i32) * line as i32;
    let width = f64::from(SIZE.0 - LEFT - RIGHT);
    let x = |t: f64| (f64::from(LEFT) + width * t / end) as i32 - 8;
    let times = round_times(end);
    area.draw(&Text::new("at risk", (8, y(0)), black.clone()))?;
    for &t in &times {
        area.draw(&Text::new(brief(t), (x(t), y(0)), black.clone()))?;
    }
    let coloured = curves.iter().zip(COLOURS.iter().cycle());
    let observed = coloured.filter(|(curve, _)| curve.observed);
    for (line, (curve, colour)) in (1..).zip(observed) {
        let style = small.clone().color(colour);
        let name: String = curve.name.chars().take(9).collect();
        area.draw(&Text::new(name, (8, y(line)), style.clone()))?;
        for &t in &times {
            let next = curve.points.iter().find(|point| point.t >= t);
            let text = whole(next.map_or(0.0, |point| point.at_risk));
            area.draw(&Text::new(text, (x(t), y(line)), style.clone()))?;
        }
    }
    Ok(())
}

/// Four to nine multiples of 1, 2 or 5 times a power of ten, from 0 to `end`.
fn round_times(end: f64) -> Vec<f64> {
    let unit = 10_f64.powf((end / 8.0).log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|multiple| multiple * unit);
    let step = step
        .into_iter()
        .find(|step| end / step <= 8.0)
        .unwrap_or(end);
    let times = (0..=8).map(|i| f64::from(i) * step);
    times.filter(|t| *t <= end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_round_and_within_the_axis() {
        assert_eq!(
            round_times(75.0),
            [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0]
        );
        assert_eq!(
            round_times(14.0),
            [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0]
        );
        assert_eq!(round_times(1.0).len(), 6);
    }
}
