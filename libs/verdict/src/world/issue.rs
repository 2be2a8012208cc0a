//! What contacts are about, where a scenario's effects name it.

use keepworth_contract::Flag;
use keepworth_contract::simulator::baseline::{ChannelIssues, IssueBaseline};
use keepworth_contract::statistic::Interval;
use keepworth_sim::Scenario;
use keepworth_sim::inputs::Distribution;
use keepworth_sim::scenario::{Channel, Issue, Quantity};

use crate::interval::Z;

/// Whether an effect names an issue: what nobody asks for is no part of what a run is of.
pub(super) fn are_named(scenario: &Scenario) -> bool {
    let mut effects = scenario.initiatives.iter().flat_map(|it| &it.effects);
    effects.any(|effect| effect.issue.is_some())
}

/// Puts what contacts are about on a channel, and answers what a reader must know of it.
pub(super) fn put<'a>(
    channel: &mut Channel,
    about: Option<&'a ChannelIssues>,
) -> impl Iterator<Item = &'a Flag> {
    if let Some(about) = about {
        // Where nobody records time, no issue takes more of it than another.
        let take_time = about.issues.iter().any(|it| it.minutes > 0.0);
        let issue = |it: &IssueBaseline| Issue {
            name: it.name.clone(),
            contacts: it.contacts,
            minutes: take_time.then(|| minutes(it)),
        };
        channel.issues = about.issues.iter().map(issue).collect();
        let has_issues = !channel.issues.is_empty();
        channel.issues_design_effect = has_issues.then_some(about.design_effect);
    }
    about.into_iter().flat_map(|it| &it.flags)
}

/// Minutes as a lognormal whose central 95% are as wide as their interval, which is Student's.
fn minutes(issue: &IssueBaseline) -> Quantity {
    let log_sd = |it: &Interval| (it.high / it.low).ln() / (2.0 * Z);
    match issue.minutes_interval.as_ref().map(log_sd) {
        Some(log_sd) if log_sd.is_finite() && log_sd > 0.0 => {
            Quantity::Own(Distribution::Lognormal {
                median: issue.minutes,
                log_sd,
            })
        }
        _ => issue.minutes.into(),
    }
}
