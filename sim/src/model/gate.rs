//! Stage gates: what follows a pilot.

use std::collections::BTreeMap;

use super::initiative::Programme;
use super::{Effect, Gate, Initiative};
use crate::scenario::{self, Problem, ScenarioError};

impl Programme<'_> {
    /// The gate of an initiative, whose pilot is resolved before it.
    pub(super) fn gate(
        &mut self,
        written: &scenario::Initiative,
        path: &str,
    ) -> Result<Option<Gate>, ScenarioError> {
        let Some(gate) = &written.gate else {
            return Ok(None);
        };
        let find = |i: &Initiative| i.name == gate.pilot;
        let pilot = self.initiatives.iter().position(find).unwrap_or(usize::MAX);
        let read = |e: &Effect| e.initiative == pilot && e.lever == gate.on;
        let Some(effect) = self.effects.iter().position(read) else {
            let known = self.effects.iter().filter(|e| e.initiative == pilot);
            let known = known
                .map(|e| format!("{:?}", e.lever).to_lowercase())
                .collect();
            let name = format!("{:?}", gate.on).to_lowercase();
            return Err(Problem::Unknown {
                what: "effect of the pilot",
                name,
                known,
            }
            .at(format!("{path}.gate.on")));
        };
        Problem::unless_within(gate.reading_sd, 0.0, 1e3, "give a standard deviation")
            .map_err(|p| p.at(format!("{path}.gate.reading_sd")))?;
        Problem::unless_within(gate.threshold, -1e3, 1e3, "give an effect as a fraction")
            .map_err(|p| p.at(format!("{path}.gate.threshold")))?;
        let name = format!("initiatives.{}.reading error", written.name);
        let noise = self.builder.normal(name, "error of the pilot's reading");
        let (threshold, reading_sd) = (gate.threshold, gate.reading_sd);
        Ok(Some(Gate {
            pilot,
            effect,
            threshold,
            reading_sd,
            noise,
        }))
    }
}

/// Indices of the initiatives with every pilot before what it gates.
pub(super) fn gate_order(
    initiatives: &[scenario::Initiative],
) -> Result<Vec<usize>, ScenarioError> {
    let mut names = BTreeMap::new();
    for (i, initiative) in initiatives.iter().enumerate() {
        if names.insert(initiative.name.as_str(), i).is_some() {
            let problem = Problem::Duplicate {
                what: "initiative",
                name: initiative.name.clone(),
            };
            return Err(problem.at(format!("initiatives[{i}].name")));
        }
    }
    let mut order = Vec::new();
    let mut waiting: Vec<usize> = (0..initiatives.len()).collect();
    while !waiting.is_empty() {
        let before = waiting.len();
        for i in std::mem::take(&mut waiting) {
            let ready = match &initiatives[i].gate {
                None => true,
                Some(gate) => match names.get(gate.pilot.as_str()) {
                    Some(pilot) => order.contains(pilot),
                    None => {
                        let known = names.keys().map(|&n| n.to_owned()).collect();
                        let name = gate.pilot.clone();
                        return Err(Problem::Unknown {
                            what: "initiative",
                            name,
                            known,
                        }
                        .at(format!("initiatives[{i}].gate.pilot")));
                    }
                },
            };
            if ready {
                order.push(i);
            } else {
                waiting.push(i);
            }
        }
        if waiting.len() == before {
            let cycle: Vec<_> = waiting
                .iter()
                .map(|&i| format!("\"{}\"", initiatives[i].name))
                .collect();
            let problem = format!(
                "the gates of {} wait for each other; break the cycle",
                cycle.join(" and ")
            );
            return Err(
                Problem::Conflict(problem).at(format!("initiatives[{}].gate.pilot", waiting[0]))
            );
        }
    }
    Ok(order)
}
