//! Which costs are fixed, which move with volume and which step, by what was booked month by month.
//!
//! Of the company as a whole: what a segment has of a shared cost moves with its share of the volume because it is
//! shared out so, whatever the cost does.

use std::collections::{BTreeMap, BTreeSet};

use keepworth_contract::finance::CostCategory;
use keepworth_contract::finance::CostRow;
use keepworth_contract::simulator::baseline::{AvoidableStep, SegmentBaseline};
use keepworth_contract::simulator::{CostBehaviour, CostStep, CostVerdict, CostVolume};
use keepworth_contract::statistic::Interval;
use keepworth_contract::{Currency, Flag, FlagCode, Money, Month, Word};
use keepworth_verdict::interval::student;

use super::{Booked, CONSUMPTION, CostTable};
use crate::rule::driver::{Calendar, Drivers, MonthDrivers};

/// Fewer months than this tell nothing of how a cost moves.
const FEWEST_MONTHS: usize = 6;
/// A cost is on one level while it stays within this share of it.
const LEVEL: f64 = 0.02;
/// A level holds for as many months on average at least: else every month is its own.
const MONTHS_OF_A_LEVEL: usize = 3;
/// An interval of a share that ends this near to none or all is one that holds it.
const HALF_A_POINT: f64 = 0.005;
/// Fixed is what moves by less than half, variable what moves by more, each with all of its interval.
const HALF: f64 = 0.5;

/// What is booked together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    category: CostCategory,
    channel: Option<String>,
}

/// A month of a cost.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Point {
    month: Month,
    minor: f64,
    volume: f64,
}

impl CostTable {
    /// How each cost moved in the months that count as a whole. What is assumed is left out: an assumption moves as
    /// somebody assumed that it does.
    pub(crate) fn behaviours(
        &self,
        all: &Drivers,
        calendar: &Calendar,
        currency: Currency,
    ) -> Vec<CostBehaviour> {
        if calendar.is_in_parts() {
            return Vec::new();
        }
        let mut booked: BTreeMap<Kind, BTreeMap<Month, i64>> = BTreeMap::new();
        let mut assumed = BTreeSet::new();
        for Booked { row, month } in &self.rows {
            let Some(kind) = Kind::of(row).filter(|_| calendar.part(*month) > 0.0) else {
                continue;
            };
            if row.assumed_entries > 0 {
                assumed.insert(kind.clone());
            }
            *booked.entry(kind).or_default().entry(*month).or_default() += row.minor;
        }
        let recorded = booked
            .into_iter()
            .filter(|(kind, _)| !assumed.contains(kind));
        let behaviour = |(kind, months): (Kind, BTreeMap<Month, i64>)| {
            let point = |(month, minor): (Month, i64)| Point {
                month,
                minor: minor as f64,
                volume: all.at(month, |it| kind.volume_in(it)),
            };
            let points: Vec<Point> = months.into_iter().map(point).collect();
            kind.behaviour(&points, currency)
        };
        recorded.map(behaviour).collect()
    }
}

impl Kind {
    /// None of costs that are booked when they occur: trainings, campaigns, programmes.
    fn of(row: &CostRow) -> Option<Self> {
        let is_contact = row.component.as_deref().is_none_or(|it| it == CONSUMPTION);
        let (category, channel) = match CostCategory::find(&row.category)? {
            CostCategory::Service if is_contact => (CostCategory::Service, row.channel.clone()),
            CostCategory::Service | CostCategory::Overhead => (CostCategory::Overhead, None),
            category @ (CostCategory::CostOfRevenue | CostCategory::Acquisition) => {
                (category, None)
            }
            CostCategory::Training | CostCategory::Retention | CostCategory::Programme => {
                return None;
            }
        };
        Some(Self { category, channel })
    }

    fn volume(&self) -> CostVolume {
        match self.category {
            CostCategory::Service => CostVolume::ContactMinutes,
            CostCategory::CostOfRevenue => CostVolume::Revenue,
            CostCategory::Acquisition => CostVolume::CustomersWon,
            _ => CostVolume::CustomerMonths,
        }
    }

    fn volume_in(&self, month: &MonthDrivers) -> f64 {
        match (self.volume(), &self.channel) {
            (CostVolume::ContactMinutes, Some(channel)) => month.minutes_of(channel),
            (CostVolume::ContactMinutes, None) => month.minutes_by_channel.values().sum(),
            (CostVolume::CustomerMonths, _) => month.months,
            (CostVolume::Revenue, _) => month.revenue_minor,
            (CostVolume::CustomersWon, _) => month.won,
        }
    }

    fn behaviour(self, points: &[Point], currency: Currency) -> CostBehaviour {
        let steps = steps(points, currency);
        // What a step leaves behind lasts: months are not independent, and an interval would not hold.
        let regression = variable_share(points).filter(|_| steps.is_empty());
        let interval = regression
            .as_ref()
            .and_then(|(_, interval)| interval.clone());
        let verdict = match (&steps[..], &interval) {
            ([_, ..], _) => CostVerdict::Stepped,
            ([], Some(interval)) => verdict(interval),
            ([], None) => CostVerdict::Unclear,
        };
        CostBehaviour {
            volume: self.volume(),
            category: self.category,
            channel: self.channel,
            verdict,
            months: points.len() as u32,
            variable_share: regression.map(|(share, _)| share),
            interval,
            steps,
        }
    }
}

fn verdict(share: &Interval) -> CostVerdict {
    let holds = |x: f64| share.low - HALF_A_POINT <= x && x <= share.high + HALF_A_POINT;
    match (holds(0.0), holds(1.0)) {
        (true, false) if share.high <= HALF => CostVerdict::Fixed,
        (false, true) if share.low >= HALF => CostVerdict::Variable,
        (false, false) if share.low > 0.0 && share.high < 1.0 => CostVerdict::Mixed,
        _ => CostVerdict::Unclear,
    }
}

/// The share of the mean month's cost that moves with volume, `b·v̄/c̄` of the least-squares line `c = a + b·v`, with
/// Student's interval: `c̄` and `b` are independent where the months' disturbances are.
fn variable_share(points: &[Point]) -> Option<(f64, Option<Interval>)> {
    if points.len() < FEWEST_MONTHS {
        return None;
    }
    let n = points.len() as f64;
    let mean = |of: fn(&Point) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (cost, volume) = (mean(|it| it.minor), mean(|it| it.volume));
    let product = |of: &dyn Fn(&Point) -> f64| points.iter().map(of).sum::<f64>();
    let spread = product(&|it| (it.volume - volume).powi(2));
    if cost <= 0.0 || spread <= 1e-9 * n * volume * volume {
        return None;
    }
    let together = product(&|it| (it.volume - volume) * (it.minor - cost));
    let slope = together / spread;
    let share = slope * volume / cost;
    let off = product(&|it| (it.minor - cost - slope * (it.volume - volume)).powi(2)) / (n - 2.0);
    let of_slope = (volume / cost).powi(2) * off / spread;
    let of_mean = share * share * off / (n * cost * cost);
    let error = (of_slope + of_mean).sqrt();
    Some((share, student(share, error, n - 2.0, "ols_student_t")))
}

/// Where a cost went from one level to another; none where it moves all the time, or never.
fn steps(points: &[Point], currency: Currency) -> Vec<CostStep> {
    let mut levels: Vec<Vec<Point>> = Vec::new();
    for point in points {
        let is_same = |level: &&mut Vec<Point>| {
            let mean = mean_of(level, |it| it.minor);
            (point.minor - mean).abs() <= LEVEL * mean.abs()
        };
        match levels.last_mut().filter(is_same) {
            Some(level) => level.push(*point),
            None => levels.push(vec![*point]),
        }
    }
    let are_levels = MONTHS_OF_A_LEVEL * levels.len() <= points.len()
        && levels.iter().all(|level| level.len() > 1);
    let pairs = levels.windows(2).filter(|_| are_levels);
    let step = |pair: &[Vec<Point>]| {
        let money =
            |level| Money::from_minor(mean_of(level, |it| it.minor).round() as i64, currency);
        let before = mean_of(&pair[0], |it| it.volume);
        CostStep {
            month: pair[1][0].month,
            from: money(&pair[0]),
            to: money(&pair[1]),
            volume_ratio: (before > 0.0).then(|| mean_of(&pair[1], |it| it.volume) / before),
        }
    };
    pairs.map(step).collect()
}

fn mean_of(level: &[Point], of: fn(&Point) -> f64) -> f64 {
    level.iter().map(of).sum::<f64>() / level.len() as f64
}

/// What finance confirmed as avoidable beyond what moved with volume in the record.
pub(crate) fn contradicted(behaviours: &[CostBehaviour], company: &SegmentBaseline) -> Vec<Flag> {
    let is_told = |it: &&CostBehaviour| it.verdict != CostVerdict::Unclear;
    let told = behaviours.iter().filter(is_told);
    let flag = |it: &CostBehaviour| {
        let interval = it.interval.as_ref()?;
        let (about, confirmed) = confirmed(it, company)?;
        let percent = |share: f64| format!("{:.0}%", 100.0 * share);
        let detail = format!(
            "finance confirmed {} of the cost of {about} as avoidable; in {} months {} of it moved with volume ({} to {})",
            percent(confirmed),
            it.months,
            percent(it.variable_share?),
            percent(interval.low),
            percent(interval.high),
        );
        let is_beyond = confirmed > interval.high + HALF_A_POINT;
        is_beyond.then(|| Flag::new(FlagCode::AvoidableAboveVariable, detail).about(about))
    };
    told.filter_map(flag).collect()
}

/// Whose cost it is, and which share of it is confirmed as avoidable now.
fn confirmed(it: &CostBehaviour, company: &SegmentBaseline) -> Option<(String, f64)> {
    let now = |steps: &[AvoidableStep]| steps.first().map(|step| step.share);
    match (it.category, &it.channel) {
        (CostCategory::Service, Some(name)) => {
            let channel = company.channels.iter().find(|it| it.name == *name)?;
            Some((name.clone(), now(&channel.avoidable)?))
        }
        (CostCategory::Overhead, _) => {
            Some(("overhead".to_owned(), now(&company.overhead_avoidable)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
