//! Pictures in the terminal: the futures as dots, the way to payback as a strip.

use keepworth_sim::Bands;

use crate::present::number::Unit;

/// Dots of the plot: each is two futures in a hundred.
const DOTS: usize = 50;
/// Columns that the dots spread over at most.
const COLUMNS: f64 = 26.0;
/// Characters of a column.
const WIDTH: usize = 2;
/// Months of a strip at most, each a character.
const STRIP: usize = 72;

/// A quantile dot plot from percentiles 1 to 99: 50 dots, loss hollow and gain filled, above an
/// axis of money.
pub(crate) fn dot_plot(percentiles: &[f64], unit: Unit, currency: &str) -> String {
    let dots: Vec<f64> = percentiles.iter().copied().step_by(2).collect();
    debug_assert_eq!(dots.len(), DOTS);
    let (Some(low), Some(high)) = (dots.first(), dots.last()) else {
        return String::new();
    };
    let step = nice_step((high - low) / COLUMNS);
    // Zero is an edge between columns, so that no column holds both gain and loss.
    let column = |value: f64| (value / step).floor() as i64;
    let first = column(*low);
    let mut heights = vec![0_usize; (column(*high) - first + 1) as usize];
    for dot in &dots {
        heights[(column(*dot) - first) as usize] += 1;
    }
    let tallest = heights.iter().copied().max().unwrap_or_default();
    let mut lines: Vec<String> = (1..=tallest)
        .rev()
        .map(|level| {
            let cells = heights.iter().zip(first..).map(|(height, column)| {
                match (*height >= level, column < 0) {
                    (false, _) => "  ",
                    (true, true) => "○ ",
                    (true, false) => "● ",
                }
            });
            cells.collect::<String>().trim_end().to_owned()
        })
        .collect();
    lines.extend(axis(first, heights.len(), step, unit, currency));
    lines
        .iter()
        .fold(String::new(), |text, line| text + "  " + line + "\n")
}

/// A rule with ticks at round amounts, and their labels.
fn axis(first: i64, columns: usize, step: f64, unit: Unit, currency: &str) -> [String; 2] {
    let mut rule = String::new();
    let mut labels = String::new();
    for index in 0..=columns {
        let column = first + index as i64;
        let is_tick = column.rem_euclid(5) == 0;
        rule.push_str(if is_tick { "┴─" } else { "──" });
        let room = index * WIDTH;
        if is_tick && labels.chars().count() <= room {
            let gap = room - labels.chars().count();
            labels.push_str(&" ".repeat(gap));
            labels.push_str(&unit.figure(column as f64 * step));
            labels.push(' ');
        }
    }
    labels.push_str(currency);
    [rule, labels]
}

/// The next of 1, 2, 5 times a power of ten.
fn nice_step(least: f64) -> f64 {
    if least <= 0.0 || least.is_nan() {
        return 1.0;
    }
    let power = 10_f64.powf(least.log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .find(|factor| factor * power >= least)
        .unwrap_or(10.0);
    factor * power
}

/// Month by month, how many futures have their money back, discounted: the taller the more.
pub(crate) fn payback_strip(bands: &Bands) -> String {
    let months = bands.p50.len();
    let stride = months.div_ceil(STRIP).max(1);
    let mark = |month: usize| {
        let levels = [&bands.p95, &bands.p75, &bands.p50, &bands.p25, &bands.p5];
        let paid = levels.iter().filter(|band| band[month] >= 0.0).count();
        ['▁', '▂', '▃', '▅', '▆', '█'][paid]
    };
    let strip: String = (0..months).step_by(stride).map(mark).collect();
    let mut labels = String::new();
    for month in (0..months).step_by(12 * stride) {
        let room = month / stride;
        let gap = room.saturating_sub(labels.chars().count());
        labels.push_str(&" ".repeat(gap));
        labels.push_str(&month.to_string());
    }
    format!("  {strip}\n  {labels}  month\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percentiles(value: impl Fn(f64) -> f64) -> Vec<f64> {
        (1..100).map(|p| value(f64::from(p))).collect()
    }

    fn dots(plot: &str) -> (usize, usize) {
        let count = |dot| plot.chars().filter(|it| *it == dot).count();
        (count('○'), count('●'))
    }

    #[test]
    fn dots_are_in_proportion() {
        // Percentiles 1, 3, …, 29 are losses: 15 of 50 dots.
        let plot = dot_plot(&percentiles(|p| 1e5 * (p - 30.0)), Unit::of(7e6), "EUR");
        assert_eq!(dots(&plot), (15, 35));
        let labels = plot.lines().last().unwrap();
        assert!(
            labels.contains("0.0m") && labels.ends_with("EUR"),
            "{labels}"
        );
        let rule = plot.lines().rev().nth(1).unwrap();
        let tick = rule.chars().position(|it| it == '┴').unwrap();
        let label = labels.chars().position(|it| it != ' ').unwrap();
        assert_eq!(tick, label, "labels stand under their ticks");
    }

    #[test]
    fn futures_that_are_all_alike_can_be_drawn() {
        assert_eq!(
            dots(&dot_plot(&percentiles(|_| -40.0), Unit::of(40.0), "EUR")),
            (50, 0)
        );
        assert_eq!(
            dots(&dot_plot(&percentiles(|_| 0.0), Unit::of(0.0), "EUR")),
            (0, 50)
        );
    }

    #[test]
    fn a_strip_rises_with_the_share_of_futures() {
        let band = |paid_from: i32| (0..=24).map(|m| f64::from(m - paid_from)).collect();
        let bands = Bands {
            p5: band(20),
            p25: band(15),
            p50: band(12),
            p75: band(9),
            p95: band(6),
        };
        let strip = payback_strip(&bands);
        let marks: Vec<char> = strip.lines().next().unwrap().trim().chars().collect();
        assert_eq!(marks.len(), 25);
        assert_eq!(
            (marks[5], marks[6], marks[12], marks[20]),
            ('▁', '▂', '▅', '█')
        );
        let long = Bands {
            p5: vec![1.0; 601],
            p25: vec![1.0; 601],
            p50: vec![1.0; 601],
            p75: vec![1.0; 601],
            p95: vec![1.0; 601],
        };
        assert!(
            payback_strip(&long)
                .lines()
                .all(|line| line.chars().count() < 85)
        );
    }
}
