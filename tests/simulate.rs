//! How a run is ordered: until when, on how many threads, in which form, and how it is stopped.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::support::{Answer, run, workspace};

fn reference() -> String {
    let path = workspace("examples/reference/scenario.toml");
    path.to_str().unwrap().to_owned()
}

fn simulate(arguments: &[&str]) -> Answer {
    let scenario = reference();
    run(&[&["simulate", &scenario], arguments].concat())
}

#[test]
fn a_run_stops_when_a_figure_is_known_well_enough() {
    let rule = ["--until", "npv.mean +- 2%", "--format", "json"];
    let mut found: Value = simulate(&rule).done().json();
    let stop = found["stop"].take();
    assert_eq!(stop["met"], true, "{stop}");
    assert!(stop["half_width"]["relative"].as_f64().unwrap() <= 0.02);
    let trials = found["trials"].to_string();
    assert_ne!(trials, "4096", "the first look is too short for it");
    // The result is that of a plain run with as many trials.
    found.as_object_mut().unwrap().remove("stop");
    let plain = simulate(&["--trials", &trials, "--format", "json"]);
    assert_eq!(found, plain.done().json());
}

#[test]
fn a_run_that_may_not_go_on_says_how_far_it_came() {
    let answer = simulate(&["--until", "npv.p5 ± 0.01%", "--trials", "5000"]);
    assert_eq!(answer.code, 1, "done in part");
    let words = "npv.p5 ± 0.01% is not reached after 5";
    assert!(answer.stdout.contains(words), "{}", answer.stdout);
}

#[test]
fn what_cannot_be_ordered_is_refused() {
    for (arguments, words) in [
        (&["--until", "npv.p7 ± 1%"][..], "npv.p5 ± 1%"),
        (
            &["--until", "npv.p5 ± 1%", "--sampling", "latin_hypercube"],
            "use random or sobol",
        ),
        (&["--threads", "0"], "at least 1"),
        (
            &["--sampling", "sobol", "--randomisations", "1"],
            "at least 2",
        ),
        (&["--threads", "0", "--explain"], "at least 1"),
        (&["--explain", "--format", "parquet"], "table or json"),
        (&["-o", "/nowhere/run.json"], "/nowhere/run.json"),
    ] {
        let answer = simulate(arguments);
        assert_eq!(answer.code, 2, "{arguments:?}");
        assert!(answer.stderr.contains(words), "{}", answer.stderr);
    }
}

/// The same bytes whatever the threads, in every form.
#[test]
fn a_file_holds_the_result_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("result");
    let written = |form: &str, threads: &str| {
        let path = path.to_str().unwrap();
        let order = ["--format", form, "--threads", threads, "-o", path];
        assert_eq!(simulate(&order).done().stdout, "");
        std::fs::read(path).unwrap()
    };
    for form in ["table", "json", "csv", "parquet"] {
        let bytes = written(form, "1");
        assert!(bytes == written(form, "3"), "{form} depends on threads");
        match form {
            "parquet" => assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1")),
            form => assert_eq!(
                bytes,
                simulate(&["--format", form]).done().stdout.as_bytes()
            ),
        }
    }
}

/// Whether the process has a handler for Ctrl-C yet.
#[cfg(target_os = "linux")]
fn listens(child: &Child) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    u64::from_str_radix(caught.unwrap().trim(), 16).unwrap() & 2 != 0
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_stops_it_and_nothing_is_printed() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_keepworth"))
        .args(["simulate", &reference(), "--trials", "16000000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while !listens(&child) {
        assert_eq!(child.try_wait().unwrap(), None, "it ended too soon");
        std::thread::sleep(Duration::from_millis(10));
    }
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status();
    assert!(sent.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("cancelled"), "{said}");
}
