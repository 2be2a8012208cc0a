//! How far an initiative has taken hold.

use keepworth_sim::scenario::{Adoption, Decay};

use super::draws::Draws;

/// Adoption of an initiative, its figures drawn.
pub struct TakesHold {
    form: Form,
    delay: f64,
    level: f64,
    decay: Option<Decay>,
}

enum Form {
    Linear { delay: f64, ramp: f64 },
    Logistic { midpoint: f64, steepness: f64 },
}

impl TakesHold {
    /// `delay` is that of readiness, on top of adoption's own.
    pub fn new(draws: &Draws<'_>, adoption: &Adoption, delay: f64, initiative: &str) -> Self {
        let name = |part: &str| format!("initiatives.{initiative}.{part}");
        match adoption {
            Adoption::Linear {
                delay: own,
                ramp,
                level,
                decay,
            } => Self {
                delay,
                form: Form::Linear {
                    delay: draws.figure(own, &name("delay")),
                    ramp: draws.figure(ramp, &name("ramp")),
                },
                level: draws.figure(level, &name("level")),
                decay: decay.clone(),
            },
            Adoption::Logistic {
                midpoint,
                steepness,
                level,
                decay,
            } => Self {
                delay,
                form: Form::Logistic {
                    midpoint: draws.figure(midpoint, &name("midpoint")),
                    steepness: draws.figure(steepness, &name("steepness")),
                },
                level: draws.figure(level, &name("level")),
                decay: decay.clone(),
            },
        }
    }

    /// Adoption so many months after the start; readiness moves all of it.
    pub fn at(&self, since: f64) -> f64 {
        let months = since - self.delay;
        if months <= 0.0 {
            return 0.0;
        }
        let share = match self.form {
            Form::Linear { delay, .. } if months <= delay => 0.0,
            Form::Linear { delay, ramp } if months - delay >= ramp => 1.0,
            Form::Linear { delay, ramp } => (months - delay) / ramp,
            Form::Logistic {
                midpoint,
                steepness,
            } => 1.0 / (1.0 + (-(months - midpoint) / steepness).exp()),
        };
        let kept = self.decay.as_ref().map_or(1.0, |decay| {
            0.5_f64.powf((months - decay.after).max(0.0) / decay.half_life)
        });
        self.level * share * kept
    }
}
