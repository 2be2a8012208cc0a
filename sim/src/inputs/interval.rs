//! Intervals written as a person says them: `4% to 13%`.

/// A text that is no interval.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(super) enum IntervalError {
    #[error(
        "{0:?} is no interval; write two numbers with \" to \" between them, as in \"4% to 13%\""
    )]
    NoInterval(String),
    #[error("{0:?} has one bound in percent and one not; write both alike, as in \"4% to 13%\"")]
    MixedUnits(String),
}

/// Bounds of `LOW to HIGH`, both numbers or both in percent.
pub(super) fn parse(text: &str) -> Result<[f64; 2], IntervalError> {
    let no_interval = || IntervalError::NoInterval(text.to_owned());
    let (low, high) = text.split_once(" to ").ok_or_else(no_interval)?;
    let (low, low_percent) = number(low).ok_or_else(no_interval)?;
    let (high, high_percent) = number(high).ok_or_else(no_interval)?;
    if low_percent != high_percent {
        return Err(IntervalError::MixedUnits(text.to_owned()));
    }
    Ok([low, high])
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
