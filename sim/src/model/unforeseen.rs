//! Factors that nobody foresees: inputs of their own, alike in both worlds.

use super::builder::{About, Builder};
use super::range::Range;
use super::{InputId, Segment};
use crate::flag::{Flag, FlagCode};
use crate::inputs::Distribution;
use crate::kernel::{LANES, Lane};
use crate::scenario::{FactorSize, ModelError, Problem, Quantity, Scenario, ScenarioError};

/// Factors on the figures of a segment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Unforeseen {
    /// On every hazard.
    pub(crate) leaving: Factor,
    /// On customers won.
    pub(crate) won: Factor,
    /// On revenue per customer-month.
    pub(crate) revenue: Factor,
    /// On the cost of contacts.
    pub(crate) service_cost: Factor,
}

/// A product of inputs; 1 without any.
#[derive(Debug, Clone, Default)]
pub(crate) struct Factor(Vec<InputId>);

impl Factor {
    /// Whether it changes nothing.
    pub(crate) fn is_one(&self) -> bool {
        self.0.is_empty()
    }

    /// A figure times the factor, in each trial.
    #[inline(always)]
    pub(crate) fn times(&self, mut figure: Lane, values: &[Lane]) -> Lane {
        for &index in &self.0 {
            let factor = values[index];
            for l in 0..LANES {
                figure[l] *= factor[l];
            }
        }
        figure
    }
}

/// A figure with the size of its factor, and whose factor that is in a segment.
struct Part {
    name: &'static str,
    size: Option<FactorSize>,
    path: &'static str,
    of: fn(&mut Unforeseen) -> &mut Factor,
}

/// Puts the factors of a scenario on its segments, and says that they are there.
pub(super) fn unforeseen(
    scenario: &Scenario,
    segments: &mut [Segment],
    builder: &mut Builder,
) -> Result<(), ScenarioError> {
    let factors = match &scenario.model_error {
        None => return Ok(()),
        Some(ModelError::Unforeseen(factors)) => factors,
        Some(ModelError::Backtest(which)) => {
            let problem = format!(
                "\"{which}\" is kept by the simulator service, which the engine does not read; run the scenario there \
                 (POST /v1/runs), hand the backtest over (`keepworth simulate --backtest FILE`), or write the factors \
                 here: model_error = {{ leaving = {{ common = 0.1, own = 0.05 }} }}"
            );
            return Err(Problem::Reference(problem).at("model_error"));
        }
    };
    let mut drawn = Vec::new();
    for part in parts(factors) {
        if put(&part, &factors.note, segments, builder)? {
            drawn.push(part.name);
        }
    }
    let what = match drawn.is_empty() {
        true => "no factor is above 0, and nothing is drawn".to_owned(),
        false => format!(
            "{} may lie off what the records forecast, by factors common to both worlds",
            drawn.join(", ")
        ),
    };
    let from = match factors.note.as_str() {
        "" => String::new(),
        note => format!(": {note}"),
    };
    let detail = format!("model error: {what}{from}");
    let flag = Flag::of_all(FlagCode::ModelErrorDrawn, detail);
    builder.flags.push(flag);
    Ok(())
}

fn parts(written: &crate::scenario::Unforeseen) -> [Part; 4] {
    [
        Part {
            name: "leaving",
            size: written.leaving,
            path: "model_error.leaving",
            of: |it| &mut it.leaving,
        },
        Part {
            name: "customers won",
            size: written.won,
            path: "model_error.won",
            of: |it| &mut it.won,
        },
        Part {
            name: "revenue",
            size: written.revenue,
            path: "model_error.revenue",
            of: |it| &mut it.revenue,
        },
        Part {
            name: "service cost",
            size: written.service_cost,
            path: "model_error.service_cost",
            of: |it| &mut it.service_cost,
        },
    ]
}

/// Puts the factors of one figure on all segments; answers whether there are any.
fn put(
    part: &Part,
    note: &str,
    segments: &mut [Segment],
    builder: &mut Builder,
) -> Result<bool, ScenarioError> {
    let Some(size) = part.size else {
        return Ok(false);
    };
    let mut draw = |name: String, log_sd: f64, field: &str| {
        let path = format!("{}.{field}", part.path);
        Problem::unless_within(log_sd, 0.0, 5.0, "give a standard deviation from 0 to 5")
            .map_err(|p| p.at(path.as_str()))?;
        if log_sd == 0.0 {
            return Ok(None);
        }
        let median = 1.0;
        let factor = Quantity::Own(Distribution::Lognormal { median, log_sd });
        let about = About {
            unit: "factor",
            grade: None,
            note,
        };
        let term = builder.term(&factor, name, about, &path, Range::ANY)?;
        Ok::<_, ScenarioError>(term.input())
    };
    let name = format!("model error of {}", part.name);
    let common = draw(name.clone(), size.common, "common")?;
    let mut any = common.is_some();
    for segment in segments {
        let own = draw(format!("{name} in {}", segment.name), size.own, "own")?;
        any |= own.is_some();
        let factor = (part.of)(&mut segment.unforeseen);
        factor.0.extend([common, own].into_iter().flatten());
    }
    Ok(any)
}
