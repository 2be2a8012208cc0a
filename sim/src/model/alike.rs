//! The same model, if several initiatives did the same thing.

use std::collections::BTreeMap;

use super::{Draw, EffectGroups, EffectId, InitiativeId, Model, Segment, Term, undecided};

impl Model {
    /// Whether initiatives that are different things act on one lever.
    pub(crate) fn has_several_on_one(&self) -> bool {
        let mut model = self.clone();
        model.lists().any(|groups| self.does_most(groups).is_some())
    }

    /// The same model if to a share initiatives on one lever did the same thing: in each list of effects that are joined, the
    /// initiative that does most in the mean counts in full, and of the others what is left of the share.
    pub(crate) fn with_overlap(&self, share: f64) -> Self {
        self.changed(&|model| {
            for groups in model.lists() {
                let Some(most) = self.does_most(groups) else {
                    continue;
                };
                let members = groups.iter_mut().flat_map(|it| &mut it.members);
                for (effect, reach) in members {
                    if self.thing(*effect) != most && self.strength(*effect) > 0.0 {
                        *reach *= 1.0 - share;
                    }
                }
            }
        })
    }

    /// Effects that are joined, list by list.
    fn lists(&mut self) -> impl Iterator<Item = &mut EffectGroups> {
        let of_segments = self.segments.iter_mut();
        let of_segments = of_segments.flat_map(Segment::effect_groups_mut);
        of_segments.chain(self.training.iter_mut().map(|it| &mut it.effects))
    }

    /// The initiative that does most in a list; none where no others do something good in it.
    fn does_most(&self, groups: &EffectGroups) -> Option<InitiativeId> {
        let mut things: BTreeMap<InitiativeId, f64> = BTreeMap::new();
        for (effect, reach) in groups.iter().flat_map(|it| &it.members) {
            let strength = self.strength(*effect) * reach.abs();
            if strength > 0.0 {
                *things.entry(self.thing(*effect)).or_default() += strength;
            }
        }
        let most = things.iter().max_by(|a, b| a.1.total_cmp(b.1));
        most.map(|(thing, _)| *thing).filter(|_| things.len() > 1)
    }

    /// Whose effect it is; a roll-out is the thing that its pilot is.
    fn thing(&self, effect: EffectId) -> InitiativeId {
        let effect = undecided(&self.effects, &self.decided, effect);
        let initiative = self.effects[effect].initiative;
        let gate = self.initiatives[initiative].gate.as_ref();
        gate.map_or(initiative, |gate| gate.pilot)
    }

    /// Size times causal share, each in the mean, of what works.
    fn strength(&self, effect: EffectId) -> f64 {
        let effect = &self.effects[undecided(&self.effects, &self.decided, effect)];
        self.mean(effect.size) * self.mean(effect.causal_share)
    }

    fn mean(&self, term: Term) -> f64 {
        match term {
            Term::Fixed(value) => value,
            Term::Input { index, scale } => match &self.inputs[index].draw {
                Draw::Quantile(distribution) => scale * distribution.mean(),
                Draw::Success(probability) => scale * probability,
            },
        }
    }
}
