//! Customers who left and come back (`MODEL.md`, section 2).

use super::Batch;
use crate::kernel::{LANES, Lane};
use crate::math::exp;
use crate::model::WinBack;
use crate::scenario::Lever;

/// Who is gone in both worlds and may come back, and who came back.
pub(super) struct Returns {
    /// Hazards of returning over the months after the one of leaving, in each trial.
    hazards: Vec<Lane>,
    /// Factor on them by month, with the programme.
    growth: Vec<Lane>,
    as_is: Gone,
    programme: Gone,
}

/// Those who are gone in one world, month by month.
#[derive(Clone)]
struct Gone {
    /// By months since they left, fewest first.
    since: Vec<Lane>,
    /// Customers at the end of the month before the last, and who entered in the last.
    before: Lane,
    entered: Lane,
    /// Who came back in each month.
    returned: Vec<Lane>,
}

/// A world.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum World {
    AsIs,
    Programme,
}

impl Returns {
    /// At month 0.
    pub(super) fn new(batch: Batch<'_>, win_back: &WinBack, horizon: usize) -> Self {
        let factor = win_back.factor.lane(batch.values);
        let hazards = win_back
            .hazards
            .iter()
            .map(|hazard| factor.map(|f| f.max(0.0) * hazard));
        let mut less = vec![[0.0; LANES]; horizon + 1];
        let effects = batch.segment.effects_on(Lever::WinBack);
        batch.response.reduction(batch.arch, effects, &mut less);
        let growth = less
            .iter()
            .map(|less| less.map(|less| (1.0 - less).max(0.0)));
        let gone = win_back.gone.iter().take(win_back.hazards.len());
        let gone = Gone {
            since: gone.map(|&count| [count; LANES]).collect(),
            before: [0.0; LANES],
            entered: [0.0; LANES],
            returned: vec![[0.0; LANES]; horizon + 1],
        };
        Self {
            hazards: hazards.collect(),
            growth: growth.collect(),
            as_is: gone.clone(),
            programme: gone,
        }
    }

    /// Who came back, by month.
    pub(super) fn returned(&self, world: World) -> &[Lane] {
        match world {
            World::AsIs => &self.as_is.returned,
            World::Programme => &self.programme.returned,
        }
    }

    /// All who enter in a month, when `others` do and there were `customers` at the end of the month before.
    pub(super) fn enter(
        &mut self,
        world: World,
        month: usize,
        customers: &Lane,
        others: &Lane,
    ) -> Lane {
        let (gone, growth) = match world {
            World::AsIs => (&mut self.as_is, [1.0; LANES]),
            World::Programme => (&mut self.programme, self.growth[month]),
        };
        if month > 1 {
            gone.leave(customers, self.hazards.len());
        }
        let back = gone.come_back(&self.hazards, &growth);
        gone.returned[month] = back;
        gone.before = *customers;
        gone.entered = std::array::from_fn(|l| others[l] + back[l]);
        gone.entered
    }
}

impl Gone {
    /// Who left in the month before; nobody returns who left `longest` months before it.
    fn leave(&mut self, customers: &Lane, longest: usize) {
        let (before, entered) = (&self.before, &self.entered);
        let left = std::array::from_fn(|l| before[l] + entered[l] - customers[l]);
        self.since.insert(0, left);
        self.since.truncate(longest);
    }

    fn come_back(&mut self, hazards: &[Lane], growth: &Lane) -> Lane {
        let mut back = [0.0; LANES];
        for (gone, hazard) in self.since.iter_mut().zip(hazards) {
            for l in 0..LANES {
                let stays = gone[l] * exp(-hazard[l] * growth[l]);
                back[l] += gone[l] - stays;
                gone[l] = stays;
            }
        }
        back
    }
}
