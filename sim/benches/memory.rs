//! Prints how memory grows with trials: the most that a run held, each run in a process of its own.
//!
//! `cargo bench -p keepworth-sim --bench memory`
//!
//! What is kept of a trial is its outcomes; the rest must not grow.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::process::Command;

use keepworth_sim::{Control, Outcome, RunOptions, Scenario, run};

const REFERENCE: &str = include_str!("../../examples/reference/scenario.toml");

/// Names the number of trials to the process that runs them.
const TRIALS: &str = "KEEPWORTH_BENCH_TRIALS";

/// The most memory that this process has held so far, in bytes.
fn most_held() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}

fn run_alone(trials: u64) {
    let options = RunOptions {
        trials,
        ..RunOptions::default()
    };
    let model = Scenario::from_toml(REFERENCE)
        .unwrap()
        .resolve(None)
        .unwrap();
    run(&model, &options, &Control::default()).unwrap();
    println!("{}", most_held().unwrap_or(0));
}

fn held(trials: u64) -> Option<f64> {
    let output = Command::new(std::env::current_exe().unwrap())
        .env(TRIALS, trials.to_string())
        .output()
        .unwrap();
    let bytes: f64 = String::from_utf8(output.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    (bytes > 0.0).then_some(bytes)
}

fn main() {
    if let Ok(trials) = std::env::var(TRIALS) {
        return run_alone(trials.parse().unwrap());
    }
    let kept = (8 * Outcome::ALL.len()) as f64;
    println!("trials     memory at most, MB   kept outcomes, MB   beyond them, bytes a trial");
    let Some(least) = held(1 << 16) else {
        println!("skipped: this system does not tell what a process holds");
        return;
    };
    for trials in (16..=22).step_by(2).map(|power| 1_u64 << power) {
        let most = held(trials).unwrap();
        let more = (trials - (1 << 16)) as f64;
        let beyond = if more > 0.0 {
            (most - least) / more - kept
        } else {
            0.0
        };
        println!(
            "{trials:>8} {:>20.1} {:>19.1} {beyond:>24.1}",
            most / 1e6,
            kept * trials as f64 / 1e6
        );
    }
}
