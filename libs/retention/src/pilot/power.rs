use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use super::arms::positive;
use super::boundary::Boundary;
use super::crossing::crossing;
use super::{PilotError, Plan, Two};
use crate::fit::Level;

/// Most looks that can be planned: one a day of a year.
const MOST_LOOKS: usize = 366;
/// Halvings of a bracket: less than a millionth of it is left.
const HALVINGS: usize = 24;
/// Largest relative fall that is looked for. The drift grows with the fall up to `1 − e⁻²` = 0.86
/// for hazards, beyond which the few events that are left tell less; for rates it always grows.
const LARGEST_FALL: f64 = 0.85;

/// An effect that a pilot should find, with what is known of the outcome before it starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target {
    /// On the scale of the reading: a difference, or a log rate ratio.
    effect: f64,
    /// Variance of one customer's outcome, or of a log rate in one person-month, in each arm.
    spread: Two<f64>,
}

/// Sample per arm of two arms alike, rounded up.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PerArm {
    /// For one look at the planned end: customers, or person-months.
    pub single_look: f64,
    /// For the always-valid interval to exclude no effect by the planned end.
    pub always_valid: f64,
}

/// How often a pilot finds its target by the planned end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Power {
    /// By one look, at the end.
    pub single_look: f64,
    /// By the always-valid interval at one of the looks: lower, the price of looking.
    pub always_valid: f64,
    /// How often the interval for a single look would exclude no effect at one of the looks where
    /// there is none: why it must not be looked at twice.
    pub false_alarms_of_single_look: f64,
}

impl Target {
    /// A relative fall of a rate, 0.1 for a tenth.
    ///
    /// Variances of each arm's own rate, unpooled (Fleiss, Statistical Methods for Rates and
    /// Proportions, 1981).
    ///
    /// ```
    /// # use keepworth_retention::fit::Level;
    /// # use keepworth_retention::pilot::Target;
    /// // A fall from 10% to 9% per period, 80% power, two-sided 5%, looked at each of 26 weeks.
    /// let wanted = Target::rate(0.10, 0.10)?.per_arm(0.80, Level::USUAL, 26)?;
    /// assert_eq!(wanted.single_look, 13_493.0);
    /// assert!(wanted.always_valid > 1.5 * wanted.single_look);
    /// # Ok::<(), keepworth_retention::pilot::PilotError>(())
    /// ```
    ///
    /// # Errors
    /// [`PilotError::Share`] when an argument is outside (0, 1).
    pub fn rate(rate: f64, relative_fall: f64) -> Result<Self, PilotError> {
        share("rate", rate)?;
        share("relative fall", relative_fall)?;
        let lower = rate * (1.0 - relative_fall);
        let spread = Two {
            control: rate * (1.0 - rate),
            treated: lower * (1.0 - lower),
        };
        let effect = lower - rate;
        Ok(Self { effect, spread })
    }

    /// A change of a mean whose values have this standard deviation in both arms (Welch's variance,
    /// normal law).
    ///
    /// # Errors
    /// [`PilotError::Positive`] unless the deviation is, [`PilotError::NoEffect`] for a change of 0.
    pub fn mean(sd: f64, change: f64) -> Result<Self, PilotError> {
        positive("standard deviation", sd)?;
        if change == 0.0 || !change.is_finite() {
            return Err(PilotError::NoEffect {
                field: "change",
                value: change,
            });
        }
        let spread = Two {
            control: sd * sd,
            treated: sd * sd,
        };
        Ok(Self {
            effect: change,
            spread,
        })
    }

    /// A relative fall of a hazard of so many events per person-month; sizes are person-months.
    ///
    /// Variance of the log rate ratio `1/d₁ + 1/d₀` with events expected (Schoenfeld, Biometrics 39,
    /// 1983, in its form for rates).
    ///
    /// # Errors
    /// [`PilotError::Positive`] for the hazard, [`PilotError::Share`] for the fall.
    pub fn hazard(per_month: f64, relative_fall: f64) -> Result<Self, PilotError> {
        positive("hazard per month", per_month)?;
        share("relative fall", relative_fall)?;
        let spread = spread_of_hazard(per_month, relative_fall);
        let effect = (-relative_fall).ln_1p();
        Ok(Self { effect, spread })
    }

    /// Sample per arm to find the target with this power, `(z + z_power)²·(v₁ + v₀)/effect²` for one
    /// look; the always-valid one by the exact recursion over the looks.
    ///
    /// # Errors
    /// [`PilotError::Share`] or [`PilotError::Unreachable`] for the power, [`PilotError::Looks`] for
    /// none or too many, [`PilotError::Overflow`] for a target too large or too small.
    pub fn per_arm(self, power: f64, level: Level, looks: usize) -> Result<PerArm, PilotError> {
        let drifts = Drifts::new(power, level, looks)?;
        let unit = (self.spread.control + self.spread.treated) / self.effect.powi(2);
        if !unit.is_finite() {
            let field = "the sample";
            return Err(PilotError::Overflow { field });
        }
        Ok(PerArm {
            single_look: (drifts.single_look.powi(2) * unit).ceil(),
            always_valid: (drifts.always_valid.powi(2) * unit).ceil(),
        })
    }

    /// Power with the planned sizes, over equally spaced looks of which the last is the planned end.
    ///
    /// # Errors
    /// [`PilotError::Looks`] for none or too many, [`PilotError::Overflow`] for a target too large or
    /// too small.
    pub fn power(self, plan: Plan, level: Level, looks: usize) -> Result<Power, PilotError> {
        countable(looks)?;
        let drift = self.drift(plan);
        if !drift.is_finite() {
            let field = "the power";
            return Err(PilotError::Overflow { field });
        }
        let boundary = Boundary::new(1.0 - level.share());
        let z = level.z();
        Ok(Power {
            single_look: crossing(drift, 1, |_| z),
            always_valid: crossing(drift, looks, |s| boundary.at(s)),
            false_alarms_of_single_look: crossing(0.0, looks, |_| z),
        })
    }

    /// Smallest fall of a rate, relative, that the planned sizes find with this power, by a single
    /// look and always valid; none where even a fall by 85% would not be found.
    ///
    /// # Errors
    /// As [`Target::rate`] and [`Target::per_arm`].
    pub fn smallest_fall_of_rate(
        rate: f64,
        plan: Plan,
        power: f64,
        level: Level,
        looks: usize,
    ) -> Result<[Option<f64>; 2], PilotError> {
        Self::rate(rate, 0.5)?;
        smallest(
            |fall| Self::rate(rate, fall),
            plan,
            Drifts::new(power, level, looks)?,
        )
    }

    /// As [`Target::smallest_fall_of_rate`], of a hazard per month; sizes are person-months.
    ///
    /// # Errors
    /// As [`Target::hazard`] and [`Target::per_arm`].
    pub fn smallest_fall_of_hazard(
        per_month: f64,
        plan: Plan,
        power: f64,
        level: Level,
        looks: usize,
    ) -> Result<[Option<f64>; 2], PilotError> {
        let of = |fall| Self::hazard(per_month, fall);
        of(0.5)?;
        smallest(of, plan, Drifts::new(power, level, looks)?)
    }

    /// Smallest change of a mean found, either way: by a single look, and always valid.
    ///
    /// # Errors
    /// As [`Target::mean`] and [`Target::per_arm`].
    pub fn smallest_change_of_mean(
        sd: f64,
        plan: Plan,
        power: f64,
        level: Level,
        looks: usize,
    ) -> Result<[f64; 2], PilotError> {
        let unit = Self::mean(sd, 1.0)?.drift(plan);
        let drifts = Drifts::new(power, level, looks)?;
        Ok([drifts.single_look / unit, drifts.always_valid / unit])
    }

    /// Standard error that the planned sizes leave of a relative fall of a hazard per month, where it falls by about
    /// `relative_fall`, which is below 0 for a rise: that of the log rate ratio by the delta method, `(1 − fall)·SE`. Sizes are
    /// person-months.
    ///
    /// # Errors
    /// [`PilotError::Positive`] for the hazard, and for what a fall of 1 or more leaves of it.
    pub fn error_of_hazard(
        per_month: f64,
        relative_fall: f64,
        plan: Plan,
    ) -> Result<f64, PilotError> {
        positive("hazard per month", per_month)?;
        let left = 1.0 - relative_fall;
        positive("what the fall leaves of the hazard", left)?;
        Ok(left * error(spread_of_hazard(per_month, relative_fall), plan))
    }

    /// Standard error that the planned sizes leave of a change of a mean whose values have this standard deviation in both
    /// arms.
    ///
    /// # Errors
    /// [`PilotError::Positive`] unless the deviation is.
    pub fn error_of_mean(sd: f64, plan: Plan) -> Result<f64, PilotError> {
        Ok(error(Self::mean(sd, 1.0)?.spread, plan))
    }

    /// The effect over its standard error at the planned end.
    fn drift(self, plan: Plan) -> f64 {
        self.effect.abs() / error(self.spread, plan)
    }
}

/// Variance of a log rate in one person-month of each arm: one over the events expected.
fn spread_of_hazard(per_month: f64, relative_fall: f64) -> Two<f64> {
    Two {
        control: per_month.recip(),
        treated: (per_month * (1.0 - relative_fall)).recip(),
    }
}

/// Standard error of a difference of arms.
fn error(spread: Two<f64>, plan: Plan) -> f64 {
    (spread.control / plan.sizes.control + spread.treated / plan.sizes.treated).sqrt()
}

/// Effects over their standard errors that are found with a given power.
#[derive(Debug, Clone, Copy)]
struct Drifts {
    single_look: f64,
    always_valid: f64,
}

impl Drifts {
    fn new(power: f64, level: Level, looks: usize) -> Result<Self, PilotError> {
        share("power", power)?;
        countable(looks)?;
        let alpha = 1.0 - level.share();
        if power <= alpha {
            return Err(PilotError::Unreachable { power, alpha });
        }
        let boundary = Boundary::new(alpha);
        // As in the textbooks, without the chance to find the effect the wrong way round.
        let single_look = level.z() + Normal::standard().inverse_cdf(power);
        let found = |drift| crossing(drift, looks, |s| boundary.at(s));
        let always_valid = drift_for(power, found);
        Ok(Self {
            single_look,
            always_valid,
        })
    }
}

fn drift_for(power: f64, found: impl Fn(f64) -> f64) -> f64 {
    let mut high = 1.0;
    // At 64 standard errors nothing is missed at any level that f64 can tell from 1.
    while found(high) < power && high < 64.0 {
        high *= 2.0;
    }
    halve(0.0, high, |drift| found(drift) >= power)
}

/// The end of the part of `[low, high]` where `holds`, `high` being in it.
fn halve(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if holds(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

fn smallest(
    of: impl Fn(f64) -> Result<Target, PilotError>,
    plan: Plan,
    drifts: Drifts,
) -> Result<[Option<f64>; 2], PilotError> {
    let largest = of(LARGEST_FALL)?.drift(plan);
    let drift = |fall| of(fall).map_or(0.0, |target| target.drift(plan));
    let search = |wanted: f64| {
        (largest >= wanted).then(|| halve(0.0, LARGEST_FALL, |fall| drift(fall) >= wanted))
    };
    Ok([search(drifts.single_look), search(drifts.always_valid)])
}

fn share(field: &'static str, value: f64) -> Result<(), PilotError> {
    if value > 0.0 && value < 1.0 {
        Ok(())
    } else {
        Err(PilotError::Share { field, value })
    }
}

fn countable(looks: usize) -> Result<(), PilotError> {
    let most = MOST_LOOKS;
    if (1..=most).contains(&looks) {
        Ok(())
    } else {
        Err(PilotError::Looks { looks, most })
    }
}

#[cfg(test)]
mod tests;
