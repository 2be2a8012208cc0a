//! What a baseline says of segments without a contract.

use keepworth_contract::Word;
use keepworth_contract::simulator::baseline::Baseline;
use keepworth_contract::simulator::curve::ChosenBy;
use keepworth_contract::simulator::fit::FitEstimate;
use keepworth_contract::simulator::purchase::{PurchaseBaseline, PurchaseModel, TrackedPurchases};

use crate::present::number::{places, whole};
use crate::present::{Cell, Sheet, row};

/// Columns of the tracking plot.
const WIDTH: f64 = 32.0;

/// All that is told; nothing where every segment has contracts.
pub(super) fn sheets(baseline: &Baseline) -> Vec<Sheet> {
    let each = baseline.segments.iter();
    let each = each.filter_map(|it| Some((it.name.as_str(), it.purchases.as_ref()?)));
    let told: Vec<(&str, &PurchaseBaseline)> = each.collect();
    if told.is_empty() {
        return Vec::new();
    }
    let mut sheets = vec![there(&told), compared(&told)];
    sheets.extend(told.iter().filter_map(|it| tracked(it.0, it.1)));
    sheets
}

/// Who is there, and what they will buy.
fn there(told: &[(&str, &PurchaseBaseline)]) -> Sheet {
    let mut sheet = Sheet::new(
        "",
        "without contract | bought | again | expected to be there | purchases in 12 months | spend a month | a new one \
         counts",
    );
    for (name, it) in told {
        let whole = |estimate: &FitEstimate| estimated(estimate, whole);
        let money = |estimate: &FitEstimate| estimated(estimate, |value| places(value, 2));
        row![sheet => *name, it.buyers, it.repeat_buyers, whole(&it.active), whole(&it.purchases_ahead),
            money(&it.spend_per_month), places(it.new_customer, 2)];
        if let Some(correlation) = it.correlation_of_frequency_and_spend {
            sheet.note(format!(
                "{name}: how often customers buy and how much they spend each time correlate by {correlation:.2}; \
                 the model of spend takes them as independent"
            ));
        }
        for flag in &it.quality_flags {
            sheet.note(format!("note: {name}: {flag}"));
        }
    }
    sheet
}

/// An estimate with its interval.
pub(super) fn estimated(estimate: &FitEstimate, shown: impl Fn(f64) -> String) -> Cell {
    let FitEstimate {
        value, low, high, ..
    } = *estimate;
    let text = format!("{} ({} to {})", shown(value), shown(low), shown(high));
    Cell::Figure(value, text)
}

/// The models beside each other, with the one that is used.
fn compared(told: &[(&str, &PurchaseBaseline)]) -> Sheet {
    let mut sheet = Sheet::new(
        "",
        "segment | model | bought in the holdout | expected | error a customer | ahead of bg-nbd | se | used",
    );
    for (name, it) in told {
        for candidate in &it.candidates {
            let holdout = candidate.holdout.as_ref();
            let figure = |value: Option<f64>, decimals: usize| {
                value.map_or(Cell::Nothing, |value| {
                    Cell::Figure(value, places(value, decimals))
                })
            };
            let used = match it.by {
                _ if candidate.model != it.model => "",
                ChosenBy::Rule => "by rule",
                ChosenBy::Request => "as asked",
            };
            row![sheet => *name, model(candidate.model), figure(holdout.map(|it| it.purchases as f64), 0),
                figure(holdout.map(|it| it.expected), 1), figure(holdout.map(|it| it.mean_absolute_error), 4),
                figure(holdout.map(|it| it.ahead), 2), figure(holdout.map(|it| it.ahead_se), 2), used];
            if let Some(why) = &candidate.refused {
                sheet.note(format!(
                    "{name}: {} has no estimate: {why}",
                    model(candidate.model)
                ));
            }
        }
        sheet.note(format!("{name}: {}: {}", model(it.model), it.reason));
    }
    sheet
}

/// A model as it is written on the command line.
fn model(model: PurchaseModel) -> String {
    model.name().to_lowercase().replace('_', "-")
}

/// Repeat purchases as they were made, beside those expected.
fn tracked(name: &str, told: &PurchaseBaseline) -> Option<Sheet> {
    let end = told.calibration_end?;
    let last = told.tracking.last()?;
    let most = (last.actual as f64).max(last.expected.value);
    let mut sheet = Sheet::new(
        "",
        &format!("{name}: bought again by | times | by the model | off by | bought ━ expected ┃"),
    );
    for it in &told.tracking {
        let off = it.expected.value / (it.actual as f64).max(1.0) - 1.0;
        row![sheet => it.until.to_string(), it.actual, Cell::whole(it.expected.value), format!("{:+.1}%", 100.0 * off),
            bar(it, most)];
    }
    sheet.note(format!(
        "{name}: {} as it was fitted to what was bought until {end}; what came later was foretold",
        model(told.model)
    ));
    Some(sheet)
}

/// What was bought as a bar, what was expected as a mark.
fn bar(it: &TrackedPurchases, most: f64) -> String {
    let place = |value: f64| (WIDTH * value / most.max(1.0)).round() as usize;
    let (bought, expected) = (place(it.actual as f64), place(it.expected.value));
    let drawn = (0..=bought.max(expected)).map(|column| match column {
        column if column == expected => '┃',
        column if column < bought => '━',
        _ => ' ',
    });
    drawn.collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_shows_what_was_bought_and_a_mark_what_was_expected() {
        let of = |actual, value| {
            let expected = FitEstimate {
                value,
                se: 0.0,
                low: value,
                high: value,
            };
            let until = "2025-01-01".parse().unwrap();
            let it = TrackedPurchases {
                until,
                actual,
                expected,
            };
            bar(&it, 32.0)
        };
        assert_eq!(of(4, 6.0), "━━━━  ┃");
        assert_eq!(of(6, 3.0), "━━━┃━━");
        assert_eq!(of(0, 0.0), "┃");
    }
}
