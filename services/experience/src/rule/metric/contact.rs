//! Figures of contacts: resolved at once, how long they take.

use keepworth_contract::statistic::Statistic;

use super::{share, statistic, wilson};

/// Gross first contact resolution: resolved on first contact over all contacts.
///
/// Source: Medallia Agent Connect documentation, "How is first contact resolution calculated".
#[must_use]
pub fn first_contact_gross(resolved_first: u64, contacts: u64) -> Statistic {
    let (value, interval) = (
        share(resolved_first, contacts),
        wilson(resolved_first, contacts),
    );
    statistic("fcr_gross", contacts, value, interval)
}

/// Net first contact resolution: the same, over contacts that the first level may resolve at all.
///
/// Source as [`first_contact_gross`]. More unresolvable contacts than contacts count as all.
#[must_use]
pub fn first_contact_net(resolved_first: u64, contacts: u64, unresolvable: u64) -> Statistic {
    let resolvable = contacts.saturating_sub(unresolvable);
    let resolved = resolved_first.min(resolvable);
    let (value, interval) = (share(resolved, resolvable), wilson(resolved, resolvable));
    statistic("fcr_net", resolvable, value, interval)
}

/// Average handle time in seconds: an employee's talk, hold and wrap-up over contacts handled.
///
/// Abandoned contacts are not among them; with concurrent chats, seconds are the employee's, not
/// elapsed ones. `None` without contacts.
#[must_use]
pub fn average_handle_seconds(talk: u64, hold: u64, wrap_up: u64, contacts: u64) -> Option<f64> {
    share(talk.saturating_add(hold).saturating_add(wrap_up), contacts)
}

/// Durations of one kind, in the unit they came in. Skewed as they are, no single figure does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DurationSummary {
    /// Arithmetic mean.
    pub mean: f64,
    /// Half take longer.
    pub median: f64,
    /// `exp(mean of logarithms)`: the best average of few task times (Sauro and Lewis 2010).
    pub geometric_mean: f64,
    /// One in ten takes longer; linear between order statistics (Hyndman and Fan's type 7).
    pub p90: f64,
}

impl DurationSummary {
    /// Sums up durations; `None` when there are none, or one is not positive and finite.
    #[must_use]
    pub fn of(durations: &[f64]) -> Option<Self> {
        let positive = |duration: &f64| *duration > 0.0 && duration.is_finite();
        if durations.is_empty() || !durations.iter().all(positive) {
            return None;
        }
        let mut sorted = durations.to_vec();
        sorted.sort_by(f64::total_cmp);
        let n = sorted.len() as f64;
        Some(Self {
            mean: sorted.iter().sum::<f64>() / n,
            median: quantile(&sorted, 0.5),
            geometric_mean: (sorted.iter().map(|it| it.ln()).sum::<f64>() / n).exp(),
            p90: quantile(&sorted, 0.9),
        })
    }
}

/// Type 7: position `(n − 1)·p`, linear between neighbours. `sorted` has at least one element.
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let position = (sorted.len() - 1) as f64 * p;
    let below = sorted[position.floor() as usize];
    let above = sorted[position.ceil() as usize];
    below + (above - below) * position.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Formulas: Medallia Agent Connect documentation; 1,200 contacts, 840 resolved, 200 not
    /// resolvable at level one.
    #[test]
    fn first_contact_resolution_of_known_counts() {
        let (gross, net) = (
            first_contact_gross(840, 1_200),
            first_contact_net(840, 1_200, 200),
        );
        assert!((gross.value.unwrap() - 0.70).abs() < 1e-12);
        assert!((net.value.unwrap() - 0.84).abs() < 1e-12);
        assert_eq!((gross.n, net.n), (1_200, 1_000));
        assert_eq!(first_contact_net(5, 5, 9).value, None);
    }

    /// 180,000 s of talk, 24,000 s on hold, 36,000 s of wrap-up over 600 contacts are 400 s each.
    #[test]
    fn handle_time_of_known_sums() {
        assert_eq!(
            average_handle_seconds(180_000, 24_000, 36_000, 600),
            Some(400.0)
        );
        assert_eq!(average_handle_seconds(0, 0, 0, 0), None);
    }

    /// Hours 1, 2, 4, 8, 40; figures computed from the definitions.
    #[test]
    fn time_to_resolution_of_known_hours() {
        let found = DurationSummary::of(&[8.0, 1.0, 40.0, 2.0, 4.0]).unwrap();
        assert!((found.mean - 11.0).abs() < 1e-12);
        assert!((found.median - 4.0).abs() < 1e-12);
        assert!((found.geometric_mean - 4.8045).abs() < 5.1e-5);
        assert!((found.p90 - 27.2).abs() < 1e-12);
        assert_eq!(DurationSummary::of(&[]), None);
        assert_eq!(DurationSummary::of(&[1.0, f64::NAN]), None);
        assert_eq!(DurationSummary::of(&[0.0]), None);
    }
}
