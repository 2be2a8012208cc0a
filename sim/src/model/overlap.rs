//! What a reader must know of effects that act on the same thing, or on nothing that is confirmed.

use super::initiative::Placement;
use super::{Effect, Initiative, Segment};
use crate::flag::{Flag, FlagCode};
use crate::scenario::{self, Lever, Scenario};

/// Effects as they were placed.
pub(super) struct Placed<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) placements: &'a [Placement],
    pub(super) effects: &'a [Effect],
    pub(super) initiatives: &'a [Initiative],
    pub(super) segments: &'a [Segment],
}

impl Placed<'_> {
    /// What to tell.
    pub(super) fn flags(&self) -> Vec<Flag> {
        let mut flags = self.same_dead_end();
        flags.extend(self.nothing_confirmed());
        flags
    }

    fn initiative(&self, placement: &Placement) -> &Initiative {
        &self.initiatives[self.effects[placement.effect].initiative]
    }

    fn phases(&self, initiative: &Initiative) -> &[String] {
        let written = self.scenario.initiatives.iter();
        let mut written = written.filter(|it| it.name == initiative.name);
        written.next().map_or(&[], |it| &it.phases[..])
    }

    /// Two initiatives that act on the same lever where they reach the same customers may mend the
    /// same dead end, and then they win less together than the product of what each wins.
    fn same_dead_end(&self) -> Vec<Flag> {
        let mut flags = Vec::new();
        for (i, first) in self.placements.iter().enumerate() {
            for second in &self.placements[i + 1..] {
                let names = [self.initiative(first), self.initiative(second)];
                let apart = names[0].name != names[1].name && !self.are_pilot_and_rollout(names);
                if !apart || !first.meets(second) {
                    continue;
                }
                let phases = names.map(|it| self.phases(it));
                let shared = phases[0].iter().find(|phase| phases[1].contains(phase));
                let Some(where_they_meet) = (match shared {
                    Some(phase) => Some(format!("in the phase \"{phase}\"")),
                    None if phases.iter().any(|it| it.is_empty()) => {
                        Some("and at least one names no phase of the journey".to_owned())
                    }
                    None => None,
                }) else {
                    continue;
                };
                let [first_name, second_name] = names.map(|it| &it.name);
                let detail = format!(
                    "{first_name} and {second_name} both act on {} {where_they_meet}: if they mend the same dead end, \
                     they win less together than is counted here",
                    what(first.lever),
                );
                let both = format!("{first_name}, {second_name}");
                flags.push(Flag::new(FlagCode::SameDeadEnd, both, detail));
            }
        }
        flags
    }

    fn are_pilot_and_rollout(&self, [first, second]: [&Initiative; 2]) -> bool {
        let follows = |it: &Initiative, pilot: &Initiative| {
            it.gate
                .as_ref()
                .is_some_and(|gate| self.initiatives[gate.pilot].name == pilot.name)
        };
        follows(first, second) || follows(second, first)
    }

    /// Fewer or shorter contacts are worth nothing while nothing of their cost is confirmed.
    fn nothing_confirmed(&self) -> Vec<Flag> {
        let worthless = self
            .placements
            .iter()
            .filter(|placement| placement.on_contacts())
            .filter(|placement| {
                let reached = self.segments.iter().filter(|it| {
                    placement
                        .reach
                        .get(&it.name)
                        .is_some_and(|reach| *reach > 0.0)
                });
                let channels = reached.flat_map(|segment| &segment.channels);
                let mut touched = channels.filter(|channel| placement.touches(channel));
                touched.all(|channel| channel.avoidable.is_open())
            });
        worthless
            .map(|placement| {
                let name = &self.initiative(placement).name;
                let detail = format!(
                    "{name}: what it saves on {} counts nothing until finance confirms what share of \
                     their cost is avoidable",
                    what(placement.lever)
                );
                Flag::new(FlagCode::SavingUnconfirmed, name, detail)
            })
            .collect()
    }
}

impl Placement {
    /// Whether both act on the same lever, channel and customers.
    fn meets(&self, other: &Self) -> bool {
        let channels = [&self.channel, &other.channel];
        let channel = channels.iter().any(|it| it.is_none()) || self.channel == other.channel;
        let reaches = |it: &Self, name: &str| it.reach.get(name).is_some_and(|reach| *reach > 0.0);
        let somebody = self
            .reach
            .keys()
            .any(|name| reaches(self, name) && reaches(other, name));
        // What two win of a part that they name is counted once.
        let apart = self.part.is_none() || other.part.is_none();
        self.lever == other.lever && channel && apart && somebody
    }
}

/// What a lever moves, in words.
fn what(lever: scenario::Lever) -> &'static str {
    match lever {
        Lever::Hazard => "leaving",
        Lever::Contacts => "contacts",
        Lever::Minutes => "minutes of contacts",
        Lever::TrainingHours => "hours of training",
        Lever::Arpu => "revenue",
        Lever::Referrals => "referrals",
        Lever::WinBack => "coming back",
        Lever::Cac => "the cost of winning customers",
        Lever::PricePremium => "the price",
    }
}
