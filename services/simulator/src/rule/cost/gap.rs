//! Months that the books do not have, in words.

use std::collections::{BTreeMap, BTreeSet};

use keepworth_contract::{Flag, FlagCode, Month};

use crate::rule::driver::Calendar;

/// Months that are missing, by what is not booked in them, with the segments that it is missing in.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Gaps(BTreeMap<(String, BTreeSet<Month>), BTreeSet<String>>);

impl Gaps {
    /// Notes what a segment misses.
    pub(super) fn add(&mut self, what: String, months: impl Iterator<Item = Month>, segment: &str) {
        let months: BTreeSet<Month> = months.collect();
        if !months.is_empty() {
            let segments = self.0.entry((what, months)).or_default();
            segments.insert(segment.to_owned());
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (gap, segments) in &other.0 {
            let mine = self.0.entry(gap.clone()).or_default();
            mine.extend(segments.iter().cloned());
        }
    }

    /// A flag for each gap; names segments where only some of `segments` have it.
    pub(super) fn flags(&self, calendar: &Calendar, segments: usize) -> Vec<Flag> {
        let flag = |((what, months), whose): (&(String, BTreeSet<Month>), &BTreeSet<String>)| {
            let names: Vec<&str> = whose.iter().map(String::as_str).collect();
            let whose = if names.len() < segments {
                format!(" ({})", names.join(", "))
            } else {
                String::new()
            };
            let missing = in_words(months);
            if let Some(last) = last_booked(months, calendar) {
                let detail = format!(
                    "{what} is booked up to {last}, not yet in {missing}{whose}; the \
                     rate is that of the months that are booked"
                );
                Flag::new(FlagCode::BooksLate, detail).about(what)
            } else {
                let detail = format!(
                    "{what} is not booked in {missing}{whose}; the rate is that \
                     of the months that are booked; where nothing was spent, book 0 with a note"
                );
                Flag::new(FlagCode::BooksIncomplete, detail).about(what)
            }
        };
        self.0.iter().map(flag).collect()
    }
}

/// The last month that is booked, where all that is missing lies after it.
fn last_booked(missing: &BTreeSet<Month>, calendar: &Calendar) -> Option<Month> {
    let booked = calendar.months().rev().find(|it| !missing.contains(it))?;
    missing.iter().all(|it| *it > booked).then_some(booked)
}

/// Months with those that follow each other drawn together.
pub(crate) fn in_words(months: &BTreeSet<Month>) -> String {
    let mut runs: Vec<(Month, Month)> = Vec::new();
    for month in months {
        match runs.last_mut() {
            Some((_, last)) if last.plus(1) == *month => *last = *month,
            _ => runs.push((*month, *month)),
        }
    }
    let words = runs.into_iter().map(|(first, last)| {
        if first == last {
            first.to_string()
        } else {
            format!("{first} to {last}")
        }
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn months(texts: &[&str]) -> BTreeSet<Month> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn late_books_and_holes_are_told_apart() {
        let day = |text: &str| text.parse().unwrap();
        let calendar = Calendar::of(day("2025-01-01"), day("2025-12-31"));
        let mut gaps = Gaps::default();
        let late = months(&["2025-11", "2025-12"]);
        gaps.add("OVERHEAD".to_owned(), late.into_iter(), "home");
        let hole = months(&["2025-03", "2025-04", "2025-07"]);
        gaps.add("SERVICE".to_owned(), hole.into_iter(), "home");
        let [late, hole] = &gaps.flags(&calendar, 2)[..] else {
            panic!("two flags")
        };
        let expected = "OVERHEAD is booked up to 2025-10, not yet in 2025-11 to 2025-12 (home);";
        assert_eq!(late.code, FlagCode::BooksLate);
        assert!(late.detail.starts_with(expected), "{late}");
        let expected = "SERVICE is not booked in 2025-03 to 2025-04, 2025-07 (home);";
        assert_eq!(hole.code, FlagCode::BooksIncomplete);
        assert!(hole.detail.starts_with(expected), "{hole}");
        assert!(!gaps.flags(&calendar, 1)[0].detail.contains("home"));
    }
}
