//! Customers who are alike in all but the calendar.

use super::CalendarError;

/// Customers who are alike in all but the calendar, by consecutive months that are the same for all groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    pub(super) exposure: Vec<f64>,
    pub(super) counted: Vec<f64>,
}

impl Group {
    /// Customer-months under observation and what was counted in each month; amounts that were given back are negative.
    ///
    /// # Errors
    /// [`CalendarError::Months`] for lists of different lengths, [`CalendarError::Exposure`] for customer-months that are
    /// negative or not finite, or 0 in a month in which something was counted.
    pub fn new(exposure: Vec<f64>, counted: Vec<f64>) -> Result<Self, CalendarError> {
        if exposure.len() != counted.len() {
            let (exposure, counted) = (exposure.len(), counted.len());
            return Err(CalendarError::Months { exposure, counted });
        }
        for (month, (&exposure, &counted)) in exposure.iter().zip(&counted).enumerate() {
            let is_possible =
                exposure.is_finite() && (exposure > 0.0 || (exposure == 0.0 && counted == 0.0));
            if !is_possible {
                return Err(CalendarError::Exposure {
                    month,
                    exposure,
                    counted,
                });
            }
        }
        Ok(Self { exposure, counted })
    }

    pub(super) fn add(&mut self, other: &Self) -> Result<(), CalendarError> {
        if self.exposure.len() != other.exposure.len() {
            return Err(CalendarError::Parts);
        }
        for (sum, exposure) in self.exposure.iter_mut().zip(&other.exposure) {
            *sum += exposure;
        }
        for (sum, counted) in self.counted.iter_mut().zip(&other.counted) {
            *sum += counted;
        }
        Ok(())
    }

    pub(super) fn total(&self) -> f64 {
        self.counted.iter().sum()
    }
}
