//! A run's result for people.

use std::collections::BTreeMap;
use std::fmt::Write;

use keepworth_sim::inputs::Grade;
use keepworth_sim::scenario::Quantity;
use keepworth_sim::{Level, Model, Outcome, RunResult, Scenario, Statistics};
use keepworth_verdict::{finding, unit_of};

use super::wording::{chance, level_cell, month, within_error, word};
use super::{beside, seats};
use crate::present::chart::futures::{dot_plot, payback_strip};
use crate::present::number::{Unit, percent, places, plain, whole};
use crate::present::{Cell, Sheet, row};

/// The report: what was found, how sure it is, and on what it rests.
pub(super) fn report(result: &RunResult, scenario: &Scenario, model: &Model) -> String {
    let report = Report::new(result, scenario, model);
    let sections = [
        report.finding(),
        report.figures(),
        report.chances(),
        report.futures(),
        report.payback(),
        beside::beside(result, report.unit, report.currency),
        seats::seats(result),
        report.assumptions(),
        report.flags(),
        report.footer(),
    ];
    let told = sections.into_iter().filter(|section| !section.is_empty());
    told.collect::<Vec<_>>().join("\n")
}

/// What figures stand on: what was flagged, how they were drawn, what they mean.
pub(super) fn basis(result: &RunResult, scenario: &Scenario, model: &Model) -> String {
    let report = Report::new(result, scenario, model);
    [report.flags(), report.footer()].join("\n")
}

struct Report<'a> {
    result: &'a RunResult,
    scenario: &'a Scenario,
    currency: &'a str,
    horizon: usize,
    segments: Vec<&'a str>,
    unit: Unit,
}

impl<'a> Report<'a> {
    fn new(result: &'a RunResult, scenario: &'a Scenario, model: &'a Model) -> Self {
        Self {
            result,
            scenario,
            currency: model.currency(),
            horizon: model.horizon_months(),
            segments: model.segments().collect(),
            unit: unit_of(result),
        }
    }

    fn money(&self, amount: f64) -> String {
        self.unit.money(amount, self.currency)
    }

    fn finding(&self) -> String {
        let finding = finding(self.result, self.currency, self.horizon);
        finding.map_or_else(String::new, |it| format!("{it}\n"))
    }

    /// The headline figures, each with its Monte Carlo error.
    fn figures(&self) -> String {
        let columns = " | 5 in 100 below | median | ± error | 5 in 100 above | mean | ± error";
        let mut sheet = Sheet::new("", columns);
        for (outcome, name) in HEADLINES {
            let Some(figure) = self.result.outcomes.get(&outcome) else {
                continue;
            };
            let shown = |level: Level, error: Option<f64>| {
                let shown = self.shown(outcome, level, error.unwrap_or(0.0));
                match level_cell(level, |it| Cell::Figure(it, String::new())) {
                    Cell::Figure(value, _) => Cell::Figure(value, shown),
                    _ => shown.into(),
                }
            };
            let error = |value: Option<f64>| {
                value.map(|it| Cell::Figure(it, self.shown_error(outcome, it)))
            };
            let Statistics {
                p5,
                p50,
                p95,
                mean,
                mc_error,
                ..
            } = figure;
            let average = mean.map(|it| shown(Level::Number(it), mc_error.mean));
            row![sheet => self.named(outcome, name), shown(*p5, mc_error.p5),
                shown(*p50, mc_error.p50), error(mc_error.p50), shown(*p95, mc_error.p95), average,
                error(mc_error.mean)];
        }
        sheet.to_string()
    }

    /// A figure's name; one that is cut at the horizon says so.
    fn named(&self, outcome: Outcome, name: &str) -> String {
        match outcome {
            Outcome::Clv => format!("{name}, to month {}", self.horizon),
            _ => name.to_owned(),
        }
    }

    fn shown(&self, outcome: Outcome, level: Level, error: f64) -> String {
        if outcome == Outcome::PaybackMonth {
            return month(level, self.horizon);
        }
        let Some(value) = level.number() else {
            return "none".to_owned();
        };
        let value = within_error(value, error);
        match outcome {
            Outcome::Npv | Outcome::PeakFunding | Outcome::PvCosts => self.money(value),
            // A customer is not worth millions when the programme is.
            Outcome::Clv => Unit::of(value).money(value, self.currency),
            Outcome::Roi => percent(value, 0),
            Outcome::IrrAnnual => format!("{} a year", percent(value, 0)),
            _ => plain(value),
        }
    }

    fn shown_error(&self, outcome: Outcome, error: f64) -> String {
        match outcome {
            _ if !error.is_finite() => "–".to_owned(),
            Outcome::Npv | Outcome::PeakFunding | Outcome::PvCosts | Outcome::Clv => {
                Unit::of(error).money(error, self.currency)
            }
            Outcome::Roi | Outcome::IrrAnnual => format!("{} points", places(100.0 * error, 1)),
            Outcome::PaybackMonth => format!("{} months", places(error, 1)),
            _ => plain(error),
        }
    }

    fn chances(&self) -> String {
        let chances = &self.result.probabilities;
        let mut sheet = Sheet::new("", " | chance | ± error");
        for (name, it) in [
            ("loses money", &chances.npv_negative),
            ("never pays back within the horizon", &chances.no_payback),
            ("has nothing to pay back", &chances.nothing_to_pay_back),
            ("has no rate of return", &chances.no_irr),
        ] {
            if it.value == 0.0 && name == "has nothing to pay back" {
                continue;
            }
            let error = format!("{} in 100", places(100.0 * it.mc_error, 1));
            let chance = Cell::Figure(it.value, chance(it.value, self.result.trials));
            row![sheet => name, chance, Cell::Figure(it.mc_error, error)];
        }
        let worst = &self.result.cvar5;
        sheet.note(format!(
            "The worst 5 in 100 futures are worth {} on average (± {}).",
            self.money(worst.value),
            Unit::of(worst.mc_error).money(worst.mc_error, self.currency),
        ));
        sheet.to_string()
    }

    fn futures(&self) -> String {
        let plot = dot_plot(&self.result.npv_percentiles, self.unit, self.currency);
        format!("Net present value; each dot is 2 in 100 futures (○ loss, ● gain)\n{plot}")
    }

    fn payback(&self) -> String {
        let strip = payback_strip(&self.result.monthly.cumulative_discounted_flow);
        format!(
            "Futures that have their money back, discounted (▁ under 5, ▂ 5, ▃ 25, ▅ 50, ▆ 75, █ \
             95 in 100 or more)\n{strip}"
        )
    }

    /// What rests on which evidence, the weakest last.
    fn assumptions(&self) -> String {
        let mut by_grade: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut add = |grade: Grade, what: String| {
            by_grade.entry(format!("{grade:?}")).or_default().push(what);
        };
        for initiative in &self.scenario.initiatives {
            for effect in &initiative.effects {
                let lever = word(&effect.on);
                let size = effect.size.as_ref().map_or_else(String::new, written);
                let grade = effect.grade.unwrap_or(Grade::D);
                add(grade, format!("{}: {lever} {size}", initiative.name));
            }
        }
        for (name, input) in &self.scenario.inputs {
            if let Some(grade) = input.grade {
                add(grade, format!("{name} {}", word(&input.distribution)));
            }
        }
        let mut text =
            "Assumptions by evidence (A randomised, B controlled, C observed, D stated)\n"
                .to_owned();
        for (grade, assumptions) in by_grade {
            for assumption in assumptions {
                let _ = writeln!(text, "  {grade}  {assumption}");
            }
        }
        text
    }

    /// The flags, each once with the segments that carry it.
    fn flags(&self) -> String {
        if self.result.flags.is_empty() {
            return "Nothing was flagged.\n".to_owned();
        }
        let mut segments_by_flag: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut text = "To know before using it\n".to_owned();
        for flag in &self.result.flags {
            let detail = &flag.detail;
            let subject = flag.subject.as_deref();
            match subject.filter(|subject| self.segments.contains(subject)) {
                Some(name) => segments_by_flag.entry(detail).or_default().push(name),
                None => {
                    let _ = writeln!(text, "  {detail}");
                }
            }
        }
        for (detail, names) in segments_by_flag {
            let whose = if names.len() == self.segments.len() {
                "every segment".to_owned()
            } else {
                names.join(", ")
            };
            let _ = writeln!(text, "  {detail} ({whose})");
        }
        text
    }

    fn footer(&self) -> String {
        let result = self.result;
        let words = |key: &str| result.conventions.get(key).map_or("", String::as_str);
        let hash = result.baseline_hash.as_deref().unwrap_or("none");
        let randomisations = result
            .randomisations
            .map_or(String::new(), |count| format!(" in {count} randomisations"));
        let told = [
            "leaving",
            "contacts",
            "revenue",
            "money",
            "receivables",
            "seats",
            "tax",
        ];
        let told = told
            .iter()
            .filter_map(|key| Some((*key, result.conventions.get(*key)?)));
        let currencies = result.conventions.iter();
        let currencies = currencies.filter(|(key, _)| key.starts_with("currency "));
        let told: String = told
            .chain(currencies.map(|(key, words)| (key.as_str(), words)))
            .map(|(key, words)| format!("{key}: {words}\n"))
            .collect();
        format!(
            "{} futures, seed {}, {} sampling{}, engine {}, baseline {}\n{}; {}\n{told}",
            whole(result.trials as f64),
            result.seed,
            word(&result.sampling),
            randomisations,
            result.engine_version,
            hash.get(..12).unwrap_or(hash),
            words("timing"),
            words("sign"),
        )
    }
}

/// The figures that head the report.
const HEADLINES: [(Outcome, &str); 9] = [
    (Outcome::Npv, "net present value"),
    (Outcome::Roi, "return on its cost"),
    (Outcome::PaybackMonth, "pays back in"),
    (Outcome::IrrAnnual, "rate of return"),
    (Outcome::PvCosts, "cost, present value"),
    (Outcome::PeakFunding, "most money out"),
    (Outcome::CustomersKept, "customers kept"),
    (
        Outcome::AcquisitionToMaintenance,
        "cost to win over yearly cost to keep",
    ),
    (Outcome::Clv, "lifetime value of a customer won"),
];

fn written(quantity: &Quantity) -> String {
    word(quantity).replace('"', "")
}
