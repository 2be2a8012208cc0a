//! Initiatives of which nothing can come.

use std::fmt;

use super::{Initiative, Lever, Scenario};

/// An initiative whose effects can do nothing, whatever they are.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    #[must_use]
    pub fn idle(&self) -> Vec<Idle> {
        let with_effects = self.initiatives.iter().filter(|it| !it.effects.is_empty());
        let idle = with_effects.filter_map(|it| {
            Some(Idle {
                initiative: it.name.clone(),
                why: why_idle(it, self.horizon_months)?,
            })
        });
        idle.collect()
    }

    /// Whether effects are stated and none of them can do anything.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let acting = self.initiatives.iter().filter(|it| !it.effects.is_empty());
        let (acting, idle) = (acting.count(), self.idle().len());
        acting > 0 && acting == idle
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
