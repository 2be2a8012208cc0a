//! What contacts are about.

use keepworth_sim::inputs::Distribution;
use keepworth_sim::scenario::Channel;

use super::draws::{Draws, at};

/// Above so many contacts a share is known better than anybody counts them.
const MOST: f64 = 500_000.0;

/// Share of each issue in a channel's minutes, where effects name any of them in the segment.
pub fn shares_of_minutes(
    draws: &Draws<'_>,
    channel: &Channel,
    segment: &str,
) -> Vec<(String, f64)> {
    if !draws.names_issues_of(channel, segment) {
        return Vec::new();
    }
    let most = channel.issues.iter().map(|it| it.contacts).max();
    let scale = (MOST / most.unwrap() as f64).min(1.0);
    let mut minutes = Vec::new();
    for issue in &channel.issues {
        let name = format!("segments.{segment}.{}.issue {}", channel.name, issue.name);
        let law = Distribution::Gamma {
            shape: issue.contacts as f64 * scale + 0.5,
            scale: 1.0,
        };
        let contacts = at(&law, &|name| draws.common(name), &name);
        let each = draws.or(issue.minutes.as_ref(), &format!("{name} minutes"), 1.0);
        minutes.push((issue.name.clone(), contacts * each));
    }
    let all: f64 = minutes.iter().map(|(_, minutes)| minutes).sum();
    let share = |(name, minutes): (String, f64)| (name, minutes / all);
    minutes.into_iter().map(share).collect()
}

/// Mean share of an issue in a channel's contacts, none where it has no such issue.
pub fn mean_share(channel: &Channel, issue: &str) -> f64 {
    let counts = channel.issues.iter();
    let all: f64 = counts.map(|it| it.contacts as f64 + 0.5).sum();
    let its = channel.issues.iter().find(|it| it.name == issue);
    its.map_or(0.0, |it| (it.contacts as f64 + 0.5) / all)
}
