//! Effects put where they act: on a lever, in a segment, on a curve of adoption.

use super::initiative::Placement;
use super::{
    Channel, Curve, CurveId, Decided, Decision, Division, Effect, EffectGroup, EffectGroups,
    EffectId, Initiative, InitiativeId, Segment, Training,
};
use crate::scenario::{Lever, Problem, ScenarioError};

/// What effects are put on.
pub(super) struct Places<'a> {
    pub(super) segments: &'a mut [Segment],
    pub(super) training: &'a mut Option<Training>,
    pub(super) effects: &'a [Effect],
    pub(super) initiatives: &'a [Initiative],
    pub(super) curves: &'a mut Vec<Curve>,
    /// Effects after something was decided; their indices follow those of `effects`.
    pub(super) decided: Vec<Decided>,
}

/// An effect with a curve and a reach: one of the parts that a placement comes to.
#[derive(Clone, Copy)]
struct Part {
    effect: EffectId,
    curve: CurveId,
    reach: f64,
}

impl Places<'_> {
    /// Puts an effect where it acts.
    pub(super) fn place(
        &mut self,
        placement: &Placement,
        all: &[Placement],
    ) -> Result<(), ScenarioError> {
        if placement.lever == Lever::TrainingHours {
            let parts = self.parts(placement, 1.0, self.rollout(placement, all, |_| Some(1.0)));
            let Some(training) = self.training else {
                let problem = "there is no training to reduce; give [training]".to_owned();
                return Err(Problem::Conflict(problem).at(placement.path.clone()));
            };
            parts
                .into_iter()
                .for_each(|part| join(&mut training.effects, part));
            return Ok(());
        }
        if placement.lever == Lever::WinBack {
            self.refuse_nobody_to_win_back(placement)?;
        }
        for (name, &reach) in &placement.reach {
            let Some(index) = self.segments.iter().position(|s| s.name == *name) else {
                return Err(self.unknown_segment(placement, name));
            };
            let may_harm = self.effects[placement.effect].may_harm && reach > 0.0;
            let in_segment = |other: &Placement| other.reach.get(name).copied();
            if placement.on_contacts() {
                for channel in channels(placement, &self.segments[index])? {
                    let touched = &self.segments[index].channels[channel];
                    let on_it =
                        |other: &Placement| in_segment(other).filter(|_| other.touches(touched));
                    let rollout = self.rollout(placement, all, on_it);
                    let effects = self.parts(placement, reach, rollout);
                    let channel = &mut self.segments[index].channels[channel];
                    let groups = match &placement.part {
                        Some(issue) => part_of(&mut channel.issues, issue),
                        None => None,
                    };
                    let groups = groups.unwrap_or(&mut channel.effects);
                    effects.into_iter().for_each(|part| join(groups, part));
                }
                continue;
            }
            let rollout = self.rollout(placement, all, in_segment);
            let parts = self.parts(placement, reach, rollout);
            place_in_segment(placement, &mut self.segments[index], parts, may_harm);
        }
        Ok(())
    }

    fn refuse_nobody_to_win_back(&self, placement: &Placement) -> Result<(), ScenarioError> {
        let mut reached = self
            .segments
            .iter()
            .filter(|it| placement.reach.get(&it.name) > Some(&0.0));
        if reached.any(|it| it.win_back.is_some()) {
            return Ok(());
        }
        let problem = "no segment that it reaches says who comes back; give one win_back, with the hazards of returning";
        Err(Problem::Conflict(problem.to_owned()).at(format!("{}.on", placement.path)))
    }

    fn unknown_segment(&self, placement: &Placement, name: &str) -> ScenarioError {
        let known = self.segments.iter().map(|s| s.name.clone()).collect();
        let problem = Problem::Unknown {
            what: "segment",
            name: name.to_owned(),
            known,
        };
        let initiative = placement.path.split(".effects").next().unwrap_or_default();
        problem.at(format!("{initiative}.reach[\"{name}\"]"))
    }

    /// The roll-out that replaces an effect of a pilot, its first month, and its reach.
    fn rollout(
        &self,
        placement: &Placement,
        all: &[Placement],
        reach: impl Fn(&Placement) -> Option<f64>,
    ) -> Option<(InitiativeId, usize, f64)> {
        let pilot = self.effects[placement.effect].initiative;
        let follows = |it: &Initiative| it.gate.as_ref().is_some_and(|gate| gate.pilot == pilot);
        let index = InitiativeId(self.initiatives.iter().position(follows)?);
        let from = self.initiatives[index].gate.as_ref()?.from;
        let of_rollout = all
            .iter()
            .filter(|it| self.effects[it.effect].initiative == index);
        let reaches = of_rollout
            .filter(|it| it.acts_like(placement))
            .filter_map(reach);
        reaches
            .reduce(f64::max)
            .filter(|reach| *reach > 0.0)
            .map(|reach| (index, from, reach))
    }

    /// An effect as it is; or, where a roll-out replaces it: until then, after then where it was not
    /// rolled out, and after then what the roll-out does not reach; or, where it may be given up: until then, and after
    /// then where it was not. Each of these apart where readiness that others raise delays it.
    fn parts(
        &mut self,
        placement: &Placement,
        reach: f64,
        rollout: Option<(InitiativeId, usize, f64)>,
    ) -> Vec<Part> {
        let parts = self.decided_parts(placement, reach, rollout);
        let Some(raised) = placement.shift.raised else {
            return parts;
        };
        let mut split = Vec::new();
        for part in parts {
            let curve = self.shifted(part.curve, raised.to);
            let with = self.decided(part.effect, Decision::Raised(raised.by));
            let without = self.decided(part.effect, Decision::NotRaised(raised.by));
            split.push(Part {
                effect: without,
                ..part
            });
            split.push(Part {
                effect: with,
                curve,
                ..part
            });
        }
        split
    }

    /// The same, as if nobody raised its readiness.
    fn decided_parts(
        &mut self,
        placement: &Placement,
        reach: f64,
        rollout: Option<(InitiativeId, usize, f64)>,
    ) -> Vec<Part> {
        let (effect, curve) = (placement.effect, placement.curve);
        let part = |effect, curve, reach| Part {
            effect,
            curve,
            reach,
        };
        let own = self.effects[effect].initiative;
        if let Some(stop) = &self.initiatives[own].stop {
            let from = stop.at + 1;
            let until = self.windowed(curve, 0, from);
            let after = self.windowed(curve, from, usize::MAX);
            let goes_on = self.decided(effect, Decision::GoesOn(own));
            return vec![part(effect, until, reach), part(goes_on, after, reach)];
        }
        let Some((rollout, from, covered)) = rollout else {
            return vec![part(effect, curve, reach)];
        };
        let until = self.windowed(curve, 0, from);
        let after = self.windowed(curve, from, usize::MAX);
        let without = self.decided(effect, Decision::NotRolledOut(rollout));
        let with = self.decided(effect, Decision::RolledOut(rollout));
        vec![
            part(effect, until, reach),
            part(without, after, reach),
            part(with, after, (reach - covered).max(0.0)),
        ]
    }

    fn decided(&mut self, effect: EffectId, when: Decision) -> EffectId {
        self.decided.push(Decided { effect, when });
        EffectId(self.effects.len() + self.decided.len() - 1)
    }

    /// The curve with so many months before anything happens.
    fn shifted(&mut self, curve: CurveId, shift: f64) -> CurveId {
        let curve = Curve {
            shift,
            ..self.curves[curve].clone()
        };
        CurveId::shared(self.curves, curve)
    }

    /// The curve within some months, 0 outside.
    fn windowed(&mut self, curve: CurveId, from: usize, to: usize) -> CurveId {
        let curve = Curve {
            window: Some((from, to)),
            ..self.curves[curve].clone()
        };
        CurveId::shared(self.curves, curve)
    }
}

impl Placement {
    /// Whether it acts on what another acts on, in part at least.
    pub(super) fn acts_like(&self, other: &Self) -> bool {
        let channels = [&self.channel, &other.channel];
        let overlap = self.channel == other.channel || channels.iter().any(|it| it.is_none());
        self.lever == other.lever && self.part == other.part && overlap
    }

    /// Whether it changes contacts.
    pub(super) fn on_contacts(&self) -> bool {
        matches!(self.lever, Lever::Contacts | Lever::Minutes)
    }

    /// Whether it acts on a channel.
    pub(super) fn touches(&self, channel: &Channel) -> bool {
        let mut issues = channel.issues.iter();
        let has_issue = |part: &String| issues.any(|issue| issue.name == *part);
        self.channel
            .as_ref()
            .is_none_or(|name| *name == channel.name)
            && self.part.as_ref().is_none_or(has_issue)
    }
}

fn place_in_segment(
    placement: &Placement,
    segment: &mut Segment,
    parts: Vec<Part>,
    may_harm: bool,
) {
    let lever = placement.lever;
    let increases = match lever {
        Lever::Arpu | Lever::PricePremium | Lever::Referrals | Lever::WinBack => true,
        Lever::Hazard | Lever::Contacts | Lever::Minutes | Lever::TrainingHours | Lever::Cac => {
            false
        }
    };
    let sign = if increases { -1.0 } else { 1.0 };
    for part in parts {
        let reach = sign * part.reach;
        join(
            groups(segment, lever, placement.part.as_deref()),
            Part { reach, ..part },
        );
    }
    if matches!(lever, Lever::Hazard | Lever::Referrals) {
        segment.may_lose |= may_harm;
    }
}

fn groups<'a>(segment: &'a mut Segment, lever: Lever, cause: Option<&str>) -> &'a mut EffectGroups {
    if let Some(of_cause) = cause.and_then(|name| part_of(&mut segment.causes, name)) {
        return of_cause;
    }
    let known = segment.levers.iter().position(|(l, _)| *l == lever);
    let index = known.unwrap_or_else(|| {
        segment.levers.push((lever, Vec::new()));
        segment.levers.len() - 1
    });
    &mut segment.levers[index].1
}

/// What acts on a part of a whole.
fn part_of<'a>(whole: &'a mut Division, name: &str) -> Option<&'a mut EffectGroups> {
    let mut parts = whole.iter_mut();
    let part = parts.find(|it| it.name == name)?;
    Some(&mut part.effects)
}

/// Indices of the channels that an effect touches.
fn channels(placement: &Placement, segment: &Segment) -> Result<Vec<usize>, ScenarioError> {
    if segment.channels.is_empty() {
        let problem = format!(
            "segment \"{}\" has no contacts that an effect on them could change; give it channels",
            segment.name
        );
        return Err(Problem::Conflict(problem).at(placement.path.clone()));
    }
    let touched = |index: &usize| placement.touches(&segment.channels[*index]);
    let touched: Vec<usize> = (0..segment.channels.len()).filter(touched).collect();
    if touched.is_empty() {
        let known = segment.channels.iter().map(|c| c.name.clone()).collect();
        let name = placement.channel.clone().unwrap_or_default();
        let problem = Problem::Unknown {
            what: "channel of the segment",
            name,
            known,
        };
        return Err(problem.at(format!("{}.channel", placement.path)));
    }
    Ok(touched)
}

/// Adds an effect to the group of its curve.
fn join(groups: &mut EffectGroups, part: Part) {
    let Part {
        effect,
        curve,
        reach,
    } = part;
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
