use super::{PilotError, Sums, Two};

/// One customer's part in a ratio of sums: contacts over months, minutes over contacts, revenue over months, the
/// sum of scores over their number.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Part {
    /// What is counted.
    pub over: f64,
    /// What it is counted per; 0 or above.
    pub under: f64,
}

impl std::iter::Sum for Part {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |sum, it| Self {
            over: sum.over + it.over,
            under: sum.under + it.under,
        })
    }
}

/// A ratio of sums over the customers of an arm, `r = Σ over/Σ under`.
///
/// Its error is that of its linearisation, the customer as the unit: of each `(over − r·under)/mean under`
/// (Cochran, Sampling Techniques, 3rd edition, 1977, section 6.4).
#[derive(Debug, Clone, PartialEq)]
pub struct Ratio {
    value: f64,
    influences: Vec<f64>,
}

/// A relative fall, `1 − treated/control`: 0.09 is 9% less, −0.02 is 2% more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fall {
    /// The estimate.
    pub mean: f64,
    /// Its standard error, by the delta method.
    pub sd: f64,
}

impl Ratio {
    /// The ratio of an arm; `side` names it in errors.
    ///
    /// # Errors
    /// [`PilotError::Group`] for fewer than two customers, [`PilotError::NothingUnder`] where nothing is counted per.
    pub fn new(side: &'static str, parts: &[Part]) -> Result<Self, PilotError> {
        if parts.len() < 2 {
            return Err(PilotError::Group(side));
        }
        let whole: Part = parts.iter().copied().sum();
        if !(whole.under > 0.0 && whole.under.is_finite() && whole.over.is_finite()) {
            return Err(PilotError::NothingUnder { side });
        }
        let (value, mean) = (whole.over / whole.under, whole.under / parts.len() as f64);
        let influence = |it: &Part| (it.over - value * it.under) / mean;
        Ok(Self {
            value,
            influences: parts.iter().map(influence).collect(),
        })
    }

    /// The ratio.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Each customer's `(over − r·under)/mean under`.
    pub(super) fn influences(&self) -> &[f64] {
        &self.influences
    }

    /// Sums of one number of each customer, whose mean is the ratio and whose spread is its error's.
    ///
    /// # Errors
    /// As [`Sums::new`].
    pub fn sums(&self) -> Result<Sums, PilotError> {
        let of = |it: &f64| self.value + it;
        let (sum, squares) = self.influences.iter().map(of).fold((0.0, 0.0), add);
        Sums::new(self.influences.len() as u64, sum, squares)
    }

    /// How much less it is among the treated, as a share of what it is among those left alone.
    ///
    /// # Errors
    /// [`PilotError::NotPositive`] unless both ratios are above 0.
    pub fn fall(arms: Two<&Self>) -> Result<Fall, PilotError> {
        for (side, ratio) in [("control", arms.control), ("treated", arms.treated)] {
            positive(side, ratio.value)?;
        }
        let relative = |it: &Self| it.squared_error() / it.value.powi(2);
        let ratio = arms.treated.value / arms.control.value;
        Ok(Fall {
            mean: 1.0 - ratio,
            sd: ratio * (relative(arms.control) + relative(arms.treated)).sqrt(),
        })
    }

    fn squared_error(&self) -> f64 {
        let (n, squares) = (self.influences.len() as f64, squares(&self.influences));
        squares / (n * (n - 1.0))
    }
}

/// That a relative change can be told of a mean.
pub(super) fn positive(side: &'static str, value: f64) -> Result<(), PilotError> {
    if value > 0.0 {
        Ok(())
    } else {
        Err(PilotError::NotPositive { side, value })
    }
}

pub(super) fn squares(values: &[f64]) -> f64 {
    values.iter().map(|it| it * it).sum()
}

fn add((sum, squares): (f64, f64), value: f64) -> (f64, f64) {
    (sum + value, squares + value * value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(of: &[(f64, f64)]) -> Vec<Part> {
        let part = |&(over, under)| Part { over, under };
        of.iter().map(part).collect()
    }

    /// Minutes 10 and 20 of 2 and 1 contacts beside 6 and 6 of 1 and 1: 10 and 6 minutes a contact.
    #[test]
    fn minutes_per_contact_by_hand() {
        let control = Ratio::new("control", &parts(&[(10.0, 2.0), (20.0, 1.0)])).unwrap();
        let treated = Ratio::new("treated", &parts(&[(5.0, 1.0), (7.0, 1.0)])).unwrap();
        assert_eq!((control.value(), treated.value()), (10.0, 6.0));
        // Influences −10/1.5 and 10/1.5, −1 and 1: squared errors 2·(10/1.5)²/2 and 2/2.
        let squared = (10.0_f64 / 1.5).powi(2);
        assert!((control.squared_error() - squared).abs() < 1e-12);
        assert!((treated.squared_error() - 1.0).abs() < 1e-12);
        let fall = Ratio::fall(Two {
            control: &control,
            treated: &treated,
        });
        let fall = fall.unwrap();
        assert!((fall.mean - 0.4).abs() < 1e-12);
        let sd = 0.6 * (squared / 100.0 + 1.0 / 36.0).sqrt();
        assert!((fall.sd - sd).abs() < 1e-12);
        let sums = control.sums().unwrap();
        assert!((sums.mean() - 10.0).abs() < 1e-12);
        assert!((sums.variance() / 2.0 - squared).abs() < 1e-9);
    }

    #[test]
    fn what_is_per_nothing_has_no_ratio() {
        let none = Ratio::new("treated", &parts(&[(0.0, 0.0), (0.0, 0.0)]));
        assert_eq!(none, Err(PilotError::NothingUnder { side: "treated" }));
        assert!(Ratio::new("treated", &parts(&[(1.0, 1.0)])).is_err());
        let of = |over| Ratio::new("control", &parts(&[(over, 1.0), (over, 1.0)])).unwrap();
        let (zero, one) = (of(0.0), of(1.0));
        let refused = Ratio::fall(Two {
            control: &zero,
            treated: &one,
        });
        let (side, value) = ("control", 0.0);
        assert_eq!(refused, Err(PilotError::NotPositive { side, value }));
    }
}
