//! Initiatives: effects spread over the segments they reach, adoption curves shared, gates ordered.

use std::collections::BTreeMap;

use super::builder::{About, Builder, Range};
use super::{CostLine, Curve, Effect, EffectGroup, EffectGroups, Gate, Initiative, Shape};
use crate::inputs::{Distribution, GradePolicy};
use crate::scenario::{self, Adoption, Lever, Problem, Recurrence, Scenario, ScenarioError};

/// What is collected while initiatives are resolved.
pub(super) struct Programme<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) policy: &'a GradePolicy,
    pub(super) builder: &'a mut Builder,
    pub(super) initiatives: Vec<Initiative>,
    pub(super) effects: Vec<Effect>,
    pub(super) curves: Vec<Curve>,
}

/// An effect's place: where it acts and how it takes hold.
pub(super) struct Placement {
    pub(super) effect: usize,
    pub(super) curve: usize,
    pub(super) lever: Lever,
    pub(super) channel: Option<String>,
    pub(super) reach: BTreeMap<String, f64>,
    pub(super) path: String,
}

impl Programme<'_> {
    /// Resolves every initiative, pilots before what they gate.
    pub(super) fn resolve(&mut self) -> Result<Vec<Placement>, ScenarioError> {
        let mut placements = Vec::new();
        for index in gate_order(&self.scenario.initiatives)? {
            self.initiative(index, &mut placements)?;
        }
        Ok(placements)
    }

    fn initiative(
        &mut self,
        index: usize,
        placements: &mut Vec<Placement>,
    ) -> Result<(), ScenarioError> {
        let written = &self.scenario.initiatives[index];
        let path = format!("initiatives[{index}]");
        for (segment, &reach) in &written.reach {
            Problem::unless_within(reach, 0.0, 1.0, Range::SHARE.fix)
                .map_err(|p| p.at(format!("{path}.reach[\"{segment}\"]")))?;
        }
        let readiness = self.readiness(written, &path)?;
        let curve = self.curve(written, readiness.delay, &path)?;
        let gate = self.gate(written, &path)?;
        let success = (readiness.probability < 1.0).then(|| {
            let name = format!("initiatives.{}.success", written.name);
            self.builder.success(name, readiness.probability)
        });
        let costs = self.costs(written, &path)?;
        for (j, effect) in written.effects.iter().enumerate() {
            let path = format!("{path}.effects[{j}]");
            let resolved = self.effect(written, effect, readiness.realisation, &path)?;
            placements.push(Placement {
                effect: self.effects.len(),
                curve,
                lever: effect.on,
                channel: effect.channel.clone(),
                reach: written.reach.clone(),
                path,
            });
            self.effects.push(resolved);
        }
        let name = written.name.clone();
        self.initiatives.push(Initiative {
            name,
            active: true,
            success,
            gate,
            costs,
        });
        Ok(())
    }

    fn readiness(
        &self,
        written: &scenario::Initiative,
        path: &str,
    ) -> Result<Outlook, ScenarioError> {
        let mapping = &self.scenario.readiness_mapping;
        match (&written.readiness, written.success_probability) {
            (Some(_), Some(_)) => {
                let problem = "readiness and success_probability are both given; readiness sets \
                               the probability, so keep one";
                Err(Problem::Conflict(problem.to_owned()).at(format!("{path}.readiness")))
            }
            (None, probability) => {
                let probability = probability.unwrap_or(1.0);
                Problem::unless_within(probability, 0.0, 1.0, "give a probability from 0 to 1")
                    .map_err(|p| p.at(format!("{path}.success_probability")))?;
                Ok(Outlook {
                    probability,
                    delay: 0.0,
                    realisation: 1.0,
                })
            }
            (Some(scores), None) => {
                for (field, score) in [
                    ("people", scores.people),
                    ("process", scores.process),
                    ("politics", scores.politics),
                ] {
                    Problem::unless_within(score, 0.0, 5.0, "give a score from 0 to 5")
                        .map_err(|p| p.at(format!("{path}.readiness.{field}")))?;
                }
                let between = |[low, high]: [f64; 2], score: f64| low + (high - low) * score / 5.0;
                Ok(Outlook {
                    probability: between(mapping.success_probability, scores.politics),
                    delay: between(mapping.delay_months, scores.process),
                    realisation: between(mapping.realisation, scores.people),
                })
            }
        }
    }

    fn curve(
        &mut self,
        written: &scenario::Initiative,
        delay_by_readiness: f64,
        path: &str,
    ) -> Result<usize, ScenarioError> {
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
        let shift = f64::from(written.start_month) + delay_by_readiness;
        let curve = Curve {
            shape,
            shift,
            level,
            decay,
        };
        Ok(self
            .curves
            .iter()
            .position(|known| *known == curve)
            .unwrap_or_else(|| {
                self.curves.push(curve);
                self.curves.len() - 1
            }))
    }

    fn gate(
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

    fn costs(
        &mut self,
        written: &scenario::Initiative,
        path: &str,
    ) -> Result<Vec<CostLine>, ScenarioError> {
        let horizon = self.scenario.horizon_months;
        let mut lines = Vec::new();
        for (j, line) in written.costs.iter().enumerate() {
            let path = format!("{path}.costs[{j}]");
            let about = About {
                unit: "money",
                note: &line.note,
                ..About::default()
            };
            let kind = format!("{:?}", line.kind).to_lowercase();
            let name = format!("initiatives.{}.{kind} cost", written.name);
            let amount = self.builder.term(
                &line.amount,
                name,
                about,
                &format!("{path}.amount"),
                Range::AMOUNT,
            )?;
            let monthly = line.recurrence == Recurrence::Monthly;
            let first = written.start_month + line.start.unwrap_or(u32::from(monthly));
            if line.months == Some(0) || (line.months.is_some() && !monthly) {
                let problem = "months belongs to a monthly cost and is at least 1";
                return Err(Problem::Conflict(problem.to_owned()).at(format!("{path}.months")));
            }
            let months = if monthly {
                line.months.unwrap_or(u32::MAX)
            } else {
                1
            };
            let last = first.saturating_add(months - 1).min(horizon);
            if first > horizon {
                let flag = format!("{path}: month {first} is beyond the horizon; nothing is spent");
                self.builder.flags.push(flag);
            } else {
                let (first, last) = (first as usize, last as usize);
                lines.push(CostLine {
                    amount,
                    first,
                    last,
                    capex: line.capex,
                });
            }
        }
        Ok(lines)
    }

    fn effect(
        &mut self,
        initiative: &scenario::Initiative,
        written: &scenario::Effect,
        realisation: f64,
        path: &str,
    ) -> Result<Effect, ScenarioError> {
        let lever = format!("{:?}", written.on).to_lowercase();
        let name = format!("initiatives.{}.{lever}", initiative.name);
        let about = About {
            unit: "fraction",
            grade: Some(written.grade),
            note: &written.note,
        };
        let range = Range {
            low: -10.0,
            high: 1.0,
            fix: "give a fraction of at most 1 (100%)",
        };
        let at = format!("{path}.size");
        let size = self
            .builder
            .term(&written.size, name.clone(), about, &at, range)?;
        let rule = self.policy.rule(written.grade);
        let share = written
            .causal_share
            .clone()
            .unwrap_or_else(|| scenario::Quantity::Own(rule.causal_share.clone()));
        let causal_share = self.builder.term(
            &share,
            format!("{name} causal share"),
            About {
                unit: "share",
                ..about
            },
            &format!("{path}.causal_share"),
            Range::SHARE,
        )?;
        let spread = (rule.sd_factor != 1.0 && size.fixed().is_none())
            .then(|| (self.builder.mean(&written.size), rule.sd_factor));
        self.flag(
            initiative,
            written,
            &lever,
            rule.causal_share != Distribution::Fixed(1.0),
        );
        let initiative = self.initiatives.len();
        Ok(Effect {
            lever: written.on,
            size,
            spread,
            causal_share,
            realisation,
            initiative,
        })
    }

    fn flag(
        &mut self,
        initiative: &scenario::Initiative,
        effect: &scenario::Effect,
        lever: &str,
        discounted: bool,
    ) {
        use crate::inputs::Grade;
        let what = match effect.grade {
            Grade::A => return,
            Grade::B => "controlled before-after comparison",
            Grade::C => "observational link, not a proven cause",
            Grade::D => "assumption",
        };
        let share = if effect.causal_share.is_some() {
            "; its causal share is the scenario's"
        } else if discounted {
            "; its causal share is drawn by the grade's rule"
        } else {
            ""
        };
        let (name, grade) = (&initiative.name, effect.grade);
        self.builder.flags.push(format!(
            "{name}: {lever} effect of grade {grade:?}: {what}{share}"
        ));
    }
}

/// What readiness makes of an initiative.
struct Outlook {
    probability: f64,
    delay: f64,
    realisation: f64,
}

/// Adds an effect to the group of its curve.
pub(super) fn join(groups: &mut EffectGroups, curve: usize, effect: usize, reach: f64) {
    if reach == 0.0 {
        return;
    }
    match groups.iter_mut().find(|group| group.curve == curve) {
        Some(group) => group.members.push((effect, reach)),
        None => groups.push(EffectGroup {
            curve,
            members: vec![(effect, reach)],
        }),
    }
}

/// Indices of the initiatives with every pilot before what it gates.
fn gate_order(initiatives: &[scenario::Initiative]) -> Result<Vec<usize>, ScenarioError> {
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
