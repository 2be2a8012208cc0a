//! Channels that are staffed in whole seats.

use keepworth_sim::Scenario;
use keepworth_sim::scenario::Seats;

use super::draws::Draws;
use super::effect::Programme;
use super::money::Money;

/// A part of a seat that is rounding.
const ROUNDING: f64 = 1e-9;

/// A pool of channels in one future, from month 0 on.
#[derive(Clone)]
pub struct Pool<'a> {
    seats: &'a Seats,
    minutes_per_seat: f64,
    /// At the wages of month 0.
    cost_per_seat: f64,
    redeployed: f64,
    /// Minutes and seats needed by month, as things are and with the programme.
    minutes: Vec<[f64; 2]>,
    needed: Vec<[f64; 2]>,
}

impl<'a> Pool<'a> {
    /// `heads` are customers of month 0 by segment.
    pub fn new(
        draws: &Draws<'_>,
        seats: &'a Seats,
        money: &[Money<'_>],
        heads: &[(f64, f64)],
    ) -> Self {
        let name = |part: &str| format!("seats.{}.{part}", seats.name);
        let minutes_per_seat = draws.figure(&seats.minutes_per_seat, &name("minutes_per_seat"));
        let cost_per_seat = match &seats.cost_per_seat {
            Some(cost) => draws.figure(cost, &name("cost_per_seat")),
            None => minutes_per_seat * mean_price(seats, money, heads),
        };
        Self {
            seats,
            minutes_per_seat,
            cost_per_seat,
            redeployed: draws.or(seats.redeployed.as_ref(), &name("redeployed"), 0.0),
            minutes: Vec::new(),
            needed: Vec::new(),
        }
    }

    /// The pools of a scenario.
    pub fn all(
        scenario: &'a Scenario,
        draws: &Draws<'_>,
        money: &[Money<'_>],
        heads: &[(f64, f64)],
    ) -> Vec<Self> {
        let pool = |seats| Self::new(draws, seats, money, heads);
        scenario.seats.iter().map(pool).collect()
    }

    pub fn name(&self) -> &str {
        &self.seats.name
    }

    /// The next month, the first of which is 0, and its customers by segment.
    pub fn pass(&mut self, money: &[Money<'_>], programme: &Programme<'_>, heads: &[(f64, f64)]) {
        let month = self.minutes.len() as u32;
        let mut minutes = [0.0; 2];
        for (money, heads) in money.iter().zip(heads) {
            let its = money.minutes(programme, month, *heads, &self.seats.channels);
            minutes[0] += its[0];
            minutes[1] += its[1];
        }
        self.needed
            .push(minutes.map(|it| (it / self.minutes_per_seat - ROUNDING).ceil().max(0.0)));
        self.minutes.push(minutes);
    }

    /// Seats that are paid in a month: those needed in it, those still under notice, and no fewer than committed.
    pub fn paid(&self, month: usize) -> [f64; 2] {
        let first = month.saturating_sub(self.seats.notice_months as usize);
        let committed = self.committed(month as u32);
        [0, 1].map(|world| {
            let needed = self.needed[first..=month].iter().map(|it| it[world]);
            needed.fold(committed, f64::max)
        })
    }

    fn committed(&self, month: u32) -> f64 {
        let steps = self.seats.committed.iter();
        let mut begun = steps.filter(|step| step.from <= month);
        begun.next_back().map_or(0.0, |step| f64::from(step.seats))
    }

    /// Minutes of the seats paid that nobody calls in.
    fn slack(&self, month: usize) -> [f64; 2] {
        let (paid, minutes) = (self.paid(month), self.minutes[month]);
        [0, 1].map(|world| paid[world] * self.minutes_per_seat - minutes[world])
    }

    /// What the seats of a month cost as things are and with the programme, and what the programme saves of it.
    pub fn cost(&self, month: usize, wages: f64) -> ([f64; 2], f64) {
        let a_seat = self.cost_per_seat * wages;
        let [as_is, with] = self.paid(month);
        let (freed, added) = ((as_is - with).max(0.0), (with - as_is).max(0.0));
        let saved = a_seat * (freed * (1.0 - self.redeployed) - added);
        ([as_is * a_seat, with * a_seat], saved)
    }

    /// Seats as things are, with the programme, and the slack of both, by month.
    pub fn table(&self) -> Vec<[f64; 4]> {
        let row = |month| {
            let ([as_is, with], slack) = (self.paid(month), self.slack(month));
            [as_is, with, slack[0], slack[1]]
        };
        (0..self.needed.len()).map(row).collect()
    }
}

/// What a minute costs in a pool's channels, by the minutes of month 0; nothing where there are none.
fn mean_price(seats: &Seats, money: &[Money<'_>], heads: &[(f64, f64)]) -> f64 {
    let (mut minutes, mut cost) = (0.0, 0.0);
    for (money, (customers, _)) in money.iter().zip(heads) {
        for (its, price) in money.handled(&seats.channels) {
            minutes += customers * its;
            cost += customers * its * price;
        }
    }
    if minutes == 0.0 { 0.0 } else { cost / minutes }
}
