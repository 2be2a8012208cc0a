//! What customers bring and what serving and winning them costs, booked in both worlds.

use pulp::Arch;

use super::courses::Courses;
use super::economics::{self, Economics};
use super::handled::left;
use super::line::Line;
use super::{Flows, line};
use crate::kernel::{LANES, Lane, product};
use crate::kernel::{Months, Vector, kernel, parts};
use crate::model::{Channel, Confirmed, EffectGroup, Segment, Training};
use crate::scenario::Lever;
use crate::world::{Response, Sums, Worlds};

/// Books a batch of trials.
pub(super) struct Ledger<'a> {
    pub(super) arch: Arch,
    pub(super) values: &'a [Lane],
    pub(super) response: &'a Response,
    pub(super) worlds: &'a Worlds,
    /// How money and contacts change with the calendar, where they do.
    pub(super) courses: Option<&'a Courses>,
    /// Last month in which anybody is won, recruited or hired.
    pub(super) last_entry: usize,
    pub(super) flows: &'a mut Flows,
}

/// Whether the money of customers kept is booked line by line and month by month.
pub(super) fn goes_by_line(courses: Option<&Courses>, flows: &Flows) -> bool {
    courses.is_some() || flows.revenue.is_some() || flows.lines.is_some()
}

/// Whether booking a segment needs the customers of every month, not only what they add up to.
pub(super) fn needs_months(segment: &Segment, courses: Option<&Courses>, flows: &Flows) -> bool {
    let spends = [Lever::Arpu, Lever::PricePremium].map(|lever| segment.effects_on(lever));
    flows.customers.is_some()
        || goes_by_line(courses, flows)
        || spends.iter().any(|effects| !effects.is_empty())
        || segment
            .channels
            .iter()
            .any(|channel| channel.pool.is_some() || !channel.is_idle())
        || segment.win_back.is_some()
        || !serves_at_full_cost(segment)
}

/// Whether each customer more costs what serving one costs, and there are never fewer.
fn serves_at_full_cost(segment: &Segment) -> bool {
    let channels = segment.channels.iter().filter(|it| it.pool.is_none());
    let unconfirmed = channels
        .map(|channel| &channel.avoidable)
        .chain([&segment.overhead_avoidable])
        .all(Confirmed::is_open);
    unconfirmed && !segment.may_lose
}

impl Ledger<'_> {
    /// Books what differs between the worlds besides the number of customers.
    pub(super) fn segment(
        &mut self,
        segment: &Segment,
        economics: &Economics,
        sums: &Sums,
        lifetime: &Lane,
    ) {
        let months = (self.flows.benefit.len() - 1) as f64;
        let totals = &mut self.flows.totals;
        economics::tally(self.arch, economics, sums, lifetime, months, totals);
        if goes_by_line(self.courses, self.flows) {
            self.by_line(segment, economics);
        }
        self.spending(segment);
        for channel in &segment.channels {
            match channel.pool {
                Some(pool) => self.minutes(segment, channel, pool),
                None => self.contacts(segment, channel),
            }
        }
        if !serves_at_full_cost(segment) {
            self.serving(segment);
        }
        self.acquisition(segment, economics);
        self.win_back(segment);
        self.customers(segment);
    }

    /// What customers bring and cost in each month, at full cost.
    fn by_line(&mut self, segment: &Segment, economics: &Economics) {
        let revenue = segment.revenue(self.values);
        let cost_of_revenue = economics::cost_of_revenue(segment, self.values);
        let overhead = segment.overhead.lane(self.values);
        let contacts: Lane = std::array::from_fn(|l| economics.serve[l] - overhead[l]);
        for month in 1..self.flows.benefit.len() {
            let [without, with] = self.worlds.heads().map(|heads| heads[month]);
            let more: Lane = std::array::from_fn(|l| with[l] - without[l]);
            for (line, sign, figure) in [
                (Line::Revenue, 1.0, revenue),
                (Line::CostOfRevenue, -1.0, cost_of_revenue),
                (Line::Contacts, -1.0, contacts),
                (Line::Overhead, -1.0, overhead),
            ] {
                let figure = self.in_month(line, segment, month, &figure);
                let times = |heads: &Lane| std::array::from_fn(|l| sign * heads[l] * figure[l]);
                self.flows.gain(line, month, &times(&more));
                if let Some(lines) = &mut self.flows.lines {
                    lines.add_as_is(line, month, &times(&without));
                }
            }
            self.winning(segment, economics, month);
        }
        self.keep_totals(segment, economics);
    }

    /// Winning customers as things are.
    fn winning(&mut self, segment: &Segment, economics: &Economics, month: usize) {
        if month > self.last_entry {
            return;
        }
        let cost = product(&economics.won, &economics.acquisition_cost);
        let cost = self.in_month(Line::Acquisition, segment, month, &cost);
        if let Some(lines) = &mut self.flows.lines {
            lines.add_as_is(Line::Acquisition, month, &cost.map(|it| -it));
        }
    }

    /// Serving and winning customers, by the calendar, in place of what they come to without one.
    fn keep_totals(&mut self, segment: &Segment, economics: &Economics) {
        let Some(courses) = self.courses else { return };
        let Economics {
            serve,
            won,
            acquisition_cost,
            ..
        } = economics;
        let overhead = segment.overhead.lane(self.values);
        let winning = product(won, acquisition_cost);
        let [_, with] = self.worlds.heads();
        let totals = &mut self.flows.totals;
        for month in 1..self.flows.benefit.len() {
            let [contacts, wages] = [courses.contacts(segment, month), *courses.wages(month)];
            let (prices, deflator) = (courses.prices(month), &courses.deflator[month]);
            for l in 0..LANES {
                let by_calendar = contacts[l] * (serve[l] - overhead[l]) + wages[l] * overhead[l];
                let serving = by_calendar * deflator[l] - serve[l];
                totals.serving_cost[l] += with[month][l] * serving;
                totals.acquisition_cost[l] += winning[l] * (prices[l] * deflator[l] - 1.0);
            }
        }
    }

    /// A figure of the date, in a month.
    fn in_month(&self, line: Line, segment: &Segment, month: usize, figure: &Lane) -> Lane {
        let courses = self.courses;
        courses.map_or(*figure, |it| product(figure, &it.on(line, segment, month)))
    }

    /// More use brings revenue and its cost; a price premium is revenue alone.
    fn spending(&mut self, segment: &Segment) {
        let arpu = segment.effects_on(Lever::Arpu);
        let premium = segment.effects_on(Lever::PricePremium);
        if arpu.is_empty() && premium.is_empty() {
            return;
        }
        let revenue = segment.revenue(self.values);
        let cost = economics::cost_of_revenue(segment, self.values);
        let price = self.reduction(premium);
        let used = self.reduction(arpu);
        let [_, with] = self.worlds.heads();
        for month in 1..used.len() {
            let revenue = self.in_month(Line::Revenue, segment, month, &revenue);
            let cost = self.in_month(Line::CostOfRevenue, segment, month, &cost);
            let (mut brought, mut sold) = ([0.0; LANES], [0.0; LANES]);
            for l in 0..LANES {
                let (more, dearer) = (-used[month][l], -price[month][l]);
                brought[l] = with[month][l] * revenue[l] * (more + (1.0 + more) * dearer);
                sold[l] = -with[month][l] * cost[l] * more;
            }
            self.flows.gain(Line::Revenue, month, &brought);
            self.flows.gain(Line::CostOfRevenue, month, &sold);
        }
    }

    /// Fewer and shorter contacts: the two effects multiply, and only the avoidable share is saved.
    fn contacts(&mut self, segment: &Segment, channel: &Channel) {
        if channel.is_idle() {
            return;
        }
        let cost = economics::contact_cost(segment, channel, self.values);
        let less = self.fewer_minutes(channel);
        let [_, with] = self.worlds.heads();
        for month in 1..less.len() {
            let cost = self.in_month(Line::Contacts, segment, month, &cost);
            let (saved, spent) = (
                channel.avoidable.saved(month),
                channel.avoidable.spent(month),
            );
            let mut saving = [0.0; LANES];
            for l in 0..LANES {
                let share = if less[month][l] < 0.0 { spent } else { saved };
                let saved = cost[l] * less[month][l] * share;
                saving[l] = with[month][l] * saved;
            }
            self.flows.gain(Line::Contacts, month, &saving);
            self.flows.serve(self.courses, month, &saving.map(|it| -it));
        }
    }

    /// Contacts of a segment and their minutes, with the programme, when asked for.
    pub(super) fn handle(&mut self, index: usize, segment: &Segment) {
        let Some(mut handled) = self.flows.handled.take() else {
            return;
        };
        let [_, with] = self.worlds.heads();
        for (channel, alone) in segment.channels.iter().zip(&handled.channels[index]) {
            let contacts = channel.contacts.lane(self.values);
            let contacts = segment.contacts_calendar.at_date(contacts, self.values);
            let minutes = segment.minutes(channel, self.values);
            let [fewer, less] = [alone, channel].map(|it| self.fewer_minutes(it));
            for month in 1..less.len() {
                let courses = self.courses.map(|it| it.minutes(segment, month));
                let factor = courses.unwrap_or(&[1.0; LANES]);
                let heads = &with[month];
                let some = left(heads, &contacts, factor, &fewer[month]);
                line::add(&mut handled.contacts[month], &some);
                let some = left(heads, &minutes, factor, &less[month]);
                line::add(&mut handled.minutes[month], &some);
            }
        }
        self.flows.handled = Some(handled);
    }

    /// Minutes that a channel asks of its pool of seats, in both worlds.
    fn minutes(&mut self, segment: &Segment, channel: &Channel, pool: usize) {
        let of_one = segment.minutes(channel, self.values);
        let less = self.fewer_minutes(channel);
        let heads = self.worlds.heads();
        let [without, with] = &mut self.flows.seats[pool].minutes;
        for month in 0..less.len() {
            let mut of_one = of_one;
            if let Some(courses) = self.courses {
                of_one = product(&of_one, courses.minutes(segment, month));
            }
            for l in 0..LANES {
                // Nothing is done before the decision.
                let left = if month == 0 {
                    1.0
                } else {
                    1.0 - less[month][l]
                };
                without[month][l] += heads[0][month][l] * of_one[l];
                with[month][l] += heads[1][month][l] * of_one[l] * left;
            }
        }
    }

    /// Customers more or less cost what enters or leaves the ledger, where the difference between the
    /// worlds was booked at their full cost.
    fn serving(&mut self, segment: &Segment) {
        let overhead = segment.overhead.lane(self.values);
        let channels = segment.channels.iter().filter(|it| it.pool.is_none());
        let costs: Vec<(Line, Lane, &Confirmed)> = channels
            .map(|channel| {
                let cost = economics::contact_cost(segment, channel, self.values);
                (Line::Contacts, cost, &channel.avoidable)
            })
            .chain([(Line::Overhead, overhead, &segment.overhead_avoidable)])
            .collect();
        for month in 1..self.flows.benefit.len() {
            let [without, with] = self.worlds.heads().map(|heads| &heads[month]);
            for (line, cost, avoidable) in &costs {
                let cost = self.in_month(*line, segment, month, cost);
                let (kept, lost) = (1.0 - avoidable.spent(month), 1.0 - avoidable.saved(month));
                let mut stays = [0.0; LANES];
                for l in 0..LANES {
                    let more = with[l] - without[l];
                    stays[l] = more * cost[l] * if more < 0.0 { lost } else { kept };
                }
                self.flows.gain(*line, month, &stays);
            }
        }
    }

    /// Customers are won for less; those recruited by customers cost nothing.
    fn acquisition(&mut self, segment: &Segment, economics: &Economics) {
        let cheaper = segment.effects_on(Lever::Cac);
        if cheaper.is_empty() {
            return;
        }
        let cost = product(&economics.won, &economics.acquisition_cost);
        let less = self.reduction(cheaper);
        for month in 1..less.len().min(self.last_entry + 1) {
            let cost = self.in_month(Line::Acquisition, segment, month, &cost);
            let saving = product(&cost, &less[month]);
            self.flows.gain(Line::Acquisition, month, &saving);
            let saving = deflated(self.courses, month, &saving);
            line::add(
                &mut self.flows.totals.acquisition_cost,
                &saving.map(|it| -it),
            );
        }
    }

    /// Winning back costs in both worlds.
    fn win_back(&mut self, segment: &Segment) {
        let Some((win_back, returned)) = segment.win_back.as_ref().zip(self.worlds.returned())
        else {
            return;
        };
        let cost = win_back.cost.lane(self.values);
        for month in 1..self.flows.benefit.len() {
            let cost = self.in_month(Line::Acquisition, segment, month, &cost);
            let [as_is, with] = returned.map(|months| months[month]);
            let less: Lane = std::array::from_fn(|l| as_is[l] - with[l]);
            self.flows
                .gain(Line::Acquisition, month, &product(&cost, &less));
            if let Some(lines) = &mut self.flows.lines {
                let paid = product(&cost, &as_is);
                lines.add_as_is(Line::Acquisition, month, &paid.map(|it| -it));
            }
        }
    }

    /// Customers by month, when asked for.
    fn customers(&mut self, segment: &Segment) {
        let Some(customers) = &mut self.flows.customers else {
            return;
        };
        let won = segment.won(self.values);
        for (sum, won) in customers.won.iter_mut().zip(won) {
            *sum += won;
        }
        let [without, with] = &mut customers.active;
        add(self.arch, &self.worlds.baseline, without);
        add(self.arch, &self.worlds.programme, with);
        if let Some(returned) = self.worlds.returned() {
            for (sum, returned) in customers.returned.iter_mut().zip(returned) {
                add(self.arch, returned, sum);
            }
        }
        for (month, rate) in self.worlds.referrals.iter().flatten().enumerate().skip(1) {
            for l in 0..LANES {
                customers.recruited[month][l] += rate[l] * self.worlds.programme[month - 1][l];
            }
        }
    }

    /// Shorter training of new staff.
    pub(super) fn training(&mut self, training: &Training) {
        let is_idle = training.effects.is_empty() && self.flows.lines.is_none();
        if is_idle {
            return;
        }
        let [hires, hours, rate] = [training.hires, training.hours, training.rate];
        let hours = product(&hires.lane(self.values), &hours.lane(self.values));
        let cost = product(&hours, &rate.lane(self.values));
        let less = self.reduction(&training.effects);
        for month in 1..less.len().min(self.last_entry + 1) {
            let mut cost = cost;
            if let Some(courses) = self.courses {
                cost = product(&cost, courses.wages(month));
            }
            let avoidable = &training.avoidable;
            let (saved, spent) = (avoidable.saved(month), avoidable.spent(month));
            let mut saving = product(&cost, &less[month]);
            for saving in &mut saving {
                *saving *= if *saving < 0.0 { spent } else { saved };
            }
            self.flows.gain(Line::Training, month, &saving);
            if let Some(lines) = &mut self.flows.lines {
                lines.add_as_is(Line::Training, month, &cost.map(|it| -it));
            }
        }
    }

    /// The joint reduction of a channel's minutes by month.
    fn fewer_minutes(&self, channel: &Channel) -> Months {
        let mut less = self.reduction(&channel.effects);
        self.response
            .also_reduce_parts(self.arch, &channel.issues, None, self.values, &mut less);
        less
    }

    /// The joint reduction of effects by month.
    fn reduction(&self, effects: &[EffectGroup]) -> Months {
        let mut less = Months::new(self.flows.benefit.len() - 1);
        self.response.reduction(self.arch, effects, &mut less);
        less
    }
}

/// An amount of a month, in the money of results.
pub(super) fn deflated(courses: Option<&Courses>, month: usize, amount: &Lane) -> Lane {
    courses.map_or(*amount, |it| product(amount, &it.deflator[month]))
}

kernel! {
    fn add<'a>(for S, simd; months: &'a [Lane], sums: &'a mut [Lane]) {
        for (sum, month) in sums.iter_mut().zip(months) {
            for part in 0..parts::<S>() {
                let month = Vector::load(simd, month, part);
                (Vector::load(simd, sum, part) + month).store(sum, part);
            }
        }
    }
}
