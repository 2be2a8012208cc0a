//! Numbers that are worked by hand, asked of both engines.

use keepworth_sim::{Heads, Outcome, Scenario};

use crate::company::figure;
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
