use serde::{Deserialize, Serialize};

use super::PilotError;

/// The same thing of both arms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Two<T> {
    /// Of the arm that was left alone.
    pub control: T,
    /// Of the arm that was treated.
    pub treated: T,
}

impl<T: Copy> Two<T> {
    /// One thing after the other, made of each arm.
    pub fn map<U>(self, of: impl Fn(T) -> U) -> Two<U> {
        Two {
            control: of(self.control),
            treated: of(self.treated),
        }
    }

    /// Control and treatment exchanged.
    #[must_use]
    pub fn swapped(self) -> Self {
        Self {
            control: self.treated,
            treated: self.control,
        }
    }
}

/// Customers with a yes-or-no outcome, such as leaving within the follow-up.
///
/// Count only customers whose follow-up is over: the others may still leave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Counts {
    pub(super) events: f64,
    pub(super) n: f64,
}

impl Counts {
    /// `events` of `n` customers have the outcome.
    ///
    /// # Errors
    /// [`PilotError::Counts`] unless `events ≤ n` and `n > 0`.
    pub fn new(events: u64, n: u64) -> Result<Self, PilotError> {
        if n == 0 || events > n {
            return Err(PilotError::Counts { events, n });
        }
        let (events, n) = (events as f64, n as f64);
        Ok(Self { events, n })
    }

    pub(super) fn share(self) -> f64 {
        self.events / self.n
    }
}

/// Running sums of one number of each customer: contacts, minutes, revenue, a score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sums {
    pub(super) n: f64,
    sum: f64,
    squares: f64,
}

impl Sums {
    /// Customers, the sum of their values, the sum of their squares.
    ///
    /// For values far from 0 beside their spread subtract one constant from the values of both
    /// arms first: sums of squares lose digits otherwise.
    ///
    /// # Errors
    /// [`PilotError::Sums`] unless `n ≥ 2`, all are finite and `squares ≥ sum²/n`.
    pub fn new(n: u64, sum: f64, squares: f64) -> Result<Self, PilotError> {
        let refused = PilotError::Sums { n, sum, squares };
        let n = n as f64;
        // Sums that were added up in another order may miss the inequality by rounding.
        let possible = squares * (1.0 + 1e-9) >= sum * sum / n;
        if n >= 2.0 && possible && sum.is_finite() && squares.is_finite() {
            Ok(Self { n, sum, squares })
        } else {
            Err(refused)
        }
    }

    pub(super) fn mean(self) -> f64 {
        self.sum / self.n
    }

    /// Sample variance.
    pub(super) fn variance(self) -> f64 {
        ((self.squares - self.sum * self.sum / self.n) / (self.n - 1.0)).max(0.0)
    }
}

/// Events over time at risk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exposure {
    pub(super) events: f64,
    pub(super) months: f64,
}

impl Exposure {
    /// `events` in so many person-months.
    ///
    /// # Errors
    /// [`PilotError::Positive`] unless the months are finite and above 0.
    pub fn new(events: u64, months: f64) -> Result<Self, PilotError> {
        positive("person-months", months)?;
        let events = events as f64;
        Ok(Self { events, months })
    }
}

/// The outcome of a pilot in both arms: of one kind, since others cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arms {
    /// The effect is a difference of rates.
    Rates(Two<Counts>),
    /// The effect is a difference of means.
    Means(Two<Sums>),
    /// The effect is a log rate ratio, negative where fewer treated leave.
    Hazards(Two<Exposure>),
}

impl Arms {
    /// Control and treatment exchanged.
    #[must_use]
    pub fn swapped(self) -> Self {
        match self {
            Self::Rates(arms) => Self::Rates(arms.swapped()),
            Self::Means(arms) => Self::Means(arms.swapped()),
            Self::Hazards(arms) => Self::Hazards(arms.swapped()),
        }
    }

    /// Customers in each arm, or person-months for hazards.
    pub fn sizes(self) -> Two<f64> {
        match self {
            Self::Rates(arms) => arms.map(|arm| arm.n),
            Self::Means(arms) => arms.map(|arm| arm.n),
            Self::Hazards(arms) => arms.map(|arm| arm.months),
        }
    }
}

/// Size of each arm by the planned end, in customers (rates, means) or person-months (hazards).
///
/// To be fixed before the pilot starts: it is what the always-valid interval is tuned for. A pilot
/// may end earlier or go on for longer, its intervals are then wider than need be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    pub(super) sizes: Two<f64>,
    /// Share of the planned time that is over, where customers are all there from the start.
    pub(super) time: f64,
}

impl Plan {
    /// Sizes of both arms.
    ///
    /// # Errors
    /// [`PilotError::Positive`] unless both are finite and above 0.
    pub fn new(control: f64, treated: f64) -> Result<Self, PilotError> {
        positive("planned size of the control arm", control)?;
        positive("planned size of the treated arm", treated)?;
        let sizes = Two { control, treated };
        Ok(Self { sizes, time: 1.0 })
    }

    /// The same where all customers are there from the start and time adds to what each has done: so much of the
    /// planned time is over. 1 for arms that grow.
    ///
    /// Information is then counted as if months were independent. They are not, since much of a customer's outcome is
    /// the customer's own; looks are then more alike than counted, which makes the interval hold more often, never less
    /// (Slepian 1962). Of waves, of which the later ones come to be treated as time goes by, that is measured, not proved
    /// (`waves_looked_at_every_month_raise_no_alarms`).
    ///
    /// # Errors
    /// [`PilotError::Positive`] unless it is finite and above 0.
    pub fn after(self, time: f64) -> Result<Self, PilotError> {
        positive("share of the planned time", time)?;
        Ok(Self { time, ..self })
    }
}

pub(super) fn positive(field: &'static str, value: f64) -> Result<(), PilotError> {
    if value > 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(PilotError::Positive { field, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_refused() {
        assert!(Counts::new(0, 10).is_ok() && Counts::new(10, 10).is_ok());
        assert!(Counts::new(11, 10).is_err() && Counts::new(0, 0).is_err());
        assert!(Sums::new(1, 1.0, 1.0).is_err() && Sums::new(3, 6.0, 11.0).is_err());
        assert!(Sums::new(3, f64::INFINITY, 14.0).is_err());
        assert!(Sums::new(3, 6.0, f64::NAN).is_err());
        assert!(Exposure::new(1, 0.0).is_err() && Exposure::new(1, f64::NAN).is_err());
        let told = Plan::new(100.0, 0.0).unwrap_err().to_string();
        assert!(told.contains("treated arm is 0"), "{told}");
    }

    #[test]
    fn moments_come_from_sums() {
        let sums = Sums::new(3, 6.0, 14.0).unwrap();
        assert_eq!((sums.mean(), sums.variance()), (2.0, 1.0));
    }
}
