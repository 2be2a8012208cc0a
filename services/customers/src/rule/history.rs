//! What is stored of a customer, and what was known of it on a day.

use chrono::{Days, NaiveDate};
use keepworth_contract::customers::{EarlierSegment, EpisodeRow, LeavingCause};
use keepworth_contract::feed::CustomerKey;

/// A customer's dates and segments as stored.
#[derive(Debug, Clone)]
pub struct CustomerHistory {
    /// The customer.
    pub customer: CustomerKey,
    /// Key of the segment in which they are now.
    pub segment: String,
    /// Their moves between segments, in the order of time.
    pub moves: Vec<SegmentMove>,
    /// The day they became a customer.
    pub acquired_on: NaiveDate,
    /// How they were won.
    pub acquisition_channel: Option<String>,
    /// First day under observation.
    pub observed_from: NaiveDate,
    /// Last day under observation; open when `None`.
    pub observed_to: Option<NaiveDate>,
    /// The last day as a customer, when they left.
    pub left_on: Option<NaiveDate>,
    /// Why.
    pub leaving_cause: Option<LeavingCause>,
}

/// A move into a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentMove {
    /// First day in it.
    pub on: NaiveDate,
    /// The segment's key.
    pub segment: String,
    /// Where they were before, where it is known.
    pub from: Option<String>,
}

impl CustomerHistory {
    /// What was known of the customer on the evening of `as_of`; `None` when nothing was.
    #[must_use]
    pub fn known_on(self, as_of: NaiveDate) -> Option<EpisodeRow> {
        if self.observed_from > as_of {
            return None;
        }
        let window_end = self.observed_to.unwrap_or(as_of).min(as_of);
        let left_on = self.left_on.filter(|left_on| *left_on <= window_end);
        let observed_to = left_on.unwrap_or(window_end);
        let (segment, earlier_segments) = self.segments_until(observed_to);
        Some(EpisodeRow {
            segment,
            earlier_segments,
            customer: self.customer,
            acquired_on: self.acquired_on,
            acquisition_channel: self.acquisition_channel,
            observed_from: self.observed_from,
            observed_to,
            left: left_on.is_some(),
            cause: left_on.and(self.leaving_cause),
        })
    }

    /// The segment on a day, and those under observation before. Of several moves on a day the last holds; a move into
    /// the segment that they are in is none.
    fn segments_until(&self, last: NaiveDate) -> (String, Vec<EarlierSegment>) {
        let mut segment = self.first_segment();
        let mut earlier: Vec<EarlierSegment> = Vec::new();
        for it in self.moves.iter().filter(|it| it.on <= last) {
            if it.segment == *segment {
                continue;
            }
            let until = it.on - Days::new(1);
            let begun = earlier.last().map(|it| it.until + Days::new(1));
            if begun.unwrap_or(self.observed_from) <= until {
                let segment = segment.clone();
                earlier.push(EarlierSegment { segment, until });
            } else if earlier
                .last()
                .is_some_and(|back| back.segment == it.segment)
            {
                // Back on the day of the move: they were there all the time.
                earlier.pop();
            }
            segment = &it.segment;
        }
        (segment.clone(), earlier)
    }

    /// Where they were before the first move: a batch is refused that does not say it, but what says it may be taken
    /// back. Then they count from the start where the first move led.
    fn first_segment(&self) -> &String {
        let first = self.moves.first();
        first.map_or(&self.segment, |it| it.from.as_ref().unwrap_or(&it.segment))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    pub(crate) fn history(acquired: &str, from: &str, left: Option<&str>) -> CustomerHistory {
        CustomerHistory {
            customer: CustomerKey {
                source: "crm".into(),
                external_id: "1".into(),
            },
            segment: "all".into(),
            moves: Vec::new(),
            acquired_on: day(acquired),
            acquisition_channel: None,
            observed_from: day(from),
            observed_to: None,
            left_on: left.map(day),
            leaving_cause: left.map(|_| LeavingCause::Price),
        }
    }

    pub(crate) fn moved(on: &str, segment: &str, from: Option<&str>) -> SegmentMove {
        SegmentMove {
            on: day(on),
            segment: segment.into(),
            from: from.map(str::to_owned),
        }
    }

    #[test]
    fn a_move_that_leads_nowhere_is_none() {
        let mut mover = history("2025-01-01", "2025-01-01", None);
        mover.moves = vec![
            moved("2024-12-01", "basic", None),
            moved("2025-04-01", "plus", None),
            moved("2025-04-01", "basic", None),
            moved("2025-05-01", "basic", None),
            moved("2025-06-01", "plus", None),
        ];
        let known = |as_of| mover.clone().known_on(day(as_of)).unwrap();
        assert_eq!(known("2025-05-31").earlier_segments, []);
        assert_eq!(known("2025-05-31").segment, "basic");
        let until = known("2025-06-01").earlier_segments[0].until;
        assert_eq!(until, day("2025-05-31"));
    }

    proptest::proptest! {
        /// Day by day, by the last move up to it.
        #[test]
        fn each_day_is_in_the_segment_of_the_last_move(
            late in 0i64..200, left in 0i64..500, steps in proptest::collection::vec((0i64..120, 0usize..3), 0..8),
        ) {
            let origin = day("2024-01-01");
            let at = |days| origin + chrono::Duration::days(days);
            let mut on = -50;
            let mut mover = history("2024-01-01", "2024-01-01", None);
            mover.observed_from = at(late);
            mover.left_on = Some(at(late + left));
            for (after, segment) in steps {
                on += after;
                let segment = ["a", "b", "c"][segment].to_owned();
                mover.moves.push(SegmentMove { on: at(on), segment, from: Some("start".into()) });
            }
            mover.segment = mover.moves.last().map_or("start".into(), |it| it.segment.clone());
            let truth = |on: NaiveDate| {
                let before = mover.moves.iter().rfind(|it| it.on <= on);
                before.map_or("start", |it| it.segment.as_str()).to_owned()
            };
            let episode = mover.clone().known_on(day("2026-12-31")).unwrap();
            let mut next = episode.observed_from;
            for stay in episode.stays() {
                proptest::prop_assert_eq!(stay.from, next);
                proptest::prop_assert!(stay.from <= stay.to);
                for on in stay.from.iter_days().take_while(|on| *on <= stay.to) {
                    proptest::prop_assert_eq!(stay.segment, truth(on));
                }
                next = stay.to + Days::new(1);
            }
            proptest::prop_assert_eq!(next, at(late + left + 1));
            let pairs: Vec<_> = episode.stays().map(|it| it.segment).collect();
            proptest::prop_assert!(pairs.windows(2).all(|it| it[0] != it[1]));
        }
    }
}
