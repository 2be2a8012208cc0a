//! Who comes back of those who left.

use keepworth_sim::scenario::{Lever, Segment};

use super::draws::Draws;
use super::effect::Programme;

/// How those who left a segment come back in one future.
pub struct WinBack {
    /// By months after the one in which they left, from 1 on; nobody returns later.
    hazards: Vec<f64>,
    /// Of winning back one, at the prices of month 0.
    pub cost: f64,
}

impl WinBack {
    pub fn new(draws: &Draws<'_>, segment: &Segment) -> Self {
        let Some(written) = &segment.win_back else {
            return Self {
                hazards: Vec::new(),
                cost: 0.0,
            };
        };
        let name = |part: &str| format!("segments.{}.win_back.{part}", segment.name);
        let factor = draws.or(written.factor.as_ref(), &name("factor"), 1.0);
        Self {
            hazards: written.hazards.iter().map(|it| it * factor).collect(),
            cost: draws.or(written.cost.as_ref(), &name("cost"), 0.0),
        }
    }

    /// Cumulative hazard of returning over a month after the one in which they left, the first of which is 1.
    fn hazard(&self, month: usize) -> f64 {
        self.hazards.get(month - 1).copied().unwrap_or(0.0)
    }
}

/// Factor on the hazards of returning with the programme, in a month.
pub fn grown(programme: &Programme<'_>, segment: &str, month: u32) -> f64 {
    programme.grown(Lever::WinBack, segment, month).max(0.0)
}

/// Those who left a segment in one world and are gone: in the month that has passed, in the one before, ….
#[derive(Clone)]
pub struct Gone(Vec<f64>);

impl Gone {
    /// At month 0.
    pub fn new(segment: &Segment) -> Self {
        let written = segment.win_back.as_ref();
        Self(written.map_or(Vec::new(), |it| it.gone.clone()))
    }

    /// A month passes, in which hazards of returning are multiplied by `factor`: those who return in it.
    pub fn pass(&mut self, win_back: &WinBack, factor: f64) -> f64 {
        let mut returned = 0.0;
        for (months, gone) in self.0.iter_mut().enumerate() {
            let hazard = win_back.hazard(months + 1) * factor;
            let share = -(-hazard).exp_m1();
            returned += *gone * share;
            *gone *= 1.0 - share;
        }
        returned
    }

    /// Those who left in the month that has passed.
    pub fn leave(&mut self, customers: f64) {
        self.0.insert(0, customers);
    }
}
