//! Whether it came true, in sentences that follow the figures shown.

use keepworth_contract::simulator::{ForecastName, Learnt, TrackedFigure, VarianceBridge};

use super::Question;
use crate::number::whole;
use crate::words::share_of_futures;

/// The sentences: how many months held, what has drifted since when, and how far the result is off.
pub(super) fn words(
    figures: &[TrackedFigure],
    bridge: Option<&VarianceBridge>,
    currency: &str,
    question: &Question<'_>,
) -> String {
    let months = || figures.iter().flat_map(|it| &it.months);
    let n = months().count();
    if n == 0 {
        return "Nothing was recorded that could be held against the forecast.".to_owned();
    }
    let within = months().filter(|it| (it.forecast.p10..=it.forecast.p90).contains(&it.actual));
    let (first, to) = (question.first(), question.to);
    let span = if first == to {
        format!("of {first}")
    } else {
        format!("from {first} to {to}")
    };
    format!(
        "{} of {n} figures {span} lay within the bands that were to hold 80 in 100 of them. {}{}",
        within.count(),
        drift(figures),
        bridge.map(|it| result(it, currency)).unwrap_or_default()
    )
}

fn drift(figures: &[TrackedFigure]) -> String {
    if figures
        .iter()
        .flat_map(|it| &it.months)
        .all(|it| it.forecast.alarm_low.is_none())
    {
        return "Whether they drift, the forecast was not frozen to tell.".to_owned();
    }
    let off = figures.iter().filter_map(|it| {
        let since = it.drifted_since?;
        let month = it.months.iter().find(|it| it.forecast.month == since)?;
        let way = if month.actual > month.forecast.p50 {
            "more"
        } else {
            "fewer"
        };
        let way = if is_money(it.figure) && way == "fewer" {
            "less"
        } else {
            way
        };
        Some(format!(
            "{} ({way} than forecast, since {since})",
            name(it.figure)
        ))
    });
    let off: Vec<String> = off.collect();
    if off.is_empty() {
        return "None has drifted from its forecast.".to_owned();
    }
    format!(
        "Off their forecast by more than chance is likely to do: {}.",
        off.join(", ")
    )
}

fn is_money(figure: ForecastName) -> bool {
    matches!(
        figure,
        ForecastName::Revenue | ForecastName::ServiceCost | ForecastName::Cost
    )
}

/// A figure as people call it.
fn name(figure: ForecastName) -> String {
    let name: &str = figure.into();
    name.replace('_', " ")
}

fn result(bridge: &VarianceBridge, currency: &str) -> String {
    let by = bridge.actual - bridge.expected;
    let [actual, expected] = [bridge.actual, bridge.expected].map(whole);
    let shown = whole(by.abs());
    let word = match by {
        _ if shown == "0" => {
            return format!(" The result before tax came to {currency} {actual}, as expected.");
        }
        by if by > 0.0 => "more",
        _ => "less",
    };
    format!(
        " The result before tax came to {currency} {actual}, {shown} {word} than the {expected} expected."
    )
}

/// What the months say of the programme's odds.
pub(super) fn learnt(it: &Learnt) -> String {
    let [before, now] = [it.loss_prior, it.loss_posterior].map(share_of_futures);
    let word = match it.loss_posterior - it.loss_prior {
        _ if before == now => {
            return format!(" That it loses money by the horizon is as likely as before: {now}.");
        }
        by if by > 0.0 => "more",
        _ => "less",
    };
    format!(
        " Given what came, that it loses money by the horizon is {word} likely: {now}, and {before} before."
    )
}
