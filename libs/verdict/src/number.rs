//! Numbers as people read them: thousands apart, a real minus, no digits that tell nothing.

/// From here on a float no longer holds every unit, and digits tell nothing.
const BEYOND_UNITS: f64 = 1e15;

/// A decimal number's text with thousands apart and a real minus, such as `−1 234.50`.
pub fn grouped(number: &str) -> String {
    let (minus, size) = match number.strip_prefix('-') {
        Some(size) => ("\u{2212}", size),
        None => ("", number),
    };
    let (digits, fraction) = match size.find(['.', 'e']) {
        Some(end) => size.split_at(end),
        None => (size, ""),
    };
    let mut text = String::from(minus);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text + fraction
}

/// A number with so many decimals; from 10¹⁵ on five digits and the power of ten.
pub fn places(number: f64, places: usize) -> String {
    if number.is_finite() && number.abs() < BEYOND_UNITS {
        // Halves of a unit go up in size, as people round.
        let number = if places == 0 { number.round() } else { number };
        grouped(&format!("{number:.places$}"))
    } else {
        format!("{number:.4e}").replace('-', "\u{2212}")
    }
}

/// A whole number, such as `1 234 567`.
pub fn whole(number: f64) -> String {
    // Minus zero is zero.
    places(number.round() + 0.0, 0)
}

/// A fraction in percent with so many decimals.
pub fn percent(fraction: f64, decimals: usize) -> String {
    places(100.0 * fraction, decimals) + "%"
}

/// A fraction in percent, all of it but the noise of its last digits.
pub fn exact_percent(fraction: f64) -> String {
    let percent = (fraction * 1e8).round() / 1e6;
    if percent.abs() < BEYOND_UNITS {
        grouped(&percent.to_string()) + "%"
    } else {
        places(percent, 0) + "%"
    }
}

/// The power of ten of its first digit.
fn power(value: f64) -> i32 {
    value.abs().log10().floor() as i32
}

/// A number with five significant digits, all of its whole ones, plain where that is readable.
pub fn digits(value: f64) -> String {
    match power(value) {
        _ if value == 0.0 => places(value.abs(), 4),
        power if !(-4..9).contains(&power) => format!("{value:.4e}").replace('-', "\u{2212}"),
        power => places(value, (4 - power).max(0) as usize),
    }
}

/// The same without trailing zeros, such as a time.
pub fn brief(value: f64) -> String {
    trimmed(digits(value))
}

/// A figure rounded to so many significant digits.
pub fn significant(value: f64, digits: i32) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.abs().to_string();
    }
    let decimals = digits - 1 - power(value);
    if decimals <= 0 {
        let unit = 10_f64.powi(-decimals);
        return whole((value / unit).round() * unit);
    }
    trimmed(places(value, decimals as usize))
}

/// The error of an amount, to two digits: more would be more than is known of it.
pub fn error(amount: f64) -> String {
    match amount.abs() {
        size if size >= 1e6 => format!("{}m", significant(amount / 1e6, 2)),
        size if size >= 1e3 => format!("{}k", significant(amount / 1e3, 2)),
        _ => significant(amount, 2),
    }
}

fn trimmed(text: String) -> String {
    if text.contains('.') && !text.contains('e') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A plain figure: whole when large, else with two decimals.
pub fn plain(figure: f64) -> String {
    places(figure, if figure.abs() >= 100.0 { 0 } else { 2 })
}

/// One unit for all amounts of a report.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    scale: f64,
    suffix: &'static str,
    decimals: usize,
}

impl Unit {
    /// The unit in which the largest amount is read most easily.
    pub fn of(largest: f64) -> Self {
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

    /// The smallest difference that its figures show.
    pub fn resolution(self) -> f64 {
        self.scale / 10_f64.powi(self.decimals as i32)
    }

    /// The figure alone; what rounds to nothing keeps its sign.
    pub fn figure(self, amount: f64) -> String {
        let minus = if amount < 0.0 { "\u{2212}" } else { "" };
        let size = places((amount / self.scale).abs(), self.decimals);
        format!("{minus}{size}{}", self.suffix)
    }

    /// The figure with its currency.
    pub fn money(self, amount: f64, currency: &str) -> String {
        format!("{currency} {}", self.figure(amount))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_that_tell_nothing_are_not_shown() {
        assert_eq!(places(1_234.5, 2), "1\u{202f}234.50");
        assert_eq!(places(-1e79, 3), "\u{2212}1.0000e79");
        assert_eq!(whole(3e20), "3.0000e20");
        assert_eq!([whole(-0.4), places(-0.4, 0)], ["0", "\u{2212}0"]);
        assert_eq!(whole(-1_234_567.0), "\u{2212}1\u{202f}234\u{202f}567");
        assert_eq!(exact_percent(0.1), "10%");
        assert_eq!(exact_percent(1e30), "1.0000e32%");
        assert_eq!(percent(-0.0125, 2), "\u{2212}1.25%");
    }

    #[test]
    fn numbers_show_five_digits() {
        assert_eq!(digits(0.704_077), "0.70408");
        assert_eq!(digits(-35.171_002), "\u{2212}35.171");
        assert_eq!(digits(1_234_567.8), "1\u{202f}234\u{202f}568");
        assert_eq!(digits(0.0), "0.0000");
        assert_eq!(digits(1.5e-9), "1.5000e\u{2212}9");
        assert_eq!(digits(4.0633e11), "4.0633e11");
        let brief = [56.0, 0.25, 0.0, 1_200.0].map(brief);
        assert_eq!(brief, ["56", "0.25", "0", "1\u{202f}200"]);
    }

    #[test]
    fn figures_keep_their_significant_digits() {
        let shown = [0.0, 0.061_23, -2.5, 412.6, 0.000_123_4].map(|it| significant(it, 3));
        assert_eq!(shown, ["0", "0.0612", "\u{2212}2.5", "413", "0.000123"]);
        assert_eq!(significant(4_948.0, 2), "4\u{202f}900");
        let errors = [0.0, 730.4, 4_989.0, 2_340_000.0].map(error);
        assert_eq!(errors, ["0", "730", "5k", "2.3m"]);
    }

    #[test]
    fn money_wears_its_unit_and_a_real_minus() {
        let millions = Unit::of(-3_400_000.0);
        assert_eq!(millions.money(1_000_000.0, "EUR"), "EUR 1.0m");
        assert_eq!(millions.money(-360_000.0, "EUR"), "EUR \u{2212}0.4m");
        assert_eq!(millions.figure(-4.0), "\u{2212}0.0m", "a loss stays a loss");
        assert_eq!(Unit::of(20_000.0).figure(-400.0), "\u{2212}0k");
        assert_eq!(Unit::of(412_300.0).money(412_300.0, "USD"), "USD 412k");
        assert_eq!(Unit::of(999_600.0).figure(999_600.0), "1.0m");
        assert_eq!(Unit::of(-96_000.0).figure(-44_500.0), "\u{2212}45k");
    }
}
