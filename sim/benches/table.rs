//! Prints the engine's speed: by phase, against another program, and as work grows.
//!
//! `cargo bench -p keepworth-sim --bench table -- COMMAND…` also runs COMMAND, which prints JSON with
//! `trials_per_second` for the reference problem on one core, and compares with it in the same run.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::fmt::Write as _;
use std::process::Command;

use rustix::time::{ClockId, clock_gettime};

use keepworth_sim::{Control, Evaluator, Model, RunOptions, Scenario, run, uniforms};

const REFERENCE: &str = include_str!("../../examples/reference/scenario.toml");

fn model(text: &str) -> Model {
    Scenario::from_toml(text).unwrap().resolve(None).unwrap()
}

/// Processor time of this process: on a machine that others use, the wall clock compares nothing.
fn seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// The shortest of several times, in nanoseconds a trial: what the machine can do.
fn nanoseconds(trials: u64, mut work: impl FnMut()) -> f64 {
    let time = |work: &mut dyn FnMut()| {
        let start = seconds();
        work();
        seconds() - start
    };
    (0..7).map(|_| time(&mut work)).fold(f64::MAX, f64::min) * 1e9 / trials as f64
}

fn whole_run(model: &Model, trials: u64) -> f64 {
    let options = RunOptions {
        trials,
        threads: Some(1),
        ..RunOptions::default()
    };
    nanoseconds(trials, || {
        run(model, &options, &Control::default()).unwrap();
    })
}

fn phases(model: &Model) {
    const TRIALS: usize = 512;
    let plan = RunOptions::default().plan(model);
    let evaluator = Evaluator::new(model);
    let mut drawn = uniforms(model, &plan, 0, TRIALS);
    evaluator.draw(&mut drawn);
    let each = TRIALS as u64;
    println!("phase of the reference problem, one core          ns a trial");
    let row = |phase: &str, ns: f64| println!("{phase:<46} {ns:>12.0}");
    row(
        "uniforms",
        nanoseconds(each, || drop(uniforms(model, &plan, 0, TRIALS))),
    );
    row(
        "uniforms and input values",
        nanoseconds(each, || {
            let mut columns = uniforms(model, &plan, 0, TRIALS);
            evaluator.draw(&mut columns);
        }),
    );
    row(
        "outcomes",
        nanoseconds(each, || drop(evaluator.outcomes(&drawn))),
    );
    let scalar = evaluator.clone().on_scalar_instructions();
    row(
        "outcomes on plain instructions, same bits",
        nanoseconds(each, || {
            drop(scalar.outcomes(&drawn));
        }),
    );
}

/// The reference problem with its first segments only, or another horizon.
fn variant(segments: usize, months: usize) -> Model {
    let mut parts = REFERENCE.split("[[segments]]");
    let mut text = parts
        .next()
        .unwrap()
        .replace("= 60", &format!("= {months}"));
    let mut parts: Vec<&str> = parts.collect();
    let last = parts.pop().unwrap();
    let (last, initiatives) = last.split_once("[[initiatives]]").unwrap();
    parts.push(last);
    for i in 0..segments {
        let part = parts[i % parts.len()];
        let part = part.replacen("name = \"", &format!("name = \"{}", "x".repeat(i / 8)), 1);
        write!(text, "[[segments]]{part}").unwrap();
    }
    let segments = text.clone();
    let known = |line: &&str| {
        let name = line.split(" = ").next().unwrap().trim_matches('"');
        !name.is_empty() && segments.contains(&format!("name = \"{name}\"\n"))
    };
    for initiative in initiatives.split("[[initiatives]]") {
        let (head, reach) = initiative.split_once("[initiatives.reach]").unwrap();
        let reach: Vec<&str> = reach.lines().filter(known).collect();
        let reach = reach.join("\n");
        write!(
            text,
            "[[initiatives]]{head}[initiatives.reach]\n{reach}\n\n"
        )
        .unwrap();
    }
    model(&text)
}

fn growth() {
    println!("\ntrials   segments   months    ms a run   ns a trial, segment and month");
    let row = |trials: u64, segments: usize, months: usize| {
        let ns = whole_run(&variant(segments, months), trials);
        let each = ns / (segments * months) as f64;
        println!(
            "{trials:>7} {segments:>9} {months:>8} {:>11.2} {each:>12.2}",
            ns * trials as f64 / 1e6
        );
    };
    for trials in [10_000, 20_000, 40_000, 80_000] {
        row(trials, 8, 60);
    }
    for segments in [2, 4, 8] {
        row(20_000, segments, 60);
    }
    for months in [60, 120, 240] {
        row(20_000, 8, months);
    }
}

fn against(command: &[String], ours: f64) {
    let [program, arguments @ ..] = command else {
        return;
    };
    let output = Command::new(program).args(arguments).output().unwrap();
    let printed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let theirs = 1e9 / printed["trials_per_second"].as_f64().unwrap();
    println!(
        "\n{:<46} {theirs:>12.0}\nthis engine, whole run with statistics {ours:>20.0}\ntimes as fast {:>45.1}",
        command.join(" "),
        theirs / ours
    );
}

fn main() {
    let command: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build_global()
        .unwrap();
    let reference = model(REFERENCE);
    phases(&reference);
    against(&command, whole_run(&reference, 1 << 17));
    growth();
}
