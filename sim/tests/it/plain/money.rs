//! What the customers of a segment bring and cost in a month.

use std::collections::BTreeMap;

use keepworth_sim::scenario::{Avoidable, Channel, Lever, Seats, Segment};

use super::calendar::Calendar;
use super::draws::Draws;
use super::effect::Programme;
use super::issues::shares_of_minutes;
use super::seats::Pool;

/// A segment's figures of money in one future, at month 0.
pub struct Money<'a> {
    segment: &'a Segment,
    calendar: &'a Calendar,
    revenue: f64,
    margin: f64,
    overhead: f64,
    pub acquisition: f64,
    channels: Vec<Handled<'a>>,
}

/// A channel as one customer uses it in a month.
struct Handled<'a> {
    channel: &'a Channel,
    minutes: f64,
    /// The share that each issue takes of them, where effects name any.
    issues: Vec<(String, f64)>,
    /// Of a minute.
    price: f64,
    /// Whether seats are paid for it, and not minutes.
    pooled: bool,
}

impl<'a> Money<'a> {
    pub fn new(
        draws: &Draws<'_>,
        calendar: &'a Calendar,
        pools: &[Seats],
        segment: &'a Segment,
    ) -> Self {
        let name = |part: &str| format!("segments.{}.{part}", segment.name);
        let dearer = draws.unforeseen(|it| it.service_cost, "service cost", &segment.name);
        let more = draws.unforeseen(|it| it.revenue, "revenue", &segment.name);
        let handled = |channel: &'a Channel| {
            let of = |part: &str| name(&format!("{}.{part}", channel.name));
            let contacts = draws.figure(&channel.contacts, &of("contacts"))
                / calendar.level_of_contacts(&segment.name);
            Handled {
                channel,
                minutes: contacts * draws.figure(&channel.minutes, &of("minutes")) * dearer,
                issues: shares_of_minutes(draws, channel, &segment.name),
                price: draws.figure(&channel.cost_per_minute, &of("cost_per_minute")),
                pooled: pools.iter().any(|it| it.channels.contains(&channel.name)),
            }
        };
        Self {
            segment,
            calendar,
            revenue: draws.or(segment.revenue.as_ref(), &name("revenue"), 0.0) * more
                / calendar.level_of_revenue(&segment.name),
            margin: draws.or(segment.gross_margin.as_ref(), &name("gross_margin"), 1.0),
            overhead: draws.or(segment.overhead.as_ref(), &name("overhead"), 0.0),
            acquisition: draws.or(
                segment.acquisition_cost.as_ref(),
                &name("acquisition_cost"),
                0.0,
            ),
            channels: segment.channels.iter().flatten().map(handled).collect(),
        }
    }

    /// What `as_is` customers bring and cost as things are and `with` customers with the programme, seats left out.
    pub fn month(&self, programme: &Programme<'_>, month: u32, (as_is, with): (f64, f64)) -> Month {
        let mut it = Month::default();
        self.sell(&mut it, programme, month, (as_is, with));
        let share = confirmed(self.segment.overhead_avoidable.as_ref(), month);
        let overhead = self.overhead * self.calendar.wages(month);
        it.serve("overhead", overhead, (as_is, with), 0.0, share);
        for handled in self.channels.iter().filter(|it| !it.pooled) {
            let minutes = handled.minutes * self.calendar.contacts(&self.segment.name, month);
            let cost = minutes * handled.price * self.calendar.wages(month);
            let less = 1.0 - self.minutes_left(handled, programme, month);
            let share = confirmed(handled.channel.avoidable.as_ref(), month);
            it.serve("contacts", cost, (as_is, with), less, share);
        }
        it
    }

    /// Revenue, and what it costs: the announced price moves the first alone, and so does a price premium.
    fn sell(
        &self,
        it: &mut Month,
        programme: &Programme<'_>,
        month: u32,
        (as_is, with): (f64, f64),
    ) {
        let name = &self.segment.name;
        let used = programme.grown(Lever::Arpu, name, month);
        let premium = programme.grown(Lever::PricePremium, name, month);
        let bought = self.revenue * self.calendar.bought(name, month);
        let paid = bought * self.calendar.price(name, month);
        let cost = bought * self.calendar.prices(month) * (1.0 - self.margin);
        it.both("revenue", as_is * paid, with * paid * used * premium);
        it.both("cost_of_revenue", -as_is * cost, -with * cost * used);
    }

    /// What is left of the minutes of a channel.
    fn minutes_left(&self, handled: &Handled<'_>, programme: &Programme<'_>, month: u32) -> f64 {
        let (channel, segment) = (&handled.channel.name, &self.segment.name);
        let left = |lever| programme.left(lever, Some(channel), segment, month);
        let of_issues = handled.issues.iter().map(|(issue, share)| {
            share * (1.0 - programme.left_about(issue, channel, segment, month))
        });
        left(Lever::Contacts) * left(Lever::Minutes) * (1.0 - of_issues.sum::<f64>())
    }

    /// Minutes of some channels in a month, in both worlds.
    pub fn minutes(
        &self,
        programme: &Programme<'_>,
        month: u32,
        (as_is, with): (f64, f64),
        channels: &[String],
    ) -> [f64; 2] {
        let mut minutes = [0.0; 2];
        let among = |it: &&Handled<'_>| channels.contains(&it.channel.name);
        for handled in self.channels.iter().filter(among) {
            let each = handled.minutes * self.calendar.contacts(&self.segment.name, month);
            minutes[0] += as_is * each;
            minutes[1] += with * each * self.minutes_left(handled, programme, month);
        }
        minutes
    }

    /// Minutes of a customer in each of some channels, and the price of one, at month 0.
    pub fn handled(&self, channels: &[String]) -> Vec<(f64, f64)> {
        let among = |it: &&Handled<'_>| channels.contains(&it.channel.name);
        let pair = |it: &Handled<'_>| (it.minutes, it.price);
        self.channels.iter().filter(among).map(pair).collect()
    }

    /// What a customer brings in a month, as things are and at the figures of month 0.
    pub fn unit(&self) -> f64 {
        let contacts: f64 = self.channels.iter().map(|it| it.minutes * it.price).sum();
        self.revenue * self.margin - self.overhead - contacts
    }
}

/// A month of customers' money, signed as it moves the net flow.
#[derive(Default)]
pub struct Month {
    /// By line as things are, and the difference that the programme makes.
    pub lines: BTreeMap<&'static str, [f64; 2]>,
    /// Cost of serving customers, with the programme.
    pub serving: f64,
    /// All money that the differences are of.
    pub turnover: f64,
}

impl Month {
    pub fn add(&mut self, line: &'static str, as_is: f64, difference: f64) {
        let line = self.lines.entry(line).or_default();
        line[0] += as_is;
        line[1] += difference;
    }

    /// A line of which the difference is simply one world less the other.
    fn both(&mut self, line: &'static str, as_is: f64, with: f64) {
        self.add(line, as_is, with - as_is);
        self.turnover += as_is.abs() + with.abs();
    }

    /// A cost of serving a customer, of which customers with the programme need a share `less`.
    fn serve(
        &mut self,
        line: &'static str,
        cost: f64,
        (as_is, with): (f64, f64),
        less: f64,
        confirmed: Option<f64>,
    ) {
        let difference = saved(cost, with - as_is, with, less, confirmed);
        self.add(line, -as_is * cost, difference);
        self.serving += with * cost - saved(cost, 0.0, with, less, confirmed);
        self.turnover += (as_is + with) * cost;
    }

    /// What the programme makes better.
    pub fn benefit(&self) -> f64 {
        self.lines.values().map(|line| line[1]).sum()
    }
}

/// What the customers of all segments bring and cost in a month, and the seats that serve them.
pub fn month_of_all(
    calendar: &Calendar,
    money: &[Money<'_>],
    pools: &mut [Pool<'_>],
    programme: &Programme<'_>,
    month: u32,
    heads: &[(f64, f64)],
) -> Month {
    let mut all = Month::default();
    for (money, heads) in money.iter().zip(heads) {
        let it = money.month(programme, month, *heads);
        for (line, [as_is, difference]) in it.lines {
            all.add(line, as_is, difference);
        }
        all.serving += it.serving;
        all.turnover += it.turnover;
    }
    for pool in pools {
        pool.pass(money, programme, heads);
        let ([as_is, with], saved) = pool.cost(month as usize, calendar.wages(month));
        all.add("contacts", -as_is, saved);
        all.serving += with;
        all.turnover += as_is + with;
    }
    all
}

/// What serving costs less than as things are, at `cost` a customer of whom there are `more`, when
/// customers `with` the programme need a share `less`. One minute has one price once finance has
/// confirmed a share; until then what is avoided counts nothing, and what is added in full.
pub fn saved(cost: f64, more: f64, with: f64, less: f64, confirmed: Option<f64>) -> f64 {
    let counted = |saving: f64| match confirmed {
        Some(share) => saving * share,
        None => saving.min(0.0),
    };
    counted(-more * cost) + counted(with * cost * less)
}

/// The share that finance has confirmed for a month, if any: read from how it is written.
pub fn confirmed(avoidable: Option<&Avoidable>, month: u32) -> Option<f64> {
    let written = serde_json::to_value(avoidable?).unwrap();
    let Some(steps) = written.as_array() else {
        return written.as_f64();
    };
    let mut begun = steps
        .iter()
        .filter(|step| step["from"].as_u64().unwrap() <= u64::from(month));
    Some(
        begun
            .next_back()
            .map_or(0.0, |step| step["share"].as_f64().unwrap()),
    )
}
