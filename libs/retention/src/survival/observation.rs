use super::SurvivalError;

/// How an observation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Still a customer when observation ended.
    Censored,
    /// Left, for the numbered cause (0 where causes are not recorded).
    Left(u32),
}

/// One customer, or several alike, between entry and exit of observation.
///
/// Times are tenure in any one unit; at risk at `t` means `entry < t ≤ exit`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    entry: f64,
    exit: f64,
    outcome: Outcome,
    weight: f64,
}

impl Observation {
    /// A single customer; `event` is true when they left at `exit`.
    ///
    /// # Errors
    /// When a time is negative, NaN or infinite, or entry is not before exit.
    pub fn new(entry: f64, exit: f64, event: bool) -> Result<Self, SurvivalError> {
        let entry = measure("entry", entry)?;
        let exit = measure("exit", exit)?;
        if entry >= exit {
            return Err(SurvivalError::NoTimeAtRisk { entry, exit });
        }
        let outcome = if event {
            Outcome::Left(0)
        } else {
            Outcome::Censored
        };
        Ok(Self {
            entry,
            exit,
            outcome,
            weight: 1.0,
        })
    }

    /// Records the cause of leaving; a censored observation has none and stays censored.
    #[must_use]
    pub fn with_cause(mut self, cause: u32) -> Self {
        if self.is_event() {
            self.outcome = Outcome::Left(cause);
        }
        self
    }

    /// Lets the observation stand for `weight` customers alike.
    ///
    /// # Errors
    /// When the weight is negative, NaN or infinite.
    pub fn with_weight(mut self, weight: f64) -> Result<Self, SurvivalError> {
        self.weight = measure("weight", weight)?;
        Ok(self)
    }

    /// A row of grouped counts: `at_risk` customers watched over `(entry, exit]`, of whom `events`
    /// left at its end. Rows of a life table become observations with the same risk sets.
    ///
    /// # Errors
    /// As [`Observation::new`] and [`Observation::with_weight`], or more events than at risk.
    pub fn from_counts(
        entry: f64,
        exit: f64,
        at_risk: f64,
        events: f64,
    ) -> Result<[Self; 2], SurvivalError> {
        if events > at_risk {
            return Err(SurvivalError::TooManyEvents { events, at_risk });
        }
        let left = Self::new(entry, exit, true)?.with_weight(events)?;
        let stayed = Self::new(entry, exit, false)?.with_weight(at_risk - events)?;
        Ok([left, stayed])
    }

    /// The same with times that were made comparable; the caller sees to their order.
    pub(super) fn at(self, entry: f64, exit: f64) -> Self {
        Self {
            entry,
            exit,
            ..self
        }
    }

    /// Tenure at which observation began.
    pub fn entry(&self) -> f64 {
        self.entry
    }

    /// Tenure at which observation ended.
    pub fn exit(&self) -> f64 {
        self.exit
    }

    /// How it ended.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Customers it stands for.
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// True when the customer left.
    pub fn is_event(&self) -> bool {
        self.outcome != Outcome::Censored
    }
}

/// Beyond these sizes sums over customers would overflow or drown each other.
fn measure(field: &'static str, value: f64) -> Result<f64, SurvivalError> {
    if value == 0.0 || (1e-9..=1e12).contains(&value) {
        // Turns −0 into 0.
        Ok(value + 0.0)
    } else {
        Err(SurvivalError::Invalid { field, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_observations_are_refused() {
        let wrong = [
            (f64::NAN, 1.0),
            (0.0, f64::INFINITY),
            (-1.0, 2.0),
            (3.0, 3.0),
            (4.0, 3.0),
        ];
        for (entry, exit) in wrong {
            assert!(
                Observation::new(entry, exit, true).is_err(),
                "{entry}..{exit}"
            );
        }
        let fine = Observation::new(0.0, 1.0, true).unwrap();
        assert!(fine.with_weight(-1.0).is_err());
        assert!(fine.with_weight(f64::NAN).is_err());
        assert!(Observation::from_counts(0.0, 1.0, 5.0, 6.0).is_err());
    }

    #[test]
    fn only_leavers_have_a_cause() {
        let left = Observation::new(0.0, 1.0, true).unwrap().with_cause(3);
        assert_eq!(left.outcome(), Outcome::Left(3));
        let stayed = Observation::new(0.0, 1.0, false).unwrap().with_cause(3);
        assert_eq!(stayed.outcome(), Outcome::Censored);
    }
}
