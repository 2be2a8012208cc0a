//! The segments that a customer was in, one after the other.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::EpisodeRow;
use crate::Month;

/// A segment that a customer moved out of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EarlierSegment {
    /// The segment's key.
    pub segment: String,
    /// Last day in it.
    pub until: NaiveDate,
}

/// A customer's time under observation in one segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay<'a> {
    /// The segment's key.
    pub segment: &'a str,
    /// First day under observation in it.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Whether it is the last: leaving is leaving from it.
    pub is_last: bool,
}

impl EpisodeRow {
    /// Their stays in segments, in the order of time: one for who never moved.
    pub fn stays(&self) -> impl Iterator<Item = Stay<'_>> {
        let earlier = self
            .earlier_segments
            .iter()
            .map(|it| (&it.segment, it.until, false));
        let all = earlier.chain([(&self.segment, self.observed_to, true)]);
        all.scan(self.observed_from, |from, (segment, to, is_last)| {
            let stay = Stay {
                segment,
                from: *from,
                to,
                is_last,
            };
            *from = to + Days::new(1);
            Some(stay)
        })
    }

    /// The stay in which what is known of a month as a whole counts: charges, contacts, scores. The one that has most
    /// of the month's days under observation, of equals the later; before observation the first, after it the last.
    #[must_use]
    pub fn stay_of(&self, month: Month) -> Stay<'_> {
        let (first_day, next) = (month.first_day(), month.plus(1).first_day());
        let days = |stay: &Stay<'_>| {
            let after = next.min(stay.to + Days::new(1));
            (after - first_day.max(stay.from)).num_days().max(0)
        };
        let is_before = next <= self.observed_from;
        let first = self.stays().find(|_| is_before);
        let longest = || self.stays().max_by_key(days);
        first.or_else(longest).unwrap_or(self.last_stay())
    }

    /// The segment on a day; before observation the first, after it the last.
    #[must_use]
    pub fn segment_on(&self, day: NaiveDate) -> &str {
        let earlier = self.earlier_segments.iter().find(|it| day <= it.until);
        earlier.map_or(&self.segment, |it| &it.segment)
    }

    fn last_stay(&self) -> Stay<'_> {
        let before = self.earlier_segments.last();
        Stay {
            segment: &self.segment,
            from: before.map_or(self.observed_from, |it| it.until + Days::new(1)),
            to: self.observed_to,
            is_last: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::CustomerKey;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn moved() -> EpisodeRow {
        let earlier = |segment: &str, until| EarlierSegment {
            segment: segment.to_owned(),
            until: day(until),
        };
        EpisodeRow {
            customer: CustomerKey {
                source: "crm".to_owned(),
                external_id: "1".to_owned(),
            },
            segment: "gold".to_owned(),
            earlier_segments: vec![
                earlier("basic", "2025-02-10"),
                earlier("plus", "2025-04-15"),
            ],
            acquired_on: day("2024-01-01"),
            acquisition_channel: None,
            observed_from: day("2025-01-05"),
            observed_to: day("2025-06-30"),
            left: true,
            cause: None,
        }
    }

    #[test]
    fn stays_follow_one_another_without_a_gap() {
        let episode = moved();
        let stays: Vec<_> = episode
            .stays()
            .map(|it| (it.segment, it.from, it.to, it.is_last))
            .collect();
        assert_eq!(
            stays,
            [
                ("basic", day("2025-01-05"), day("2025-02-10"), false),
                ("plus", day("2025-02-11"), day("2025-04-15"), false),
                ("gold", day("2025-04-16"), day("2025-06-30"), true),
            ]
        );
    }

    #[test]
    fn a_month_belongs_to_the_segment_of_most_of_its_days() {
        let episode = moved();
        let segments = [
            ("2024-06", "basic"),
            ("2025-01", "basic"),
            ("2025-02", "plus"),
            ("2025-03", "plus"),
            // Fifteen days each.
            ("2025-04", "gold"),
            ("2025-09", "gold"),
        ];
        for (month, segment) in segments {
            assert_eq!(
                episode.stay_of(month.parse().unwrap()).segment,
                segment,
                "{month}"
            );
        }
    }

    #[test]
    fn a_day_is_in_the_segment_of_its_stay() {
        let episode = moved();
        let days = [
            "2024-12-31",
            "2025-02-10",
            "2025-02-11",
            "2025-04-16",
            "2025-07-01",
        ];
        let segments = days.map(|it| episode.segment_on(day(it)).to_owned());
        assert_eq!(segments, ["basic", "basic", "plus", "gold", "gold"]);
    }

    #[test]
    fn who_never_moved_is_told_as_before_there_were_moves() {
        let mut episode = moved();
        episode.earlier_segments.clear();
        let told = serde_json::to_string(&episode).unwrap();
        assert!(!told.contains("earlier"), "{told}");
        assert_eq!(serde_json::from_str::<EpisodeRow>(&told).unwrap(), episode);
        assert_eq!(episode.stays().count(), 1);
    }
}
