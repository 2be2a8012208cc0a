//! Why a result is what it is, for people.

use keepworth_sim::RunResult;
use keepworth_sim::explain::{Deferral, EffectInformation, Explanation, SettingSwing, Swing};
use keepworth_verdict::break_even::condition;
use keepworth_verdict::words::{lifetime, overlap, overlap_name};

use super::next::next;
use super::wording::{chance, input_name, no_verdict, verdict, word};
use crate::present::number::{Unit, error, percent, significant, whole};
use crate::present::{Cell, Sheet, row};

/// Lines of each table: with all parts of the page, one screen.
const LINES: usize = 4;

/// One screen: should we, how sure, what decides it, what to pilot first.
pub(super) fn explanation(
    it: &Explanation,
    deferral: Option<&Deferral>,
    result: &RunResult,
    currency: &str,
) -> String {
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
        page.conditions(),
        page.pilots(),
        page.source(),
        page.lifetime(),
        next(result, deferral, page.unit, currency),
    ];
    let footer = format!(
        "Explained on {} futures, seed {}; amounts in {currency}; ± is the standard error.\n\
         Low and high: 1 in 10 futures lies beyond either; of what is chosen, the ends that were tried.\n",
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

/// A table without a frame: lines are scarce on one screen.
fn compact(columns: &str) -> Sheet {
    Sheet::new("", columns).without_frame()
}

fn error_cell(amount: f64) -> Cell {
    Cell::Figure(amount, error(amount))
}

impl Page<'_> {
    fn figure(&self, amount: f64) -> Cell {
        Cell::Figure(amount, self.unit.figure(amount))
    }

    fn money(&self, amount: f64) -> String {
        self.unit.money(amount, self.currency)
    }

    fn decision(&self) -> String {
        let Explanation {
            expected_npv: npv,
            npv_negative: loss,
            evpi,
            ..
        } = self.it;
        if let Some(why) = no_verdict(&self.it.no_verdict) {
            return format!("Should we do \u{201c}{}\u{201d}? {why}\n", self.it.scenario);
        }
        let go = match npv.value {
            value if value.abs() <= 1.96 * npv.mc_error => "These futures do not tell",
            value if value > 0.0 => "Go",
            _ => "Do not go",
        };
        format!(
            "Should we? {go}: \u{201c}{}\u{201d} is worth {} on average (± {}).\n\
             How sure? Will it pay: {}; {} futures lose money (± {:.1} in 100).\n\
             Deciding now instead of knowing all that is drawn costs {} on average (± {}).\n{}",
            self.it.scenario,
            self.money(npv.value),
            error(npv.mc_error),
            verdict(*loss, self.it.trials).to_lowercase(),
            chance(loss.value, self.it.trials),
            100.0 * loss.mc_error,
            self.money(evpi.value),
            error(evpi.mc_error),
            self.not_drawn(),
        )
    }

    /// What the value of information does not count.
    fn not_drawn(&self) -> String {
        let names: Vec<&str> = self
            .it
            .settings
            .iter()
            .map(|it| it.setting.name())
            .collect();
        match names.is_empty() {
            true => String::new(),
            false => format!(
                "Chosen, not drawn, and no part of that cost: {}.\n",
                names.join(", ")
            ),
        }
    }

    /// What decides it.
    fn drivers(&self) -> String {
        if self.it.tornado.is_empty() && self.it.settings.is_empty() {
            return "What decides it? Nothing is uncertain.\n".to_owned();
        }
        let mut lines =
            compact("What decides it | low | high | NPV if low | if high | ± error | variance");
        for swing in self.it.tornado.iter().take(LINES) {
            lines.add(self.drawn(swing));
        }
        // Tried over a range, not drawn: their swings are not of one kind with those above.
        for swing in &self.it.settings {
            lines.add(self.chosen(swing));
        }
        lines.to_string()
    }

    /// How far it swings with what is drawn.
    fn drawn(&self, swing: &Swing) -> [Cell; 7] {
        let indices = &self.it.sobol_indices;
        let index = indices
            .iter()
            .find(|index| index.inputs.contains(&swing.input));
        let part = index.map(|index| {
            let with = if index.inputs.len() > 1 {
                " (group)"
            } else {
                ""
            };
            let part = index.total.value;
            Cell::Figure(part, format!("{}{with}", percent(part, 0)))
        });
        [
            input_name(&swing.input).into(),
            Cell::Figure(swing.p10, significant(swing.p10, 3)),
            Cell::Figure(swing.p90, significant(swing.p90, 3)),
            self.figure(swing.at_p10.value),
            self.figure(swing.at_p90.value),
            error_cell(swing.at_p10.mc_error.max(swing.at_p90.mc_error)),
            part.into(),
        ]
    }

    /// How far it swings with what is chosen.
    fn chosen(&self, swing: &SettingSwing) -> [Cell; 7] {
        [
            swing.setting.name().into(),
            Cell::Figure(swing.low, significant(swing.low, 3)),
            Cell::Figure(swing.high, significant(swing.high, 3)),
            self.figure(swing.at_low.value),
            self.figure(swing.at_high.value),
            error_cell(swing.at_low.mc_error.max(swing.at_high.mc_error)),
            "chosen".into(),
        ]
    }

    /// What must be true for it to pay, one thing at a time.
    fn conditions(&self) -> String {
        let (mut text, mut powerless) = (String::new(), Vec::new());
        for it in &self.it.break_even {
            match condition(it) {
                Some(condition) => {
                    text += &format!("  {} {condition}\n", input_name(&it.driver));
                }
                None => powerless.push(input_name(&it.driver)),
            }
        }
        if !text.is_empty() {
            text = format!("What must be true for it to pay on average: any one of\n{text}");
        }
        if !powerless.is_empty() {
            let names = powerless.join("; ");
            text += &format!(
                "No value of one of these alone, likely or tried, changes whether it pays:\n  {names}\n"
            );
        }
        text
    }

    /// What to pilot first.
    fn pilots(&self) -> String {
        let worth = |it: &&EffectInformation| it.evppi.value > 0.0;
        let mut pilots = self.it.pilots.iter().filter(worth).take(LINES).peekable();
        if pilots.peek().is_none() {
            return "What to pilot first? No pilot of an effect would change the decision.\n"
                .to_owned();
        }
        let mut lines = compact(
            "What to pilot first | a perfect pilot is worth | ± error | one that halves the variance | ± error",
        );
        for pilot in pilots {
            row![lines =>
                format!("{}: {}", pilot.initiative, word(&pilot.on)),
                self.figure(pilot.evppi.value),
                error_cell(pilot.evppi.mc_error),
                self.figure(pilot.evsi_equal.value),
                error_cell(pilot.evsi_equal.mc_error),
            ];
        }
        lines.to_string()
    }

    /// Which initiative earns it, and how each alone adds up to the whole.
    fn source(&self) -> String {
        let Some(parts) = self.it.attribution.as_ref().filter(|parts| parts.len() > 1) else {
            return String::new();
        };
        let mut lines = compact(
            "Which initiative earns it | part of the whole | ± error | if alone | ± error | lost without it",
        );
        for part in parts {
            row![lines =>
                &part.initiative, self.figure(part.value.value),
                error_cell(part.value.mc_error),
                self.figure(part.alone.value),
                error_cell(part.alone.mc_error),
                self.figure(part.last.value),
            ];
        }
        if let Some(step) = self.it.overlap {
            row![lines => overlap_name(step.value), "", "", self.figure(step.value), error_cell(step.mc_error), ""];
        }
        let whole = self.it.expected_npv;
        row![lines => "the whole", self.figure(whole.value), error_cell(whole.mc_error), self.figure(whole.value), error_cell(whole.mc_error), ""];
        let words = self.it.overlap.and_then(|it| overlap(it, self.currency));
        lines.to_string() + &words.map(|it| it + "\n").unwrap_or_default()
    }

    /// What it does to the lifetime value of a customer who is won.
    fn lifetime(&self) -> String {
        let words = self.it.lifetime.as_ref();
        let words = words.map(|it| lifetime(it, self.currency) + "\n");
        // The screen is narrower than the sentence.
        words.unwrap_or_default().replacen(": ", ":\n  ", 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keepworth_sim::explain::explain;
    use keepworth_sim::{Control, RunOptions, Scenario, run};

    #[test]
    fn one_screen_answers_all_questions() {
        let text = include_str!("../../../../../examples/reference/scenario.toml");
        let model = Scenario::from_toml(text).unwrap().resolve(None).unwrap();
        let options = RunOptions {
            trials: 160,
            ..RunOptions::default()
        };
        let found = explain(&model, &options, &Control::default()).unwrap();
        let result = run(&model, &options, &Control::default()).unwrap();
        let text = explanation(&found, None, &result, "EUR");
        for words in [
            "Should we?",
            "How sure?",
            "What decides it",
            "What to pilot first",
            "Which initiative earns it",
            "What is asked next",
            "Judged after other months",
        ] {
            assert!(text.contains(words), "{words} is not answered by\n{text}");
        }
        assert!(text.lines().count() <= 48, "{text}");
        assert!(
            text.lines().all(|line| line.chars().count() <= 100),
            "{text}"
        );
    }
}
