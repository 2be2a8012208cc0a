//! Contacts, revenue, wages and prices by month, as foreseen in both worlds (`MODEL.md`, section 3).

use pulp::Arch;

use super::line::Line;
use crate::kernel::{LANES, Lane, Months, kernel, product};
use crate::math::exp;
use crate::model::{MoneyCalendar, Segment, YEAR, monthly_growth};
use crate::scenario::CostType;

/// Factors of each month, 1 in month 0 but for a season.
pub(super) struct Courses {
    contacts: Months,
    revenue: Months,
    wages: Months,
    prices: Months,
    /// Whether results are in the money of month 0.
    pub(super) is_real: bool,
    /// One over the prices where results are in the money of month 0, else 1.
    pub(super) deflator: Months,
}

/// A factor in each trial.
const ONE: Lane = [1.0; LANES];

impl Courses {
    pub(super) fn new(money: &MoneyCalendar, horizon: usize) -> Self {
        let months = || Months::new(horizon);
        Self {
            is_real: money.is_real,
            contacts: months(),
            revenue: months(),
            wages: months(),
            prices: months(),
            deflator: months(),
        }
    }

    /// Draws them.
    pub(super) fn draw(&mut self, arch: Arch, money: &MoneyCalendar, values: &[Lane]) {
        let still = [1.0; YEAR];
        for (course, out) in [
            (&money.contacts, &mut self.contacts),
            (&money.revenue, &mut self.revenue),
        ] {
            let (trend, damping) = (course.trend.lane(values), course.damping.lane(values));
            grow(arch, &trend, &damping, &course.season, out);
        }
        grow(
            arch,
            &money.wages.lane(values),
            &ONE,
            &still,
            &mut self.wages,
        );
        grow(
            arch,
            &money.prices.lane(values),
            &ONE,
            &still,
            &mut self.prices,
        );
        for (deflator, price) in self.deflator.iter_mut().zip(&*self.prices) {
            *deflator = price.map(|price| if money.is_real { 1.0 / price } else { 1.0 });
        }
    }

    /// On the cost of a segment's contacts.
    pub(super) fn contacts(&self, segment: &Segment, month: usize) -> Lane {
        product(self.minutes(segment, month), &self.wages[month])
    }

    /// On minutes of a segment's contacts.
    pub(super) fn minutes(&self, segment: &Segment, month: usize) -> &Lane {
        if segment.contacts_calendar.moves() {
            &self.contacts[month]
        } else {
            &ONE
        }
    }

    /// On a line of what a segment's customers bring and cost.
    pub(super) fn on(&self, line: Line, segment: &Segment, month: usize) -> Lane {
        match line {
            Line::Revenue => {
                let price = segment.price(month);
                self.bought(segment, month).map(|it| it * price)
            }
            Line::CostOfRevenue => product(self.bought(segment, month), &self.prices[month]),
            Line::Contacts => self.contacts(segment, month),
            Line::Acquisition => self.prices[month],
            _ => self.wages[month],
        }
    }

    /// On what a segment's customers buy.
    fn bought(&self, segment: &Segment, month: usize) -> &Lane {
        if segment.revenue_calendar.moves() {
            &self.revenue[month]
        } else {
            &ONE
        }
    }

    /// On overhead, the training of staff and seats.
    pub(super) fn wages(&self, month: usize) -> &Lane {
        &self.wages[month]
    }

    /// On the cost of winning a customer.
    pub(super) fn prices(&self, month: usize) -> &Lane {
        &self.prices[month]
    }

    /// On a cost of the programme, by month.
    pub(super) fn cost(&self, kind: CostType) -> &[Lane] {
        match kind {
            CostType::People => &self.wages,
            _ => &self.prices,
        }
    }
}

kernel! {
    /// `s(t)·(1 + annual)^(u(t)/12)` with `u(t) = φ + φ² + … + φ^t`; the season from month 1 on.
    fn grow<'a>(
        annual: &'a Lane,
        damping: &'a Lane,
        season: &'a [f64; YEAR],
        out: &'a mut [Lane],
    ) {
        let step = monthly_growth(*annual);
        let (mut elapsed, mut left) = ([0.0; LANES], [1.0; LANES]);
        for (month, out) in out.iter_mut().enumerate() {
            let season = if month == 0 { 1.0 } else { season[(month + YEAR - 1) % YEAR] };
            for l in 0..LANES {
                if month > 0 {
                    left[l] *= damping[l].clamp(0.0, 1.0);
                    elapsed[l] += left[l];
                }
                out[l] = season * exp(step[l] * elapsed[l]);
            }
        }
    }
}
