//! What records would count while a programme goes on, month by month: what is held against actuals later.
//!
//! The futures are a run's first ones, with the same draws. A run tells expectations within each; records count. So on
//! top of each future's expectation comes what is random about counts: who leaves is binomial of who is there, who comes
//! and who calls is Poisson, and what goes by customers follows their number. Flows are differences between two worlds,
//! of which records see one: nothing comes on top of them, and they are the run's.

use rayon::prelude::*;

use super::CompanyScatter;
use super::alarm::alarm_band;
use super::chance::{Chance, factor};
use crate::flows::{Line, Workspace};
use crate::kernel::Lane;
use crate::model::Model;
use crate::run::{RunError, checked_plan, on_threads, uniforms};
use crate::scenario::Demography;
use crate::summary::{Values, quantiles};
use crate::trials::{Evaluator, MONTHLY_TRIALS, RunOptions};

/// The levels of quantiles: the ends of central bands of 95%, 80% and 50%, and the median.
pub const LEVELS: [f64; 7] = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975];

/// Futures that one thread follows in a row.
const TILE: u64 = 512;

/// What is forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Figure {
    /// Customers at the month's end.
    Customers,
    /// Who came in it: won, recruited, won back.
    Won,
    /// Who left in it.
    Leavers,
    /// Contacts in it.
    Contacts,
    /// Minutes of handling them.
    Minutes,
    /// Revenue of it.
    Revenue,
    /// Cost of handling contacts; it is part of `Cost`.
    ServiceCost,
    /// Cost of what was sold, of serving, of training staff and of winning customers.
    Cost,
    /// What the programme cost, capital expenditure with it.
    ProgrammeCost,
    /// What the programme has brought less what it has cost, since month 0.
    CumulativeFlow,
    /// The same, each month discounted.
    CumulativeDiscountedFlow,
}

impl Figure {
    /// Every figure, in this order.
    pub const ALL: [Self; 11] = [
        Self::Customers,
        Self::Won,
        Self::Leavers,
        Self::Contacts,
        Self::Minutes,
        Self::Revenue,
        Self::ServiceCost,
        Self::Cost,
        Self::ProgrammeCost,
        Self::CumulativeFlow,
        Self::CumulativeDiscountedFlow,
    ];
}

/// A figure of a month over futures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Levels {
    /// Mean over futures.
    pub mean: f64,
    /// Quantiles at [`LEVELS`], linear between order statistics.
    pub quantiles: [f64; 7],
    /// The month's part of a band that the figure leaves in one of twenty futures, at any time from first to last month:
    /// what leaves it is more than chance is likely to do.
    pub alarm: [f64; 2],
}

/// What is forecast with the programme, by month from month 0, in which nobody comes or leaves.
#[derive(Debug, Clone, PartialEq)]
pub struct WithProgramme {
    /// Futures behind it: the run's first ones.
    pub futures: u64,
    /// By figure, in the order of [`Figure::ALL`].
    pub figures: Vec<Vec<Levels>>,
}

impl WithProgramme {
    /// A figure by month, from month 0.
    pub fn figure(&self, figure: Figure) -> &[Levels] {
        &self.figures[figure as usize]
    }
}

/// Months of one figure after the other.
type Counts = Vec<f64>;

/// Forecasts with the programme, in the first futures of [`run`](crate::run) with the same options. Amounts that records
/// have are in the money of their month; flows are in that of the run's result. Where customers are drawn one by one, who
/// comes and leaves does not scatter beyond that.
///
/// # Errors
/// If the options cannot be sampled.
pub fn with_programme(
    model: &Model,
    options: &RunOptions,
    scatter: &CompanyScatter,
) -> Result<WithProgramme, RunError> {
    on_threads(options.threads, || follow(model, options, scatter))?
}

fn follow(
    model: &Model,
    options: &RunOptions,
    scatter: &CompanyScatter,
) -> Result<WithProgramme, RunError> {
    let plan = checked_plan(model, options)?;
    let futures = options.trials.min(MONTHLY_TRIALS);
    let evaluator = Evaluator::new(model).with_demography_seed(plan.seed);
    let firsts: Vec<u64> = (0..futures).step_by(TILE as usize).collect();
    let tiles = firsts.into_par_iter().map(|first| {
        let count = TILE.min(futures - first);
        let mut values = uniforms(model, &plan, first, count as usize);
        evaluator.draw(&mut values);
        let mut counted = Vec::with_capacity(count as usize);
        evaluator.each_future(&values, first, |room, trial, lane| {
            let chance = Chance::company(plan.seed, trial as usize);
            counted.push(count_future(model, room, lane, chance, scatter));
        });
        counted
    });
    let tiles: Vec<Vec<Counts>> = tiles.collect();
    let all: Vec<&Counts> = tiles.iter().flatten().collect();
    let months = model.horizon + 1;
    let figure = |index: usize| {
        let place = |month| index * months + month;
        let by_month = (0..months).map(|month| all.iter().map(move |it| it[place(month)]));
        levels(&by_month.map(Iterator::collect).collect::<Vec<_>>())
    };
    let figures = (0..Figure::ALL.len()).into_par_iter().map(figure);
    Ok(WithProgramme {
        futures,
        figures: figures.collect(),
    })
}

/// A figure by month, of its futures by month.
fn levels(by_month: &[Vec<f64>]) -> Vec<Levels> {
    let alarms = alarm_band(by_month);
    let of = |(values, alarm): (&Vec<f64>, [f64; 2])| Levels {
        mean: values.iter().sum::<f64>() / values.len() as f64,
        quantiles: quantiles(&Values::from(&**values), LEVELS),
        alarm,
    };
    by_month.iter().zip(alarms).map(of).collect()
}

/// What serving and winning customers costs.
const SERVING: [Line; 5] = [
    Line::CostOfRevenue,
    Line::Contacts,
    Line::Overhead,
    Line::Training,
    Line::Acquisition,
];

/// What the programme costs.
const PROGRAMME: [Line; 7] = [
    Line::ProgrammePeople,
    Line::ProgrammeProcess,
    Line::ProgrammePolitics,
    Line::ProgrammeTechnology,
    Line::ProgrammeTraining,
    Line::ProgrammeTreatment,
    Line::Capital,
];

/// Counts one future: every figure's months, one figure after the other.
fn count_future(
    model: &Model,
    room: &Workspace,
    lane: usize,
    mut chance: Chance,
    scatter: &CompanyScatter,
) -> Counts {
    let flows = room.last();
    let months = model.horizon + 1;
    let mut counts = vec![0.0; Figure::ALL.len() * months];
    let (Some(customers), Some(lines), Some(handled)) =
        (&flows.customers, &flows.lines, &flows.handled)
    else {
        return counts;
    };
    let at = |of: &[Lane], month: usize| of[month][lane];
    let sum = |lines_of: &[Line], month: usize| {
        let of = |line: &Line| at(lines.as_is(*line), month) + at(lines.difference(*line), month);
        lines_of.iter().map(of).sum::<f64>() * room.price_level(month)[lane]
    };
    let [_, active] = &customers.active;
    let mut people = People {
        there: at(active, 0).round(),
        // Drawn one by one they are counted already.
        is_counted: model.demography == Demography::Binomial,
    };
    let [mut flow, mut discounted] = [0.0; 2];
    for month in 0..months {
        let entering = customers.entering(month, model.last_entry, lane);
        let ends = [at(active, month.saturating_sub(1)), at(active, month)];
        // Nothing has happened yet in month 0.
        let entering = if month > 0 { entering } else { 0.0 };
        let moved = people.go_on(ends, entering, &mut chance, scatter);
        let [some, minutes] =
            [&handled.contacts, &handled.minutes].map(|it| at(it, month).max(0.0));
        let expected = some * moved.ratio * factor(scatter.contacts, &mut chance);
        let contacts = chance.poisson(expected);
        let mut money =
            |lines: &[Line], spread| sum(lines, month) * moved.ratio * factor(spread, &mut chance);
        let each = if some > 0.0 { minutes / some } else { 0.0 };
        let net = at(&flows.net, month);
        flow += net;
        discounted += net * at(&flows.discount, month);
        let figures = [
            people.there,
            moved.won,
            moved.left,
            contacts,
            contacts * each,
            money(&[Line::Revenue], scatter.revenue),
            -money(&[Line::Contacts], scatter.service_cost),
            -money(&SERVING, scatter.cost),
            -sum(&PROGRAMME, month),
            flow,
            discounted,
        ];
        for (index, value) in figures.into_iter().enumerate() {
            counts[index * months + month] = value;
        }
    }
    counts
}

/// Customers of one future, as they are counted.
struct People {
    there: f64,
    is_counted: bool,
}

/// What a month did with them.
struct Moved {
    won: f64,
    left: f64,
    /// Customers through the month over those expected.
    ratio: f64,
}

impl People {
    /// Carries them through a month at whose two ends so many are expected, and in which so many are to come.
    fn go_on(
        &mut self,
        [before, now]: [f64; 2],
        entering: f64,
        chance: &mut Chance,
        scatter: &CompanyScatter,
    ) -> Moved {
        let leaving = (before + entering - now).max(0.0);
        let was = self.there;
        let (won, left) = if self.is_counted {
            (entering, leaving)
        } else {
            let share = if before > 0.0 { leaving / before } else { 0.0 };
            let share = share * factor(scatter.leaving, chance);
            let left = chance.leavers(was, share.min(1.0)).round();
            let coming = entering * factor(scatter.won, chance);
            (chance.poisson(coming), left)
        };
        self.there = if self.is_counted {
            now
        } else {
            was + won - left
        };
        let expected = before + now;
        let ratio = if expected > 0.0 {
            (was + self.there) / expected
        } else {
            1.0
        };
        Moved { won, left, ratio }
    }
}
