//! What a pilot of one effect is worth by how closely it reads.

use rayon::prelude::*;

use super::information::{npv_without, value_of_reading};
use super::regression::{Conditional, normal_scores};
use super::scatter::{by_jackknife, gather, mean};
use super::trials::Trials;
use crate::math::{exp, ndtri};
use crate::model::{EffectId, Model, undecided};
use crate::outcome::Outcome;
use crate::scenario::Lever;
use crate::summary::Estimate;

/// Sizes of the effect that a pilot may turn out to have been of, at most: each is the mean of as many futures.
const POINTS: usize = 256;
/// Readings of each size, spread over their normal errors.
const READINGS: usize = 4;
/// Conjugate of the golden ratio: its multiples fill the unit interval evenly.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// A pilot of one effect of an initiative.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EffectStudy {
    effect: EffectId,
    customers: f64,
}

/// Why there is nothing to try.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StudyError {
    /// No initiative has this name.
    #[error("no initiative {name:?}; give one of: {}", .known.join(", "))]
    UnknownInitiative {
        /// What was given.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The initiative has no such effect.
    #[error("\u{201c}{initiative}\u{201d} has no effect on {on}; it has: {}", .has.join(", "))]
    NoEffect {
        /// The initiative.
        initiative: String,
        /// What was asked for.
        on: String,
        /// What its effects are on.
        has: Vec<String>,
    },
    /// A pilot would read them as one.
    #[error(
        "\u{201c}{initiative}\u{201d} has {count} effects on {on}, which a pilot would read as one; write them as one effect, or \
         ask what it is worth to know their inputs at once"
    )]
    Several {
        /// The initiative.
        initiative: String,
        /// What the effects are on.
        on: String,
        /// How many.
        count: usize,
    },
}

impl EffectStudy {
    /// A pilot of what an initiative does to a lever.
    ///
    /// # Errors
    /// No such initiative; no effect of it on the lever, or several.
    pub fn new(model: &Model, initiative: &str, on: Lever) -> Result<Self, StudyError> {
        let place = model.initiatives().position(|it| it == initiative);
        let place = place.ok_or_else(|| StudyError::UnknownInitiative {
            name: initiative.to_owned(),
            known: model.initiatives().map(str::to_owned).collect(),
        })?;
        let own = model.effects.iter().enumerate();
        let own = own.filter(|(_, it)| it.initiative.0 == place);
        let (initiative, asked) = (initiative.to_owned(), word(on));
        let found: Vec<usize> = own
            .clone()
            .filter(|(_, it)| it.lever == on)
            .map(|(effect, _)| effect)
            .collect();
        match found[..] {
            [effect] => Ok(Self {
                effect: EffectId(effect),
                customers: customers(model, EffectId(effect)),
            }),
            [] => Err(StudyError::NoEffect {
                initiative,
                on: asked,
                has: own.map(|(_, it)| word(it.lever)).collect(),
            }),
            _ => Err(StudyError::Several {
                initiative,
                on: asked,
                count: found.len(),
            }),
        }
    }

    /// Customers at the date in the segments that the effect acts in: of whom both arms are made.
    pub fn customers(&self) -> f64 {
        self.customers
    }

    /// What is believed of the effect in these futures, and what the decision hangs on.
    pub fn ask<'t, 'm>(&self, trials: &'t Trials<'m>) -> AskedStudy<'t, 'm> {
        let strength = trials.strengths().swap_remove(self.effect.0);
        let initiative = trials.model().effects[self.effect].initiative;
        AskedStudy {
            strength,
            options: [
                trials.outcome(Outcome::Npv),
                npv_without(trials, initiative),
            ],
            trials,
        }
    }
}

fn word(lever: Lever) -> String {
    format!("{lever:?}").to_lowercase()
}

/// Customers at the date where an effect acts.
fn customers(model: &Model, effect: EffectId) -> f64 {
    let is_it = |member: &(EffectId, f64)| {
        member.1 != 0.0 && undecided(&model.effects, &model.decided, member.0) == effect
    };
    let acts_in = model.segments.iter().filter(|segment| {
        let mut groups = segment.effect_groups().flatten();
        groups.any(|group| group.members.iter().any(is_it))
    });
    acts_in.flat_map(|segment| &segment.customers).sum()
}

/// A pilot of an effect, asked of the futures of a run.
///
/// It decides between the programme, the programme without that initiative, and nothing, as
/// [`effect_information`](super::effect_information) does. What is believed of the effect is what the futures hold: size × causal
/// share × realisation where it works, 0 where it does not.
#[derive(Debug, Clone)]
pub struct AskedStudy<'t, 'm> {
    trials: &'t Trials<'m>,
    strength: Vec<f64>,
    /// Net present values of the programme, and of the programme without the initiative.
    options: [Vec<f64>; 2],
}

impl AskedStudy<'_, '_> {
    /// The effect in the mean of futures.
    pub fn expected(&self) -> f64 {
        mean(&self.strength)
    }

    /// Expected value of a perfect pilot: the most that one of any size is worth.
    pub fn perfect(&self) -> Estimate {
        let options = self.options.each_ref().map(Vec::as_slice);
        value_of_reading(self.trials, &self.strength, &options, 1.0)
    }

    /// Expected value of sample information of pilots that read the effect with these standard errors, before their cost:
    /// `E[max over choices of E[NPV | reading]] − max over choices of E[NPV]` (H. Raiffa and R. Schlaifer, 1961).
    ///
    /// The reading is the effect plus a normal error. `E[NPV | effect]` is by regression as for [`perfect`](Self::perfect), and
    /// `E[NPV | reading]` by Bayes' theorem on the futures' own effects, so that an effect that may fail altogether is read as
    /// one. No reading is told to be worth more than a perfect one.
    ///
    /// # Panics
    /// If an error is not above 0 and finite.
    pub fn read_with(&self, errors: &[f64]) -> Vec<Estimate> {
        let most = self.perfect().value;
        let (rows, groups) = (self.trials.count(), self.trials.groups());
        let value = |&error: &f64| {
            assert!(error > 0.0 && error.is_finite(), "{error} is no error");
            let found = by_jackknife(rows, groups, |rows| {
                let options = self.options.each_ref().map(|npv| gather(npv, rows));
                Prior::new(&gather(&self.strength, rows), &options).value_of_reading(error)
            });
            Estimate {
                value: found.value.min(most),
                ..found
            }
        };
        errors.par_iter().map(value).collect()
    }
}

/// What is believed of an effect before it is tried: sizes, each with what every choice comes to there.
struct Prior {
    points: Vec<Point>,
    /// The choice that would be made without a reading; none where nothing is worth doing.
    planned: Option<usize>,
}

struct Point {
    weight: f64,
    size: f64,
    worth: [f64; 2],
}

impl Prior {
    fn new(strength: &[f64], options: &[Vec<f64>; 2]) -> Self {
        let scores = normal_scores(strength);
        let worth = options.each_ref().map(|npv| {
            let fit = Conditional::new(&scores, npv);
            let means = fit.read_with(1.0);
            match means.is_empty() {
                true => vec![fit.mean(); npv.len()],
                false => means,
            }
        });
        let mut order: Vec<usize> = (0..strength.len()).collect();
        order.sort_by(|&a, &b| strength[a].total_cmp(&strength[b]));
        let chunks = order.chunks(order.len().div_ceil(POINTS));
        let point = |rows: &[usize]| Point {
            weight: rows.len() as f64 / order.len() as f64,
            size: mean(&gather(strength, rows)),
            worth: worth.each_ref().map(|worth| mean(&gather(worth, rows))),
        };
        let all = options.each_ref().map(|npv| mean(npv));
        let best = (0..all.len()).max_by(|&a, &b| all[a].total_cmp(&all[b]));
        Self {
            points: chunks.map(point).collect(),
            planned: best.filter(|it| all[*it] > 0.0),
        }
    }

    /// What the best choice after a reading brings beyond the planned one, over all readings.
    fn value_of_reading(&self, error: f64) -> f64 {
        let readings = self.points.iter().enumerate().flat_map(|(place, point)| {
            (0..READINGS).map(move |reading| {
                let off = ((place * READINGS + reading + 1) as f64 * GOLDEN).fract();
                (point.weight, point.size + error * ndtri(off))
            })
        });
        let gain = readings.map(|(weight, reading)| weight * self.gain(reading, error));
        gain.sum::<f64>() / READINGS as f64
    }

    fn gain(&self, reading: f64, error: f64) -> f64 {
        let expected = self.given(reading, error);
        let planned = self.planned.map_or(0.0, |it| expected[it]);
        expected.into_iter().fold(0.0, f64::max) - planned
    }

    /// `E[NPV | reading]` of each choice.
    fn given(&self, reading: f64, error: f64) -> [f64; 2] {
        let off = |it: &Point| ((reading - it.size) / error).powi(2);
        // The likeliest size counts 1, so that the weights of the others never all vanish.
        let least = self.points.iter().map(off).fold(f64::INFINITY, f64::min);
        let (mut weights, mut sums) = (0.0, [0.0; 2]);
        for point in &self.points {
            let weight = point.weight * exp(-0.5 * (off(point) - least));
            weights += weight;
            for (sum, worth) in sums.iter_mut().zip(point.worth) {
                *sum += weight * worth;
            }
        }
        sums.map(|sum| sum / weights)
    }
}

#[cfg(test)]
mod tests;
