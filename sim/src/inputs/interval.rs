//! Intervals written as a person says them: `4% to 13%`.

/// A text that is no interval.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(super) enum IntervalError {
    #[error(
        "{0:?} is no interval; write two numbers with \" to \" between them, as in \"4% to 13%\", or one percentage, as in \"10%\""
    )]
    NoInterval(String),
    #[error("{bound:?} in {text:?} may be {decimals} or {thousands}; write one of these")]
    TwoReadings {
        text: String,
        bound: String,
        decimals: String,
        thousands: String,
    },
    #[error("{0:?} has one bound in percent and one not; write both alike, as in \"4% to 13%\"")]
    MixedUnits(String),
}

/// What a text says.
#[derive(Debug, PartialEq)]
pub(super) enum Said {
    /// `LOW to HIGH`, both numbers or both in percent.
    Interval([f64; 2]),
    /// `10%`.
    Percent(f64),
}

/// Reads bounds of `LOW to HIGH`, or one percentage.
pub(super) fn parse(text: &str) -> Result<Said, IntervalError> {
    if let Some((value, true)) = number(text) {
        return Ok(Said::Percent(value));
    }
    interval(text).map(Said::Interval)
}

fn interval(text: &str) -> Result<[f64; 2], IntervalError> {
    let no_interval = || IntervalError::NoInterval(text.to_owned());
    let (low, high) = text.split_once(" to ").ok_or_else(no_interval)?;
    for bound in [low, high] {
        if let Some([decimals, thousands]) = readings(bound) {
            return Err(IntervalError::TwoReadings {
                text: text.to_owned(),
                bound: bound.trim().to_owned(),
                decimals,
                thousands,
            });
        }
    }
    let (low, low_percent) = number(low).ok_or_else(no_interval)?;
    let (high, high_percent) = number(high).ok_or_else(no_interval)?;
    if low_percent != high_percent {
        return Err(IntervalError::MixedUnits(text.to_owned()));
    }
    Ok([low, high])
}

/// Both numbers that a bound such as `1.200` or `1,200` may be: with three decimals, and in thousands.
fn readings(text: &str) -> Option<[String; 2]> {
    let text = text.trim();
    let size = text.strip_prefix('-').unwrap_or(text);
    let sign = &text[..text.len() - size.len()];
    let (whole, rest) = size.split_once(['.', ','])?;
    let is_digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    let are_thousands = is_digits(whole) && is_digits(rest) && rest.len() == 3;
    let is_group = (1..=3).contains(&whole.len()) && !whole.starts_with('0');
    let decimals = rest.trim_end_matches('0');
    (are_thousands && is_group).then(|| {
        let decimals = match decimals {
            "" => format!("{sign}{whole}"),
            _ => format!("{sign}{whole}.{decimals}"),
        };
        [decimals, format!("{sign}{whole}{rest}")]
    })
}

/// A finite number and whether it was in percent.
fn number(text: &str) -> Option<(f64, bool)> {
    let text = text.trim();
    let digits = text.strip_suffix('%').map(str::trim_end);
    let value: f64 = digits.unwrap_or(text).parse().ok()?;
    let value = if digits.is_some() {
        value / 100.0
    } else {
        value
    };
    value.is_finite().then_some((value, digits.is_some()))
}
