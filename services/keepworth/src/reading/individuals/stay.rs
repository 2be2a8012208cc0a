//! A row's time under observation, and those who were seen on one day only.

use anyhow::Context;
use clap::ValueEnum;
use keepworth_retention::fit::Flag;
use keepworth_retention::survival::Observation;

/// What becomes of those who were seen at one tenure only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum SameDay {
    /// They were customers that day: at risk for less than anybody else, as the services count them.
    #[default]
    Keep,
    /// They are not counted.
    LeaveOut,
}

/// How long those of one day stayed, as a part of the shortest other stay: apart from every other time,
/// and before all.
const PART_OF_A_STAY: f64 = 1e-3;

/// A row's time under observation.
pub(super) struct Stay {
    pub(super) entry: f64,
    pub(super) exit: f64,
    pub(super) left: bool,
    pub(super) weight: f64,
    pub(super) line: u64,
}

impl Stay {
    pub(super) fn is_of_one_day(&self) -> bool {
        self.entry == self.exit
    }

    fn observation(&self, one_day: f64) -> anyhow::Result<Observation> {
        let exit = if self.is_of_one_day() {
            self.exit + one_day
        } else {
            self.exit
        };
        Observation::new(self.entry, exit, self.left)
            .and_then(|observation| observation.with_weight(self.weight))
            .with_context(|| format!("line {}", self.line))
    }
}

/// Those who were seen on one day only.
#[derive(Default)]
pub(super) struct OfOneDay {
    customers: f64,
    left: f64,
}

impl OfOneDay {
    pub(super) fn add(&mut self, stay: &Stay) {
        self.customers += stay.weight;
        self.left += f64::from(u8::from(stay.left)) * stay.weight;
    }

    pub(super) fn flag(&self, rule: SameDay) -> Option<Flag> {
        let fate = match rule {
            SameDay::Keep => {
                "they are kept, as at risk for an instant; --same-day leave-out drops them"
            }
            SameDay::LeaveOut => "they are left out; --same-day keep counts them",
        };
        let detail = format!(
            "{} customers were seen at one tenure only, {} of them leaving: {fate}",
            self.customers, self.left
        );
        (self.customers > 0.0).then(|| Flag::new("same_day", detail))
    }
}

/// What was observed in those times.
pub(super) fn observations(stays: &[Stay]) -> anyhow::Result<Vec<Observation>> {
    let lengths = stays.iter().map(|stay| stay.exit - stay.entry);
    let shortest = lengths.filter(|it| *it > 0.0).fold(f64::INFINITY, f64::min);
    let one_day = PART_OF_A_STAY * if shortest.is_finite() { shortest } else { 1.0 };
    stays.iter().map(|stay| stay.observation(one_day)).collect()
}
