//! What a charge for some days is a month.
//!
//! A subscriber who pays the same price all along has the same run rate all along, however a bill
//! was cut:
//!
//! - A whole number of months (the 31st to the last of February included) is shared by its months.
//! - A part of a period, such as a first month from the 20th on or seats added in the middle of a
//!   year, is what the whole period would cost: amount × days of the period / days of the part.
//!   Which period that is, and to the last unit what it costs, is told by the whole periods beside
//!   it; alone, it is a part of a calendar month.
//! - A period of days that follows one of as many days (28, 30, a fortnight) is a plan by days: it
//!   recurs 365.25 / 12 / days times a month, and a month of 30 days among them too.

use chrono::Datelike;
use keepworth_contract::{Currency, Period};

use crate::rule::metric::ratio::divide_half_even;
use crate::rule::revenue::movement::MRR_SCALE;

/// A recurring charge by days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dated {
    /// What it was charged in.
    pub currency: Currency,
    /// The days it is for.
    pub period: Period,
    /// Minor units; below zero what was given back.
    pub minor: i64,
}

/// A whole period that a part is held against.
#[derive(Debug, Clone, Copy)]
struct Cycle {
    days: i64,
    months: i32,
    /// What it costs.
    minor: i64,
}

/// Months of 30.4375 days: 365.25 / 12.
const MEAN_MONTH: (i64, i64) = (487, 16);

impl Dated {
    /// What it is a month, in [`MRR_SCALE`]ths of a minor unit, among all `charges` of its customer;
    /// `None` when that does not fit.
    #[must_use]
    pub fn run_rate(&self, charges: &[Self]) -> Option<i64> {
        if self.period.days() == 0 {
            return Some(0);
        }
        let cycles = self.cycles(charges);
        if let Some(cycle) = cycles.iter().find(|cycle| self.is_exactly_part_of(cycle)) {
            return self.as_all_of(cycle);
        }
        if self.is_by_days(charges) {
            return self.by_mean_month();
        }
        match self.period.whole_months() {
            Some(months) => scaled(self.minor, 1, months.into()),
            None => self.as_part(&cycles),
        }
    }

    /// What the whole period that it is a part of is a month.
    fn as_all_of(&self, cycle: &Cycle) -> Option<i64> {
        let minor = self.minor.signum() * cycle.minor.abs();
        scaled(minor, 1, cycle.months.into())
    }

    fn by_mean_month(&self) -> Option<i64> {
        let (mean, over) = MEAN_MONTH;
        scaled(self.minor, mean, over * self.period.days())
    }

    /// What a part of a period is a month, when no bill says it to the unit.
    fn as_part(&self, cycles: &[Cycle]) -> Option<i64> {
        let days = self.period.days();
        if let Some(cycle) = self.nearest(cycles) {
            self.as_all_of(&cycle)
        } else if let Some(cycle) = cycles.first() {
            scaled(self.minor, cycle.days, days * i64::from(cycle.months))
        } else if let Some(month) = self.calendar_month() {
            scaled(self.minor, month.days(), days)
        } else {
            self.by_mean_month()
        }
    }

    /// Whether the charges beside it can say something of its rate.
    #[must_use]
    pub fn depends_on_others(&self) -> bool {
        self.period.whole_months().is_none() || self.is_as_long_as_a_plan_by_days()
    }

    /// Whether it is a whole number of months, and those beside it of another length say that it is no
    /// plan by days.
    #[must_use]
    pub fn is_settled_by(&self, charges: &[Self]) -> bool {
        let differs = |it: &Self| it.is_whole() && it.period.days() != self.period.days();
        self.is_whole() && self.beside(charges).any(differs)
    }

    fn is_whole(&self) -> bool {
        self.period.whole_months().is_some()
    }

    fn is_as_long_as_a_plan_by_days(&self) -> bool {
        let days = self.period.days();
        days % 7 == 0 || days % 30 == 0
    }

    /// The charges right before and right after it.
    fn beside<'a>(&self, charges: &'a [Self]) -> impl Iterator<Item = &'a Self> {
        let (period, currency) = (self.period, self.currency);
        charges.iter().filter(move |it| {
            it.currency == currency
                && it.minor > 0
                && (it.period.until() == period.from() || it.period.from() == period.until())
        })
    }

    /// Whether it is one of a row of periods of as many days, which are no months.
    ///
    /// Two of 30 days may both be a month, from the 31st of March to the 30th of May: then the one
    /// beyond tells.
    fn is_by_days(&self, charges: &[Self]) -> bool {
        if self.is_whole() && (!self.is_as_long_as_a_plan_by_days() || self.is_settled_by(charges))
        {
            return false;
        }
        let alike = |it: &&Self| it.period.days() == self.period.days();
        let mut row = self.beside(charges).filter(alike).flat_map(|it| {
            let beyond = it.beside(charges).filter(alike);
            std::iter::once(it).chain(beyond.filter(|beyond| *beyond != self))
        });
        row.any(|it| {
            let are_months = it.is_whole() && self.is_whole();
            let is_other = are_months || it.is_part_beside(self);
            !is_other && (it.minor == self.minor || self.is_as_long_as_a_plan_by_days())
        })
    }

    /// Whether it is exactly a part of such a period as another is.
    fn is_part_beside(&self, whole: &Self) -> bool {
        let cycle = self.cycle_beside(whole);
        cycle.is_some_and(|cycle| self.is_exactly_part_of(&cycle))
    }

    /// The period that this is a part of, when it is one like `whole`, which contains it or stands
    /// beside it.
    fn cycle_beside(&self, whole: &Self) -> Option<Cycle> {
        let months = whole.period.whole_months()?;
        let (mine, other) = (self.period, whole.period);
        let shares_an_end = mine.from() == other.from() || mine.until() == other.until();
        let period = if other.from() == mine.until() {
            Period::months_up_to(mine.until(), months)?
        } else if other.until() == mine.from() {
            Period::of_months(mine.from(), months)?
        } else if shares_an_end && other.days() > mine.days() {
            other
        } else {
            return None;
        };
        (period.days() > mine.days()).then_some(Cycle {
            days: period.days(),
            months,
            minor: whole.minor,
        })
    }

    /// Every whole period that it may be a part of, when it is none itself; and what the next one costs more than the
    /// present one, because seats that are added are part of that price from then on.
    fn cycles(&self, charges: &[Self]) -> Vec<Cycle> {
        if self.is_whole() {
            return Vec::new();
        }
        let mine = charges.iter().filter(|it| it.currency == self.currency);
        let beside: Vec<(&Self, Cycle)> = mine
            .filter_map(|it| Some((it, self.cycle_beside(it)?)))
            .collect();
        let is_next = |it: &Self| it.period.from() == self.period.until();
        let sum = |next: bool| -> i64 {
            let some = beside.iter().filter(|(it, _)| is_next(it) == next);
            some.fold(0, |sum, (_, cycle)| sum.saturating_add(cycle.minor))
        };
        let more = sum(true).saturating_sub(sum(false));
        let present = beside.iter().find(|(it, _)| !is_next(it));
        let added = present.map(|(_, cycle)| Cycle {
            minor: more,
            ..*cycle
        });
        let added = added.filter(|_| more > 0 && beside.iter().any(|(it, _)| is_next(it)));
        beside
            .iter()
            .map(|(_, cycle)| *cycle)
            .chain(added)
            .collect()
    }

    /// How far the charge is from what the days cost, in minor units times the cycle's days.
    fn distance(&self, cycle: &Cycle) -> i128 {
        let charged = i128::from(self.minor.abs()) * i128::from(cycle.days);
        let expected = i128::from(cycle.minor.abs()) * i128::from(self.period.days());
        (charged - expected).abs()
    }

    /// To the minor unit that bills are rounded to.
    fn is_exactly_part_of(&self, cycle: &Cycle) -> bool {
        self.distance(cycle) <= i128::from(cycle.days)
    }

    /// The cycle nearest to it, as near as a day: bills count the seconds of the first day.
    fn nearest(&self, cycles: &[Cycle]) -> Option<Cycle> {
        let near = cycles.iter().copied();
        near.filter(|cycle| {
            let a_day = i128::from(cycle.minor.abs()) + i128::from(cycle.days);
            self.distance(cycle) < a_day
        })
        .min_by_key(|cycle| self.distance(cycle) * 1_000 / i128::from(cycle.days))
    }

    /// The month that it is a part of: the calendar month it begins or ends with, else the one that
    /// ends where it does.
    fn calendar_month(&self) -> Option<Period> {
        let (from, until) = (self.period.from(), self.period.until());
        let opens = Period::of_months(from, 1);
        let month = if from.day() == 1 {
            opens
        } else {
            Period::months_up_to(until, 1)
        };
        month.filter(|month| month.days() >= self.period.days())
    }
}

/// `minor × times / over`, scaled.
fn scaled(minor: i64, times: i64, over: i64) -> Option<i64> {
    let numerator = i128::from(minor) * i128::from(MRR_SCALE) * i128::from(times);
    divide_half_even(numerator, over.into())
}

#[cfg(test)]
#[path = "run_rate/tests.rs"]
mod tests;
