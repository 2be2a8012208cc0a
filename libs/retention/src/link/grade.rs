use serde::{Deserialize, Serialize};

/// Where an effect comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// A randomised pilot.
    RandomisedPilot,
    /// Before and after, against a comparison group.
    ControlledBeforeAfter,
    /// An association in the company's own records.
    OwnRecords,
    /// Stated by a vendor or an expert, or unknown.
    Stated,
}

/// How far an effect may be believed; decides what the engine does with it. The best is the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Grade {
    /// Randomised: posterior as estimated, all of it causal.
    A,
    /// Controlled before–after: sd × 1.25, causal share Beta(8, 2).
    B,
    /// Own records: posterior under the sceptical prior, causal share Beta(2, 2).
    C,
    /// No evidence: a wide prior only.
    D,
}

impl Grade {
    /// The grade that kind of evidence earns.
    pub fn of(evidence: Evidence) -> Self {
        match evidence {
            Evidence::RandomisedPilot => Self::A,
            Evidence::ControlledBeforeAfter => Self::B,
            Evidence::OwnRecords => Self::C,
            Evidence::Stated => Self::D,
        }
    }
}
