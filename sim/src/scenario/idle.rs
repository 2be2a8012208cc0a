//! Initiatives of which nothing can come.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Initiative, Lever, Scenario};

/// An initiative whose effects can do nothing, whatever they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Idle {
    /// The initiative.
    pub initiative: String,
    /// Why nothing can come of it.
    pub why: String,
}

impl fmt::Display for Idle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: nothing can come of it: {}",
            self.initiative, self.why
        )
    }
}

impl Scenario {
    /// Initiatives whose effects can do nothing: a verdict on them would be one on their costs alone.
    pub(crate) fn idle(&self) -> Vec<Idle> {
        let idle = self.acting().filter_map(|it| {
            Some(Idle {
                initiative: it.name.clone(),
                why: why_idle(it, self.horizon_months)?,
            })
        });
        idle.collect()
    }

    /// Initiatives that are said to change something.
    pub(crate) fn acting(&self) -> impl Iterator<Item = &Initiative> {
        self.initiatives.iter().filter(|it| !it.effects.is_empty())
    }
}

fn why_idle(initiative: &Initiative, horizon: u32) -> Option<String> {
    if initiative.start_month > horizon {
        return Some(format!(
            "it starts in month {}, after the {horizon} months that are simulated; start it earlier, or \
             look further ahead",
            initiative.start_month
        ));
    }
    // Training is the company's, not a segment's.
    let in_segments = initiative
        .effects
        .iter()
        .all(|it| it.on != Lever::TrainingHours);
    let reaches_nobody = initiative.reach.values().all(|share| *share == 0.0);
    (in_segments && reaches_nobody)
        .then(|| "it reaches no segment; say whom, such as reach = { all = 1.0 }".to_owned())
}
