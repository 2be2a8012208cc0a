//! Why a result is what it is, for people.

use comfy_table::Cell;
use keepworth_sim::explain::{BreakEven, Explanation, Portfolio};

use super::wording::{Unit, chance, percent, verdict};
use crate::output::{table, whole};

/// Lines of each table.
const LINES: usize = 6;

/// One screen: should we, how sure, what decides it, what to pilot first.
pub(super) fn explanation(it: &Explanation, currency: &str) -> String {
    let amounts = it
        .tornado
        .iter()
        .flat_map(|swing| [swing.at_p10.value, swing.at_p90.value]);
    let largest = amounts.fold(it.expected_npv.value.abs(), |largest, npv| {
        largest.max(npv.abs())
    });
    let page = Page {
        it,
        currency,
        unit: Unit::of(largest),
    };
    let sections = [
        page.decision(),
        page.drivers(),
        page.break_even(),
        page.pilots(),
        page.source(),
    ];
    let footer = format!(
        "Explained on {} futures, seed {}; ± is the standard error of simulating.\n",
        whole(it.trials as f64),
        it.seed
    );
    let sections = sections.into_iter().filter(|section| !section.is_empty());
    sections.chain([footer]).collect::<Vec<_>>().join("\n")
}

struct Page<'a> {
    it: &'a Explanation,
    currency: &'a str,
    unit: Unit,
}

impl Page<'_> {
    fn money(&self, amount: f64) -> String {
        self.unit.money(amount, self.currency)
    }

    fn error(&self, error: f64) -> String {
        small(error, self.currency)
    }

    fn decision(&self) -> String {
        let Explanation {
            expected_npv: npv,
            npv_negative: loss,
            evpi,
            ..
        } = self.it;
        let go = if npv.value > 0.0 { "Go" } else { "Do not go" };
        format!(
            "Should we? {go}: \u{201c}{}\u{201d} is worth {} on average (± {}).\n\
             How sure? Will it pay: {}. {} lose money (± {:.1} in 100); deciding now instead of \
             knowing everything costs {} on average (± {}).\n",
            self.it.scenario,
            self.money(npv.value),
            self.error(npv.mc_error),
            verdict(loss.value).to_lowercase(),
            chance(loss.value),
            100.0 * loss.mc_error,
            small(evpi.value, self.currency),
            self.error(evpi.mc_error),
        )
    }

    /// What decides it.
    fn drivers(&self) -> String {
        if self.it.tornado.is_empty() {
            return "What decides it? Nothing is uncertain.\n".to_owned();
        }
        let mut lines = table([
            "What decides it",
            "low to high (P10, P90)",
            "NPV if low",
            "NPV if high",
            "± error",
            "part in variance",
        ]);
        for swing in self.it.tornado.iter().take(LINES) {
            let error = swing.at_p10.mc_error.max(swing.at_p90.mc_error);
            let indices = &self.it.sobol_indices;
            let index = indices
                .iter()
                .find(|index| index.inputs.contains(&swing.input));
            let part = index.map_or(String::new(), |index| {
                let with = if index.inputs.len() > 1 {
                    ", its group"
                } else {
                    ""
                };
                format!("{}{with}", percent(index.total.value))
            });
            lines.add_row(vec![
                Cell::new(&swing.input),
                Cell::new(format!("{} to {}", figure(swing.p10), figure(swing.p90))),
                Cell::new(self.money(swing.at_p10.value)),
                Cell::new(self.money(swing.at_p90.value)),
                Cell::new(self.error(error)),
                Cell::new(part),
            ]);
        }
        format!("{lines}\n")
    }

    fn break_even(&self) -> String {
        let lines = self.it.break_even.iter().map(break_even);
        lines.fold(
            "What must be true for it to pay on average\n".to_owned(),
            |text, line| format!("{text}  {line}\n"),
        )
    }

    /// What to pilot first.
    fn pilots(&self) -> String {
        let worth = |it: &&keepworth_sim::explain::EffectInformation| it.evppi.value > 0.0;
        let mut pilots = self.it.pilots.iter().filter(worth).take(LINES).peekable();
        if pilots.peek().is_none() {
            return "What to pilot first? No pilot of an effect would change the decision.\n"
                .to_owned();
        }
        let mut lines = table([
            "What to pilot first",
            "a perfect pilot is worth",
            "± error",
            "one that halves the variance",
            "± error",
        ]);
        for pilot in pilots {
            let on = serde_json::to_value(pilot.on).unwrap_or_default();
            let on = on.as_str().unwrap_or_default().replace('_', " ");
            lines.add_row(vec![
                Cell::new(format!("{}: {on}", pilot.initiative)),
                Cell::new(small(pilot.evppi.value, self.currency)),
                Cell::new(self.error(pilot.evppi.mc_error)),
                Cell::new(small(pilot.evsi_equal.value, self.currency)),
                Cell::new(self.error(pilot.evsi_equal.mc_error)),
            ]);
        }
        format!("{lines}\n")
    }

    /// Which initiative earns it.
    fn source(&self) -> String {
        let Some(parts) = self.it.attribution.as_ref().filter(|parts| parts.len() > 1) else {
            return String::new();
        };
        let mut lines = table([
            "Which initiative earns it",
            "part of the whole",
            "± error",
            "if alone",
            "lost without it",
        ]);
        for part in parts {
            lines.add_row(vec![
                Cell::new(&part.initiative),
                Cell::new(self.money(part.value.value)),
                Cell::new(self.error(part.value.mc_error)),
                Cell::new(self.money(part.alone.value)),
                Cell::new(self.money(part.last.value)),
            ]);
        }
        format!("{lines}\n")
    }
}

/// Where a goal is met, in a sentence.
pub(super) fn break_even(it: &BreakEven) -> String {
    let range = it.range.map(figure).join(" and ");
    let values: Vec<String> = it
        .values
        .iter()
        .map(|value| format!("{} (± {})", figure(value.value), figure(value.mc_error)))
        .collect();
    let below = it.at_ends[0].value < it.goal.mean;
    let finding = match &values[..] {
        [] if below => format!("nowhere between {range}: it loses money there"),
        [] => format!("everywhere between {range}"),
        [value] => format!("{} {value}", if below { "above" } else { "below" }),
        _ => format!("on one side of {}", values.join(" and ")),
    };
    let share = it
        .share_below
        .filter(|_| it.values.len() == 1)
        .map(|share| {
            let kept = if below { 1.0 - share } else { share };
            format!(", as in {} futures", chance(kept))
        });
    format!("{}: {finding}{}", it.driver, share.unwrap_or_default())
}

/// The frontier under a budget.
pub(super) fn frontier(portfolios: &[Portfolio], budget: f64, currency: &str) -> String {
    let mut lines = table([
        "Initiatives",
        "worth on average",
        "± error",
        "worst 5 in 100",
        "± error",
        "most spent in a year",
    ]);
    for it in portfolios {
        let money = |amount: f64| Unit::of(amount).money(amount, currency);
        let names = if it.initiatives.is_empty() {
            "none".to_owned()
        } else {
            it.initiatives.join(" + ")
        };
        let spent = it.spending.iter().copied().fold(0.0, f64::max);
        lines.add_row(vec![
            Cell::new(names),
            Cell::new(money(it.npv.value)),
            Cell::new(small(it.npv.mc_error, currency)),
            Cell::new(money(it.cvar5.value)),
            Cell::new(small(it.cvar5.mc_error, currency)),
            Cell::new(money(spent)),
        ]);
    }
    format!(
        "What to do with {currency} {} a year; nothing else that it pays for is both worth more and \
         safer\n{lines}\nChosen on half of the futures, judged on the other half.\n",
        whole(budget)
    )
}

/// An amount in a unit of its own.
fn small(amount: f64, currency: &str) -> String {
    Unit::of(amount).money(amount, currency)
}

/// A figure with three significant digits.
fn figure(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let digits = (2.0 - value.abs().log10().floor()).clamp(0.0, 6.0) as usize;
    if digits == 0 {
        return whole(value);
    }
    let text = format!("{:.digits$}", value.abs());
    let minus = if value < 0.0 { "\u{2212}" } else { "" };
    format!(
        "{minus}{}",
        text.trim_end_matches('0').trim_end_matches('.')
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use keepworth_sim::explain::{Goal, explain};
    use keepworth_sim::{Control, Estimate, RunOptions, Scenario};

    fn found(values: &[f64], ends: [f64; 2]) -> BreakEven {
        let estimate = |value: f64| Estimate {
            value,
            mc_error: 0.01,
        };
        BreakEven {
            driver: "margin".to_owned(),
            goal: Goal::BREAK_EVEN,
            range: [0.4, 0.6],
            at_ends: ends.map(estimate),
            values: values.iter().copied().map(estimate).collect(),
            share_below: (!values.is_empty()).then_some(0.25),
        }
    }

    #[test]
    fn every_break_even_has_a_sentence() {
        let said = |values: &[f64], ends| break_even(&found(values, ends));
        assert_eq!(
            said(&[0.5], [-1.0, 1.0]),
            "margin: above 0.5 (± 0.01), as in 75 in 100 futures"
        );
        assert_eq!(
            said(&[0.5], [1.0, -1.0]),
            "margin: below 0.5 (± 0.01), as in 25 in 100 futures"
        );
        assert_eq!(
            said(&[], [1.0, 1.0]),
            "margin: everywhere between 0.4 and 0.6"
        );
        assert!(said(&[], [-1.0, -1.0]).contains("nowhere"));
        assert!(said(&[0.45, 0.55], [-1.0, -1.0]).contains("0.45 (± 0.01) and 0.55"));
    }

    #[test]
    fn figures_keep_three_digits() {
        let shown = [0.0, 0.061_23, -2.5, 412.6, 0.000_123_4].map(figure);
        assert_eq!(shown, ["0", "0.0612", "\u{2212}2.5", "413", "0.000123"]);
    }

    #[test]
    fn one_screen_answers_all_questions() {
        let scenario = Scenario::from_toml(include_str!(
            "../../../../../examples/reference/scenario.toml"
        ))
        .unwrap();
        let model = scenario.resolve(None).unwrap();
        let options = RunOptions {
            trials: 160,
            ..RunOptions::default()
        };
        let text = explanation(
            &explain(&model, &options, &Control::default()).unwrap(),
            "EUR",
        );
        for words in [
            "Should we?",
            "How sure?",
            "What decides it",
            "What must be true",
            "What to pilot first",
            "Which initiative earns it",
        ] {
            assert!(text.contains(words), "{words} is not answered by\n{text}");
        }
        assert!(text.lines().count() <= 50, "{text}");
    }
}
