//! Days and times as people write them.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use serde::Deserialize;

/// First and last year that a record is plausibly of.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

/// A form of days or times.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum DateFormat {
    /// `2025-09-30T14:05:00Z`.
    Rfc3339,
    /// Seconds since 1970 began in UTC.
    EpochSeconds,
    /// Milliseconds since then.
    EpochMillis,
    /// As `strftime` has it.
    Strftime(String),
}

impl From<String> for DateFormat {
    fn from(text: String) -> Self {
        match text.as_str() {
            "rfc3339" => Self::Rfc3339,
            "epoch_seconds" => Self::EpochSeconds,
            "epoch_millis" => Self::EpochMillis,
            _ => Self::Strftime(text),
        }
    }
}

impl std::fmt::Display for DateFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Rfc3339 => "rfc3339",
            Self::EpochSeconds => "epoch_seconds",
            Self::EpochMillis => "epoch_millis",
            Self::Strftime(format) => format,
        })
    }
}

/// Whose days are meant: an offset such as `+02:00`, or a place such as `Europe/Berlin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Zone {
    /// So much ahead of UTC.
    Offset(FixedOffset),
    /// The time of a place, daylight saving included.
    Place(chrono_tz::Tz),
}

impl Default for Zone {
    fn default() -> Self {
        Self::Place(chrono_tz::UTC)
    }
}

impl TryFrom<String> for Zone {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if let Ok(offset) = text.parse() {
            return Ok(Self::Offset(offset));
        }
        text.parse().map(Self::Place).map_err(|_| {
            format!("`{text}` is no time zone; write an offset such as +02:00 or a place such as Europe/Berlin")
        })
    }
}

impl Zone {
    /// The clock of the zone at a moment.
    fn local(self, moment: DateTime<Utc>) -> NaiveDateTime {
        match self {
            Self::Offset(offset) => moment.with_timezone(&offset).naive_local(),
            Self::Place(place) => moment.with_timezone(&place).naive_local(),
        }
    }

    /// The moment at which the zone's clock shows a time: the first of two, none where it is skipped.
    fn moment(self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        match self {
            Self::Offset(offset) => offset
                .from_local_datetime(&local)
                .earliest()
                .map(|it| it.to_utc()),
            Self::Place(place) => place
                .from_local_datetime(&local)
                .earliest()
                .map(|it| it.to_utc()),
        }
    }
}

/// What a text of some form says.
enum Said {
    Moment(DateTime<Utc>),
    Local(NaiveDateTime),
}

impl DateFormat {
    fn read(&self, text: &str) -> Option<Said> {
        match self {
            Self::Rfc3339 => DateTime::parse_from_rfc3339(text)
                .ok()
                .map(|it| Said::Moment(it.to_utc())),
            Self::EpochSeconds => DateTime::from_timestamp(text.parse().ok()?, 0).map(Said::Moment),
            Self::EpochMillis => {
                DateTime::from_timestamp_millis(text.parse().ok()?).map(Said::Moment)
            }
            Self::Strftime(format) => {
                if let Ok(zoned) = DateTime::parse_from_str(text, format) {
                    return Some(Said::Moment(zoned.to_utc()));
                }
                NaiveDateTime::parse_from_str(text, format)
                    .or_else(|_| {
                        NaiveDate::parse_from_str(text, format)
                            .map(|date| date.and_time(NaiveTime::MIN))
                    })
                    .ok()
                    .map(Said::Local)
            }
        }
    }
}

/// The day that a text of one of the forms says, by the zone's clock; the first form that fits.
///
/// # Errors
/// That none fits, or that the day is implausible.
pub fn day(text: &str, formats: &[DateFormat], zone: Zone) -> Result<NaiveDate, String> {
    let said = said(text, formats, "date")?;
    let day = match said {
        Said::Moment(moment) => zone.local(moment).date(),
        Said::Local(local) => local.date(),
    };
    plausible(text, day)
}

/// The moment that a text of one of the forms says; a clock without a zone is the zone's, and a day
/// begins at midnight.
///
/// # Errors
/// That none fits, that the moment is implausible, or that the zone's clocks skipped it.
pub fn moment(text: &str, formats: &[DateFormat], zone: Zone) -> Result<DateTime<Utc>, String> {
    let moment = match said(text, formats, "time")? {
        Said::Moment(moment) => moment,
        Said::Local(local) => zone
            .moment(local)
            .ok_or_else(|| format!("`{text}` is no time: clocks were set forward past it"))?,
    };
    plausible(text, moment.date_naive())?;
    Ok(moment)
}

fn said(text: &str, formats: &[DateFormat], what: &str) -> Result<Said, String> {
    let found = formats.iter().find_map(|format| format.read(text));
    found.ok_or_else(|| {
        let forms: Vec<String> = formats.iter().map(ToString::to_string).collect();
        let forms = forms.join(" or ");
        let hint = epoch_hint(text).unwrap_or_default();
        format!("`{text}` is not a {what} of the form {forms}{hint}")
    })
}

/// What a long number may be instead of a date.
pub fn epoch_hint(text: &str) -> Option<&'static str> {
    let is_number = text.bytes().all(|it| it.is_ascii_digit());
    match text.len() {
        13 if is_number => Some("; for milliseconds since 1970 set date_format = \"epoch_millis\""),
        10 if is_number => Some("; for seconds since 1970 set date_format = \"epoch_seconds\""),
        _ => None,
    }
}

/// A day of a year that records are of.
///
/// # Errors
/// That it is not.
pub fn plausible(text: &str, day: NaiveDate) -> Result<NaiveDate, String> {
    let year = day.year();
    if YEARS.contains(&year) {
        return Ok(day);
    }
    let fix = if (0..100).contains(&year) {
        "read years of two digits with %y"
    } else {
        "see whether the date format is right"
    };
    Err(format!("`{text}` would be of the year {year}; {fix}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formats(all: &[&str]) -> Vec<DateFormat> {
        all.iter()
            .map(|it| DateFormat::from((*it).to_owned()))
            .collect()
    }

    fn on(text: &str, format: &str, zone: &str) -> Result<String, String> {
        let zone = Zone::try_from(zone.to_owned()).unwrap();
        day(text, &formats(&[format]), zone).map(|it| it.to_string())
    }

    #[test]
    fn a_day_is_the_zones() {
        let said = |it: &str| Ok(it.to_owned());
        assert_eq!(
            on("1714521600000", "epoch_millis", "UTC"),
            said("2024-05-01")
        );
        assert_eq!(
            on("1714521600", "epoch_seconds", "-03:00"),
            said("2024-04-30")
        );
        assert_eq!(
            on("2025-06-30T23:30:00Z", "rfc3339", "Europe/Berlin"),
            said("2025-07-01")
        );
        assert_eq!(
            on("2025-06-30T23:30:00Z", "rfc3339", "UTC"),
            said("2025-06-30")
        );
        assert_eq!(
            on("30.06.2025 23:30 -0500", "%d.%m.%Y %H:%M %z", "UTC"),
            said("2025-07-01")
        );
        assert_eq!(on("05.03.24", "%d.%m.%y", "UTC"), said("2024-03-05"));
    }

    #[test]
    fn a_clock_is_the_zones() {
        let zone = Zone::try_from("Europe/Berlin".to_owned()).unwrap();
        let at = |text: &str| moment(text, &formats(&["%Y-%m-%d %H:%M"]), zone);
        assert_eq!(
            at("2025-07-01 01:30").unwrap().to_rfc3339(),
            "2025-06-30T23:30:00+00:00"
        );
        assert!(at("2025-03-30 02:30").unwrap_err().contains("set forward"));
    }

    #[test]
    fn implausible_years_are_refused_with_the_fix() {
        assert!(
            on("05.03.24", "%d.%m.%Y", "UTC")
                .unwrap_err()
                .contains("%y")
        );
        assert!(
            on("1714521600000", "epoch_seconds", "UTC")
                .unwrap_err()
                .contains("year")
        );
        assert!(
            on("1714521600000", "%Y-%m-%d", "UTC")
                .unwrap_err()
                .contains("epoch_millis")
        );
        assert!(
            Zone::try_from("Mars".to_owned())
                .unwrap_err()
                .contains("Europe/Berlin")
        );
    }
}
