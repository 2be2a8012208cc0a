//! Seats that a pool of channels takes, by month, in both worlds (`MODEL.md`, section 3).

use super::courses::Courses;
use super::line::Line;
use super::{Flows, line};
use crate::kernel::{LANES, Lane, Months, product};
use crate::model::{Model, SeatPool};

/// A pool in a batch of trials.
pub(crate) struct Seats {
    /// Minutes of handling, as things are and with the programme.
    pub(super) minutes: [Months; 2],
    /// Seats that are paid, in the same order.
    pub(crate) paid: [Months; 2],
    /// Minutes that are paid and not needed.
    pub(crate) slack: [Months; 2],
}

impl Seats {
    pub(super) fn new(horizon: usize) -> Self {
        let both = || [Months::new(horizon), Months::new(horizon)];
        Self {
            minutes: both(),
            paid: both(),
            slack: both(),
        }
    }

    pub(super) fn reset(&mut self) {
        for months in &mut self.minutes {
            months.fill([0.0; LANES]);
        }
    }

    /// From minutes to seats.
    fn staff(&mut self, pool: &SeatPool, minutes_per_seat: &Lane) {
        let worlds = self.minutes.iter().zip(&mut self.paid);
        for ((minutes, paid), slack) in worlds.zip(&mut self.slack) {
            for month in 0..minutes.len() {
                let noticed = &minutes[month.saturating_sub(pool.notice)..=month];
                for l in 0..LANES {
                    let most = noticed.iter().fold(0.0, |most: f64, it| most.max(it[l]));
                    let seats = whole(most / minutes_per_seat[l]).max(pool.committed(month));
                    paid[month][l] = seats;
                    slack[month][l] = seats * minutes_per_seat[l] - minutes[month][l];
                }
            }
        }
    }
}

/// Part of a seat that is rounding.
const NO_SEAT: f64 = 1e-9;

/// Whole seats.
fn whole(seats: f64) -> f64 {
    (seats - NO_SEAT).ceil().max(0.0)
}

/// Books what the pools save, once all segments have told their minutes.
pub(super) fn book(model: &Model, values: &[Lane], courses: Option<&Courses>, flows: &mut Flows) {
    let mut pools = std::mem::take(&mut flows.seats);
    for (index, (pool, seats)) in model.seats.iter().zip(&mut pools).enumerate() {
        let minutes_per_seat = pool.minutes.lane(values);
        let cost = match pool.cost {
            Some(cost) => cost.lane(values),
            None => cost_by_minutes(model, index, values, &minutes_per_seat),
        };
        let redeployed = pool.redeployed.lane(values);
        seats.staff(pool, &minutes_per_seat);
        for month in 1..flows.benefit.len() {
            let mut cost = cost;
            if let Some(courses) = courses {
                cost = product(&cost, courses.wages(month));
            }
            let [without, with] = seats.paid.each_ref().map(|paid| &paid[month]);
            let mut saved = [0.0; LANES];
            for l in 0..LANES {
                let fewer = without[l] - with[l];
                let share = if fewer > 0.0 {
                    1.0 - redeployed[l]
                } else {
                    1.0
                };
                saved[l] = cost[l] * fewer * share;
            }
            flows.gain(Line::Contacts, month, &saved);
            let paid = |seats: &Lane| std::array::from_fn(|l| cost[l] * seats[l]);
            flows.serve(courses, month, &paid(with));
            if let Some(lines) = &mut flows.lines {
                lines.add_as_is(Line::Contacts, month, &paid(without).map(|it: f64| -it));
            }
        }
    }
    flows.seats = pools;
}

/// What the minutes of a seat cost in the pool's channels, weighed by the minutes of month 0.
fn cost_by_minutes(model: &Model, pool: usize, values: &[Lane], minutes_per_seat: &Lane) -> Lane {
    let (mut minutes, mut cost) = ([0.0; LANES], [0.0; LANES]);
    for segment in &model.segments {
        let customers: f64 = segment.customers.iter().sum();
        for channel in segment.channels.iter().filter(|it| it.pool == Some(pool)) {
            let of_one = segment.minutes(channel, values);
            let price = channel.cost_per_minute.lane(values);
            line::add(&mut minutes, &of_one.map(|it| customers * it));
            let paid: Lane = std::array::from_fn(|l| customers * of_one[l] * price[l]);
            line::add(&mut cost, &paid);
        }
    }
    std::array::from_fn(|l| {
        let mean = cost[l] / minutes[l];
        if minutes[l] > 0.0 {
            mean * minutes_per_seat[l]
        } else {
            0.0
        }
    })
}
