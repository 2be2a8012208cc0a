//! Value beyond the horizon: what may be asked.

use std::sync::Arc;

use super::{Draw, InitiativeId, Model, Segment, Term, undecided};
use crate::flag::{Flag, FlagCode};
use crate::scenario::{Problem, ScenarioError, TerminalValue};

/// What of the value beyond the horizon counts in NPV.
#[derive(Debug, Clone)]
pub(crate) enum Terminal {
    /// Nothing.
    None,
    /// The recurring flow of the last month for ever, growing by so much a year.
    Perpetuity(f64),
    /// What the customers of the last month live out, in this continuation of the model.
    RunOff(Arc<Model>),
}

/// Least distance, a year, of the discount rate from the growth of a perpetuity: nearer to it the
/// value is ruled by the few futures with the lowest rates.
const LEAST_SPREAD: f64 = 0.02;

/// Resolves what of the value beyond the horizon counts.
pub(super) fn terminal(
    written: &TerminalValue,
    model: &mut Model,
) -> Result<Terminal, ScenarioError> {
    let lowest = model.lowest(model.rate);
    match (written.annual_growth, &written.run_off) {
        (Some(growth), None) => {
            check_growth(growth, lowest)?;
            flag_ramping(model);
            Ok(Terminal::Perpetuity(growth))
        }
        (None, Some(run_off)) if model.may_run_off() => {
            Ok(model.run_off_terminal(run_off.both_go_on))
        }
        (None, Some(_)) => {
            let problem = format!(
                "a run-off needs a discount rate above 0, and it can be {lowest}; give a rate that \
                 cannot"
            );
            Err(Problem::Conflict(problem).at("discount_rate"))
        }
        _ => {
            let problem = "give either annual_growth, the recurring flow for ever, or run_off, what \
                           the customers of the last month live out";
            Err(Problem::Conflict(problem.to_owned()).at("terminal_value"))
        }
    }
}

fn check_growth(growth: f64, lowest_rate: f64) -> Result<(), ScenarioError> {
    let path = "terminal_value.annual_growth";
    Problem::unless_within(growth, -1.0, 1.0, "give a growth rate a year")
        .map_err(|p| p.at(path))?;
    if lowest_rate - growth < LEAST_SPREAD {
        let problem = format!(
            "the discount rate can be as low as {lowest_rate} a year, and the growth is {growth}: a \
             perpetuity needs the rate at least 2 points above the growth in every future; give \
             less growth, a rate that cannot be so low, or run_off"
        );
        return Err(Problem::Conflict(problem).at(path));
    }
    Ok(())
}

/// Says where the last month is not what lasts.
fn flag_ramping(model: &mut Model) {
    let ramping = |index: &InitiativeId| {
        let groups = model.segments.iter().flat_map(Segment::effect_groups);
        let groups = groups.flatten();
        let groups =
            groups.filter(|group| model.curves[group.curve].is_ramping(model, model.horizon));
        let initiative = |effect| {
            let effect = undecided(&model.effects, &model.decided, effect);
            model.effects[effect].initiative
        };
        groups
            .flat_map(|group| &group.members)
            .any(|(effect, _)| initiative(*effect) == *index)
    };
    let names: Vec<String> = (0..model.initiatives.len())
        .map(InitiativeId)
        .filter(ramping)
        .map(|index| model.initiatives[index].name.clone())
        .collect();
    for name in names {
        let detail = format!(
            "{name}: still being taken up at the horizon, where the perpetuity takes the flow that \
             it continues; a longer horizon, or run_off, tells what lasts"
        );
        let flag = Flag::new(FlagCode::StillTakenUp, name, detail);
        model.flags.push(flag);
    }
    let endless = model.initiatives.iter().flat_map(|it| &it.costs);
    if endless.clone().any(|line| line.capex && line.is_endless()) {
        let detail = "capital expenditure that recurs without end is no part of the perpetuity";
        let flag = Flag::of_all(FlagCode::CapitalWithoutEnd, detail);
        model.flags.push(flag);
    }
}

impl Model {
    /// The lowest value that a figure can have.
    pub(crate) fn lowest(&self, term: Term) -> f64 {
        match term {
            Term::Fixed(value) => value,
            Term::Input { index, scale } => match &self.inputs[index].draw {
                Draw::Quantile(distribution) => {
                    let [a, b] = distribution.support().map(|end| end * scale);
                    a.min(b)
                }
                Draw::Success(_) => scale.min(0.0),
            },
        }
    }
}
