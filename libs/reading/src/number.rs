//! Numbers as people write them, made plain: digits, a point, a minus before them.

use std::borrow::Cow;
use std::str::FromStr;

use serde::Deserialize;

/// How numbers are written: what stands before decimals, and between thousands.
///
/// Without a stated one a number has a point before its decimals and nothing between thousands, and a text
/// that has another reading is refused with both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct NumberFormat {
    decimal: char,
    thousands: Option<char>,
    is_stated: bool,
}

impl Default for NumberFormat {
    fn default() -> Self {
        Self {
            decimal: '.',
            thousands: None,
            is_stated: false,
        }
    }
}

/// Formats that a text is tried in when it is refused, as examples of a mapping write them.
const USUAL: [&str; 4] = ["1.234,56", "1,234.56", "1 234,56", "1'234.56"];

impl FromStr for NumberFormat {
    type Err = String;

    /// Reads an example, such as `1.234,56`.
    fn from_str(example: &str) -> Result<Self, String> {
        let refused = || {
            format!(
                "`{example}` shows no number format; write a number above a thousand with two decimals, \
                 as the file does: 1234.56, 1234,56, 1.234,56, 1,234.56, \"1 234,56\" or 1'234.56"
            )
        };
        let parts: Vec<&str> = example.split(|it: char| !it.is_ascii_digit()).collect();
        let mut marks = example.chars().filter(|it| !it.is_ascii_digit()).map(alike);
        let (first, second) = (marks.next(), marks.next());
        let (thousands, decimal) = match (first, second, parts.as_slice()) {
            (Some(decimal), None, ["1234", "56"]) => (None, decimal),
            (Some(thousands), Some(decimal), ["1", "234", "56"]) => (Some(thousands), decimal),
            _ => return Err(refused()),
        };
        let is_known = matches!(decimal, '.' | ',')
            && thousands != Some(decimal)
            && thousands.is_none_or(|it| matches!(it, '.' | ',' | ' ' | '\''));
        if !is_known {
            return Err(refused());
        }
        Ok(Self {
            decimal,
            thousands,
            is_stated: true,
        })
    }
}

impl TryFrom<String> for NumberFormat {
    type Error = String;

    fn try_from(example: String) -> Result<Self, String> {
        example.parse()
    }
}

/// Marks that look the same, as one: spaces of any width, apostrophes.
fn alike(mark: char) -> char {
    match mark {
        it if it.is_whitespace() => ' ',
        '\u{2019}' | '\u{02bc}' | '\u{00b4}' | '`' => '\'',
        '\u{2212}' | '\u{2013}' => '-',
        it => it,
    }
}

impl NumberFormat {
    /// The number as digits with a point before the decimals and a minus before all, if it is below 0.
    ///
    /// A minus may stand before or after it or be a U+2212, and a number in parentheses is below 0: there
    /// is no other reading of these.
    ///
    /// # Errors
    /// Why it is no number of this format, with its readings in others.
    pub fn plain<'a>(&self, text: &'a str) -> Result<Cow<'a, str>, String> {
        let trimmed = text.trim();
        if !self.is_stated && is_plain(trimmed) {
            return Ok(trimmed.into());
        }
        self.read(trimmed)
            .map(Cow::Owned)
            .ok_or_else(|| refusal(trimmed))
    }

    /// The same as a float; `12.5%` is 0.125.
    ///
    /// # Errors
    /// As [`plain`](Self::plain).
    pub fn float(&self, text: &str) -> Result<f64, String> {
        let (number, divisor) = match text.trim().strip_suffix('%') {
            Some(percent) => (percent, 100.0),
            None => (text, 1.0),
        };
        // A number of a program, such as 1e-3, has one reading.
        if let Some(number) = number.trim().parse().ok().filter(|it: &f64| it.is_finite())
            && !self.is_stated
        {
            return Ok(number / divisor);
        }
        let plain = self.plain(number)?;
        let number: f64 = plain.parse().map_err(|_| refusal(text))?;
        Ok(number / divisor)
    }

    fn read(&self, text: &str) -> Option<String> {
        let text: String = text.chars().map(alike).collect();
        let (is_below, size) = unsigned(&text)?;
        let (whole, decimals) = match size.split_once(self.decimal) {
            Some((whole, decimals)) => (whole, Some(decimals)),
            None => (size, None),
        };
        let groups: Vec<&str> = match self.thousands {
            Some(mark) => whole.split(mark).collect(),
            None => vec![whole],
        };
        let [first, rest @ ..] = groups.as_slice() else {
            return None;
        };
        let are_thousands = rest.is_empty() || first.len() <= 3 && !first.starts_with('0');
        let are_groups = rest.iter().all(|it| it.len() == 3);
        let is_digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
        let all_digits = groups.iter().chain(&decimals).all(|it| is_digits(it));
        if !(are_thousands && are_groups && all_digits) {
            return None;
        }
        let mut plain = String::with_capacity(text.len());
        if is_below {
            plain.push('-');
        }
        groups.iter().for_each(|it| plain.push_str(it));
        if let Some(decimals) = decimals {
            plain.push('.');
            plain.push_str(decimals);
        }
        Some(plain)
    }
}

/// Whether a number is below 0, and its size.
fn unsigned(text: &str) -> Option<(bool, &str)> {
    let text = text.trim();
    let size = if let Some(inner) = text.strip_prefix('(') {
        (true, inner.strip_suffix(')')?)
    } else if let Some(size) = text.strip_prefix('-').or(text.strip_suffix('-')) {
        (true, size)
    } else {
        (false, text.strip_prefix('+').unwrap_or(text))
    };
    Some((size.0, size.1.trim()))
}

fn is_plain(text: &str) -> bool {
    let size = text.strip_prefix('-').unwrap_or(text);
    let mut parts = size.split('.');
    let is_digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    parts.next().is_some_and(is_digits)
        && parts.next().is_none_or(is_digits)
        && parts.next().is_none()
}

/// What a text comes to in the usual formats.
fn readings(text: &str) -> Vec<(String, &'static str)> {
    let mut found: Vec<(String, &'static str)> = Vec::new();
    for example in USUAL {
        let format: Result<NumberFormat, _> = example.parse();
        if let Some(read) = format.ok().and_then(|it| it.read(text))
            && !found.iter().any(|(known, _)| *known == read)
        {
            found.push((read, example));
        }
    }
    found
}

fn refusal(text: &str) -> String {
    if text.is_empty() {
        return "the cell is empty, and a number is needed".to_owned();
    }
    let readings: Vec<String> = readings(text)
        .into_iter()
        .map(|(read, example)| format!("{read} where numbers look like {example}"))
        .collect();
    if readings.is_empty() {
        return format!("`{text}` is not a number");
    }
    format!(
        "`{text}` is {}; say which: number_format = \"1.234,56\" in a mapping, --number-format on the \
         command line",
        readings.join(", ")
    )
}

/// Why an amount that nobody has stated the format of has two readings: `1.000` with a currency of two
/// decimals.
pub fn ambiguous(format: NumberFormat, text: &str, decimals: u32) -> Option<String> {
    let size = text.trim().trim_start_matches(['-', '+']);
    let (whole, fraction) = size.split_once('.')?;
    let is_group = (1..=3).contains(&whole.len()) && !whole.starts_with('0');
    let is_both = is_group && fraction.len() == 3 && decimals != 3;
    (is_both && !format.is_stated && is_plain(size)).then(|| refusal(text.trim()))
}

/// A rate as a fraction or in percent: `0.10` and `10%` are the same.
///
/// # Errors
/// That it is no number, or that it is 1 or more without a percent sign: nobody can tell 10 from 10%.
pub fn fraction(text: &str) -> Result<f64, String> {
    let number = |text: &str| -> Result<f64, String> {
        let found = text.trim().parse().ok().filter(|it: &f64| it.is_finite());
        found.ok_or_else(|| format!("`{text}` is not a number; write ten percent as 0.10 or 10%"))
    };
    if let Some(percent) = text.trim().strip_suffix('%') {
        return Ok(number(percent)? / 100.0);
    }
    let fraction = number(text)?;
    if fraction.abs() >= 1.0 {
        let percent = fraction * 100.0;
        return Err(format!(
            "{fraction} is {percent}% or {fraction}%; write {percent}% or {fraction}%, as it is meant"
        ));
    }
    Ok(fraction)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(example: &str, text: &str) -> String {
        let format: NumberFormat = example.parse().unwrap();
        format.plain(text).unwrap().into_owned()
    }

    #[test]
    fn numbers_are_read_as_their_format_says() {
        for (example, text, plain) in [
            ("1.234,56", "1.355,90", "1355.90"),
            ("1.234,56", "1.000", "1000"),
            ("1.234,56", "173,900", "173.900"),
            ("1,234.56", "1,000", "1000"),
            ("1 234,56", "1\u{202f}234\u{a0}567,5", "1234567.5"),
            ("1'234.56", "1\u{2019}000.50", "1000.50"),
            ("1234,56", "2,50", "2.50"),
            ("1.234,56", "(120,00)", "-120.00"),
            ("1.234,56", "12,00-", "-12.00"),
            ("1234.56", "\u{2212}12.00", "-12.00"),
            ("1234.56", "(120.00)", "-120.00"),
            ("1234.56", "+7", "7"),
        ] {
            assert_eq!(read(example, text), plain, "{text} as {example}");
        }
    }

    #[test]
    fn what_has_two_readings_is_refused_with_both() {
        let plain = |text: &str| NumberFormat::default().plain(text).unwrap_err();
        let fault = plain("1,234");
        assert!(
            fault.contains("1.234 where numbers look like 1.234,56"),
            "{fault}"
        );
        assert!(
            fault.contains("1234 where numbers look like 1,234.56"),
            "{fault}"
        );
        assert!(plain("1.355,90").contains("1355.90 where"));
        assert_eq!(plain("ten"), "`ten` is not a number");
        let german: NumberFormat = "1.234,56".parse().unwrap();
        for wrong in ["1.23", "12.34,5", "1,2,3", "", "(5", "--5"] {
            assert!(german.plain(wrong).is_err(), "{wrong}");
        }
        let both = ambiguous(NumberFormat::default(), "1.000", 2).unwrap();
        assert!(
            both.contains("1000 where") && both.contains("1.000 where"),
            "{both}"
        );
        assert_eq!(
            ambiguous(NumberFormat::default(), "1.000", 3),
            None,
            "dinars"
        );
        assert_eq!(ambiguous(german, "1.000", 2), None, "stated");
        let plainly = "1234.56".parse().unwrap();
        assert_eq!(ambiguous(plainly, "1.000", 2), None, "stated, too");
        let half = ambiguous(NumberFormat::default(), "0.500", 2);
        assert_eq!(half, None, "no thousands begin with a zero");
        assert!(german.plain("0.500").is_err());
        assert!(plain("").contains("empty"));
    }

    #[test]
    fn floats_may_be_percentages_and_powers() {
        let format = NumberFormat::default();
        assert_eq!(format.float("12.5 %"), Ok(0.125));
        assert_eq!(format.float("1e-3"), Ok(0.001));
        assert!(format.float("inf").is_err() && format.float("NaN").is_err());
        let german: NumberFormat = "1.234,56".parse().unwrap();
        assert_eq!(german.float("1.234,5"), Ok(1234.5));
        assert_eq!(german.float("1.000"), Ok(1000.0));
    }

    #[test]
    fn a_percentage_is_not_taken_for_a_fraction() {
        assert_eq!((fraction("0.1"), fraction("10 %")), (Ok(0.1), Ok(0.1)));
        assert_eq!(fraction("120%"), Ok(1.2));
        let asked = fraction("10").unwrap_err();
        assert_eq!(
            asked,
            "10 is 1000% or 10%; write 1000% or 10%, as it is meant"
        );
        assert!(fraction("ten").unwrap_err().contains("0.10 or 10%"));
    }

    #[test]
    fn an_example_must_show_both_marks() {
        for wrong in ["", "1,234", "1.234.56", "abc", "1;234,56", "1234", "12,34"] {
            assert!(wrong.parse::<NumberFormat>().is_err(), "{wrong}");
        }
    }

    proptest! {
        /// Written in any format, a number comes back.
        #[test]
        fn numbers_come_back(cents in -10_i64.pow(12)..10_i64.pow(12), which in 0usize..4) {
            let (size, sign) = (cents.unsigned_abs(), if cents < 0 { "-" } else { "" });
            let plain = format!("{sign}{}.{:02}", size / 100, size % 100);
            let digits = (size / 100).to_string();
            let mut grouped = String::new();
            for (index, digit) in digits.chars().enumerate() {
                if index > 0 && (digits.len() - index) % 3 == 0 {
                    grouped.push(['.', ',', ' ', '\''][which]);
                }
                grouped.push(digit);
            }
            let decimal = [',', '.', ',', '.'][which];
            let text = format!("{sign}{grouped}{decimal}{:02}", size % 100);
            prop_assert_eq!(read(USUAL[which], &text), plain);
        }
    }
}
