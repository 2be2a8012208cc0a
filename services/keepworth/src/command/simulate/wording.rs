//! Figures in words: money with its unit, chances as "27 in 100".

use crate::output::whole;

/// Whether a programme pays, by its chance of loss: a fixed table, so that words cannot drift from
/// figures.
pub(super) fn verdict(chance_of_loss: f64) -> &'static str {
    match chance_of_loss {
        loss if loss < 0.05 => "Very likely",
        loss if loss < 0.20 => "Likely",
        loss if loss < 0.40 => "Probably",
        loss if loss < 0.60 => "A coin toss",
        loss if loss < 0.80 => "Probably not",
        _ => "Unlikely",
    }
}

/// A chance in hundredths; finite samples prove neither never nor always.
pub(super) fn chance(share: f64) -> String {
    match 100.0 * share {
        hundredths if hundredths < 1.0 => "under 1 in 100".to_owned(),
        hundredths if hundredths > 99.0 => "over 99 in 100".to_owned(),
        hundredths => format!("{hundredths:.0} in 100"),
    }
}

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

    /// The figure alone.
    pub(super) fn figure(self, amount: f64) -> String {
        let scaled = amount / self.scale;
        if self.decimals == 0 {
            return format!("{}{}", whole(scaled), self.suffix);
        }
        let digits = format!("{:.1}", scaled.abs());
        let minus = if scaled < 0.0 && digits != "0.0" {
            "\u{2212}"
        } else {
            ""
        };
        format!("{minus}{digits}{}", self.suffix)
    }

    /// The figure with its currency.
    pub(super) fn money(self, amount: f64, currency: &str) -> String {
        format!("{currency} {}", self.figure(amount))
    }
}

/// A month of payback, or that it never came within the horizon.
pub(super) fn month(month: f64, horizon: usize) -> String {
    if month > horizon as f64 {
        format!("after month {horizon}")
    } else {
        format!("month {month:.0}")
    }
}

/// A fraction in percent.
pub(super) fn percent(fraction: f64) -> String {
    format!("{}%", whole(100.0 * fraction))
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
    fn words_follow_the_table() {
        let words = [0.049, 0.05, 0.2, 0.4, 0.6, 0.8].map(verdict);
        let table = [
            "Very likely",
            "Likely",
            "Probably",
            "A coin toss",
            "Probably not",
            "Unlikely",
        ];
        assert_eq!(words, table);
    }

    #[test]
    fn chances_are_hundredths() {
        assert_eq!(chance(0.2734), "27 in 100");
        assert_eq!(chance(0.0), "under 1 in 100");
        assert_eq!(chance(1.0), "over 99 in 100");
    }

    #[test]
    fn money_wears_its_unit_and_a_real_minus() {
        let millions = Unit::of(-3_400_000.0);
        assert_eq!(millions.money(1_000_000.0, "EUR"), "EUR 1.0m");
        assert_eq!(millions.money(-360_000.0, "EUR"), "EUR \u{2212}0.4m");
        assert_eq!(millions.figure(-4.0), "0.0m");
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
        assert_eq!(month(30.0, 36), "month 30");
        assert_eq!(month(37.0, 36), "after month 36");
    }
}
