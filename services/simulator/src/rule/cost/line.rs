//! One line of a segment's costs: what was booked, month by month, and what that is of a whole
//! window.
//!
//! Books have holes: the last months are not closed yet, or a segment's costs were never entered. A
//! month without an entry is not a month without cost; that would be an entry of 0. So a line is
//! the ratio of cost to what it is held against **over the months that are booked**, stretched to
//! all months of the window: `Ĉ = Σ C/d · D`, over the streams of entries (of the segment itself or
//! its part of shared ones, by category and channel), each with its own months.

use keepworth_contract::Word;
use std::collections::{BTreeMap, BTreeSet};

use keepworth_contract::finance::CostCategory;
use keepworth_contract::statistic::Interval;
use keepworth_contract::{Flag, FlagCode, Month};

use super::gap::Gaps;
use crate::rule::driver::Calendar;
use keepworth_verdict::interval::{log_student, student};

/// A component of maintenance cost, and the channel that its entries name.
pub(crate) type Component = (String, Option<String>);

/// Entries that are booked together: when some are there and others are not, those are missing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stream {
    /// Whether the entries name the segment.
    pub(super) is_own: bool,
    /// Their category.
    pub(super) category: CostCategory,
    /// Their channel, where a line is of one.
    pub(super) channel: Option<String>,
}

impl Stream {
    /// Whether a month without an entry is missing. The others are booked when they occur: a
    /// training, a campaign.
    fn is_monthly(&self) -> bool {
        matches!(
            self.category,
            CostCategory::CostOfRevenue
                | CostCategory::Acquisition
                | CostCategory::Service
                | CostCategory::Overhead
        )
    }

    fn name(&self) -> String {
        let channel = self.channel.as_ref();
        let channel = channel.map_or_else(String::new, |it| format!(" of channel {it}"));
        let shared = if self.is_own {
            ""
        } else {
            " that names no segment"
        };
        format!("{}{channel}{shared}", self.category.name())
    }
}

/// What a stream booked.
#[derive(Debug, Clone, Default)]
struct Booking {
    minor: BTreeMap<Month, f64>,
    rows: BTreeSet<usize>,
    components: BTreeMap<Component, f64>,
}

/// A line while rows are put on it.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    streams: BTreeMap<Stream, Booking>,
    shared_by: BTreeSet<FlagCode>,
}

/// A row's part on a line.
pub(super) struct Entry<'a> {
    pub(super) index: usize,
    pub(super) month: Month,
    pub(super) minor: f64,
    pub(super) component: Option<&'a str>,
    pub(super) channel: Option<&'a str>,
    /// How it was shared, where it was.
    pub(super) rule: Option<FlagCode>,
}

/// Streams with entries in less than this part of the months that are booked otherwise are
/// occasional: their other months are empty, not missing.
const OCCASIONAL: f64 = 0.5;

/// So many months booked one after the other are books by month.
const RUN_BY_MONTH: usize = 3;

/// What costs are flagged with whose books hold sums of longer periods than months.
const BY_PERIOD: FlagCode = FlagCode::BookedInFewMonthsAndSpreadOverTheWindow;

impl Draft {
    pub(super) fn put(&mut self, stream: Stream, entry: &Entry<'_>) {
        let booking = self.streams.entry(stream).or_default();
        *booking.minor.entry(entry.month).or_default() += entry.minor;
        booking.rows.insert(entry.index);
        if let Some(component) = entry.component {
            let component = (component.to_owned(), entry.channel.map(str::to_owned));
            *booking.components.entry(component).or_default() += entry.minor;
        }
        self.shared_by.extend(entry.rule);
    }

    /// The line of segment `name`, held against `driver`. `booked` are the months in which the
    /// company booked anything.
    pub(super) fn finish(
        self,
        name: &str,
        calendar: &Calendar,
        booked: &BTreeSet<Month>,
        driver: impl Fn(Month) -> f64,
    ) -> CostLine {
        let rated: BTreeSet<Month> = calendar.months().collect();
        let months_of = |booking: &Booking| -> BTreeSet<Month> {
            let keys = booking.minor.keys().copied();
            keys.filter(|month| rated.contains(month)).collect()
        };
        let in_books: BTreeSet<Month> = booked.intersection(&rated).copied().collect();
        // Books of quarters or years have their sums in one month of them: nothing is missing. Months that are booked
        // one after the other are books by month, which begin late or have ended.
        let is_by_period = (in_books.len() as f64) < OCCASIONAL * rated.len() as f64
            && longest_run(&in_books) < RUN_BY_MONTH;
        let of_line: BTreeSet<Month> = self.streams.values().flat_map(months_of).collect();
        let mut line = CostLine {
            driver: rated.iter().map(|month| driver(*month)).sum(),
            segments: 1,
            shared_by: self.shared_by,
            ..CostLine::default()
        };
        for (stream, booking) in &self.streams {
            let own = months_of(booking);
            if own.is_empty() {
                continue;
            }
            let others = if stream.is_monthly() {
                &of_line
            } else {
                &in_books
            };
            let is_occasional = (own.len() as f64) < OCCASIONAL * others.len() as f64;
            let covered = match (is_by_period, is_occasional) {
                (true, _) => &rated,
                (false, true) => others,
                (false, false) => &own,
            };
            if is_by_period {
                line.shared_by.insert(BY_PERIOD);
            }
            let months = covered.iter().map(|month| Unit {
                month: *month,
                cost: booking.minor.get(month).copied().unwrap_or_default() * calendar.part(*month),
                driver: driver(*month),
            });
            let months = months.collect();
            let units = if is_by_period {
                periods(months)
            } else {
                months
            };
            line.add_stream(booking, &units);
            if stream.is_monthly() {
                let is_missing = |month: &&Month| driver(**month) > 0.0;
                let missing = rated.difference(covered).filter(is_missing);
                line.gaps.add(stream.name(), missing.copied(), name);
            }
        }
        if line.rows.is_empty() && line.driver > 0.0 {
            line.unrecorded.insert(name.to_owned());
        }
        line
    }
}

/// How many months follow each other at the most.
fn longest_run(months: &BTreeSet<Month>) -> usize {
    let (mut longest, mut run, mut before) = (0, 0, None);
    for month in months {
        run = if before == Some(month.plus(-1)) {
            run + 1
        } else {
            1
        };
        longest = longest.max(run);
        before = Some(*month);
    }
    longest
}

/// What a figure is made of: costs over a window, and what they are held against.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct CostLine {
    /// Minor units over all rated months, as if each were booked like those that are.
    pub(crate) minor: f64,
    /// What they are held against over the same months: revenue, customers won, customer-months or
    /// minutes. Of segments whose costs are recorded only.
    pub(crate) driver: f64,
    /// By how much `minor` would have been off without each month (the jackknife's). Figures that
    /// share months are correlated by the products of these.
    pub(crate) residuals: BTreeMap<Month, f64>,
    /// What each of these months is held against.
    pub(super) weights: BTreeMap<Month, f64>,
    /// How costs of nobody in particular were shared, where they were.
    pub(crate) shared_by: BTreeSet<FlagCode>,
    /// Months that are not booked.
    pub(crate) gaps: Gaps,
    /// Segments without any entry.
    pub(crate) unrecorded: BTreeSet<String>,
    /// Minor units by component of maintenance cost.
    pub(crate) components: BTreeMap<Component, f64>,
    pub(super) rows: BTreeSet<usize>,
    pub(super) segments: usize,
}

impl CostLine {
    fn add_stream(&mut self, booking: &Booking, units: &[Unit]) {
        let spent: f64 = units.iter().map(|it| it.cost).sum();
        let over: f64 = units.iter().map(|it| it.driver).sum();
        let scale = if over > 0.0 { self.driver / over } else { 1.0 };
        self.minor += spent * scale;
        self.rows.extend(&booking.rows);
        for (component, minor) in &booking.components {
            *self.components.entry(component.clone()).or_default() += minor * scale;
        }
        for unit in units.iter().filter(|_| over > 0.0) {
            let off = unit.cost - spent / over * unit.driver;
            let others = 1.0 - unit.driver / over;
            // What a single month has of the driver cannot be told without it.
            let off = if others > 0.0 { off / others } else { 0.0 };
            *self.residuals.entry(unit.month).or_default() += scale * off;
            self.weights.insert(unit.month, unit.driver);
        }
    }

    /// Adds another segment; what it is held against only where its costs are recorded.
    pub(crate) fn add(&mut self, other: &Self) {
        if other.is_recorded() {
            self.driver += other.driver;
            for (month, weight) in &other.weights {
                *self.weights.entry(*month).or_default() += weight;
            }
        }
        self.add_cost(other);
        self.segments += other.segments;
        self.gaps.merge(&other.gaps);
        self.unrecorded.extend(other.unrecorded.iter().cloned());
    }

    /// Adds another line's cost, held against the same.
    pub(crate) fn add_cost(&mut self, other: &Self) {
        self.minor += other.minor;
        for (month, residual) in &other.residuals {
            *self.residuals.entry(*month).or_default() += residual;
        }
        for (month, weight) in &other.weights {
            self.weights.entry(*month).or_insert(*weight);
        }
        self.rows.extend(&other.rows);
        self.shared_by.extend(&other.shared_by);
        for (component, minor) in &other.components {
            *self.components.entry(component.clone()).or_default() += minor;
        }
    }

    /// Whether any entry of a rated month is there.
    pub(crate) fn is_recorded(&self) -> bool {
        !self.rows.is_empty()
    }

    /// Rows of finance/economics.
    pub(crate) fn rows(&self) -> u64 {
        self.rows.len() as u64
    }

    /// Minor units per unit of the driver; none without entries, or without a driver.
    pub(crate) fn rate(&self) -> Option<f64> {
        (self.is_recorded() && self.driver > 0.0).then(|| self.minor / self.driver)
    }

    /// Standard error of the [`rate`](Self::rate) by its change from month to month, and degrees of
    /// freedom: the jackknife's of a ratio of sums, `√((n−1)/n · Σ((c − r·d)/(1 − d/Σd))²)/D` over
    /// the `n` booked months, on the average not too small where months are of unequal weight
    /// (Efron and Stein, Annals of Statistics 9, 1981); with equal ones it is that of Cochran
    /// (Sampling Techniques, 1977, section 6.4). None for fewer than two months.
    pub(crate) fn error(&self) -> Option<(f64, f64)> {
        if self.driver <= 0.0 {
            return None;
        }
        let error = jackknife(self.residuals.values().copied())?;
        Some((error / self.driver, freedom(self.weights.values())))
    }

    /// Student's interval of `scale · rate + offset`; of a cost above 0 that of its logarithm, which
    /// cannot fall below 0.
    pub(crate) fn interval(&self, scale: f64, offset: f64) -> Option<Interval> {
        let (rate, (error, freedom)) = (self.rate()?, self.error()?);
        let (value, error) = (scale * rate + offset, error * scale.abs());
        if offset == 0.0 && value > 0.0 {
            return log_student(value, error / value, freedom, LOG_METHOD);
        }
        student(value, error, freedom, METHOD)
    }

    /// Student's interval of this line's rate over `scale` times another's, by the difference of
    /// what each month adds to the error of their logarithms.
    pub(crate) fn interval_over(&self, other: &Self, scale: f64) -> Option<Interval> {
        let ratio = self.rate()? / (scale * other.rate()?);
        let months: BTreeSet<&Month> = self
            .residuals
            .keys()
            .chain(other.residuals.keys())
            .collect();
        let of = |line: &Self, month: &Month| {
            line.residuals.get(month).copied().unwrap_or_default() / line.minor
        };
        let off = |month: &&Month| of(self, month) - of(other, month);
        let error = jackknife(months.iter().map(off))?;
        // The months of the one that has fewer of them, or more unequal ones.
        let freedom = freedom(self.weights.values()).min(freedom(other.weights.values()));
        let is_known = ratio > 0.0 && error.is_finite();
        is_known.then(|| log_student(ratio, error, freedom, LOG_METHOD))?
    }

    /// What a reader must know of months that are not booked.
    pub(crate) fn gap_flags(&self, calendar: &Calendar) -> Vec<Flag> {
        self.gaps.flags(calendar, self.segments)
    }
}

/// How intervals are made: the costs of months over their drivers, with Student's t.
const METHOD: &str = "ratio_over_months_student_t";
/// The same of the logarithm.
const LOG_METHOD: &str = "ratio_over_months_log_student_t";

/// `√((n−1)/n · Σ off²)`; none for fewer than two months.
fn jackknife(off: impl Iterator<Item = f64>) -> Option<f64> {
    let (n, squares) = off.fold((0.0, 0.0), |(n, sum), it| (n + 1.0, sum + it * it));
    (n > 1.0).then(|| ((n - 1.0) / n * squares).sqrt())
}

/// Degrees of freedom of a scatter over months of these weights: one less than as many equal ones as
/// they are worth, `(Σw)²/Σw²` (Kish, Survey Sampling, 1965, section 11.7).
fn freedom<'a>(weights: impl Iterator<Item = &'a f64>) -> f64 {
    let (sum, squares) = weights.fold((0.0, 0.0), |(sum, squares), w| (sum + w, squares + w * w));
    (sum * sum / squares - 1.0).max(1.0)
}

/// What was booked together and what it is held against: a month, or the months of a longer period.
struct Unit {
    /// That of the entry.
    month: Month,
    cost: f64,
    driver: f64,
}

/// The periods of books that hold sums of several months: each entry stands for the months since
/// the entry before, and the first for those after the last as well.
fn periods(months: Vec<Unit>) -> Vec<Unit> {
    let mut periods: Vec<Unit> = Vec::new();
    let mut open = 0.0;
    for month in months {
        open += month.driver;
        if month.cost != 0.0 {
            let driver = std::mem::take(&mut open);
            periods.push(Unit { driver, ..month });
        }
    }
    if let Some(first) = periods.first_mut() {
        first.driver += open;
    }
    periods
}
