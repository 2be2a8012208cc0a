//! Prints how long somebody waits who drags a slider: from the scenario's text to the answer's.
//!
//! `cargo bench -p keepworth-sim --bench what_if`
//!
//! Each turn is 10,000 futures of the reference problem with monthly bands and tornado, on all cores.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::hint::black_box;
use std::time::Instant;

use keepworth_sim::explain::what_if;
use keepworth_sim::{Control, RunOptions, Scenario};
use rustix::time::{ClockId, clock_gettime};

const REFERENCE: &str = include_str!("../../examples/reference/scenario.toml");

/// Turns measured.
const TURNS: usize = 31;

/// A parsed scenario to bytes of JSON.
fn answer(text: &str) -> Vec<u8> {
    let model = Scenario::from_toml(text).unwrap().resolve(None).unwrap();
    let options = RunOptions::default();
    let found = what_if(&model, &options, &Control::default()).unwrap();
    serde_json::to_vec(&found).unwrap()
}

/// Processor time of this process, in milliseconds.
fn processor() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 * 1e-6
}

fn main() {
    let mut turns: Vec<(f64, f64)> = (0..TURNS)
        .map(|_| {
            let (wall, cpu) = (Instant::now(), processor());
            black_box(answer(black_box(REFERENCE)));
            (wall.elapsed().as_secs_f64() * 1e3, processor() - cpu)
        })
        .collect();
    turns.sort_by(|a, b| a.0.total_cmp(&b.0));
    let cores = std::thread::available_parallelism().unwrap();
    println!(
        "what-if: 10,000 futures of the reference problem with monthly bands and tornado, from"
    );
    println!("scenario text to JSON text, on {cores} cores, {TURNS} turns, milliseconds");
    println!("          shortest   median   longest");
    let row = |name: &str, times: Vec<f64>| {
        println!(
            "{name:<9} {:>8.1} {:>8.1} {:>9.1}",
            times[0],
            times[TURNS / 2],
            times[TURNS - 1]
        );
    };
    row("wall", turns.iter().map(|turn| turn.0).collect());
    let mut processor: Vec<f64> = turns.iter().map(|turn| turn.1).collect();
    processor.sort_by(f64::total_cmp);
    row("processor", processor);
}
