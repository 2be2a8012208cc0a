//! Figures in words: money with its unit, chances as "27 in 100".

use keepworth_sim::Level;
pub(super) use keepworth_verdict::words::{
    chance, no_verdict, share_of_futures, verdict, within_error,
};

use crate::output::whole;

/// One unit for all amounts of a report.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Unit {
    scale: f64,
    suffix: &'static str,
    decimals: usize,
}

impl Unit {
    /// The unit in which the largest amount is read most easily.
    pub(super) fn of(largest: f64) -> Self {
        let (scale, suffix, decimals) = match largest.abs() {
            size if size >= 999_500_000.0 => (1e9, "bn", 1),
            size if size >= 999_500.0 => (1e6, "m", 1),
            size if size >= 9_999.5 => (1e3, "k", 0),
            _ => (1.0, "", 0),
        };
        Self {
            scale,
            suffix,
            decimals,
        }
    }

    /// The figure alone; what rounds to nothing keeps its sign.
    pub(super) fn figure(self, amount: f64) -> String {
        let scaled = (amount / self.scale).abs();
        let minus = if amount < 0.0 { "\u{2212}" } else { "" };
        if self.decimals == 0 {
            return format!("{minus}{}{}", whole(scaled), self.suffix);
        }
        format!("{minus}{scaled:.1}{}", self.suffix)
    }

    /// The figure with its currency.
    pub(super) fn money(self, amount: f64, currency: &str) -> String {
        format!("{currency} {}", self.figure(amount))
    }
}

/// A month of payback, or why there is none.
pub(super) fn month(level: Level, horizon: usize) -> String {
    match level {
        Level::Number(month) => format!("month {:.0}", month.ceil()),
        Level::NothingToPayBack => "nothing to pay back".to_owned(),
        Level::Never | Level::None => format!("not by month {horizon}"),
    }
}

/// A fraction in percent.
pub(super) fn percent(fraction: f64) -> String {
    let minus = if fraction < 0.0 { "\u{2212}" } else { "" };
    format!("{minus}{}%", whole(100.0 * fraction.abs()))
}

/// A plain figure: whole when large, else with two decimals.
pub(super) fn plain(figure: f64) -> String {
    if figure.abs() >= 100.0 {
        return whole(figure);
    }
    let minus = if figure < 0.0 { "\u{2212}" } else { "" };
    format!("{minus}{:.2}", figure.abs())
}

/// A name of the wire in plain words.
pub(super) fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name.replace('_', " "),
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

/// A figure with so many significant digits.
pub(super) fn significant(value: f64, digits: i32) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let power = value.abs().log10().floor() as i32;
    let decimals = digits - 1 - power;
    if decimals <= 0 {
        let unit = 10_f64.powi(-decimals);
        return whole((value / unit).round() * unit);
    }
    let text = format!("{:.*}", decimals as usize, value.abs());
    let minus = if value < 0.0 { "\u{2212}" } else { "" };
    format!(
        "{minus}{}",
        text.trim_end_matches('0').trim_end_matches('.')
    )
}

/// An input as people call it: `initiatives.care.hazard` is "care: hazard".
pub(super) fn input_name(name: &str) -> String {
    let owned = name
        .strip_prefix("initiatives.")
        .or_else(|| name.strip_prefix("segments."));
    match owned.and_then(|rest| rest.rsplit_once('.')) {
        Some((owner, what)) => format!("{owner}: {what}"),
        None => name.replace('_', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_wears_its_unit_and_a_real_minus() {
        let millions = Unit::of(-3_400_000.0);
        assert_eq!(millions.money(1_000_000.0, "EUR"), "EUR 1.0m");
        assert_eq!(millions.money(-360_000.0, "EUR"), "EUR \u{2212}0.4m");
        assert_eq!(millions.figure(-4.0), "\u{2212}0.0m", "a loss stays a loss");
        assert_eq!(Unit::of(20_000.0).figure(-400.0), "\u{2212}0k");
        assert_eq!(Unit::of(412_300.0).money(412_300.0, "USD"), "USD 412k");
        assert_eq!(Unit::of(999_600.0).figure(999_600.0), "1.0m");
    }

    #[test]
    fn figures_keep_their_significant_digits() {
        let shown = [0.0, 0.061_23, -2.5, 412.6, 0.000_123_4].map(|it| significant(it, 3));
        assert_eq!(shown, ["0", "0.0612", "\u{2212}2.5", "413", "0.000123"]);
        assert_eq!(significant(4_948.0, 2), "4\u{202f}900");
    }

    #[test]
    fn inputs_are_named_by_whose_they_are() {
        let names = [
            "initiatives.care.hazard causal share",
            "segments.A / B.revenue",
            "gross_margin",
        ];
        let shown = [
            "care: hazard causal share",
            "A / B: revenue",
            "gross margin",
        ];
        assert_eq!(names.map(input_name), shown);
    }

    #[test]
    fn a_payback_that_never_comes_says_so() {
        assert_eq!(month(Level::Number(30.0), 36), "month 30");
        assert_eq!(month(Level::Never, 36), "not by month 36");
        assert_eq!(month(Level::NothingToPayBack, 36), "nothing to pay back");
    }
}
