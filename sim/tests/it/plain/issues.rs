//! What contacts are about.

use keepworth_sim::inputs::Distribution;
use keepworth_sim::scenario::{Channel, Issue};

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
    let mut minutes = Vec::new();
    for issue in &channel.issues {
        let name = format!("segments.{segment}.{}.issue {}", channel.name, issue.name);
        let law = Distribution::Gamma {
            shape: shape(channel, issue),
            scale: 1.0,
        };
        let contacts = at(&law, &|name| draws.common(name), &name);
        let each = draws.or(issue.minutes.as_ref(), &format!("{name} minutes"), 1.0);
        minutes.push((issue.name.clone(), contacts * each.max(0.0)));
    }
    let all: f64 = minutes.iter().map(|(_, minutes)| minutes).sum();
    let share = |(name, minutes): (String, f64)| (name, minutes / all);
    minutes.into_iter().map(share).collect()
}

/// Mean share of an issue in a channel's contacts, none where it has no such issue.
pub fn mean_share(channel: &Channel, issue: &str) -> f64 {
    let counts = channel.issues.iter();
    let all: f64 = counts.map(|it| shape(channel, it)).sum();
    let its = channel.issues.iter().find(|it| it.name == issue);
    its.map_or(0.0, |it| shape(channel, it) / all)
}

/// What the weight of an issue is drawn by, which is its mean.
fn shape(channel: &Channel, issue: &Issue) -> f64 {
    let effect = channel.issues_design_effect.unwrap_or(1.0);
    let most = channel.issues.iter().map(|it| it.contacts).max().unwrap();
    let scale = (MOST / (most as f64 / effect)).min(1.0);
    issue.contacts as f64 / effect * scale + 0.5
}
