//! The months that a charge is for, and its part of each.
//!
//! A charge for `n` months is spread over them: the first `k` have `⌊k·amount/n⌋` minor units
//! together, so that months differ by one unit at most and add up to the charge exactly. One that
//! names its days is spread by them likewise: who is billed from the 20th on has a part in either
//! month, as they have been a customer in either for a part of it.

use chrono::Days;
use keepworth_contract::{Month, Period};

/// The months that a charge is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The last of so many months.
    month: Month,
    /// At least one.
    months: i32,
    /// The days, where they are known and there are any.
    period: Option<Period>,
}

impl Span {
    /// So many `months`, at least one, of which `month` is the last; by days where they are known.
    #[must_use]
    pub fn new(month: Month, months: i32, period: Option<Period>) -> Self {
        Self {
            month,
            months,
            period: period.filter(|it| it.days() > 0),
        }
    }

    /// The first month.
    #[must_use]
    pub fn first(&self) -> Month {
        let dated = self.period.map(|it| Month::of(it.from()));
        dated.unwrap_or(self.month.plus(1 - self.months))
    }

    /// The last month.
    #[must_use]
    pub fn last(&self) -> Month {
        let dated = self.period.map(|it| Month::of(it.until() - Days::new(1)));
        dated.unwrap_or(self.month)
    }

    /// A month's part of so many minor units. The parts of all its months sum to them.
    #[must_use]
    pub fn part(&self, minor: i64, month: Month) -> i64 {
        let until = |month: Month| {
            let (passed, all) = self.passed(month);
            (i128::from(minor) * i128::from(passed)).div_euclid(i128::from(all))
        };
        // A part of what fits fits.
        (until(month.plus(1)) - until(month)) as i64
    }

    /// How much of it is over before a month, and how much there is: in days or in months.
    fn passed(&self, month: Month) -> (i64, i64) {
        if let Some(period) = self.period {
            let passed = (month.first_day() - period.from()).num_days();
            (passed.clamp(0, period.days()), period.days())
        } else {
            let passed = month.index() - self.first().index();
            (passed.clamp(0, self.months).into(), self.months.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(span: Span, minor: i64) -> Vec<i64> {
        let months = span.first().index()..=span.last().index();
        let parts = months.map(|it| span.part(minor, Month::from_index(it)));
        parts.collect()
    }

    #[test]
    fn months_differ_by_a_unit_at_most() {
        let quarter = Span::new("2025-03".parse().unwrap(), 3, None);
        assert_eq!(parts(quarter, 1_000), [333, 333, 334]);
        assert_eq!(quarter.part(1_000, "2025-04".parse().unwrap()), 0);
        assert_eq!(quarter.part(1_000, "2024-12".parse().unwrap()), 0);
        let large = parts(Span::new("2025-03".parse().unwrap(), 7, None), i64::MAX);
        let sum: i128 = large.into_iter().map(i128::from).sum();
        assert_eq!(sum, i128::from(i64::MAX));
    }

    #[test]
    fn days_tell_the_parts() {
        let days = |from: &str, until: &str| {
            let period = Period::new(from.parse().unwrap(), until.parse().unwrap()).unwrap();
            Span::new(period.last_month(), period.nearest_months(), Some(period))
        };
        // Twelve of the 31 days lie in August.
        assert_eq!(
            parts(days("2025-08-20", "2025-09-20"), 3_100),
            [1_200, 1_900]
        );
        // 30 days that begin on the last of January: February is whole.
        assert_eq!(
            parts(days("2025-01-31", "2025-03-02"), 3_000),
            [100, 2_800, 100]
        );
        assert_eq!(parts(days("2025-08-01", "2025-09-01"), 3_100), [3_100]);
        assert_eq!(
            parts(days("2025-08-20", "2025-08-20"), 7),
            [7],
            "no days: its month"
        );
    }
}
