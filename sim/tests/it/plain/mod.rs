//! A second engine, for tests: the model month by month, one future at a time.
//!
//! It is written from the description of the model and from what the scenario's fields are
//! documented to mean, apart from the engine's own code, without vectors, shortcuts or anything
//! that was worked out in advance. What it shares with the engine is what is tested elsewhere: the
//! scenario's types, distributions and special functions. Given the same uniforms, both must come
//! to the same figures.

mod adoption;
mod beyond;
mod calendar;
mod cohort;
mod currency;
mod drawn;
mod draws;
mod effect;
mod evidence;
mod issues;
mod ledger;
mod money;
mod outcome;
mod readiness;
mod records;
mod seats;
mod win_back;
mod world;

use keepworth_sim::{Heads, Scenario};

pub use draws::Draws;
pub use outcome::Verdict;
pub use records::Records;

/// What one future comes to. `uniform` gives the uniform of an input by its name.
pub fn evaluate(scenario: &Scenario, heads: Heads, uniform: &dyn Fn(&str) -> f64) -> Verdict {
    evaluate_on(scenario, heads, &Records::default(), uniform)
}

/// The same on a baseline whose records say how contacts and revenue go on; `scenario` has its figures.
pub fn evaluate_on(
    scenario: &Scenario,
    heads: Heads,
    records: &Records,
    uniform: &dyn Fn(&str) -> f64,
) -> Verdict {
    let draws = Draws::new(scenario, uniform);
    let calendar = calendar::Calendar::new(scenario, records, &draws);
    let programme = effect::Programme::new(scenario, &draws);
    let mut worlds = world::Worlds::new(scenario, heads, &calendar, &draws, &programme);
    let mut ledger = ledger::Ledger::new(scenario, &calendar, &draws, &programme, &worlds);
    let rate = draws.figure(&scenario.discount_rate, "discount_rate");
    let beyond = beyond::value(scenario, &draws, &programme, &mut worlds, &mut ledger, rate);
    Verdict::new(scenario, &worlds, &ledger, rate, beyond)
}

/// The same with customers drawn one by one; `lot` gives their uniforms.
pub fn evaluate_drawn(
    scenario: &Scenario,
    uniform: &dyn Fn(&str) -> f64,
    lot: &mut dyn FnMut() -> f64,
) -> Verdict {
    let draws = Draws::new(scenario, uniform);
    let calendar = calendar::Calendar::new(scenario, &Records::default(), &draws);
    let programme = effect::Programme::new(scenario, &draws);
    let worlds = drawn::worlds(scenario, &calendar, &draws, &programme, lot);
    let ledger = ledger::Ledger::new(scenario, &calendar, &draws, &programme, &worlds);
    let rate = draws.figure(&scenario.discount_rate, "discount_rate");
    Verdict::new(scenario, &worlds, &ledger, rate, 0.0)
}
