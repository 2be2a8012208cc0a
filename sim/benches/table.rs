//! Prints the engine's speed: by phase, beside NumPy, and as work grows.
//!
//! `cargo bench -p keepworth-sim --bench table`
//!
//! The NumPy program is not part of this repository: it is run when `python3` has numpy and scipy and
//! `../shared/reference/engine/baseline_numpy.py` is there.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::fmt::Write as _;
use std::process::Command;

use rustix::time::{ClockId, clock_gettime};

use keepworth_sim::{Control, Evaluator, Model, RunOptions, Scenario, run, run_blocks, uniforms};

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

fn on_one_core(trials: u64) -> RunOptions {
    RunOptions {
        trials,
        threads: Some(1),
        ..RunOptions::default()
    }
}

fn whole_run(model: &Model, trials: u64) -> f64 {
    let options = on_one_core(trials);
    nanoseconds(trials, || {
        run(model, &options, &Control::default()).unwrap();
    })
}

/// A run up to its statistics: the outcomes of every trial, kept.
fn all_trials(model: &Model, trials: u64) -> f64 {
    let options = on_one_core(trials);
    nanoseconds(trials, || {
        run_blocks(model, &options, 0..options.blocks(), &Control::default()).unwrap();
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
    for trials in [50_000, 100_000, 200_000, 400_000] {
        row(trials, 8, 60);
    }
    for segments in [2, 4, 8] {
        row(100_000, segments, 60);
    }
    for months in [60, 120, 240] {
        row(100_000, 8, months);
    }
}

/// Where the NumPy program lies, when somebody brought it.
const NUMPY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../shared/reference/engine/baseline_numpy.py"
);

/// Runs a Python program with the clock of [`seconds`], so that both are timed alike.
const TIMED: &str = "import runpy, sys, time; import numpy, scipy.special, scipy.stats
time.perf_counter = time.process_time
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name='__main__')";

/// Nanoseconds a trial of the NumPy program on one core, or why it cannot be run.
fn numpy() -> Result<f64, String> {
    if !std::path::Path::new(NUMPY).exists() {
        return Err(format!("{NUMPY} is not there"));
    }
    let output = Command::new("python3")
        .args(["-c", TIMED, NUMPY, "40000"])
        .env("OMP_NUM_THREADS", "1")
        .env("OPENBLAS_NUM_THREADS", "1")
        .output()
        .map_err(|error| format!("python3: {error}"))?;
    let printed: Option<serde_json::Value> = serde_json::from_slice(&output.stdout).ok();
    let speed = printed.and_then(|printed| printed["trials_per_second"].as_f64());
    let reason = || {
        String::from_utf8_lossy(&output.stderr)
            .lines()
            .last()
            .map(str::to_owned)
    };
    speed
        .map(|speed| 1e9 / speed)
        .ok_or_else(|| reason().unwrap_or_default())
}

/// A run beside the NumPy program, in turns; the shortest time of each. That program leaves its
/// statistics out of its time, so the run is timed both ways.
fn beside_numpy(model: &Model) {
    const TRIALS: u64 = 1 << 18;
    println!("\nthe reference problem, one core                ns a trial");
    let row = |name: &str, ns: f64| println!("{name:<46} {ns:>10.0}");
    let times = |name: &str, times: f64| println!("{name:<46} {times:>10.1}");
    let (mut trials, mut whole, mut theirs) = (f64::MAX, f64::MAX, f64::MAX);
    let mut skipped = None;
    for _ in 0..5 {
        trials = trials.min(all_trials(model, TRIALS));
        whole = whole.min(whole_run(model, TRIALS));
        match numpy() {
            Ok(ns) => theirs = theirs.min(ns),
            Err(reason) => skipped = Some(reason),
        }
    }
    row("this engine, draws and outcomes", trials);
    row("this engine, with statistics and bands", whole);
    if let Some(reason) = skipped {
        println!("skipped the NumPy program: {reason}");
        return;
    }
    row("NumPy, draws and outcomes", theirs);
    times("times as fast without statistics", theirs / trials);
    times("times as fast, ours with statistics", theirs / whole);
}

fn main() {
    rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build_global()
        .unwrap();
    let reference = model(REFERENCE);
    phases(&reference);
    beside_numpy(&reference);
    growth();
}
