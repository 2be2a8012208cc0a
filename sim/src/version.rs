//! What each version of the engine changed of what a run comes to: the same inputs give the same figures under
//! one version, and may give others under the next.

/// A version of the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Its name, as results carry it.
    pub name: &'static str,
    /// What came of the same inputs before and comes no more, in a sentence or two.
    pub changes: &'static str,
}

/// Append-only: every version whose figures are not those of the one before.
pub const VERSIONS: &[Version] = &[
    Version {
        name: "0.3.0",
        changes: "The first version whose figures are pinned.",
    },
    Version {
        name: "0.4.0",
        changes: "What lies beyond the horizon is valued by what recurs, and at a distance of two points from the \
            discount rate; paybacks count from today and are the last turn of the cumulative flow; a run-off lets \
            the customers of both worlds live on.",
    },
    Version {
        name: "0.5.0",
        changes: "Customers of a baseline come and go evenly through the months, where they came and went at their \
            ends: contribution was 1.1% too high on true figures.",
    },
    Version {
        name: "0.5.1",
        changes: "What is said of an effect that is cut off by what experience could remove; no figure.",
    },
    Version {
        name: "0.6.0",
        changes: "Seats, money by the calendar, receivables, losses carried forward and customers who come back can be asked for; \
            figures that \
            ask for none of them differ by rounding.",
    },
    Version {
        name: "0.7.0",
        changes: "Initiatives of one sponsor work in the futures in which what they draw is low, where it was high, as it is of \
            those without a sponsor; all else that is new has to be asked for.",
    },
    Version {
        name: "0.8.0",
        changes: "Customers without a contract differ: a programme keeps those who would have gone soonest, where it acted on the \
            mean of all; what they spend and how it declines are drawn together, so that on a baseline that has some all else is drawn by other \
            streams. All other figures are the same.",
    },
    Version {
        name: "0.9.0",
        changes: "Runs of more than 1,048,576 futures count outcomes instead of keeping each, where it was 16.7 million: \
            percentiles of runs between the two are within 0.025% of what they were. Forecasts of months draw their scatter with \
            mean 1 however few months it was told from.",
    },
];

/// The version that computes here, as results carry it.
#[must_use]
pub fn current() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// What has changed since a version; everything, where it is older than the first.
#[must_use]
pub fn changes_since(name: &str) -> &'static [Version] {
    let known = VERSIONS.iter().position(|version| version.name == name);
    &VERSIONS[known.map_or(0, |place| place + 1)..]
}
