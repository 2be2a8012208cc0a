use super::super::ratio::{positive, squares};
use super::super::{Fall, Part, PilotError, Ratio, Sums, Two};
use super::{PreTrend, Sides, trend};

/// One customer of a comparison over time.
#[derive(Debug, Clone, PartialEq)]
pub struct BeforeAfter {
    /// Their part in the outcome in each month before the start, the oldest first.
    pub before: Vec<Part>,
    /// Their part in all months since.
    pub after: Part,
}

/// Treated customers beside others, each held against their own months before (difference-in-differences).
///
/// A customer's change is `d = over/under` after less the same before, so that whatever is always theirs cancels. The
/// change of a side is the mean of theirs, each weighted by what is in of them since, `w = under` after: `D = Σ w·d/Σ w`.
/// Its error is that of the linearisation `w·(d − D)/mean w`, the customer as the unit, as in [`Ratio`]. Customers of
/// whom nothing is in before, or nothing after, have no change and do not count.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerPanel {
    changes: Two<Ratio>,
    /// What the outcome is among the treated since the start.
    after: Ratio,
    /// Whether both sides went the same way before.
    pub pre_trend: PreTrend,
}

impl CustomerPanel {
    /// Both sides; `months_after` have passed since the start.
    ///
    /// # Errors
    /// [`PilotError::Group`] for a side with fewer than two customers with a change.
    pub fn new(sides: Two<&[BeforeAfter]>, months_after: usize) -> Result<Self, PilotError> {
        let changed = |side: &[BeforeAfter]| Vec::from_iter(side.iter().filter_map(changed));
        let (control, treated) = (changed(sides.control), changed(sides.treated));
        let change = |side, of: &[Changed]| {
            let part = |it: &Changed| Part {
                over: it.change * it.after.under,
                under: it.after.under,
            };
            Ratio::new(side, &Vec::from_iter(of.iter().map(part)))
        };
        let after = Vec::from_iter(treated.iter().map(|it| it.after));
        let (others, theirs) = (before(sides.control), before(sides.treated));
        let months_before = Two {
            control: &others[..],
            treated: &theirs[..],
        };
        Ok(Self {
            changes: Two {
                control: change("comparison", &control)?,
                treated: change("treated", &treated)?,
            },
            after: Ratio::new("treated", &after)?,
            pre_trend: pre_trend(months_before, months_after)?,
        })
    }

    /// Sums of one number of each customer of a side, whose mean is the side's change.
    ///
    /// # Errors
    /// As [`Sums::new`].
    pub fn sums(&self) -> Result<Two<Sums>, PilotError> {
        Ok(Two {
            control: self.changes.control.sums()?,
            treated: self.changes.treated.sums()?,
        })
    }

    /// How much less the outcome is among the treated than it would be without treatment, as a share of that:
    /// `1 − A/(A − δ)` of their outcome `A` since the start and the effect `δ`; its error by the delta method.
    ///
    /// # Errors
    /// [`PilotError::NotPositive`] unless `A − δ` is above 0.
    pub fn fall(&self) -> Result<Fall, PilotError> {
        let (control, treated) = (&self.changes.control, &self.changes.treated);
        let (after, effect) = (self.after.value(), treated.value() - control.value());
        let without = after - effect;
        positive("expected", without)?;
        // Of each customer's influence on A and on δ.
        let (of_after, of_effect) = (effect / without.powi(2), after / without.powi(2));
        let both = self.after.influences().iter().zip(treated.influences());
        let theirs = Vec::from_iter(both.map(|(a, d)| of_after * a - of_effect * d));
        let others = Vec::from_iter(control.influences().iter().map(|d| of_effect * d));
        let squared = |influences: &[f64]| {
            let n = influences.len() as f64;
            squares(influences) / (n * (n - 1.0))
        };
        Ok(Fall {
            mean: 1.0 - after / without,
            sd: (squared(&theirs) + squared(&others)).sqrt(),
        })
    }
}

fn before(side: &[BeforeAfter]) -> Vec<&[Part]> {
    side.iter().map(|it| &it.before[..]).collect()
}

/// A customer of whom something is in before and after.
struct Changed {
    change: f64,
    after: Part,
}

fn changed(it: &BeforeAfter) -> Option<Changed> {
    let (before, after): (Part, Part) = (it.before.iter().copied().sum(), it.after);
    (before.under > 0.0 && after.under > 0.0).then(|| Changed {
        change: after.over / after.under - before.over / before.under,
        after,
    })
}

/// The difference of both sides' slopes over the months before, each the least-squares slope within customers: what a
/// customer is apart from others on the whole is not in it.
pub(super) fn pre_trend(
    sides: Two<&[&[Part]]>,
    months_after: usize,
) -> Result<PreTrend, PilotError> {
    let slopes = |side: &[&[Part]]| Vec::from_iter(side.iter().filter_map(|it| within(it)));
    let (control, treated) = (slopes(sides.control), slopes(sides.treated));
    let everybody = || sides.control.iter().chain(sides.treated);
    let months = everybody().map(|it| it.len()).max().unwrap_or(0);
    let cells = everybody().copied().flatten();
    let n = cells.filter(|it| it.under > 0.0).count();
    let ratios = (
        Ratio::new("comparison", &control),
        Ratio::new("treated", &treated),
    );
    let (Ok(control), Ok(treated)) = ratios else {
        return Ok(trend::untestable(n));
    };
    let values = |it: &Ratio| Vec::from_iter(it.influences().iter().map(|x| it.value() + x));
    let sides = Sides {
        control: values(&control),
        treated: values(&treated),
    };
    trend::of_customers(&sides, n, months + months_after)
}

/// A customer's part in the slope: `Σ (t − t̄)·y` over `Σ (t − t̄)²` of the months `t` in which there is a `y`.
fn within(before: &[Part]) -> Option<Part> {
    let told =
        |(t, part): (usize, &Part)| (part.under > 0.0).then(|| (t as f64, part.over / part.under));
    let months = Vec::from_iter(before.iter().enumerate().filter_map(told));
    let (_, first) = *months.first()?;
    let middle = months.iter().map(|(t, _)| t).sum::<f64>() / months.len() as f64;
    // Less the first: who never changes has a slope of exactly 0.
    let over = months.iter().map(|(t, y)| (t - middle) * (y - first)).sum();
    let under: f64 = months.iter().map(|(t, _)| (t - middle).powi(2)).sum();
    (under > 0.0).then_some(Part { over, under })
}

#[cfg(test)]
mod tests;
