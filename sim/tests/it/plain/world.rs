//! Customers of every segment, month by month, as things are and with the programme.

use keepworth_sim::Heads;
use keepworth_sim::Scenario;
use keepworth_sim::inputs::Distribution;
use keepworth_sim::scenario::{Cause, Lever, Segment};

use super::calendar::Calendar;
use super::cohort::{Cohort, Leaving};
use super::draws::{Draws, at};
use super::effect::Programme;
use super::win_back::{Gone, WinBack, grown};

/// Both worlds, segment by segment.
pub struct Worlds {
    pub segments: Vec<Pair>,
}

/// How a segment is foreseen to leave whatever is done.
#[derive(Clone)]
pub struct Outlook {
    calendar: Calendar,
    segment: String,
    /// What nobody foresees.
    factor: f64,
}

impl Outlook {
    /// Factor on every hazard of a month.
    pub fn at(&self, month: u32) -> f64 {
        self.factor * self.calendar.leaving(&self.segment, month)
    }

    /// The same while prices are those of the date.
    fn at_old_prices(&self, month: u32) -> f64 {
        self.factor * self.calendar.leaving_at_old_prices(month)
    }
}

/// One segment in both worlds: customers at the end of each month from 0.
pub struct Pair {
    pub as_is: Vec<f64>,
    pub with: Vec<f64>,
    pub won: f64,
    pub win_back: WinBack,
    /// Those who return in each month from 0, as things are and with the programme.
    pub returned: Vec<[f64; 2]>,
    pub outlook: Outlook,
    /// Share of those who were just won that is still there after each month, as things are and at the prices of the date.
    pub survival: Vec<f64>,
    heads: Heads,
    pub leaving: Leaving,
    ceiling: f64,
    /// The share of leaving of each cause, where effects name any.
    causes: Vec<(String, f64)>,
    /// Both books at the horizon.
    pub books: [Book; 2],
}

impl Worlds {
    pub fn new(
        scenario: &Scenario,
        heads: Heads,
        calendar: &Calendar,
        draws: &Draws<'_>,
        programme: &Programme<'_>,
    ) -> Self {
        let pair = |segment: &Segment| {
            let outlook = Outlook {
                calendar: calendar.clone(),
                segment: segment.name.clone(),
                factor: draws.unforeseen(|it| it.leaving, "leaving", &segment.name),
            };
            Pair::new(scenario, heads, draws, programme, segment, outlook)
        };
        Self {
            segments: scenario.segments.iter().map(pair).collect(),
        }
    }

    /// The customers that a month's money and seats go by, in both worlds, by segment.
    pub fn heads(&self, month: usize) -> Vec<(f64, f64)> {
        self.segments.iter().map(|pair| pair.heads(month)).collect()
    }

    /// Customers at the horizon, as things are and with the programme.
    pub fn at_the_end(&self) -> (f64, f64) {
        let last = |world: &[f64]| *world.last().unwrap();
        (
            self.segments.iter().map(|pair| last(&pair.as_is)).sum(),
            self.segments.iter().map(|pair| last(&pair.with)).sum(),
        )
    }
}

impl Pair {
    fn new(
        scenario: &Scenario,
        heads: Heads,
        draws: &Draws<'_>,
        programme: &Programme<'_>,
        segment: &Segment,
        outlook: Outlook,
    ) -> Self {
        let figure = |part: &str| format!("segments.{}.{part}", segment.name);
        let won = figure("won_per_month");
        let ceiling = figure("experience_share");
        let mut it = Self {
            as_is: Vec::new(),
            with: Vec::new(),
            won: draws.or(segment.won_per_month.as_ref(), &won, 0.0)
                * draws.unforeseen(|it| it.won, "customers won", &segment.name),
            win_back: WinBack::new(draws, segment),
            returned: vec![[0.0; 2]],
            outlook,
            survival: vec![1.0],
            heads,
            leaving: Leaving::new(draws, segment.hazard.as_ref().unwrap(), &segment.name),
            ceiling: draws.or(segment.experience_share.as_ref(), &ceiling, 1.0),
            causes: causes(draws, segment),
            books: [Book::new(segment, heads), Book::new(segment, heads)],
        };
        let mut new = Cohort::new(1.0, 0.0);
        let mut gone = [Gone::new(segment), Gone::new(segment)];
        it.count();
        for month in 1..=scenario.horizon_months {
            let pulls = programme.pulls(Lever::Referrals, None, &segment.name, month);
            let before = it.books.clone().map(|book| book.customers());
            let recruits = [0.0, pulls.iter().sum::<f64>() * before[1]];
            let factors = [1.0, grown(programme, &segment.name, month)];
            let returned = [0, 1].map(|world| gone[world].pass(&it.win_back, factors[world]));
            let entering = [0, 1].map(|world| it.won + recruits[world] + returned[world]);
            it.returned.push(returned);
            it.pass(programme, &segment.name, month);
            let kept = 1.0 - it.reduction(programme, &segment.name, month);
            let calendar = it.outlook.at(month);
            it.books[0].enter(entering[0], &it.leaving, calendar);
            it.books[1].enter(entering[1], &it.leaving, calendar * kept);
            it.count();
            for (world, gone) in gone.iter_mut().enumerate() {
                gone.leave(before[world] + entering[world] - it.books[world].customers());
            }
            new.pass(&it.leaving, it.outlook.at_old_prices(month));
            it.survival.push(new.left);
        }
        it
    }

    fn count(&mut self) {
        self.as_is.push(self.books[0].customers());
        self.with.push(self.books[1].customers());
    }

    /// The customers that a month's money goes by, given those at its end and at that of the month
    /// before.
    pub fn counted(&self, before: f64, end: f64) -> f64 {
        match self.heads {
            Heads::MonthEnd => end,
            Heads::ThroughMonth => (before + end) / 2.0,
        }
    }

    /// The same of both worlds; of month 0 those who are there at its end.
    pub fn heads(&self, month: usize) -> (f64, f64) {
        let of = |world: &[f64]| self.counted(world[month.saturating_sub(1)], world[month]);
        (of(&self.as_is), of(&self.with))
    }

    /// The share of its hazard that the programme takes from the segment in a month.
    pub fn reduction(&self, programme: &Programme<'_>, name: &str, month: u32) -> f64 {
        let left = programme.left(Lever::Hazard, None, name, month);
        let of_causes = self.causes.iter().map(|(cause, share)| {
            self.ceiling * share * (1.0 - programme.left_for(cause, name, month))
        });
        let joint = 1.0 - left * (1.0 - of_causes.sum::<f64>());
        joint.min(self.ceiling)
    }

    /// A month passes in both worlds.
    pub fn pass(&mut self, programme: &Programme<'_>, name: &str, month: u32) {
        let calendar = self.outlook.at(month);
        let reduction = self.reduction(programme, name, month);
        self.books[0].pass(&self.leaving, calendar);
        self.books[1].pass(&self.leaving, calendar * (1.0 - reduction));
    }
}

/// Shares of causes among those that experience could remove, where effects name any: gamma variates of their counts,
/// over their sum.
fn causes(draws: &Draws<'_>, segment: &Segment) -> Vec<(String, f64)> {
    let weight = |cause: &Cause| {
        let law = Distribution::Gamma {
            shape: cause.left as f64 + 0.5,
            scale: 1.0,
        };
        let name = format!("segments.{}.cause {}", segment.name, cause.name);
        at(&law, &|name| draws.common(name), &name)
    };
    let named = segment.causes.iter().flatten();
    let all: Vec<&Cause> = named
        .filter(|_| draws.names_causes_in(&segment.name))
        .collect();
    let sum: f64 = all.iter().map(|it| weight(it)).sum();
    all.iter()
        .map(|it| (it.name.clone(), weight(it) / sum))
        .collect()
}

/// Customers at month 0 by completed months of tenure.
pub fn customers_by_tenure(segment: &Segment) -> Vec<f64> {
    let mut by_tenure = segment.customers_by_tenure.clone().unwrap_or(vec![1.0]);
    if let Some(customers) = segment.customers {
        let profile: f64 = by_tenure.iter().sum();
        by_tenure.iter_mut().for_each(|n| *n *= customers / profile);
    }
    by_tenure
}

/// The customers of a segment in one world.
#[derive(Clone)]
pub struct Book {
    cohorts: Vec<Cohort>,
    heads: Heads,
}

impl Book {
    fn new(segment: &Segment, heads: Heads) -> Self {
        let by_tenure = customers_by_tenure(segment);
        let mut book = Self {
            cohorts: Vec::new(),
            heads,
        };
        for (age, n) in by_tenure.iter().enumerate() {
            book.add(*n, age as f64);
        }
        book
    }

    fn add(&mut self, customers: f64, age: f64) {
        self.cohorts.push(match self.heads {
            Heads::MonthEnd => Cohort::new(customers, age),
            Heads::ThroughMonth => Cohort::even(customers, age),
        });
    }

    pub fn customers(&self) -> f64 {
        self.cohorts.iter().map(|cohort| cohort.left).sum()
    }

    /// A month passes, in which hazards are multiplied by `factor`.
    fn pass(&mut self, leaving: &Leaving, factor: f64) {
        for cohort in &mut self.cohorts {
            cohort.pass(leaving, factor);
        }
    }

    /// New customers come at the month's end, or evenly through it: then half of a first month, whose
    /// hazard is multiplied by `factor`, is behind them at its end. Those who differ go on from how far that took them.
    fn enter(&mut self, customers: f64, leaving: &Leaving, factor: f64) {
        if let (Heads::ThroughMonth, Leaving::Differing(_)) = (self.heads, leaving) {
            let mut new = Cohort::new(customers, 0.0);
            new.pass(leaving, factor / 2.0);
            self.cohorts.push(new);
            return;
        }
        let mut first = Cohort::new(1.0, 0.0);
        first.pass(leaving, factor);
        let there = match self.heads {
            Heads::MonthEnd => 1.0,
            Heads::ThroughMonth => first.left.sqrt(),
        };
        self.add(customers * there, 0.0);
    }
}
