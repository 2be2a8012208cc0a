//! Whether customers bought as often as a fitted model says that they do.

use std::collections::BTreeMap;

use crate::fit::Flag;
use crate::goodness::{Cell, FEWEST, Goodness};

use super::Model;
use super::count::Counts;
use super::history::Row;
use super::model::Process;

/// Counts beyond this are one cell: what is off there is off before.
pub(super) const MOST: usize = 200;
const PARAMETERS: usize = 4;

/// Customers by repeat purchases, neighbouring counts merged until five customers are expected
/// (Fader, Hardie & Lee 2005, section 4, compare so).
pub(super) fn frequencies(process: &Process<f64>, rows: &[Row], most: usize) -> Goodness {
    let (mut ages, mut observed) = (BTreeMap::new(), vec![0.0; most + 1]);
    for row in rows {
        // Non-negative floats order as their bits do.
        *ages.entry(row.age().to_bits()).or_insert(0.0) += row.weight;
        observed[(row.x() as usize).min(most)] += row.weight;
    }
    let mut counts: Vec<(f64, Counts<f64>)> = ages
        .into_iter()
        .map(|(age, weight)| (weight, Counts::new(process, f64::from_bits(age))))
        .collect();
    let longest = rows.iter().map(Row::age).fold(0.0, f64::max);
    let last = process.most_purchases(longest).map(|last| last as usize);
    let mut left: f64 = observed.iter().sum();
    let (mut cells, mut from, mut open) = (Vec::new(), 0, (0.0, 0.0));
    for (n, bought) in observed.iter().enumerate().take(most) {
        let expected: f64 = counts
            .iter_mut()
            .filter_map(|(weight, counts)| Some(*weight * counts.next()?))
            .sum();
        if left - expected < FEWEST {
            break;
        }
        left -= expected;
        open = (open.0 + bought, open.1 + expected);
        if open.1 >= FEWEST {
            cells.push(cell(from, Some(n), open));
            (from, open) = (n + 1, (0.0, 0.0));
        }
    }
    let further: f64 = observed[from..].iter().sum();
    cells.push(cell(from, last, (further, open.1 + left)));
    Goodness::of(cells, PARAMETERS)
}

fn cell(from: usize, to: Option<usize>, (observed, expected): (f64, f64)) -> Cell {
    Cell {
        from: from as f64,
        to: to.map(|to| to as f64),
        observed,
        expected,
    }
}

/// What to say of a model that customers do not buy by.
pub(super) fn misfit(model: Model, check: &Goodness) -> Option<Flag> {
    let (worst, test) = check.misfit()?;
    let detail = format!(
        "the model does not fit: {:.0} of {:.0} customers {}, it says {:.0} ({test}); {}",
        worst.observed,
        check.n,
        bought(worst),
        worst.expected,
        unsaid(model, check, worst)
    );
    Some(Flag::new("misfit", detail))
}

fn bought(cell: &Cell) -> String {
    match cell.to {
        Some(0.0) => "never bought again".to_owned(),
        Some(1.0) if cell.from == 1.0 => "bought again once".to_owned(),
        Some(to) if to == cell.from => format!("bought again {to} times"),
        Some(to) => format!("bought again {} to {to} times", cell.from),
        None => format!("bought again {} times or more", cell.from),
    }
}

/// What the customers do that the model cannot say, and what to fit instead.
fn unsaid(model: Model, check: &Goodness, worst: &Cell) -> &'static str {
    let (first, last) = (&check.cells[0], &check.cells[check.cells.len() - 1]);
    if model == Model::BgNbd && first.to == Some(0.0) && first.gap() > 0.0 {
        return "more never bought again than it says, since it lets nobody drop out before a second \
                purchase: fit mbg-nbd";
    }
    let (never, more) = (worst.to == Some(0.0), worst.gap() > 0.0);
    if model == Model::BgBb && more && !never && worst.to == last.to {
        return "more buy at every opportunity than it says, as with a standing order, where it has customers \
                who differ by degrees: fit them apart";
    }
    match (never, more, worst.to) {
        (true, true, _) => {
            "those who only try seem a kind of their own, where it has customers who differ by degrees: fit kinds apart"
        }
        (true, false, _) => {
            "more come back than chance would bring, as with a rhythm or a contract, where it has purchases at random"
        }
        (false, true, None) => {
            "a few buy far more than the rest, such as dealers, where it has customers who differ by degrees: fit them apart"
        }
        (false, true, Some(_)) => {
            "they crowd there, as with a rhythm or a season, where it has purchases at random"
        }
        (false, false, _) => {
            "frequent and rare buyers seem two kinds, where it has customers who differ by degrees: fit kinds apart"
        }
    }
}
