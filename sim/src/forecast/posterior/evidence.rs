//! How likely what was counted is in a future.
//!
//! Rates are held against those who were really there, so that months tell of the inputs one by one: leavers of the customers
//! at the month's beginning, contacts and money of those through it. Counts scatter as in
//! [`with_programme`](crate::forecast::with_programme): Poisson, and beyond it negative binomial with the months' variation;
//! money by Student's t of its logarithm, with as many degrees of freedom as its variation is known by.

use crate::flows::{Line, Workspace};
use crate::forecast::{CompanyScatter, Spread};
use crate::math::{ln, ln_1p, ln_gamma};
use crate::model::Model;

/// What was counted of a company in a month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CountedMonth {
    /// Which, from 1.
    pub month: usize,
    /// Customers at its beginning.
    pub before: f64,
    /// Customers at its end.
    pub after: f64,
    /// Who came in it.
    pub won: f64,
    /// Who left in it.
    pub leavers: f64,
    /// Contacts in it.
    pub contacts: f64,
    /// Revenue of it, where it is known.
    pub revenue: Option<f64>,
    /// Cost of contacts in it, where it is known.
    pub service_cost: Option<f64>,
}

/// What is held against futures.
pub(super) struct Evidence<'a> {
    scatter: &'a CompanyScatter,
    counted: &'a [CountedMonth],
    /// The last month in which anybody is won.
    last_entry: usize,
    /// Whether the model knows what becomes of the cost of contacts that do not come.
    knows_savings: bool,
}

/// Where finance has confirmed nothing, that nothing is saved is a convention, and what contacts cost says nothing of them.
fn knows_savings(model: &Model) -> bool {
    let mut channels = model.segments.iter().flat_map(|it| &it.channels);
    channels.all(|it| !it.avoidable.is_open())
}

impl<'a> Evidence<'a> {
    /// What was counted of a model's company.
    pub(super) fn new(
        model: &Model,
        scatter: &'a CompanyScatter,
        counted: &'a [CountedMonth],
    ) -> Self {
        Self {
            scatter,
            counted,
            last_entry: model.last_entry,
            knows_savings: knows_savings(model),
        }
    }

    /// The logarithm of the chance of what was counted in a future, but for what no future changes.
    pub(super) fn log_likelihood(&self, room: &Workspace, lane: usize) -> f64 {
        let flows = room.last();
        let (Some(customers), Some(lines), Some(handled)) =
            (&flows.customers, &flows.lines, &flows.handled)
        else {
            return 0.0;
        };
        let [_, active] = &customers.active;
        let scatter = self.scatter;
        let of_month = |it: &CountedMonth| {
            let [before, after] = [active[it.month - 1][lane], active[it.month][lane]];
            let entering = customers.entering(it.month, self.last_entry, lane);
            let leaving = (before + entering - after).max(0.0);
            let through = f64::midpoint(before, after);
            let were = f64::midpoint(it.before, it.after);
            let there = |expected: f64, of: f64, really: f64| {
                if of > 0.0 {
                    expected / of * really
                } else {
                    0.0
                }
            };
            let money = |line: Line| {
                let sum =
                    lines.as_is(line)[it.month][lane] + lines.difference(line)[it.month][lane];
                there(sum * room.price_level(it.month)[lane], through, were)
            };
            let contacts = handled.contacts[it.month][lane].max(0.0);
            count(
                it.leavers,
                there(leaving, before, it.before),
                scatter.leaving,
            ) + count(it.won, entering, scatter.won)
                + count(
                    it.contacts,
                    there(contacts, through, were),
                    scatter.contacts,
                )
                + amount(it.revenue, money(Line::Revenue), scatter.revenue)
                + amount(
                    it.service_cost.filter(|_| self.knows_savings),
                    -money(Line::Contacts),
                    scatter.service_cost,
                )
        };
        self.counted.iter().map(of_month).sum()
    }
}

/// The logarithm of the chance of a count, but for what no future changes.
fn count(seen: f64, expected: f64, spread: Spread) -> f64 {
    if expected <= 0.0 {
        // A future in which nothing can be counted is none in which something was.
        return if seen > 0.0 { -1e6 } else { 0.0 };
    }
    let square = spread.variation * spread.variation;
    if square <= 0.0 {
        return seen * ln(expected) - expected;
    }
    let shape = 1.0 / square;
    let above = ln_gamma(seen + shape) - ln_gamma(shape);
    above + shape * ln(shape / (shape + expected)) + seen * ln(expected / (shape + expected))
}

/// The same of an amount; one whose scatter is not known tells nothing.
fn amount(seen: Option<f64>, expected: f64, spread: Spread) -> f64 {
    let variance = ln_1p(spread.variation * spread.variation);
    let Some(seen) = seen.filter(|it| *it > 0.0 && expected > 0.0 && variance > 0.0) else {
        return 0.0;
    };
    let freedom = spread.freedom.max(1.0);
    let off = (ln(seen / expected) + variance / 2.0) / variance.sqrt();
    -(freedom + 1.0) / 2.0 * ln_1p(off * off / freedom)
}
