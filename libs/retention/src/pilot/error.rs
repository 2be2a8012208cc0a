/// Why a pilot cannot be planned or read.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum PilotError {
    /// A share outside (0, 1).
    #[error("{field} is {value}: it must lie between 0 and 1, both excluded")]
    Share {
        /// Which one.
        field: &'static str,
        /// The value given.
        value: f64,
    },
    /// Counts from which no rate can be told.
    #[error("{events} of {n} left in a group: both must be finite, with 0 < events < n")]
    Count {
        /// Departures.
        events: f64,
        /// Customers.
        n: f64,
    },
    /// A group with fewer than two customers, or values that are not finite.
    #[error("group {0} needs at least two finite changes")]
    Group(&'static str),
    /// More with the outcome than there are customers, or no customers.
    #[error("{events} of {n} with the outcome: give n of at least 1 and no more events than n")]
    Counts {
        /// Those with the outcome.
        events: u64,
        /// Customers.
        n: u64,
    },
    /// Sums that no values can have.
    #[error(
        "n {n}, sum {sum}, sum of squares {squares}: give n of at least 2 and finite sums with \
         squares ≥ sum²/n"
    )]
    Sums {
        /// Customers.
        n: u64,
        /// Sum of their values.
        sum: f64,
        /// Sum of the squares of their values.
        squares: f64,
    },
    /// A number that must be above 0.
    #[error("{field} is {value}: it must be finite and above 0")]
    Positive {
        /// Which one.
        field: &'static str,
        /// The value given.
        value: f64,
    },
    /// An effect of nothing cannot be planned for.
    #[error("{field} is {value}: give a finite effect other than 0")]
    NoEffect {
        /// Which one.
        field: &'static str,
        /// The value given.
        value: f64,
    },
    /// No events in either arm.
    #[error("no events in either arm: a rate ratio can be told from the first event on")]
    NoEvents,
    /// An arm without anything that its outcome is counted per.
    #[error(
        "nothing is in that the outcome of the {side} arm could be told per: no months, contacts or scores; \
         read it again later"
    )]
    NothingUnder {
        /// `control` or `treated`.
        side: &'static str,
    },
    /// A mean of which no relative change can be told.
    #[error("the {side} mean is {value}: a relative change can be told of means above 0")]
    NotPositive {
        /// Of which arm.
        side: &'static str,
        /// The mean.
        value: f64,
    },
    /// Nothing varies, so that nothing can be told about error.
    #[error("{field} have no spread: an error can be told only of values that differ")]
    NoSpread {
        /// What does not vary.
        field: &'static str,
    },
    /// Numbers so large or small beside each other that no answer fits.
    #[error("{field} cannot be computed with: the numbers are too far apart, check their units")]
    Overflow {
        /// What was to be computed.
        field: &'static str,
    },
    /// A number of looks that cannot be planned.
    #[error("{looks} looks: plan between 1 and {most}")]
    Looks {
        /// Looks asked for.
        looks: usize,
        /// The most.
        most: usize,
    },
    /// No sample and no effect answers.
    #[error("power {power} cannot be reached: ask for one above the level's error, {alpha}")]
    Unreachable {
        /// Power asked for.
        power: f64,
        /// One less the level.
        alpha: f64,
    },
    /// Arms and planned shares that do not pair.
    #[error(
        "{arms} arms with {shares} planned shares: give at least two arms, and a share to each"
    )]
    Arms {
        /// Arms counted.
        arms: usize,
        /// Shares planned.
        shares: usize,
    },
    /// A panel with cells missing.
    #[error("group {group} has {found} periods where the first has {expected}: give every cell")]
    Periods {
        /// The group, in the order given.
        group: usize,
        /// Its periods.
        found: usize,
        /// Periods of the first group.
        expected: usize,
    },
    /// A panel that starts before its first or after its last period.
    #[error("start {start} of {periods} periods: leave at least one period before and one after")]
    Start {
        /// Index of the first treated period.
        start: usize,
        /// Periods.
        periods: usize,
    },
    /// A cell that is no number.
    #[error(
        "group {group}, period {period}: mean and standard error must be finite, the error above 0"
    )]
    Cell {
        /// The group, in the order given.
        group: usize,
        /// The period.
        period: usize,
    },
    /// A side of a comparison without groups.
    #[error("no {side} group: give at least one of either side")]
    NoGroup {
        /// `treated` or `comparison`.
        side: &'static str,
    },
    /// One group against one, and nothing known about the error of their cells.
    #[error(
        "one treated and one comparison group: give the standard error of every cell, or more groups"
    )]
    NoError,
}
