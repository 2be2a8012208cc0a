use super::super::ratio::{positive, squares};
use super::super::reading::Reading;
use super::super::{Fall, Part, PilotError, Plan, Two};
use super::PreTrend;
use super::customers::pre_trend;
use crate::fit::Level;

/// One customer over the months of a staggered start.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// In which month they are treated first, counted from the first start, which is 0; none of who is not.
    pub starts: Option<usize>,
    /// Their part in the outcome in each month before the first start, the oldest first.
    pub before: Vec<Part>,
    /// Their part in each month since.
    pub since: Vec<Part>,
}

/// Waves of customers that are treated one after the other, each held against who is not yet treated.
///
/// In a month `t` a customer's change is `z = over/under` of the month less the same over all months before the first
/// start. The effect is the mean over all months of treatment, each customer-month weighted by what is in of it
/// (`w = under`), of `z` less the mean `z` of who is not yet treated in that month: Callaway & Sant'Anna (Journal of
/// Econometrics 225, 2021) with comparison not yet treated, averaged over treated customer-months. Waves that are
/// treated already are no comparison, so that effects which grow or fade do not come in with the wrong sign (Goodman-Bacon, in
/// the same issue). Months in which everybody is treated do not count.
///
/// Its error is that of the sum of each customer's influences in all months, the customer as the unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Staggered {
    /// The effect: treated less not yet treated.
    pub value: f64,
    /// Its standard error.
    pub se: f64,
    /// Customers who are treated in a month that counts, and who are a comparison in one: who comes to be treated is
    /// both.
    pub customers: Two<usize>,
    /// Whether the last wave and those before went the same way before the first start.
    pub pre_trend: PreTrend,
    fall: Fall,
}

impl Staggered {
    /// The effect of waves.
    ///
    /// # Errors
    /// [`PilotError::Group`] for fewer than two customers treated, or not yet treated, with something in before and
    /// since; [`PilotError::NoSpread`] where all changed by the same; [`PilotError::NotPositive`] unless the outcome
    /// without treatment is above 0.
    pub fn new(courses: &[Course]) -> Result<Self, PilotError> {
        let changes = Vec::from_iter(courses.iter().filter_map(Changes::of));
        let months = changes.iter().map(|it| it.months.len()).max();
        let months = Vec::from_iter((0..months.unwrap_or(0)).map(|t| Month::of(&changes, t)));
        let customers = Two {
            control: count(&changes, &months, false),
            treated: count(&changes, &months, true),
        };
        for (side, count) in [
            ("not yet treated", customers.control),
            ("treated", customers.treated),
        ] {
            if count < 2 {
                return Err(PilotError::Group(side));
            }
        }
        let weight: f64 = months.iter().map(|it| it.treated).sum();
        let sum = |of: fn(&Month) -> f64| months.iter().map(of).sum::<f64>() / weight;
        let (value, after) = (sum(|it| it.gain), sum(|it| it.outcome));
        let influences = Vec::from_iter(changes.iter().map(|customer| {
            let of = |(month, change)| influence(month, change, value, after);
            let theirs = months.iter().zip(&customer.months).map(of);
            let [effect, after] = theirs.fold([0.0; 2], |a, b| [a[0] + b[0], a[1] + b[1]]);
            [effect / weight, after / weight]
        }));
        let n = influences.len() as f64;
        let error = |of: &dyn Fn(&[f64; 2]) -> f64| {
            let values = Vec::from_iter(influences.iter().map(of));
            (squares(&values) * n / (n - 1.0)).sqrt()
        };
        let se = error(&|it| it[0]);
        if se == 0.0 {
            let field = "changes of the customers";
            return Err(PilotError::NoSpread { field });
        }
        let without = after - value;
        positive("expected", without)?;
        let sd = error(&|it| (value * it[1] - after * it[0]) / without.powi(2));
        Ok(Self {
            value,
            se,
            customers,
            pre_trend: of_waves(courses, months.len())?,
            fall: Fall {
                mean: 1.0 - after / without,
                sd,
            },
        })
    }

    /// How much less the outcome is in months of treatment than it would be without, as a share of that; its error by
    /// the delta method.
    pub fn fall(&self) -> Fall {
        self.fall
    }

    /// Both intervals, of a normal law.
    ///
    /// # Errors
    /// [`PilotError::Overflow`] for numbers too large.
    pub fn read(&self, plan: Plan, level: Level) -> Result<Reading, PilotError> {
        let n = self.customers.map(|it| it as f64);
        Reading::of_estimate(self.value, self.se, n, plan, level)
    }
}

/// What is counted of a customer in a month.
#[derive(Clone, Copy)]
struct Change {
    is_treated: bool,
    /// Less that of the months before.
    change: f64,
    part: Part,
}

/// A customer's changes by month.
struct Changes {
    months: Vec<Change>,
}

impl Changes {
    /// None of whom nothing is in before.
    fn of(it: &Course) -> Option<Self> {
        let before: Part = it.before.iter().copied().sum();
        let base = before.over / before.under;
        let change = |(t, part): (usize, &Part)| Change {
            is_treated: it.starts.is_some_and(|first| t >= first),
            change: if part.under > 0.0 {
                part.over / part.under - base
            } else {
                0.0
            },
            part: *part,
        };
        (before.under > 0.0).then(|| Self {
            months: it.since.iter().enumerate().map(change).collect(),
        })
    }
}

/// What a month adds; nothing where nobody, or everybody, is treated.
#[derive(Default)]
struct Month {
    /// What is in of the treated, and of who is not yet treated.
    treated: f64,
    control: f64,
    /// Mean change of who is not yet treated.
    common: f64,
    /// Sum of the treated's changes beyond it, and of what they are counted in.
    gain: f64,
    outcome: f64,
}

impl Month {
    fn of(changes: &[Changes], t: usize) -> Self {
        let month = || changes.iter().filter_map(move |it| it.months.get(t));
        let side = |is_treated| month().filter(move |it| it.is_treated == is_treated);
        let weight = |is_treated| side(is_treated).map(|it| it.part.under).sum::<f64>();
        let sum = |is_treated| {
            side(is_treated)
                .map(|it| it.part.under * it.change)
                .sum::<f64>()
        };
        let (treated, control) = (weight(true), weight(false));
        if treated <= 0.0 || control <= 0.0 {
            return Self::default();
        }
        let common = sum(false) / control;
        Self {
            treated,
            control,
            common,
            gain: sum(true) - treated * common,
            outcome: side(true).map(|it| it.part.over).sum(),
        }
    }

    fn counts(&self) -> bool {
        self.treated > 0.0
    }
}

/// A customer-month's influence on the effect and on the treated's outcome, times the weight of all.
fn influence(month: &Month, it: &Change, effect: f64, outcome: f64) -> [f64; 2] {
    if !month.counts() {
        return [0.0; 2];
    }
    let beyond = it.part.under * (it.change - month.common);
    if it.is_treated {
        let under = it.part.under;
        [beyond - effect * under, it.part.over - outcome * under]
    } else {
        [-month.treated / month.control * beyond, 0.0]
    }
}

fn count(changes: &[Changes], months: &[Month], is_treated: bool) -> usize {
    let counts = |(month, it): (&Month, &Change)| {
        month.counts() && it.is_treated == is_treated && it.part.under > 0.0
    };
    let is_in = |it: &&Changes| months.iter().zip(&it.months).any(counts);
    changes.iter().filter(is_in).count()
}

/// The last wave beside all before it.
fn of_waves(courses: &[Course], months: usize) -> Result<PreTrend, PilotError> {
    let start = |it: &Course| it.starts.unwrap_or(usize::MAX);
    let last = courses.iter().map(start).max();
    let of = |is_last: bool| {
        let side = courses
            .iter()
            .filter(|it| (Some(start(it)) == last) == is_last);
        Vec::from_iter(side.map(|it| &it.before[..]))
    };
    let sides = Two {
        control: &of(true)[..],
        treated: &of(false)[..],
    };
    pre_trend(sides, months)
}

#[cfg(test)]
mod tests;
