//! What the customers of a segment bring and cost in a month.

use keepworth_sim::scenario::{Avoidable, Channel, Lever, Segment};

use super::draws::Draws;
use super::effect::Programme;

/// A segment's figures of money in one future.
pub struct Money<'a> {
    segment: &'a Segment,
    revenue: f64,
    margin: f64,
    overhead: f64,
    pub acquisition: f64,
    channels: Vec<(&'a Channel, f64)>,
}

impl<'a> Money<'a> {
    pub fn new(draws: &Draws<'_>, segment: &'a Segment) -> Self {
        let name = |part: &str| format!("segments.{}.{part}", segment.name);
        let dearer = draws.unforeseen(|it| it.service_cost, "service cost", &segment.name);
        let more = draws.unforeseen(|it| it.revenue, "revenue", &segment.name);
        let channel = |channel: &'a Channel| {
            let of = |part: &str| name(&format!("{}.{part}", channel.name));
            let cost = draws.figure(&channel.contacts, &of("contacts"))
                * draws.figure(&channel.minutes, &of("minutes"))
                * draws.figure(&channel.cost_per_minute, &of("cost_per_minute"));
            (channel, cost * dearer)
        };
        Self {
            segment,
            revenue: draws.or(segment.revenue.as_ref(), &name("revenue"), 0.0) * more,
            margin: draws.or(segment.gross_margin.as_ref(), &name("gross_margin"), 1.0),
            overhead: draws.or(segment.overhead.as_ref(), &name("overhead"), 0.0),
            acquisition: draws.or(
                segment.acquisition_cost.as_ref(),
                &name("acquisition_cost"),
                0.0,
            ),
            channels: segment.channels.iter().flatten().map(channel).collect(),
        }
    }

    /// What serving and winning `with` customers is worth more with the programme than `as_is`.
    pub fn month(&self, programme: &Programme<'_>, month: u32, as_is: f64, with: f64) -> Month {
        let segment = self.segment;
        let name = &segment.name;
        let used = programme.grown(Lever::Arpu, name, month);
        let price = programme.grown(Lever::PricePremium, name, month);
        let contribution =
            |used: f64, price: f64| self.revenue * used * (self.margin + (price - 1.0));
        let more = with - as_is;
        let share = confirmed(segment.overhead_avoidable.as_ref(), month);
        let mut it = Month {
            benefit: with * contribution(used, price) - as_is * contribution(1.0, 1.0),
            serving: with * self.overhead,
            turnover: (with + as_is) * (self.revenue + self.overhead + self.contact_cost()),
        };
        it.benefit += saved(self.overhead, more, with, 0.0, share);
        for (channel, cost) in &self.channels {
            let fewer = programme.left(Lever::Contacts, Some(&channel.name), name, month);
            let shorter = programme.left(Lever::Minutes, Some(&channel.name), name, month);
            let less = 1.0 - fewer * shorter;
            let share = confirmed(channel.avoidable.as_ref(), month);
            it.benefit += saved(*cost, more, with, less, share);
            it.serving += with * cost - saved(*cost, 0.0, with, less, share);
        }
        it
    }

    /// What a customer brings in a month, as things are.
    pub fn unit(&self) -> f64 {
        self.revenue * self.margin - self.overhead - self.contact_cost()
    }

    fn contact_cost(&self) -> f64 {
        self.channels.iter().map(|(_, cost)| cost).sum()
    }
}

/// One month of one segment.
pub struct Month {
    /// Contribution more and cost of serving less than as things are.
    pub benefit: f64,
    /// Cost of serving customers, with the programme.
    pub serving: f64,
    /// All money that the benefit is a difference of.
    pub turnover: f64,
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
