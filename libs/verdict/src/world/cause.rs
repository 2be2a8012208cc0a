//! Causes of leaving, where a scenario's effects name any.

use keepworth_contract::customers::LeavingCause;
use keepworth_contract::simulator::baseline::SegmentBaseline;
use keepworth_sim::Scenario;
use keepworth_sim::scenario::Cause;

/// Whether an effect names a cause: what nobody asks for is no part of what a run is of.
pub(super) fn are_named(scenario: &Scenario) -> bool {
    let mut effects = scenario.initiatives.iter().flat_map(|it| &it.effects);
    effects.any(|effect| effect.cause.is_some())
}

/// The causes that experience could remove and somebody is known to have left for.
pub(super) fn causes(own: &SegmentBaseline) -> Vec<Cause> {
    let of_experience = own.left_by_cause.iter().filter(|(name, left)| {
        let cause: Option<LeavingCause> = name.parse().ok();
        **left > 0 && cause.is_some_and(LeavingCause::is_experience)
    });
    let cause = |(name, left): (&String, &u64)| Cause {
        name: name.clone(),
        left: *left,
    };
    of_experience.map(cause).collect()
}
