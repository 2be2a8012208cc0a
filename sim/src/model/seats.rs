//! Channels that are staffed in seats.

use super::builder::{About, Builder};
use super::range::Range;
use super::segment::Confirmed;
use super::{Segment, Term};
use crate::flag::{Flag, FlagCode};
use crate::scenario::{self, CommittedSeats, Problem, Quantity, Scenario, ScenarioError};

/// A pool of channels that is staffed in whole seats.
#[derive(Debug, Clone)]
pub(crate) struct SeatPool {
    pub(crate) name: String,
    /// Minutes a seat and month.
    pub(crate) minutes: Term,
    /// Cost a seat and month; as many minutes of the pool's channels as a seat has, where absent.
    pub(crate) cost: Option<Term>,
    /// Months of notice.
    pub(crate) notice: usize,
    committed: Vec<CommittedSeats>,
    /// Share of freed seats that other work takes.
    pub(crate) redeployed: Term,
}

impl SeatPool {
    /// Seats that are paid at least in a month.
    pub(crate) fn committed(&self, month: usize) -> f64 {
        let holds = |step: &&CommittedSeats| step.from as usize <= month;
        let step = self.committed.iter().rev().find(holds);
        step.map_or(0.0, |step| f64::from(step.seats))
    }
}

/// Resolves the pools, and says of their channels that seats stand in place of minutes.
pub(super) fn seats(
    scenario: &Scenario,
    segments: &mut [Segment],
    builder: &mut Builder,
) -> Result<Vec<SeatPool>, ScenarioError> {
    let mut pools = Vec::new();
    for (index, written) in scenario.seats.iter().enumerate() {
        let path = format!("seats[{index}]");
        if scenario.seats[..index]
            .iter()
            .any(|it| it.name == written.name)
        {
            let problem = Problem::Duplicate {
                what: "pool of seats",
                name: written.name.clone(),
            };
            return Err(problem.at(format!("{path}.name")));
        }
        take_channels(scenario, written, index, segments, builder)?;
        let pool = pool(written, &path, builder)?;
        let minutes = minutes_today(index, segments, builder);
        if pool.cost.is_none() && minutes == 0.0 {
            let problem = "nobody is there at month 0 by whose minutes a seat could be priced; write cost_per_seat";
            return Err(Problem::Conflict(problem.to_owned()).at(format!("{path}.cost_per_seat")));
        }
        pools.push(pool);
    }
    Ok(pools)
}

fn pool(
    written: &scenario::Seats,
    path: &str,
    builder: &mut Builder,
) -> Result<SeatPool, ScenarioError> {
    check_committed(&written.committed, path)?;
    let most = "give months of notice, 0 to 60";
    Problem::unless_within(f64::from(written.notice_months), 0.0, 60.0, most)
        .map_err(|problem| problem.at(format!("{path}.notice_months")))?;
    let mut term = |quantity: &Quantity, field: &str, unit, range| {
        let about = About {
            unit,
            ..About::default()
        };
        let name = format!("seats.{}.{field}", written.name);
        builder.term(quantity, name, about, &format!("{path}.{field}"), range)
    };
    let (minutes, none) = (&written.minutes_per_seat, Quantity::from(0.0));
    let redeployed = written.redeployed.as_ref().unwrap_or(&none);
    let cost = match &written.cost_per_seat {
        Some(cost) => Some(term(cost, "cost_per_seat", "money a month", Range::AMOUNT)?),
        None => None,
    };
    Ok(SeatPool {
        name: written.name.clone(),
        minutes: term(minutes, "minutes_per_seat", "minutes a month", MINUTES)?,
        cost,
        notice: written.notice_months as usize,
        committed: written.committed.clone(),
        redeployed: term(
            redeployed,
            "redeployed",
            "share of freed seats",
            Range::SHARE,
        )?,
    })
}

const MINUTES: Range = Range {
    low: 1e-6,
    high: 50_000.0,
    fix: "give the minutes of handling that a seat comes to in a month, up to 50000: about 7000 of one person",
};

fn check_committed(steps: &[CommittedSeats], path: &str) -> Result<(), ScenarioError> {
    for (index, pair) in steps.windows(2).enumerate() {
        if pair[0].from >= pair[1].from {
            let problem = format!(
                "two numbers of seats are committed for month {}; give each month one, in order",
                pair[1].from
            );
            return Err(
                Problem::Conflict(problem).at(format!("{path}.committed[{}].from", index + 1))
            );
        }
    }
    Ok(())
}

/// Puts a pool's channels into it, in every segment that has them.
fn take_channels(
    scenario: &Scenario,
    written: &scenario::Seats,
    pool: usize,
    segments: &mut [Segment],
    builder: &mut Builder,
) -> Result<(), ScenarioError> {
    let path = format!("seats[{pool}].channels");
    if written.channels.is_empty() {
        let problem = "a pool has at least one channel; name those that its seats serve";
        return Err(Problem::Conflict(problem.to_owned()).at(path));
    }
    for (place, wanted) in written.channels.iter().enumerate() {
        let path = format!("{path}[{place}]");
        let known = || segments.iter().flat_map(|it| &it.channels);
        let known: std::collections::BTreeSet<String> = known().map(|it| it.name.clone()).collect();
        if !known.contains(wanted) {
            let problem = Problem::Unknown {
                what: "channel",
                name: wanted.clone(),
                known: known.into_iter().collect(),
            };
            return Err(problem.at(path));
        }
        refuse_both(scenario, wanted, &path)?;
        let mut was_confirmed = false;
        for channel in segments
            .iter_mut()
            .flat_map(|it| &mut it.channels)
            .filter(|it| it.name == *wanted)
        {
            if channel.pool.is_some() {
                let problem =
                    format!("\"{wanted}\" is a channel of a pool already; name each channel once");
                return Err(Problem::Conflict(problem).at(path));
            }
            channel.pool = Some(pool);
            was_confirmed |= !channel.avoidable.is_open();
            // Seats say what is saved: nothing of it waits for finance.
            channel.avoidable = Confirmed::new(Some(1.0.into()));
        }
        if was_confirmed {
            let detail = format!(
                "{}: seats stand in place of the share of the cost of {wanted} that finance has confirmed as avoidable",
                written.name
            );
            builder
                .flags
                .push(Flag::new(FlagCode::SeatsInPlace, &written.name, detail));
        }
    }
    Ok(())
}

/// Refuses two ways to say what of a channel is saved, where the scenario writes both.
fn refuse_both(scenario: &Scenario, channel: &str, path: &str) -> Result<(), ScenarioError> {
    let written = scenario
        .segments
        .iter()
        .flat_map(|it| it.channels.iter().flatten());
    let mut of_channel = written.filter(|it| it.name == channel);
    if of_channel.any(|it| it.avoidable.is_some()) {
        let problem = format!(
            "\"{channel}\" is staffed in seats, and `avoidable` is written of it too; its minutes would be saved twice: keep one"
        );
        return Err(Problem::Conflict(problem).at(path));
    }
    Ok(())
}

/// Minutes a month that today's customers ask of a pool, in the mean.
fn minutes_today(pool: usize, segments: &[Segment], builder: &Builder) -> f64 {
    let mut minutes = 0.0;
    for segment in segments {
        let customers: f64 = segment.customers.iter().sum();
        for channel in segment.channels.iter().filter(|it| it.pool == Some(pool)) {
            let contacts = builder.mean_of(channel.contacts);
            let contacts = segment.contacts_calendar.mean_at_date(contacts, builder);
            minutes += customers * contacts * builder.mean_of(channel.minutes);
        }
    }
    minutes
}

/// Says of each pool where seats are idle, once it is known how contacts are brought to the date.
pub(super) fn flag_idle_seats(pools: &[SeatPool], segments: &[Segment], builder: &mut Builder) {
    for (index, pool) in pools.iter().enumerate() {
        flag_idle(pool, minutes_today(index, segments, builder), builder);
    }
}

/// Says where more seats are committed today than are needed: as many are paid, whatever the programme does.
fn flag_idle(pool: &SeatPool, minutes: f64, builder: &mut Builder) {
    let needed = (minutes / builder.mean_of(pool.minutes)).ceil();
    let committed = pool.committed(0);
    if committed <= needed {
        return;
    }
    let ends = pool
        .committed
        .iter()
        .find(|it| it.from > 0 && f64::from(it.seats) < committed);
    let until = ends.map_or_else(
        || "for as long as is looked".to_owned(),
        |step| format!("until month {}", step.from),
    );
    let detail = format!(
        "{}: {committed} seats are committed today, and {needed:.0} are needed: {until}, fewer or shorter contacts save \
         nothing below {committed}",
        pool.name
    );
    builder
        .flags
        .push(Flag::new(FlagCode::CommittedSeatsIdle, &pool.name, detail));
}
