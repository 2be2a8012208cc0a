//! Survival curves in the terminal.

use keepworth_retention::survival::SurvivalPoint;

use crate::present::number::brief;

const WIDTH: usize = 64;
const HEIGHT: usize = 14;
const LETTERS: [char; 8] = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/// A curve with its name.
pub(crate) struct Curve<'a> {
    pub(crate) name: &'a str,
    /// From records, as opposed to from a model.
    pub(crate) observed: bool,
    pub(crate) points: Vec<SurvivalPoint>,
}

impl Curve<'_> {
    /// Last time of the curve.
    pub(crate) fn end(&self) -> f64 {
        self.points.last().map_or(0.0, |point| point.t)
    }

    /// The step in force at `t`; `None` before the first, where survival is 1.
    pub(crate) fn at(&self, t: f64) -> Option<&SurvivalPoint> {
        let after = self.points.partition_point(|point| point.t <= t);
        after.checked_sub(1).map(|index| &self.points[index])
    }

    /// About `n` steps spread over the curve, the last among them.
    pub(crate) fn sample(&self, n: usize) -> Vec<SurvivalPoint> {
        let stride = self.points.len().div_ceil(n).max(1);
        let last = self.points.len().saturating_sub(1) % stride;
        self.points
            .iter()
            .skip(last)
            .step_by(stride)
            .copied()
            .collect()
    }
}

/// Draws up to eight curves, each with a letter; a curve by itself with its band.
pub(crate) fn chart(curves: &[Curve<'_>]) -> String {
    let end = curves.iter().map(Curve::end).fold(0.0, f64::max);
    if end <= 0.0 {
        return String::new();
    }
    // The first curve is drawn last, so that what was observed lies on top.
    let drawn: Vec<(&Curve<'_>, char)> = curves.iter().zip(LETTERS).collect();
    let mut cells = vec![[' '; WIDTH]; HEIGHT + 1];
    let row = |value: f64| ((1.0 - value.clamp(0.0, 1.0)) * HEIGHT as f64).round() as usize;
    for column in 0..WIDTH {
        let t = end * (column as f64 + 0.5) / WIDTH as f64;
        if let Some(point) = curves
            .first()
            .filter(|_| curves.len() == 1)
            .and_then(|c| c.at(t))
        {
            for cell in &mut cells[row(point.high)..=row(point.low)] {
                cell[column] = '░';
            }
        }
        for &(curve, letter) in drawn.iter().rev().filter(|(curve, _)| t <= curve.end()) {
            let value = curve.at(t).map_or(1.0, |point| point.value);
            cells[row(value)][column] = if curves.len() == 1 { '█' } else { letter };
        }
    }
    let mut text = String::new();
    for (index, line) in cells.iter().enumerate() {
        let label = 100.0 * (1.0 - index as f64 / HEIGHT as f64);
        let label = if index % 7 == 0 {
            format!("{label:>4.0}%")
        } else {
            "     ".to_owned()
        };
        text += &format!("{label} │{}\n", line.iter().collect::<String>().trim_end());
    }
    text += &format!("      └{}\n", "─".repeat(WIDTH));
    text += &format!("       0{:>width$}\n", brief(end), width = WIDTH - 1);
    if curves.len() > 1 {
        let names: Vec<String> = curves
            .iter()
            .zip(LETTERS)
            .map(|(c, letter)| format!("{letter} {}", c.name))
            .collect();
        text += &format!("       {}\n", names.join("   "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(values: &[f64]) -> Vec<SurvivalPoint> {
        let each = (1..).zip(values).map(|(t, &value)| SurvivalPoint {
            t: f64::from(t),
            at_risk: 10.0,
            events: 1.0,
            value,
            se: 0.1,
            low: value - 0.1,
            high: value + 0.1,
        });
        each.collect()
    }

    #[test]
    fn one_curve_falls_from_left_to_right_within_its_band() {
        let points = steps(&[0.9, 0.5, 0.2]);
        let text = chart(&[Curve {
            name: "all",
            observed: true,
            points,
        }]);
        let rows: Vec<&str> = text.lines().collect();
        assert_eq!(rows.len(), HEIGHT + 3);
        assert!(rows[0].starts_with(" 100% │█"));
        assert!(text.contains('░'));
    }

    #[test]
    fn several_curves_have_letters_and_a_legend() {
        let (one, two) = (steps(&[0.9, 0.8]), steps(&[0.5, 0.1]));
        let text = chart(&[
            Curve {
                name: "x",
                observed: true,
                points: one,
            },
            Curve {
                name: "y",
                observed: false,
                points: two,
            },
        ]);
        assert!(text.contains("a x   b y"));
        assert!(chart(&[]).is_empty());
    }

    #[test]
    fn a_sample_of_steps_ends_with_the_last() {
        let points = steps(&[0.9; 25]);
        let curve = Curve {
            name: "x",
            observed: true,
            points,
        };
        let sample = curve.sample(10);
        assert!(sample.len() <= 10);
        assert_eq!(sample.last().map(|p| p.t), Some(25.0));
    }
}
