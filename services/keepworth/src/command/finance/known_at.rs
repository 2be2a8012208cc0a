//! What was known at a time, before later corrections.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

use crate::sheet::Sheet;

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
    /// Its part of a query.
    pub(super) fn query(&self) -> (&'static str, Option<String>) {
        let text = |time: &DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        ("known_at", self.time.as_ref().map(text))
    }

    /// Whether a time was given.
    pub(super) fn is_given(&self) -> bool {
        self.time.is_some()
    }

    /// Says it below the sheet.
    pub(super) fn note(&self, sheet: &mut Sheet) {
        if let (_, Some(time)) = self.query() {
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
