//! A link in words.

use keepworth_contract::Word;
use keepworth_contract::simulator::{Link, LinkEstimate, LinkExposure, LinkVerdict};

use crate::present::number::{brief, places};
use crate::present::{Cell, Sheet, row};

/// An exposure in words.
pub(super) fn words(exposure: LinkExposure) -> String {
    exposure.name().to_lowercase().replace('_', " ")
}

/// What people read of a link: customers by exposure, the exposure by segment, and what may be concluded.
pub(super) fn sheets(link: &Link) -> Vec<Sheet> {
    let exposure = words(link.definition.exposure);
    let mut levels = Sheet::new("", &format!("{exposure} | customers | left | share"));
    for level in &link.levels {
        let range = if level.low == level.high {
            brief(level.low)
        } else {
            format!("{} to {}", brief(level.low), brief(level.high))
        };
        let share = Cell::percent(level.left as f64 / level.customers.max(1) as f64, 1);
        row![levels => range, level.customers, level.left, share];
    }
    let mut segments = Sheet::new("", "segment | customer-months | left | mean | sd");
    for it in &link.segments {
        let [mean, sd] = [it.mean, it.sd].map(|it| Cell::places(it, 2));
        row![segments => &it.segment, it.customer_months, it.left, mean, sd];
    }
    let mut last = Sheet::new("", "left out | log hazard ratio per sd | from | to");
    for it in &link.sensitivity {
        let estimate = &it.association_per_sd;
        let interval = &estimate.interval;
        let [value, low, high] = [estimate.value, interval.low, interval.high];
        let [value, low, high] = [value, low, high].map(|it| Cell::places(it, 3));
        row![last => &it.without, value, low, high];
    }
    notes(link, &exposure)
        .into_iter()
        .for_each(|it| last.note(it));
    [levels, segments, last]
        .into_iter()
        .enumerate()
        .filter(|(place, sheet)| *place == 2 || !sheet.is_empty())
        .map(|(_, sheet)| sheet)
        .collect()
}

fn notes(link: &Link, exposure: &str) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(it) = &link.coefficient {
        let prior = link.definition.prior;
        notes.push(format!(
            "Log hazard ratio per sd of {exposure}: {} by the records, {} under the prior N({}, {}) of better \
             experience; {} per unit.",
            interval(&it.association_per_sd),
            interval(&it.per_sd),
            prior.mean,
            prior.sd,
            interval(&it.per_unit)
        ));
        notes.push(format!(
            "Something unmeasured would need a risk ratio of {} with both sides to explain it away ({} for the \
             interval to reach no effect).",
            places(it.e_value, 2),
            places(it.e_value_of_limit, 2)
        ));
    }
    let flags = link
        .quality_flags
        .iter()
        .map(|flag| format!("note: {flag}"));
    notes.extend(flags.filter(|note| !note.ends_with(&link.reason)));
    let definition = &link.definition;
    notes.push(format!(
        "{} in the {} months before the month at risk, {} to {}, as of {}; {} customers, {} left; {}",
        exposure,
        definition.window_months,
        definition.from,
        definition.until,
        definition.as_of,
        link.n,
        link.events,
        link.id
    ));
    let verdict = match link.verdict {
        LinkVerdict::Estimated => "Estimated",
        LinkVerdict::Null => "Null",
        LinkVerdict::Warned => "Warned",
        LinkVerdict::Refused => "Refused",
    };
    notes.push(format!(
        "{verdict}, grade {:?}: {}.",
        link.grade, link.reason
    ));
    notes
}

fn interval(estimate: &LinkEstimate) -> String {
    let values = [
        estimate.value,
        estimate.interval.low,
        estimate.interval.high,
    ];
    let [value, low, high] = values.map(|it| places(it, 3));
    format!("{value} ({low} to {high})")
}
