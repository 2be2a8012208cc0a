//! Where a goal is met, in sentences.

use keepworth_sim::explain::{BreakEven, Goal, Setting};
use keepworth_sim::{Estimate, Outcome};

use crate::number::{plain, significant};
use crate::words::{input_name, share_of_futures};

/// Where a goal is met.
pub fn sentence(it: &BreakEven) -> String {
    let name = input_name(&it.driver);
    let range = it.range.map(|end| significant(end, 3)).join(" to ");
    let (met, missed) = goal(it.goal);
    match condition(it) {
        Some(condition) => format!("{met} if {name} {condition}."),
        None if meets(it, 0) => format!("{met} at every {} of {name}, {range}.", tried(it)),
        None => format!("{missed} at any {} of {name}, {range}.", tried(it)),
    }
}

/// What must be true of the driver for the goal to be met; none where it changes nothing.
pub fn condition(it: &BreakEven) -> Option<String> {
    // At an end of what was searched there is nothing beyond it that the condition could leave out.
    let is_within = |at: &&Estimate| it.range[0] < at.value && at.value < it.range[1];
    let values: Vec<String> = it.values.iter().filter(is_within).map(value).collect();
    let condition = match (&values[..], meets(it, 0)) {
        ([], _) => return None,
        ([month], true) if is_horizon(it) => format!("is shorter than {month} months"),
        ([month], false) if is_horizon(it) => format!("is {month} months or longer"),
        ([value], true) => format!("is below {value}"),
        ([value], false) => format!("is above {value}"),
        ([low, high], true) => format!("is below {low} or above {high}"),
        ([low, high], false) => format!("is between {low} and {high}"),
        (several, _) => format!("is on the right side of {}", several.join(" and ")),
    };
    let share = it.share_below.filter(|_| values.len() == 1);
    let kept = share.map(|below| if meets(it, 0) { below } else { 1.0 - below });
    let as_in = kept.map(|kept| format!(", as in {} futures", share_of_futures(kept)));
    Some(condition + &as_in.unwrap_or_default())
}

/// Whether months are sought, which are whole.
fn is_horizon(it: &BreakEven) -> bool {
    it.driver == Setting::Horizon.name()
}

/// What values were tried: what is chosen has no likely ones.
fn tried(it: &BreakEven) -> &'static str {
    match Setting::ALL
        .iter()
        .any(|setting| setting.name() == it.driver)
    {
        true => "value tried",
        false => "likely value",
    }
}

fn meets(it: &BreakEven, end: usize) -> bool {
    it.goal.is_met_by(it.at_ends[end].value)
}

fn value(it: &Estimate) -> String {
    let error = significant(it.mc_error, 2);
    format!("{} (± {error})", significant(it.value, 3))
}

/// A goal that is met, and one that is not.
fn goal(goal: Goal) -> (String, String) {
    match goal {
        Goal::BREAK_EVEN => (
            "It pays on average".to_owned(),
            "It does not pay on average".to_owned(),
        ),
        Goal::Mean { outcome, value } => {
            let what = match outcome {
                Outcome::Npv => "net present value".to_owned(),
                other => other.name().replace('_', " "),
            };
            let value = plain(value);
            (
                format!("On average its {what} reaches {value}"),
                format!("On average its {what} does not reach {value}"),
            )
        }
        Goal::ChanceOfLoss(share) => {
            let share = significant(100.0 * share, 3);
            (
                format!("At most {share} in 100 futures lose money"),
                format!("More than {share} in 100 futures lose money"),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(values: &[f64], ends: [f64; 2]) -> BreakEven {
        let estimate = |value: f64| Estimate {
            value,
            mc_error: 0.01,
        };
        BreakEven {
            driver: "initiatives.care.hazard".to_owned(),
            goal: Goal::BREAK_EVEN,
            range: [0.4, 0.6],
            at_ends: ends.map(estimate),
            values: values.iter().copied().map(estimate).collect(),
            share_below: (!values.is_empty()).then_some(0.25),
        }
    }

    #[test]
    fn every_break_even_has_a_sentence() {
        for (values, ends, sentence) in [
            (
                &[0.5][..],
                [-1.0, 1.0],
                "It pays on average if care: hazard is above 0.5 (± 0.01), as in 75 in 100 futures.",
            ),
            (
                &[0.5],
                [1.0, -1.0],
                "It pays on average if care: hazard is below 0.5 (± 0.01), as in 25 in 100 futures.",
            ),
            (
                &[],
                [1.0, 1.0],
                "It pays on average at every likely value of care: hazard, 0.4 to 0.6.",
            ),
            (
                &[],
                [-1.0, -1.0],
                "It does not pay on average at any likely value of care: hazard, 0.4 to 0.6.",
            ),
            (
                &[0.4],
                [0.0, 1.0],
                "It pays on average at every likely value of care: hazard, 0.4 to 0.6.",
            ),
            (
                &[0.45, 0.55],
                [-1.0, -1.0],
                "It pays on average if care: hazard is between 0.45 (± 0.01) and 0.55 (± 0.01).",
            ),
            (
                &[0.45, 0.55],
                [1.0, 1.0],
                "It pays on average if care: hazard is below 0.45 (± 0.01) or above 0.55 (± 0.01).",
            ),
        ] {
            assert_eq!(super::sentence(&found(values, ends)), sentence);
        }
    }

    #[test]
    fn every_goal_has_a_sentence() {
        let said = |goal: &str, ends| {
            let goal = goal.parse().unwrap();
            sentence(&BreakEven {
                goal,
                ..found(&[0.5], ends)
            })
        };
        let words = said("loss = 10%", [0.4, 0.05]);
        assert!(words.starts_with("At most 10 in 100 futures lose money if care: hazard is above"));
        let words = said("npv = 250", [100.0, 400.0]);
        assert!(words.starts_with("On average its net present value reaches 250 if"));
    }
}
