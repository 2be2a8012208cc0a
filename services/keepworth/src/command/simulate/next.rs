//! What is asked next of a verdict: what lies beyond, which seats go and when, when it is given up.

use keepworth_sim::explain::Deferral;
use keepworth_sim::{Estimate, RunResult, SeatBands};

use super::wording::{chance, within_error};
use crate::present::number::{Unit, whole};

/// The section of an explanation.
pub(super) fn next(
    result: &RunResult,
    deferral: Option<&Deferral>,
    unit: Unit,
    currency: &str,
) -> String {
    let money = |amount: f64, error: f64| unit.money(within_error(amount, error), currency);
    let mut lines = Vec::new();
    let horizons: Vec<String> = result
        .beside
        .horizons
        .iter()
        .map(|at| {
            let mean = at.npv.mean;
            format!("{} at {}", money(mean.value, mean.mc_error), at.months)
        })
        .collect();
    if !horizons.is_empty() {
        lines.push(format!(
            "Judged after other months: {}.",
            horizons.join(", ")
        ));
    }
    if let Some(run_off) = &result.beside.run_off {
        let mean = run_off.mean;
        let more = if mean.value < 0.0 { "less" } else { "more" };
        lines.push(format!(
            "The customers who are there at the horizon bring {} {more} beyond it than as things are.",
            money(mean.value.abs(), mean.mc_error)
        ));
    }
    if let Some(it) = deferral {
        let of = |estimate: Estimate| money(estimate.value, estimate.mc_error);
        let months = it.months;
        let moved = money(it.cost.value.abs(), it.cost.mc_error);
        let does = if it.cost.value < 0.0 {
            "brings"
        } else {
            "costs"
        };
        lines.push(format!(
            "Waiting {months} months {does} {moved}: the plan is worth {} then, by the same horizon.",
            of(it.npv)
        ));
        let option = it.option;
        lines.push(match option.value > 1.96 * option.mc_error {
            true => format!(
                "Who knew all that is drawn by then would have {} more than who decides now.",
                of(option)
            ),
            false => "Nothing that could be learned by then is worth the wait.".to_owned(),
        });
    }
    lines.extend(result.monthly.seats.iter().map(seats));
    let in_futures = |share: f64| chance(share, result.beside.futures);
    let worth = |it: Estimate| money(it.value, it.mc_error);
    lines.extend(result.beside.gates.iter().map(|it| {
        format!(
            "{} follows {} in {} futures: being able to stop is worth {}.",
            it.initiative,
            it.pilot,
            in_futures(it.rolled_out.value),
            worth(it.option_value)
        )
    }));
    lines.extend(result.beside.stops.iter().map(|it| {
        format!(
            "{} is given up after month {} in {} futures: worth {}.",
            it.initiative,
            it.last_month,
            in_futures(it.given_up.value),
            worth(it.option_value)
        )
    }));
    if lines.is_empty() {
        return String::new();
    }
    format!("What is asked next\n  {}\n", lines.join("\n  "))
}

/// Which seats of a pool go, and from when on, by the medians of both worlds.
fn seats(pool: &SeatBands) -> String {
    let (as_is, programme) = (&pool.as_is.p50, &pool.programme.p50);
    let saved = |month: &usize| as_is[*month] - programme[*month];
    let last = as_is.len() - 1;
    let count = |seats: f64| {
        let plural = if seats == 1.0 { "seat" } else { "seats" };
        format!("{} {plural}", whole(seats))
    };
    let at_end = saved(&last);
    let first = (0..=last).find(|month| saved(month) > 0.0);
    match first {
        Some(first) if at_end > 0.0 => format!(
            "{}: the first seat goes in month {first}, {} in all by month {last}, of {}.",
            pool.pool,
            count(at_end),
            count(as_is[last])
        ),
        _ if at_end < 0.0 => format!(
            "{}: {} more by month {last} than the {} as things are.",
            pool.pool,
            count(-at_end),
            count(as_is[last])
        ),
        _ => format!(
            "{}: no seat goes for good; {} minutes a month stay unused at the end.",
            pool.pool,
            whole(pool.slack_programme.p50[last])
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(as_is: [f64; 4], programme: [f64; 4]) -> SeatBands {
        let bands = |seats: &[f64]| {
            serde_json::from_value(serde_json::json!({
                "p5": seats, "p25": seats, "p50": seats, "p75": seats, "p95": seats,
            }))
        };
        let slack = [900.0; 4];
        SeatBands {
            pool: "desk".to_owned(),
            as_is: bands(&as_is).unwrap(),
            programme: bands(&programme).unwrap(),
            slack_as_is: bands(&slack).unwrap(),
            slack_programme: bands(&slack).unwrap(),
        }
    }

    #[test]
    fn seats_go_for_good_or_do_not() {
        let says = |as_is, programme| seats(&pool(as_is, programme));
        assert_eq!(
            says([9.0; 4], [9.0, 9.0, 8.0, 7.0]),
            "desk: the first seat goes in month 2, 2 seats in all by month 3, of 9 seats."
        );
        assert_eq!(
            says([9.0; 4], [9.0, 8.0, 9.0, 9.0]),
            "desk: no seat goes for good; 900 minutes a month stay unused at the end."
        );
        assert_eq!(
            says([9.0; 4], [9.0, 9.0, 9.0, 10.0]),
            "desk: 1 seat more by month 3 than the 9 seats as things are."
        );
    }
}
