//! What was known of a customer before each of their months at risk.

use chrono::{Days, NaiveDate};
use keepworth_contract::customers::EpisodeRow;
use keepworth_contract::experience::ExposureRow;
use keepworth_contract::simulator::LinkExposure;
use keepworth_contract::{Month, MonthError, Word};

use super::plan::Plan;

/// A month at risk of one customer, and what was known before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Risk {
    /// The month.
    pub(crate) month: Month,
    /// The exposure: a score, or a count.
    pub(crate) exposure: i64,
    /// Completed months since they became a customer, at the month's beginning.
    pub(crate) tenure: u32,
    /// Days under observation in the month, and days that it has.
    pub(crate) days: (u8, u8),
    /// Whether they left in it.
    pub(crate) left: bool,
    /// Whether it is their last under observation.
    pub(crate) last: bool,
}

/// What became of a customer's months.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Months at risk before which the exposure is not known.
    pub(crate) unknown: u64,
    /// Whether they left in a month that counts and the exposure is known before it.
    pub(crate) left_known: bool,
    /// Whether they left in a month that counts, and answered only when that was known.
    pub(crate) left_late: bool,
}

/// What one month brought.
struct Deed {
    month: i32,
    answer: Option<i64>,
    count: i64,
}

/// Hands each month at risk whose exposure is known to `each`.
pub(crate) fn walk(
    plan: &Plan,
    episode: &EpisodeRow,
    rows: &[ExposureRow],
    mut each: impl FnMut(Risk),
) -> Result<Seen, MonthError> {
    let deeds = rows.iter().map(|row| deed(plan, row));
    let deeds = deeds.collect::<Result<Vec<_>, _>>()?;
    let end = episode.observed_to.min(plan.as_of);
    let acquired = Month::of(episode.acquired_on).index();
    let first = plan.from.max(Month::of(episode.observed_from)).index();
    let last = plan.until.min(Month::of(end)).index();
    let mut seen = Seen::default();
    for index in first..=last {
        let month = Month::from_index(index);
        let is_end = Month::of(end) == month;
        let left = episode.left && is_end;
        let Some(exposure) = known(plan, &deeds, index, acquired) else {
            seen.unknown += 1;
            let late = |deed: &Deed| deed.answer.is_some() && deed.month >= index - plan.notice;
            seen.left_late |= left && deeds.iter().any(late);
            continue;
        };
        seen.left_known |= left;
        each(Risk {
            month,
            exposure,
            tenure: u32::try_from(index - acquired).unwrap_or(0),
            days: days(month, episode.observed_from, end),
            left,
            last: is_end || index == plan.until.index(),
        });
    }
    Ok(seen)
}

/// The exposure in the window before a month; none where it is not known.
fn known(plan: &Plan, deeds: &[Deed], month: i32, acquired: i32) -> Option<i64> {
    let end = month - plan.notice;
    let window = end - plan.window..end;
    let inside = deeds.iter().filter(|deed| window.contains(&deed.month));
    if plan.exposure.is_answer() {
        // Months ascend, so that the last answer is the latest.
        return inside.filter_map(|deed| deed.answer).next_back();
    }
    // Who was no customer for the whole window had less time for contacts, not less need.
    if acquired > window.start {
        return None;
    }
    let count: i64 = inside.map(|deed| deed.count).sum();
    Some(match plan.exposure {
        LinkExposure::RepeatContacts => (count - 1).max(0),
        _ => count,
    })
}

fn deed(plan: &Plan, row: &ExposureRow) -> Result<Deed, MonthError> {
    let month: Month = row.month.parse()?;
    let count = match plan.exposure {
        LinkExposure::UnresolvedContacts => row.unresolved,
        LinkExposure::AbandonedContacts => row.abandoned,
        _ => row
            .contacts
            .iter()
            .filter(|(channel, _)| plan.channel.as_ref().is_none_or(|it| it == *channel))
            .map(|(_, sum)| sum.count)
            .sum(),
    };
    let answer = row.scores.get(plan.exposure.name());
    Ok(Deed {
        month: month.index(),
        answer: answer.map(|score| i64::from(*score)),
        count: i64::try_from(count).unwrap_or(i64::MAX),
    })
}

/// Days under observation in a month, both ends included, and days that it has.
fn days(month: Month, from: NaiveDate, to: NaiveDate) -> (u8, u8) {
    let (first, after) = (month.first_day(), month.plus(1).first_day());
    let count = |from: NaiveDate, to: NaiveDate| u8::try_from((to - from).num_days()).unwrap_or(0);
    let until = (to + Days::new(1)).min(after);
    (count(first.max(from), until), count(first, after))
}
