//! Contacts and their minutes with the programme, counted by month over all segments and channels.

use crate::kernel::{LANES, Lane, Months};
use crate::model::{Channel, EffectGroups, Model, undecided};
use crate::scenario::Lever;

/// What customers ask for, in a batch of trials.
pub(crate) struct Handled {
    /// By segment, its channels with the effects on contacts alone: minutes are shorter contacts as well as fewer.
    pub(super) channels: Vec<Vec<Channel>>,
    /// Contacts with the programme.
    pub(crate) contacts: Months,
    /// Minutes that they take.
    pub(crate) minutes: Months,
}

impl Handled {
    pub(super) fn new(model: &Model) -> Self {
        let channels = model.segments.iter().map(|segment| {
            let mut channels = segment.channels.clone();
            let groups = channels.iter_mut().flat_map(Channel::effect_groups_mut);
            groups.for_each(|groups| keep_contacts(model, groups));
            channels
        });
        Self {
            channels: channels.collect(),
            contacts: Months::new(model.horizon),
            minutes: Months::new(model.horizon),
        }
    }

    pub(super) fn reset(&mut self) {
        self.contacts.fill([0.0; LANES]);
        self.minutes.fill([0.0; LANES]);
    }
}

fn keep_contacts(model: &Model, groups: &mut EffectGroups) {
    for group in &mut *groups {
        group.members.retain(|&(effect, _)| {
            let effect = undecided(&model.effects, &model.decided, effect);
            model.effects[effect].lever == Lever::Contacts
        });
    }
    groups.retain(|group| !group.members.is_empty());
}

/// What is left of so many for each customer, after a reduction, for all customers of a month.
pub(super) fn left(heads: &Lane, each: &Lane, factor: &Lane, less: &Lane) -> Lane {
    std::array::from_fn(|l| heads[l] * each[l] * factor[l] * (1.0 - less[l]))
}
