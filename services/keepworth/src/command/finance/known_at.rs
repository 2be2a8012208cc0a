//! What was known at a time, before later corrections.

use chrono::{DateTime, NaiveDate, Utc};

use super::wording;
use crate::present::Sheet;

/// As of which knowledge the books are read.
#[derive(clap::Args)]
pub(super) struct KnownAt {
    /// As it was known at this time, such as 2025-10-05T12:00:00Z or the end of 2025-10-05, before
    /// later corrections (default: now).
    #[arg(long = "known-at", value_name = "TIME", value_parser = time)]
    time: Option<DateTime<Utc>>,
}

fn time(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        let end = day.and_hms_micro_opt(23, 59, 59, 999_999);
        return end
            .map(|end| end.and_utc())
            .ok_or_else(|| format!("`{text}` has no end"));
    }
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.with_timezone(&Utc))
        .map_err(|_| {
            "write a day such as 2025-10-05, or a time such as 2025-10-05T12:00:00Z".to_owned()
        })
}

impl KnownAt {
    /// The time.
    pub(super) fn time(&self) -> Option<DateTime<Utc>> {
        self.time
    }

    /// Says it below the sheet.
    pub(super) fn note(&self, sheet: &mut Sheet) {
        if let Some(at) = self.time {
            let time = wording::time(at);
            sheet.note(format!(
                "As it was known at {time}, before later corrections."
            ));
        }
    }

    /// The sheets, of which the first says it.
    pub(super) fn noted(&self, mut sheets: Vec<Sheet>) -> Vec<Sheet> {
        if let Some(first) = sheets.first_mut() {
            self.note(first);
        }
        sheets
    }
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn a_day_is_known_at_its_end() {
        let shown = |text| time(text).map(|time| time.to_rfc3339());
        assert_eq!(
            shown("2025-10-05").unwrap(),
            "2025-10-05T23:59:59.999999+00:00"
        );
        assert_eq!(
            shown("2025-10-05T14:00:00+02:00").unwrap(),
            "2025-10-05T12:00:00+00:00"
        );
        assert!(shown("yesterday").unwrap_err().contains("2025-10-05"));
    }
}
