//! One scenario in one future, through both engines.

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use keepworth_sim::sampling::Plan;
use keepworth_sim::{
    Baseline, Columns, Evaluator, Heads, Model, MonthlyLedger, Outcome, Sampling, Scenario,
    uniforms,
};
use serde_json::Value;

use super::baseline::unite;
use super::dice::Dice;
use crate::plain::{self, Records, Verdict};

/// The uniform of an input: any number that depends on its name and on the seed alone.
pub fn uniform(seed: u64, name: &str) -> f64 {
    // FNV-1a.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    Dice::new(seed ^ hash).unit()
}

/// A uniform for each of the model's inputs, equal where the engine draws them equal.
pub fn row(model: &Model, seed: u64) -> Vec<f64> {
    let inputs = model.inputs();
    let plan = Plan {
        method: Sampling::Random,
        seed: 1,
        trials: 1,
        inputs: inputs.len(),
        randomisations: 1,
    };
    let sampled = uniforms(model, &plan, 0, 1);
    let first = |index: usize| {
        let same = |other: &usize| sampled.column(*other) == sampled.column(index);
        (0..=index).find(same).unwrap()
    };
    (0..inputs.len())
        .map(|index| uniform(seed, &inputs[first(index)].name))
        .collect()
}

/// The engine's outcomes of the future with these uniforms.
fn engine(model: &Model, row: &[f64]) -> Columns {
    let evaluator = Evaluator::new(model);
    let mut columns = Columns::from_row(row);
    evaluator.draw(&mut columns);
    evaluator.outcomes(&columns)
}

/// The engine's ledger of the same future.
fn ledger(model: &Model, row: &[f64]) -> MonthlyLedger {
    let evaluator = Evaluator::new(model);
    let mut columns = Columns::from_row(row);
    evaluator.draw(&mut columns);
    evaluator.ledger(&columns)
}

/// The months of ledger lines that differ.
fn lines(ledger: &MonthlyLedger, plain: &Verdict) -> String {
    let mut text = String::new();
    for (line, it) in &ledger.lines {
        let columns = [&it.as_is.mean, &it.difference.mean];
        for (month, expected) in plain.lines[line.name()].iter().enumerate() {
            let found = columns.map(|column| column[month]);
            // A difference is as exact as what it is the difference of; of customers who differ, whose hazards are far
            // apart from draw to draw, one future in ten thousand is off by 1.5e-9.
            let scale = expected[0].abs() + expected[1].abs();
            let near = |i: usize| {
                let (found, expected): (f64, f64) = (found[i], expected[i]);
                (found - expected).abs() <= 1e-8 * scale + 1e-11 * plain.turnover
            };
            if !(near(0) && near(1)) {
                let name = line.name();
                writeln!(
                    text,
                    "{name}: month {month} engine {found:?}, plain {expected:?}"
                )
                .unwrap();
            }
        }
    }
    text
}

/// The engine's model of a scenario and, perhaps, the baseline it stands on; or why it is refused.
pub fn model(case: &Value) -> Result<Model, String> {
    let scenario: Scenario =
        serde_json::from_value(case["scenario"].clone()).map_err(|e| e.to_string())?;
    let baseline: Option<Baseline> = match case.get("baseline") {
        Some(it) => Some(serde_json::from_value(it.clone()).map_err(|e| e.to_string())?),
        None => None,
    };
    scenario
        .resolve(baseline.as_ref())
        .map_err(|e| e.to_string())
}

/// What the plain engine says of a scenario and, perhaps, the baseline it stands on.
pub fn plain(case: &Value, uniform: &dyn Fn(&str) -> f64) -> Verdict {
    let scenario: Scenario = serde_json::from_value(unite(case)).unwrap();
    let Some(baseline) = case.get("baseline") else {
        return plain::evaluate(&scenario, Heads::default(), uniform);
    };
    let baseline: Baseline = serde_json::from_value(baseline.clone()).unwrap();
    let written = serde_json::from_value(case["scenario"].clone()).unwrap();
    let records = Records::new(&baseline, &written);
    plain::evaluate_on(&scenario, baseline.heads, &records, uniform)
}

/// The first figure of a disagreement.
pub fn kind(disagreement: &str) -> &str {
    disagreement.split(':').next().unwrap()
}

/// What the engines disagree on; nothing where they agree, or where the scenario is refused.
pub fn disagreement(case: &Value, seed: u64) -> Option<String> {
    let model = model(case).ok()?;
    serde_json::from_value::<Scenario>(unite(case)).ok()?;
    let known = |name: &str| {
        let listed = model.inputs().iter().any(|input| input.name == name);
        assert!(listed, "the engine has no input {name}");
        uniform(seed, name)
    };
    let plain = match catch_unwind(AssertUnwindSafe(|| self::plain(case, &known))) {
        Ok(plain) => plain,
        Err(panic) => {
            let why = panic
                .downcast::<String>()
                .map_or("plain engine panics".to_owned(), |why| *why);
            let names: Vec<&str> = model
                .inputs()
                .iter()
                .map(|input| input.name.as_str())
                .collect();
            return Some(format!("{why}: it has {names:?}"));
        }
    };
    let row = row(&model, seed);
    let engines = || (engine(&model, &row), ledger(&model, &row));
    let Ok((engine, ledger)) = catch_unwind(AssertUnwindSafe(engines)) else {
        return Some("the engine panics:".to_owned());
    };
    let mut text = lines(&ledger, &plain);
    for outcome in Outcome::ALL {
        let (found, expected) = (engine.outcome(outcome)[0], plain.figure(outcome));
        if !agree(outcome, found, expected, &plain) {
            writeln!(text, "{outcome:?}: engine {found}, plain {expected}").unwrap();
        }
    }
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_by_key(|line| line.contains("ayback"));
    (!text.is_empty()).then_some(lines.join("\n"))
}

/// Whether two figures are the same but for rounding.
fn agree(outcome: Outcome, found: f64, expected: f64, plain: &Verdict) -> bool {
    let near = |scale: f64| (found - expected).abs() <= 1e-9 * expected.abs() + 1e-12 * scale;
    if found == expected {
        return true;
    }
    // Rounding decides whether money goes out at all.
    let one_has_none = || (found == -1.0) != (expected == -1.0) && plain.is_faint();
    match outcome {
        Outcome::Npv
        | Outcome::PvCosts
        | Outcome::PeakFunding
        | Outcome::TerminalValue
        | Outcome::Clv => near(plain.turnover),
        Outcome::Roi | Outcome::ProfitabilityIndex if expected == 0.0 => false,
        Outcome::Roi => near(plain.turnover / plain.figure(Outcome::PvCosts)),
        Outcome::ProfitabilityIndex => near((plain.turnover / plain.flows[0]).abs()),
        Outcome::PaybackMonth => {
            touches(&plain.cumulative[0], plain.turnover)
                || is_idle(&plain.cumulative[0], found, expected, plain)
        }
        Outcome::DiscountedPaybackMonth => {
            touches(&plain.cumulative[1], plain.turnover)
                || is_idle(&plain.cumulative[1], found, expected, plain)
        }
        Outcome::PaybackInterpolated if is_idle(&plain.cumulative[0], found, expected, plain) => {
            true
        }
        Outcome::DiscountedPaybackInterpolated
            if is_idle(&plain.cumulative[1], found, expected, plain) =>
        {
            true
        }
        Outcome::PaybackInterpolated => {
            near(moment_error(&plain.cumulative[0], expected, plain.turnover))
        }
        Outcome::DiscountedPaybackInterpolated => {
            near(moment_error(&plain.cumulative[1], expected, plain.turnover))
        }
        Outcome::IrrAnnual => {
            let one = found != -1.0 && expected != -1.0;
            let same = (found - expected).abs() <= 1e-6 * expected.abs().max(1e-3);
            same || one && plain.is_rate(found) || plain.rates_are_close() || one_has_none()
        }
        // A difference of customers, each as exact as they are.
        Outcome::CustomersKept => near(1e3 * plain.figure(Outcome::FinalCustomers)),
        Outcome::MirrAnnual => {
            near((1.0 + expected) * plain.turnover / plain.smaller_side) || one_has_none()
        }
        Outcome::FinalCustomers | Outcome::AcquisitionToMaintenance => near(1.0),
    }
}

/// Whether there is nothing to pay back, and the other engine's last sum below 0 is the rounding of months in which
/// nothing happens yet.
fn is_idle(sums: &[f64], found: f64, expected: f64, plain: &Verdict) -> bool {
    let before = (found.ceil() as usize)
        .checked_sub(1)
        .and_then(|month| sums.get(month));
    expected == 0.0 && before.is_some_and(|sum| sum.abs() < 1e-12 * plain.turnover)
}

/// Whether a sum comes so close to zero that rounding decides when it crosses it.
fn touches(sums: &[f64], turnover: f64) -> bool {
    let close = |sum: &f64| *sum != 0.0 && sum.abs() < 1e-12 * turnover;
    sums.iter().any(close)
}

/// How far the moment of payback moves with the sums: by months without end where rounding decides
/// about its month.
fn moment_error(sums: &[f64], moment: f64, turnover: f64) -> f64 {
    let month = (moment.ceil() as usize).clamp(1, sums.len() - 1);
    if touches(sums, turnover) {
        return f64::INFINITY;
    }
    turnover / (sums[month] - sums[month - 1]).abs()
}
