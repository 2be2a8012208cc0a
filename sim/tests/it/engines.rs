//! Numbers that are worked by hand, asked of both engines.

use keepworth_sim::{Baseline, Columns, Evaluator, Heads, Outcome, Scenario};

use crate::company::{figure, middle};
use crate::plain::{self, Verdict};

/// One figure of a scenario without uncertain inputs.
pub type Engine = fn(&str, Outcome) -> f64;

/// Both engines, by name.
pub type Engines = [(&'static str, Engine); 2];

pub const ENGINES: Engines = [
    ("plain", |text, of| verdict(text).figure(of)),
    ("vector", figure),
];

/// What the plain engine says of a scenario without uncertain inputs.
pub fn verdict(text: &str) -> Verdict {
    lived(text, Heads::MonthEnd)
}

/// The same of customers who are counted in one way or another.
pub fn lived(text: &str, heads: Heads) -> Verdict {
    let scenario = Scenario::from_toml(text).unwrap();
    plain::evaluate(&scenario, heads, &|name| panic!("{name} is uncertain"))
}

pub fn close(found: f64, expected: f64, tolerance: f64, what: &str) {
    let error = (found - expected).abs();
    assert!(error <= tolerance, "{what}: {found} is not {expected}");
}

/// A figure as every engine has it.
pub fn all_say(text: &str, of: Outcome, expected: f64, tolerance: f64) {
    every(ENGINES, text, of, expected, tolerance);
}

/// A figure as each of some engines has it.
pub fn every(engines: Engines, text: &str, of: Outcome, expected: f64, tolerance: f64) {
    for (name, engine) in engines {
        let what = format!("{of:?}, {name} engine");
        close(engine(text, of), expected, tolerance, &what);
    }
}

/// What one engine says of one scenario in a future, given the uniform of each uncertain input by its name.
pub type Future = Box<dyn Fn(&dyn Fn(&str) -> f64, Outcome) -> f64>;

/// A scenario with uncertain inputs as both engines have it, by name.
pub fn futures(text: &str) -> [(&'static str, Future); 2] {
    let scenario = Scenario::from_toml(text).unwrap();
    let model = scenario.resolve(None).unwrap();
    let plain: Future = Box::new(move |uniform, of| {
        plain::evaluate(&scenario, Heads::MonthEnd, uniform).figure(of)
    });
    let vector: Future = Box::new(move |uniform, of| {
        let inputs = model.inputs().iter();
        let row: Vec<f64> = inputs.map(|input| uniform(&input.name)).collect();
        let evaluator = Evaluator::new(&model);
        let mut columns = Columns::from_row(&row);
        evaluator.draw(&mut columns);
        evaluator.outcomes(&columns).outcome(of)[0]
    });
    [("plain", plain), ("vector", vector)]
}

/// A figure as both engines have it in a future.
pub fn all_say_in(
    text: &str,
    uniform: &dyn Fn(&str) -> f64,
    of: Outcome,
    expected: f64,
    tolerance: f64,
) {
    for (name, future) in futures(text) {
        let what = format!("{of:?}, {name} engine");
        close(future(uniform, of), expected, tolerance, &what);
    }
}

/// Both engines, of customers who come and go evenly through months.
pub const THROUGH_MONTHS: Engines = [
    ("plain", |text, of| {
        lived(text, Heads::ThroughMonth).figure(of)
    }),
    ("vector", |text, of| {
        let scenario = Scenario::from_toml(text).unwrap();
        let model = scenario.resolve(Some(&through_months())).unwrap();
        middle(&model).outcome(of)[0]
    }),
];

/// A baseline all of whose figures scenarios replace.
fn through_months() -> Baseline {
    serde_json::from_str(
        r#"{"as_of": "2025-12-31", "currency": "EUR", "heads": "through_month", "segments": [{
            "name": "all", "customers_by_tenure": [1], "won_per_month": 0, "revenue": 0, "gross_margin": 0,
            "overhead": 0, "acquisition_cost": 0, "hazard": { "constant": { "hazard": 0 } } }]}"#,
    )
    .unwrap()
}
