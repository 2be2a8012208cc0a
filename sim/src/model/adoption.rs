//! Adoption curves.

use super::builder::About;
use super::initiative::Programme;
use super::range::Range;
use std::ops;

use super::{CurveId, Draw, Model, Term};
use crate::scenario::{self, Adoption, Problem, ScenarioError};

/// Adoption by month.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Curve {
    pub(crate) shape: Shape,
    /// Months added before anything happens: the start and the delay through readiness.
    pub(crate) shift: f64,
    pub(crate) level: Term,
    /// Months before the effect fades, and the months in which it halves.
    pub(crate) decay: Option<(f64, f64)>,
    /// Months in which it acts, the last exclusive; all when absent.
    pub(crate) window: Option<(usize, usize)>,
    /// Months in one of which it must lie as well, where its costs do not run for ever.
    pub(crate) lives: Option<Vec<ops::Range<usize>>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    Linear { delay: Term, ramp: Term },
    Logistic { midpoint: Term, steepness: Term },
}

impl Curve {
    /// Whether adoption has not come near its level in a month, every parameter at its mean.
    pub(super) fn is_ramping(&self, model: &Model, month: usize) -> bool {
        let mean = |term: Term| match term {
            Term::Fixed(value) => value,
            Term::Input { index, scale } => match &model.inputs[index].draw {
                Draw::Quantile(distribution) => scale * distribution.mean(),
                Draw::Success(probability) => scale * probability,
            },
        };
        let t = month as f64 - self.shift;
        match self.shape {
            Shape::Linear { delay, ramp } => t < mean(delay) + mean(ramp),
            // 95% of the level: three steepnesses after the midpoint.
            Shape::Logistic {
                midpoint,
                steepness,
            } => t < mean(midpoint) + 3.0 * mean(steepness),
        }
    }
}

impl CurveId {
    /// The curve's place, which it shares with one that is the same.
    pub(super) fn shared(curves: &mut Vec<Curve>, curve: Curve) -> Self {
        let known = curves.iter().position(|known| *known == curve);
        Self(known.unwrap_or_else(|| {
            curves.push(curve);
            curves.len() - 1
        }))
    }
}

impl Programme<'_> {
    /// The curve of an initiative, with so many months before anything happens, shared with those that have the same.
    pub(super) fn curve(
        &mut self,
        written: &scenario::Initiative,
        shift: f64,
        path: &str,
    ) -> Result<CurveId, ScenarioError> {
        let name = &written.name;
        let mut term = |quantity, field: &str, unit, range| {
            let about = About {
                unit,
                ..About::default()
            };
            let path = format!("{path}.adoption.{field}");
            self.builder.term(
                quantity,
                format!("initiatives.{name}.{field}"),
                about,
                &path,
                range,
            )
        };
        let months = Range {
            low: 0.0,
            high: 1200.0,
            fix: "give months from 0 to 1200",
        };
        let (shape, level, decay) = match &written.adoption {
            Adoption::Linear {
                delay,
                ramp,
                level,
                decay,
            } => {
                let delay = term(delay, "delay", "months", months)?;
                let ramp = term(ramp, "ramp", "months", months)?;
                (Shape::Linear { delay, ramp }, level, decay)
            }
            Adoption::Logistic {
                midpoint,
                steepness,
                level,
                decay,
            } => {
                let midpoint = term(midpoint, "midpoint", "months", months)?;
                let range = Range {
                    low: 0.05,
                    fix: "give months from 0.05 to 1200",
                    ..months
                };
                let steepness = term(steepness, "steepness", "months", range)?;
                (
                    Shape::Logistic {
                        midpoint,
                        steepness,
                    },
                    level,
                    decay,
                )
            }
        };
        let level = term(level, "level", "share", Range::SHARE)?;
        let decay = decay.as_ref().map(|d| (d.after, d.half_life));
        if let Some((after, half_life)) = decay {
            Problem::unless_within(after, 0.0, 1200.0, months.fix)
                .map_err(|p| p.at(format!("{path}.adoption.decay.after")))?;
            Problem::unless_within(half_life, 0.05, 12_000.0, "give months from 0.05 to 12000")
                .map_err(|p| p.at(format!("{path}.adoption.decay.half_life")))?;
        }
        let curve = Curve {
            shape,
            shift,
            level,
            decay,
            window: None,
            lives: None,
        };
        Ok(CurveId::shared(&mut self.curves, curve))
    }
}
