//! How far a measured change is believed to be caused by what was paid for: the engine's rule, for
//! the same evidence here.
//!
//! | grade | evidence | size | causal share |
//! |---|---|---|---|
//! | A | randomised | as measured | 1 |
//! | B | before and after, against a control group | sd × 1.25 | Beta(8, 2) |
//! | C | before and after, without control | as measured | Beta(2, 2) |
//! | D | stated by somebody | sd × 2; a number without an error is a normal with 5% below 0 | Beta(1, 3) |
//!
//! The sign of the mean decides: weak evidence makes a gain smaller and never a harm.

use keepworth_contract::finance::Grade;
use statrs::distribution::{Beta, Continuous, ContinuousCDF, Normal};

/// The 95% point of the standard normal distribution.
const Z95: f64 = 1.644_853_626_951_472_2;

/// Parameters of the causal share's beta distribution; none where it is 1.
fn shape(grade: Grade) -> Option<(f64, f64)> {
    match grade {
        Grade::A => None,
        Grade::B => Some((8.0, 2.0)),
        Grade::C => Some((2.0, 2.0)),
        Grade::D => Some((1.0, 3.0)),
    }
}

fn sd_factor(grade: Grade) -> f64 {
    match grade {
        Grade::A | Grade::C => 1.0,
        Grade::B => 1.25,
        Grade::D => 2.0,
    }
}

/// The mean of the causal share.
#[must_use]
pub fn mean_share(grade: Grade) -> f64 {
    shape(grade).map_or(1.0, |(a, b)| a / (a + b))
}

/// A change with its error and grade.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GradedChange {
    /// As measured or stated; below zero is harm.
    pub size: f64,
    /// Its standard error; 0 is a bare number.
    pub error: f64,
    /// How it was learnt.
    pub grade: Grade,
}

impl GradedChange {
    /// What is believed on average.
    #[must_use]
    pub fn mean(&self) -> f64 {
        if self.size < 0.0 {
            self.size
        } else {
            self.size * mean_share(self.grade)
        }
    }

    /// Whether nothing about it is uncertain.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.sd() == 0.0 && (self.grade == Grade::A || self.size <= 0.0)
    }

    fn sd(&self) -> f64 {
        if self.grade == Grade::D && self.error == 0.0 {
            self.size.abs() / Z95
        } else {
            self.error * sd_factor(self.grade)
        }
    }

    /// What belongs to two standard normal numbers: of the size, and of the causal share.
    #[must_use]
    pub fn draw(&self, size: f64, share: f64) -> f64 {
        let drawn = self.size + size * self.sd();
        if self.size < 0.0 {
            drawn
        } else {
            drawn * share_at(self.grade, share)
        }
    }
}

/// The causal share that has the rank of a standard normal number.
pub(crate) fn share_at(grade: Grade, normal: f64) -> f64 {
    let Some((a, b)) = shape(grade) else {
        return 1.0;
    };
    let (Ok(standard), Ok(beta)) = (Normal::new(0.0, 1.0), Beta::new(a, b)) else {
        return mean_share(grade);
    };
    let rank = standard.cdf(normal);
    // Newton's steps within a shrinking bracket; the density is smooth between 0 and 1.
    let (mut low, mut high, mut share) = (0.0, 1.0, mean_share(grade));
    for _ in 0..60 {
        let off = beta.cdf(share) - rank;
        if off > 0.0 {
            high = share;
        } else {
            low = share;
        }
        let step = share - off / beta.pdf(share);
        let next = if step > low && step < high {
            step
        } else {
            f64::midpoint(low, high)
        };
        if (next - share).abs() < 1e-12 {
            return next;
        }
        share = next;
    }
    share
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(grade: Grade, size: f64, error: f64) -> GradedChange {
        GradedChange { size, error, grade }
    }

    #[test]
    fn shares_have_the_ranks_of_their_distributions() {
        for z in [-3.0, -1.0, -0.1, 0.0, 0.7, 2.5] {
            let rank = Normal::new(0.0, 1.0).unwrap().cdf(z);
            // Distribution functions in closed form.
            let c = share_at(Grade::C, z);
            assert!((3.0 * c * c - 2.0 * c.powi(3) - rank).abs() < 1e-9);
            let d = share_at(Grade::D, z);
            assert!((1.0 - (1.0 - d).powi(3) - rank).abs() < 1e-9);
            let b = share_at(Grade::B, z);
            assert!((9.0 * b.powi(8) - 8.0 * b.powi(9) - rank).abs() < 1e-9);
            assert_eq!(share_at(Grade::A, z), 1.0);
        }
    }

    #[test]
    fn weaker_evidence_is_believed_less() {
        let [a, b, c, d] =
            [Grade::A, Grade::B, Grade::C, Grade::D].map(|it| change(it, 0.04, 0.01).mean());
        assert_eq!((a, b, c, d), (0.04, 0.032, 0.02, 0.01));
        assert!(change(Grade::A, 0.04, 0.0).is_certain());
        assert!(!change(Grade::C, 0.04, 0.0).is_certain());
    }

    #[test]
    fn a_bare_number_may_be_nothing() {
        let bare = change(Grade::D, 0.04, 0.0);
        // 5% below nothing: the 5% point of its size is 0.
        assert!(bare.draw(-Z95, 0.0).abs() < 1e-12);
        assert!(bare.draw(-2.0, 0.0) < 0.0);
        let stated = change(Grade::D, 0.04, 0.01);
        let share = share_at(Grade::D, 0.0);
        assert!((stated.draw(1.0, 0.0) - 0.06 * share).abs() < 1e-12);
    }

    #[test]
    fn harm_is_harm_however_weak_the_evidence() {
        for grade in [Grade::A, Grade::B, Grade::C, Grade::D] {
            let harm = change(grade, -0.02, 0.0);
            assert_eq!(harm.mean(), -0.02);
            assert_eq!(harm.draw(0.0, 1.5), -0.02);
        }
    }
}
