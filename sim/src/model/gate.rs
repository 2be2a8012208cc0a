//! Stage gates: what follows a pilot.

use std::collections::BTreeMap;

use super::initiative::Programme;
use super::raise::raisers;
use super::{Channel, Effect, EffectId, Initiative, InitiativeId, InputId, Segment};
use crate::scenario::{self, GateDraws, Lever, Problem, ScenarioError};

#[derive(Debug, Clone)]
pub(crate) struct Gate {
    /// The pilot, which comes before every initiative that it gates.
    pub(crate) pilot: InitiativeId,
    /// The effect that is read.
    pub(crate) effect: EffectId,
    pub(crate) threshold: f64,
    pub(crate) reading_sd: f64,
    /// Standard normal input: the reading's error.
    pub(crate) noise: InputId,
    /// Whether the roll-out takes the pilot's draws.
    pub(crate) same: bool,
    /// First month of the roll-out.
    pub(crate) from: usize,
}

/// An effect in the futures in which something else was decided, from the month of the decision on: what it is there,
/// else 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decided {
    /// The effect.
    pub(crate) effect: EffectId,
    /// What was decided.
    pub(crate) when: Decision,
}

/// The effect that one is of, whatever was decided.
pub(crate) fn undecided(effects: &[Effect], decided: &[Decided], mut effect: EffectId) -> EffectId {
    while let Some(later) = effect.0.checked_sub(effects.len()) {
        effect = decided[later].effect;
    }
    effect
}

/// What is decided of an initiative.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Decision {
    /// The roll-out of a pilot was done.
    RolledOut(InitiativeId),
    /// It was not.
    NotRolledOut(InitiativeId),
    /// It was not given up.
    GoesOn(InitiativeId),
    /// It raised the readiness of others.
    Raised(InitiativeId),
    /// It did not.
    NotRaised(InitiativeId),
}

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
        let pilot = self.initiatives.iter().position(find);
        let pilot = InitiativeId(pilot.unwrap_or(usize::MAX));
        let effect = self.effect_read(gate, pilot, path)?;
        self.check_gate(written, gate, path)?;
        let reading_sd = match gate.reading_sd {
            Some(sd) => sd,
            None => self.readable_pilot(written, gate, path)?,
        };
        let name = format!("initiatives.{}.reading error", written.name);
        let noise = self.builder.normal(name, "error of the pilot's reading");
        Ok(Some(Gate {
            pilot,
            effect,
            threshold: gate.threshold,
            reading_sd,
            noise,
            same: gate.draws == GateDraws::Shared,
            from: written.start_month as usize,
        }))
    }

    /// The pilot's effect that is read.
    fn effect_read(
        &self,
        gate: &scenario::Gate,
        pilot: InitiativeId,
        path: &str,
    ) -> Result<EffectId, ScenarioError> {
        let read = |e: &Effect| e.initiative == pilot && e.lever == gate.on;
        self.effects
            .iter()
            .position(read)
            .map(EffectId)
            .ok_or_else(|| {
                let known = self.effects.iter().filter(|e| e.initiative == pilot);
                let known = known
                    .map(|e| format!("{:?}", e.lever).to_lowercase())
                    .collect();
                let name = format!("{:?}", gate.on).to_lowercase();
                Problem::Unknown {
                    what: "effect of the pilot",
                    name,
                    known,
                }
                .at(format!("{path}.gate.on"))
            })
    }

    /// What the pilot's customers can tell until the roll-out starts.
    fn readable_pilot(
        &self,
        written: &scenario::Initiative,
        gate: &scenario::Gate,
        path: &str,
    ) -> Result<f64, ScenarioError> {
        // A pilot that is not known is refused before.
        let pilot = self.written_pilot(gate).unwrap_or(written);
        let read = Read {
            initiative: pilot,
            on: gate.on,
            months: written.start_month - pilot.start_month,
        };
        self.readable(&read, &format!("{path}.gate"))
    }

    fn check_gate(
        &self,
        written: &scenario::Initiative,
        gate: &scenario::Gate,
        path: &str,
    ) -> Result<(), ScenarioError> {
        if let Some(sd) = gate.reading_sd {
            Problem::unless_within(sd, 0.0, 1e3, "give a standard deviation")
                .map_err(|p| p.at(format!("{path}.gate.reading_sd")))?;
        }
        Problem::unless_within(gate.threshold, -1e3, 1e3, "give an effect as a fraction")
            .map_err(|p| p.at(format!("{path}.gate.threshold")))?;
        let followers = self.scenario.initiatives.iter();
        let followers =
            followers.filter(|other| other.gate.as_ref().is_some_and(|g| g.pilot == gate.pilot));
        let names: Vec<_> = followers
            .map(|other| format!("\"{}\"", other.name))
            .collect();
        if names.len() > 1 {
            let problem = format!(
                "\"{}\" is the pilot of {}; a pilot decides on one roll-out, so join them or give \
                 each a pilot",
                gate.pilot,
                names.join(" and ")
            );
            return Err(Problem::Conflict(problem).at(format!("{path}.gate.pilot")));
        }
        let pilot = self.written_pilot(gate);
        if pilot.is_some_and(|pilot| pilot.start_month >= written.start_month) {
            let problem = format!(
                "\"{}\" starts no later than its pilot \"{}\", which has told nothing by then; set \
                 start_month to when it has been read",
                written.name, gate.pilot
            );
            return Err(Problem::Conflict(problem).at(format!("{path}.start_month")));
        }
        Ok(())
    }

    /// Mean contacts of a customer a month that an effect acts on.
    fn contacts(&self, segment: &Segment, effect: Option<&scenario::Effect>) -> f64 {
        let channel = effect.and_then(|effect| effect.channel.as_ref());
        let issue = effect.and_then(|effect| effect.issue.as_ref());
        let touched = |it: &&Channel| channel.is_none_or(|name| *name == it.name);
        let channels = segment.channels.iter().filter(touched);
        let about = |channel: &Channel| match issue {
            Some(issue) => channel.issues.mean_share(issue, self.builder),
            None => 1.0,
        };
        let contacts = |it: &Channel| self.builder.mean_of(it.contacts) * about(it);
        channels.map(contacts).sum()
    }

    pub(super) fn written_pilot(&self, gate: &scenario::Gate) -> Option<&scenario::Initiative> {
        self.scenario
            .initiatives
            .iter()
            .find(|i| i.name == gate.pilot)
    }

    /// Standard deviation of a reading by what an initiative's customers can tell: a relative rate of two groups with
    /// `n` events each has a variance of about `2/n`.
    pub(super) fn readable(&self, read: &Read<'_>, path: &str) -> Result<f64, ScenarioError> {
        let effect = read.initiative.effects.iter().find(|e| e.on == read.on);
        let acts_in = effect
            .into_iter()
            .flat_map(|it| it.acts_in(read.initiative));
        let events = acts_in.filter_map(|name| {
            let reach = read.initiative.reach[name];
            let segment = self.segments.iter().find(|segment| segment.name == *name)?;
            let rate = match read.on {
                Lever::Hazard => segment.typical_hazard * self.typical_share(segment, effect),
                Lever::Contacts => self.contacts(segment, effect),
                _ => 0.0,
            };
            let customers: f64 = segment.customers.iter().sum();
            Some(customers * reach * rate * f64::from(read.months))
        });
        let events: f64 = events.sum();
        if events > 0.0 {
            return Ok((2.0 / events).sqrt());
        }
        let problem = format!(
            "no reading_sd, and the leavers or contacts of \"{}\" do not tell one; give the standard deviation of the \
             reading",
            read.initiative.name
        );
        Err(Problem::Conflict(problem).at(format!("{path}.reading_sd")))
    }
}

impl Programme<'_> {
    /// The mean share of leaving that an effect acts on.
    fn typical_share(&self, segment: &Segment, effect: Option<&scenario::Effect>) -> f64 {
        let Some(cause) = effect.and_then(|effect| effect.cause.as_ref()) else {
            return 1.0;
        };
        let ceiling = segment
            .experience_share
            .map_or(1.0, |share| self.builder.mean_of(share));
        ceiling * segment.causes.mean_share(cause, self.builder)
    }
}

/// What is read of an initiative, after so many months.
pub(super) struct Read<'a> {
    pub(super) initiative: &'a scenario::Initiative,
    pub(super) on: Lever,
    pub(super) months: u32,
}

/// Indices of the initiatives with every pilot before what it gates, and those that raise others before them.
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
            let mut raising = raisers(initiatives, &initiatives[i]);
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
            if ready && raising.all(|(by, _)| order.contains(&by)) {
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
                "{} wait for each other, by their gates or by what they raise; break the cycle: a pilot starts before what it \
                 decides on",
                cycle.join(" and ")
            );
            // A raise alone makes no cycle: what it raises starts later.
            let gated = waiting.iter().find(|&&i| initiatives[i].gate.is_some());
            let place = gated.unwrap_or(&waiting[0]);
            return Err(Problem::Conflict(problem).at(format!("initiatives[{place}].gate.pilot")));
        }
    }
    Ok(order)
}
