use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::LinkModel;
use super::control::discrimination;
use crate::fit::Flag;
use crate::separation::{SeparatingColumn, Separation};
use crate::survival::Observation;

/// Customers and departures at one value, or in one fifth, of the exposure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// Lowest exposure in the group.
    pub low: f64,
    /// Highest exposure in the group.
    pub high: f64,
    /// Customers (rows by weight).
    pub n: f64,
    /// Of these, how many left.
    pub left: f64,
}

/// The first finding that forbids an estimate, and all that one must mind.
pub(super) struct Findings {
    pub refused: Option<Flag>,
    pub warnings: Vec<Flag>,
}

/// Words that name the outcome or what follows from it.
const OUTCOME_WORDS: [&str; 12] = [
    "churn",
    "cancel",
    "terminat",
    "attrition",
    "lapse",
    "leaver",
    "left",
    "exit",
    "depart",
    "resign",
    "offboard",
    "unsubscrib",
];
/// Area under the ROC curve from which one column all but knows the outcome.
const NEAR_PERFECT: f64 = 0.97;

/// All checks that come before an estimate.
pub(super) fn check(model: &LinkModel<'_>, levels: &[Level]) -> Findings {
    let separating = separating(model);
    let refused = leak_by_name(model)
        .or_else(|| reversed_time(model))
        .or_else(|| separation(model, levels, &separating))
        .or_else(|| near_perfect(model));
    let warnings = [
        duplicates(model),
        thin_cells(levels),
        separated(model, &separating),
    ];
    Findings {
        refused,
        warnings: warnings.into_iter().flatten().collect(),
    }
}

fn leak_by_name(model: &LinkModel<'_>) -> Option<Flag> {
    let names = std::iter::once(&model.name).chain(model.confounders.names());
    let named = names.into_iter().find(|name| {
        let lower = name.to_lowercase();
        let mut words = lower.split(|c: char| !c.is_alphanumeric());
        words.any(|word| OUTCOME_WORDS.iter().any(|leak| word.starts_with(leak)))
    })?;
    let detail = format!(
        "{named} is by its name the outcome or a consequence of it, not something known before"
    );
    Some(Flag::new("leakage", detail))
}

/// What was measured during the time at risk may be a consequence of the decision to leave.
fn reversed_time(model: &LinkModel<'_>) -> Option<Flag> {
    let known_at = model.known_at?;
    let late = |bound: fn(&Observation) -> f64, leavers: bool| -> f64 {
        let rows = model.observations.iter().zip(known_at);
        let late = rows.filter(|(o, t)| **t > bound(o) && (o.is_event() || !leavers));
        late.map(|(o, _)| o.weight()).sum()
    };
    let after_leaving = late(Observation::exit, true);
    let during = late(Observation::entry, false);
    let detail = if after_leaving > 0.0 {
        format!(
            "{} was recorded after the customer had left in {after_leaving} cases: it is an \
             outcome, not an exposure",
            model.name
        )
    } else {
        format!(
            "{} was recorded after the time at risk had begun in {during} cases: cut the time at \
             risk at the date of the record",
            model.name
        )
    };
    (during > 0.0).then(|| Flag::new("reversed_time", detail))
}

/// Columns, the exposure first, that separate the rows that end in leaving from the others.
fn separating(model: &LinkModel<'_>) -> Vec<SeparatingColumn> {
    let mut problem = Separation::new();
    let mut row = Vec::new();
    for (i, o) in model
        .observations
        .iter()
        .enumerate()
        .filter(|(i, o)| o.weight() > 0.0 && model.is_final(*i))
    {
        model.copy_row(i, &mut row);
        problem.push(&row, o.is_event(), !o.is_event());
    }
    problem.columns()
}

/// Names of the confounders among the separating columns.
fn confounders(model: &LinkModel<'_>, found: &[SeparatingColumn]) -> String {
    let others = found.iter().filter(|column| column.column > 0);
    let names = others.map(|c| model.confounders.names()[c.column - 1].as_str());
    names.collect::<Vec<_>>().join(", ")
}

/// A confounder that separates does no harm to the exposure's estimate, but is worth a look.
fn separated(model: &LinkModel<'_>, found: &[SeparatingColumn]) -> Option<Flag> {
    let names = confounders(model, found);
    let detail = format!("{names} separates leavers from stayers: finite only by a weak prior");
    (!names.is_empty()).then(|| Flag::new("separated", detail))
}

fn separation(model: &LinkModel<'_>, levels: &[Level], found: &[SeparatingColumn]) -> Option<Flag> {
    let exposure = found.iter().find(|column| column.column == 0)?;
    let detail = if exposure.alone {
        format!(
            "{} separates those who left from those who stayed without error ({}): it was most \
             likely recorded after the outcome, and no finite effect exists",
            model.name,
            extremes(levels)
        )
    } else {
        format!(
            "{} together with {} separates those who left from those who stayed without error: \
             no finite effect exists",
            model.name,
            confounders(model, found)
        )
    };
    Some(Flag::new("separation", detail))
}

/// The groups of one outcome, in words.
fn extremes(levels: &[Level]) -> String {
    let sum = |keep: &dyn Fn(&&Level) -> bool| levels.iter().filter(keep).map(|l| l.n).sum::<f64>();
    let all_left = sum(&|level| level.left >= level.n);
    let none_left = sum(&|level| level.left <= 0.0);
    let range = |keep: &dyn Fn(&&Level) -> bool| {
        let low = levels
            .iter()
            .filter(keep)
            .map(|l| l.low)
            .fold(f64::INFINITY, f64::min);
        let high = levels
            .iter()
            .filter(keep)
            .map(|l| l.high)
            .fold(f64::NEG_INFINITY, f64::max);
        format!("{low} to {high}")
    };
    format!(
        "all {all_left} at {} left, none of {none_left} at {}",
        range(&|level| level.left >= level.n),
        range(&|level| level.left <= 0.0)
    )
}

fn near_perfect(model: &LinkModel<'_>) -> Option<Flag> {
    let mut row = Vec::new();
    let columns = 1 + model.confounders.names().len();
    let (mut left, mut stayed) = (vec![Vec::new(); columns], vec![Vec::new(); columns]);
    let rows = model.observations.iter().enumerate();
    for (i, o) in rows.filter(|(i, _)| model.is_final(*i)) {
        model.copy_row(i, &mut row);
        let side = if o.is_event() { &mut left } else { &mut stayed };
        for (column, x) in side.iter_mut().zip(&row) {
            column.push((*x, o.weight()));
        }
    }
    for (column, (left, stayed)) in left.iter().zip(&stayed).enumerate() {
        let area = discrimination(left, stayed, model.level)?.value;
        if area.max(1.0 - area) >= NEAR_PERFECT {
            let name = if column == 0 {
                &model.name
            } else {
                &model.confounders.names()[column - 1]
            };
            let detail = format!(
                "{name} alone tells leavers from stayers in {:.1}% of pairs: it knows the outcome",
                100.0 * area.max(1.0 - area)
            );
            return Some(Flag::new("near_perfect_prediction", detail));
        }
    }
    None
}

/// Stretches of one customer that overlap count the same time twice.
fn duplicates(model: &LinkModel<'_>) -> Option<Flag> {
    let customers = model.customers?;
    let mut order: Vec<usize> = (0..customers.len()).collect();
    let key = |i: usize| (customers[i], model.observations[i].entry());
    order.sort_by(|&a, &b| key(a).0.cmp(&key(b).0).then(key(a).1.total_cmp(&key(b).1)));
    let overlap = |pair: &&[usize]| {
        let [a, b] = [pair[0], pair[1]];
        customers[a] == customers[b] && model.observations[b].entry() < model.observations[a].exit()
    };
    let count = order.windows(2).filter(overlap).count();
    let detail = format!("{count} rows repeat time of a customer that another row already covers");
    (count > 0).then(|| Flag::new("duplicates", detail))
}

fn thin_cells(levels: &[Level]) -> Option<Flag> {
    let thin = levels
        .iter()
        .find(|level| level.left < 5.0 || level.n < 30.0)?;
    let Level { low, high, n, left } = thin;
    let exposure = if low == high {
        format!("{low}")
    } else {
        format!("{low} to {high}")
    };
    let detail = format!("only {n} customers and {left} departures with an exposure of {exposure}");
    Some(Flag::new("thin_cells", detail))
}

/// Each value by itself up to ten values, else fifths of the customers.
pub(super) fn levels(model: &LinkModel<'_>) -> Vec<Level> {
    let mut by_value: BTreeMap<u64, Level> = BTreeMap::new();
    let rows = model.observations.iter().zip(model.exposure).enumerate();
    for (_, (o, &x)) in rows.filter(|(i, _)| model.is_final(*i)) {
        let level = by_value.entry((x + 0.0).to_bits()).or_insert(Level {
            low: x,
            high: x,
            n: 0.0,
            left: 0.0,
        });
        level.n += o.weight();
        level.left += if o.is_event() { o.weight() } else { 0.0 };
    }
    let mut values: Vec<Level> = by_value
        .into_values()
        .filter(|level| level.n > 0.0)
        .collect();
    values.sort_by(|a, b| a.low.total_cmp(&b.low));
    if values.len() <= 10 {
        return values;
    }
    let total: f64 = values.iter().map(|level| level.n).sum();
    let mut fifths: Vec<Level> = Vec::new();
    let mut passed = 0.0;
    let mut open = false;
    for value in values {
        match fifths.last_mut().filter(|_| open) {
            Some(fifth) => {
                fifth.high = value.high;
                fifth.n += value.n;
                fifth.left += value.left;
            }
            None => fifths.push(value),
        }
        passed += value.n;
        open = passed < total * fifths.len() as f64 / 5.0;
    }
    fifths
}
