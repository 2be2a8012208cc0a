//! Ranges that figures must lie in.

/// The range that a figure must lie in, and what to write when it does not.
#[derive(Clone, Copy)]
pub(super) struct Range {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) fix: &'static str,
}

impl Range {
    pub(super) const SHARE: Self = Self {
        low: 0.0,
        high: 1.0,
        fix: "give a share from 0 to 1",
    };
    pub(super) const AMOUNT: Self = Self {
        low: 0.0,
        high: 1e15,
        fix: "give an amount that is not negative",
    };
    /// Checked elsewhere.
    pub(super) const ANY: Self = Self {
        low: f64::NEG_INFINITY,
        high: f64::INFINITY,
        fix: "",
    };
    pub(super) const HAZARD: Self = Self {
        low: 0.0,
        high: 20.0,
        fix: "give a monthly hazard, -ln(1 - churn probability)",
    };
}
