//! What finance confirmed to be avoidable, as the engine reads it: by month from the decision on.

use chrono::NaiveDate;
use keepworth_contract::simulator::baseline::AvoidableStep;
use keepworth_contract::{Flag, FlagCode, Month};
use keepworth_sim::scenario::{self, Avoidable};

/// Below this part of a cost, its shares are not confirmed as a whole.
const ALL: f64 = 1.0 - 1e-9;

/// The shares of a cost called `what`; none where they are unconfirmed. Where some components of the
/// cost have no share, the engine must not take the others' for all of it: it is then unconfirmed,
/// and a flag says what is missing.
pub(super) fn avoidable(
    what: &str,
    steps: &[AvoidableStep],
    as_of: NaiveDate,
    flags: &mut Vec<Flag>,
) -> Option<Avoidable> {
    let first = steps.first()?;
    if let Some(partly) = steps.iter().find(|it| it.confirmed_part < ALL) {
        let known: Vec<&str> = partly
            .confirmed
            .iter()
            .map(|it| it.component.as_str())
            .collect();
        let detail = format!(
            "{what}: finance confirmed the avoidable share of {:.0}% of this cost only ({}); it \
             counts as unconfirmed until the rest is confirmed, be it as 0",
            100.0 * partly.confirmed_part,
            known.join(", ")
        );
        flags.push(Flag::new(FlagCode::PartlyConfirmed, detail));
        return None;
    }
    let now = Month::of(as_of);
    if first.from > now {
        let detail = format!(
            "{what}: its avoidable share is confirmed from {} on; before, none of it is taken to \
             change with customers and contacts",
            first.from
        );
        flags.push(Flag::new(FlagCode::ConfirmedLater, detail));
    }
    let months = |from: Month| (from.index() - now.index()).max(0).cast_unsigned();
    let steps = steps.iter().map(|it| scenario::AvoidableStep {
        from: months(it.from),
        share: it.share,
    });
    Some(Avoidable::in_steps(steps.collect()))
}

#[cfg(test)]
mod tests {
    use keepworth_contract::finance::avoidable::ConfirmedShare;

    use super::*;

    fn step(from: &str, share: f64, confirmed_part: f64) -> AvoidableStep {
        let from = from.parse().unwrap();
        AvoidableStep {
            from,
            share,
            confirmed_part,
            confirmed: vec![ConfirmedShare {
                component: "OVERHEAD".to_owned(),
                segment: None,
                channel: None,
                from,
                basis_points: 5_000,
                reason: "board".to_owned(),
                confirmed_on: "2025-11-04".parse().unwrap(),
            }],
        }
    }

    fn of(steps: &[AvoidableStep]) -> (Option<Avoidable>, Vec<Flag>) {
        let mut flags = Vec::new();
        let found = avoidable("overhead", steps, "2025-12-31".parse().unwrap(), &mut flags);
        (found, flags)
    }

    #[test]
    fn months_are_counted_from_the_decision() {
        let (found, flags) = of(&[step("2025-12", 0.2, 1.0), step("2026-06", 0.5, 1.0)]);
        let expected =
            [(0, 0.2), (6, 0.5)].map(|(from, share)| scenario::AvoidableStep { from, share });
        assert_eq!(found, Some(Avoidable::in_steps(expected.to_vec())));
        assert!(flags.is_empty());
        assert_eq!(of(&[]).0, None, "nothing confirmed");
    }

    #[test]
    fn what_is_confirmed_in_part_or_later_is_said() {
        let (found, flags) = of(&[step("2025-12", 0.2, 0.8)]);
        assert_eq!(found, None);
        assert!(
            flags[0].detail.contains("80%") && flags[0].detail.contains("OVERHEAD"),
            "{flags:?}"
        );
        let (found, flags) = of(&[step("2026-03", 0.2, 1.0)]);
        assert!(
            found.is_some() && flags[0].detail.contains("from 2026-03 on"),
            "{flags:?}"
        );
    }
}
